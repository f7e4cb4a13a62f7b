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
      Descriptions are those of the first file; so are metadata, of each key the first that there is, but the \
      provenance is that of all.

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
    guard let first = inputs.files.first else { throw ValidationError("Missing expected argument '<file> ...'") }
    var schema = first.schema
    schema.metadata = JoinedMetadata.ofSchemas(inputs.files.map(\.schema))
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
    try writer.finish(metadata: JoinedMetadata.of(inputs.files.map(\.metadata)))
    meter.clear()
    try WrittenReport(output).write(json: json, quiet: quiet, "merged \(Numbers.counted(files.count, "file"))")
  }
}
