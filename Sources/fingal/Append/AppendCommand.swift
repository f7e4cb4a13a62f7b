import ArgumentParser
import Fingal

/// `fingal append`: more events at the end of a file.
struct AppendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "append",
    abstract: "Add the events of other files to the end of a file, in place.",
    discussion: """
      What is in the file is neither read nor written again: the clusters of the other files are copied behind it, byte \
      by byte, every checksum verified. They must have the same columns, as for 'fingal merge', and no declared loss \
      but within that of the file: its schema, with units and descriptions, stays as it is. Metadata that only the others \
      have are added, and the provenance is that of all; a note says what was not kept.

      If something fails, or on Ctrl-C, the file is cut back to what it was. If the program is killed, the file has no \
      valid end until 'fingal salvage' has recovered it: nothing that was in it is lost. While it runs, the file cannot \
      be opened, and a second writer is refused.

      EXAMPLES:
        fingal append all.fingal run13.fingal
        fingal append all.fingal run14.fingal run15.fingal --json
      """
  )

  @Argument(help: ArgumentHelp("The Fingal file that grows.", valueName: "file"))
  var path: String

  @Argument(help: ArgumentHelp("Fingal files with the events to add.", valueName: "more"))
  var more: [String]

  @Flag(help: "Join columns although their units are named differently.")
  var ignoreUnits = false

  @Flag(help: "Print a JSON object that says what the file holds now.")
  var json = false

  @Flag(name: [.short, .long], help: "Say nothing but errors.")
  var quiet = false

  func run() throws {
    try OutputFile.check(path, given: "the file to append to", isNoneOf: more.map { (role: "an input", path: $0) })
    let target = try EventFile(opening: path)
    let inputs = try MergeInputs(more, like: target, ignoreUnits: ignoreUnits)
    for file in inputs.files {
      try target.schema.checkDeclaredLoss(
        of: file.schema, in: file.path, takenBy: path,
        advice: "appending does not change what a file declares: `fingal merge` records the coarser of two")
    }
    let metadata = JoinedMetadata(appending: inputs.files, to: target, by: ("fingal append", FingalTool.version))
    let writer = try EventWriter(appending: path)
    let meter = PercentMeter("appending", quiet: quiet)
    defer { meter.clear() }
    var done = 0
    for file in inputs.files {
      try writer.append(clustersOf: file) {
        done += $0
        meter.show(done, of: inputs.byteCount)
      }
    }
    try writer.finish(metadata: metadata.end)
    meter.clear()
    if !quiet {
      for note in JoinedSchema.lost(appending: inputs.files, to: target) + metadata.notes {
        printNote(printable("note: " + note))
      }
    }
    try WrittenReport(path).write(json: json, quiet: quiet, "appended \(Numbers.counted(more.count, "file"))")
  }
}
