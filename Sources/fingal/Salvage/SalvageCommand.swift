import ArgumentParser
import Fingal

/// `fingal salvage`: what is left of a damaged or unfinished file.
struct SalvageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "salvage",
    abstract: "Recover the events of a damaged, cut or unfinished file.",
    discussion: """
      Walks through the file from its beginning, verifies every checksum, and writes what is sound as a new file: whole \
      clusters byte by byte, and of a cluster with damaged pages the events that none of them concerns. The temporary \
      file of a writer that was killed (NAME.PID.partial) can be salvaged, too. What is lost is listed, with its events \
      where they are known. The broken file is not changed.

      Exit code 0 if the file was whole or --accept is given, 1 if something was lost or its end was missing or damaged, 2 if
      the call is at fault.

      EXAMPLES:
        fingal salvage run12.fingal.4711.partial -o run12.fingal
        fingal salvage broken.fingal -o whole.fingal --accept
        fingal salvage broken.fingal --dry-run --json
      """
  )

  @Argument(help: ArgumentHelp("The damaged or unfinished file.", valueName: "broken"))
  var path: String

  @Option(name: [.customShort("o"), .long], help: "The Fingal file to write.")
  var output: String?

  @Flag(help: "Exit with 0 although events are lost.")
  var accept = false

  @Flag(help: "Replace the output if it exists.")
  var force = false

  @Flag(help: "Write nothing: say what can be recovered.")
  var dryRun = false

  @Flag(help: "Print the report as a JSON object on standard output.")
  var json = false

  func validate() throws {
    if output == nil && !dryRun { throw ValidationError("Missing expected argument '-o <output>'") }
  }

  func run() throws {
    if let output { try checkOutput(output, inputs: [path]) }
    let examining = PercentMeter("examining", quiet: json)
    defer { examining.clear() }
    let recovery = try FileRecovery(examining: path) { examining.show($0, of: $1) }
    examining.clear()
    if let output, !dryRun {
      let meter = PercentMeter("writing", quiet: json)
      defer { meter.clear() }
      try recovery.write(to: output, overwrite: force) { meter.show($0, of: $1) }
    }
    let report = SalvageReport(recovery, output: dryRun ? nil : output)
    let out = Output()
    if json { try out.line(jsonText(report)) } else { for line in report.lines { try out.line(line) } }
    try out.flush()
    if !recovery.isWhole && !accept { throw ExitCode(1) }
  }
}

/// What `fingal salvage` found.
struct SalvageReport: Encodable {
  struct Loss: Encodable {
    var byte: Int
    var byteCount: Int
    /// Nil where it is not known which events it was.
    var firstEvent: Int?
    /// Nil where it is not known how many.
    var eventCount: Int?
    var reason: String
  }

  var file: String
  var output: String?
  /// Events recovered.
  var events: Int
  /// Clusters of which all events are recovered.
  var wholeClusters: Int
  /// Whether nothing is lost and the file ends as it should.
  var whole: Bool
  var losses: [Loss]

  init(_ recovery: FileRecovery, output: String?) {
    file = recovery.path
    self.output = output
    events = recovery.eventCount
    wholeClusters = recovery.wholeClusters
    whole = recovery.isWhole
    losses = recovery.losses.map {
      Loss(
        byte: $0.bytes.lowerBound, byteCount: $0.bytes.count, firstEvent: $0.events?.lowerBound,
        eventCount: $0.eventCount, reason: $0.reason)
    }
  }

  /// Lines for people: what is recovered, then what is not.
  var lines: [String] {
    var lines = [
      "\(file): recovered \(Numbers.counted(events, "event")) in \(Numbers.counted(wholeClusters, "whole cluster"))"
        + (output.map { " → \($0)" } ?? "") + (whole ? "; nothing is lost" : "")
    ]
    for loss in losses {
      let what =
        switch (loss.firstEvent, loss.eventCount) {
        case (let first?, let count?): "\(Numbers.counted(count, "event")) (\(first)..<\(first + count))"
        case (nil, let count?): count == 0 ? "no events" : Numbers.counted(count, "event")
        case (_, nil): "an unknown number of events"
        }
      lines.append("  lost \(what): \(loss.reason), at byte \(loss.byte)")
    }
    return lines.map(printable)
  }
}

/// - Throws: `usage` if the output is `-` or one of the inputs.
func checkOutput(_ output: String, inputs: [String]) throws(FingalError) {
  if output == "-" {
    throw FingalError(
      .usage, "-o - does not work: a Fingal file cannot be written to standard output", advice: "name a file")
  }
  try OutputFile.check(output, given: "-o", isNoneOf: inputs.map { (role: "the input", path: $0) })
}
