import ArgumentParser
import Fingal

/// `fingal merge`: files with the same columns become one.
struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Join files with the same columns into one, by copying their clusters.",
    discussion: """
      The events of all files, in the order given. Clusters are copied byte by byte: every checksum is verified, nothing \
      is decoded, and the content hash of the result follows from those of the parts. Clusters stay as they are; if many \
      small files make many small clusters, 'fingal select OUT -o NEW' packs them anew.

      The files must agree in names, types, shapes, labels and order of their columns, and in units where both name one. \
      Units and descriptions are those of the first file that has them, and so are metadata, key by key; a note says \
      what differs. The provenance is that of all, each with its own options. Of a loss that is declared ('convert \
      --precision') the coarsest is recorded, if it bounds the others; else the files are refused. How the numbers of \
      a column were written is kept for 'export' where all files agree.

      EXAMPLES:
        fingal merge run1.fingal run2.fingal -o both.fingal
        fingal merge runs/*.fingal -o all.fingal --force
      """
  )

  @Argument(help: ArgumentHelp("Fingal files.", valueName: "file"))
  var files: [String]

  @Option(name: [.customShort("o"), .long], help: "The Fingal file to write.")
  var output: String

  @Flag(help: "Join columns although their units are named differently.")
  var ignoreUnits = false

  @Flag(help: "Replace the output if it exists.")
  var force = false

  @Flag(help: "Print a JSON object that says what was written.")
  var json = false

  @Flag(name: [.short, .long], help: "Say nothing but errors.")
  var quiet = false

  func run() throws {
    try checkOutput(output, inputs: files)
    let inputs = try MergeInputs(files, ignoreUnits: ignoreUnits)
    let joined = try JoinedSchema(of: inputs.files, ignoreUnits: ignoreUnits)
    let metadata = JoinedMetadata(of: inputs.files, by: ("fingal merge", FingalTool.version))
    var schema = joined.schema
    // What was not kept of the first file's front, such as a way of quoting, is not to come back.
    schema.metadata = metadata.schema.filter { !$0.key.hasPrefix("csv.") || joined.schema.metadata[$0.key] != nil }
    let writer = try EventWriter(creating: output, schema: schema, options: WriterOptions(overwrite: force))
    let meter = PercentMeter("merging", quiet: quiet)
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
    if !quiet { for note in joined.notes + metadata.notes { printNote(printable("note: " + note)) } }
    try WrittenReport(output).write(json: json, quiet: quiet, "merged \(Numbers.counted(files.count, "file"))")
  }
}
