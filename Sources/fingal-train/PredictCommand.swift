import ArgumentParser
import Fingal
import FingalFeed
import FingalNet
import FoundationEssentials

/// `fingal-train predict`: a score for each event, as CSV.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Score the events of files.",
    discussion: """
      Writes file, event (its number in the file, from 0) and score (the probability of signal) as CSV. The model's cut \
      does not apply: give one with --where.

      EXAMPLE:
        fingal-train predict model unknown.fingal -o scores.csv
      """
  )

  @Argument(help: ArgumentHelp("Folder that fit wrote.", valueName: "model"))
  var model: String

  @Argument(help: ArgumentHelp("Fingal files.", valueName: "data"))
  var data: [String]

  @Option(
    name: .customLong("where"), parsing: .unconditional, help: ArgumentHelp("Only events that pass.", valueName: "expr")
  )
  var selection: String?

  @Option(
    name: [.customShort("o"), .long], help: ArgumentHelp("CSV file to write; - for standard output.", valueName: "file")
  )
  var output: String

  @Option(help: ArgumentHelp("Events computed at a time.", valueName: "n"))
  var batch = 128

  @Option(help: ArgumentHelp("Minibatches made ahead while the network computes.", valueName: "n"))
  var prefetch = 4

  @Option(help: ArgumentHelp("Threads that compute (default: one a core).", valueName: "n"))
  var threads: Int?

  @Flag(help: "Replace a file that exists.")
  var force = false

  func run() throws {
    if output.hasSuffix(".fingal") {
      throw FingalError(
        .usage, "scores are written as CSV", file: output,
        advice: "name a .csv file, and convert it with `fingal convert` if need be")
    }
    // Opened before any event is scored: what is wrong with the place is found at once.
    var file: OutputFile?
    if output != "-" {
      try OutputFile.check(output, given: "-o", isNoneOf: data.map { (role: "the input", path: $0) })
      file = try OutputFile(output, overwrite: force)
    }
    let model = try LoadedModel(model)
    let dataSet = try DataSet(opening: data)
    // No classes: every event that passes is scored.
    let cuts = try ClassCuts(signal: "false", background: "true", where: selection)
    let events = try EventSelection(dataSet, cuts: cuts, validation: 0, needsBothClasses: false)
    let scored = try model.scores(events, part: .all, batch: batch, prefetch: prefetch, threads: threads)

    var csv = "file,event,score\n"
    let names = dataSet.files.map { quoted($0.path) }
    for event in 0..<scored.count {
      csv += "\(names[Int(scored.files[event])]),\(scored.events[event]),\(scored.scores[event])\n"
    }
    guard let file else {
      csv.removeLast()
      return try printLine(csv)
    }
    try file.write(Array(csv.utf8))
    try file.commit()
    try printLine("\(grouped(scored.count)) scores written to \(output)")
  }

  private func quoted(_ text: String) -> String {
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"" + text.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
  }
}
