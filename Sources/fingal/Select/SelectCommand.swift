import ArgumentParser
import Fingal
import FingalSelect

/// `fingal select`: some events and columns of a file as a new file.
struct SelectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "select",
    abstract: "Write the events that pass a cut, or some columns, as a new file.",
    discussion: """
      Reads in pieces, so that memory stays bounded whatever the size of the file. Schema, units, descriptions and \
      metadata are kept; a collection is kept if any of its columns is, or if it is named. Without any choice the file is \
      written anew, which packs the small clusters of a merged file and applies the options of writing.

      EXAMPLES:
        fingal select run12.fingal -o electrons.fingal --where 'abs(pdgID) == 11'
        fingal select run12.fingal -o small.fingal --columns event,beamEnergy,hits.energy
        fingal select run12.fingal -o first.fingal --events 0...999
        fingal select merged.fingal -o packed.fingal --optimize size
        fingal select run12.fingal -o like13.fingal --nullable time,hits.adc
      """
  )

  @Argument(help: ArgumentHelp("The Fingal file.", valueName: "file"))
  var path: String

  @Option(name: [.customShort("o"), .long], help: "The Fingal file to write.")
  var output: String

  @Option(
    name: .customLong("where"), parsing: .unconditional,
    help: ArgumentHelp("Only events that pass this cut.", valueName: "expr"))
  var cut: String?

  @Option(help: ArgumentHelp("Columns or collections, comma-separated, in this order.", valueName: "names"))
  var columns: String?

  @Option(
    help: ArgumentHelp(
      "Events by position, from 0: 5, 100...109, 100:110, '100..<110' (quoted: < is the shell's), 100...",
      valueName: "range"))
  var events: EventRange?

  @Option(
    help: ArgumentHelp(
      "Columns that may have nulls from now on, comma-separated: to merge with a file in which they have.",
      valueName: "names"))
  var nullable: String?

  @OptionGroup
  var writing: WritingArguments

  @Flag(help: "Replace the output if it exists.")
  var force = false

  @Flag(help: "Print a JSON object that says what was written.")
  var json = false

  @Flag(name: [.short, .long], help: "Say nothing but errors.")
  var quiet = false

  func run() throws {
    try checkOutput(output, inputs: [path])
    var options = try writing.options()
    options.overwrite = force
    // They are what the file declares already.
    options.keepsValues = true
    let file = try EventFile(opening: path)
    let names = try columns.map { (text) throws(FingalError) in try columnNames(text) }
    let range = try events?.events(of: file) ?? 0..<file.eventCount
    var schema = try naming(path) { () throws(FingalError) in
      try names.map { (names) throws(FingalError) in try file.schema.projected(to: names) } ?? file.schema
    }
    for name in try nullable.map({ (text) throws(FingalError) in try columnNames(text, option: "--nullable") }) ?? [] {
      guard let index = schema.fieldIndex(name) else {
        throw FingalError(
          .usage, "no column '\(name)' for --nullable", file: path,
          advice: "the new file has \(schema.fields.prefix(20).map(\.path).joined(separator: ", "))"
            + (schema.fields.count > 20 ? ", …" : ""))
      }
      schema.fields[index].nullable = true
    }
    let batches: EventBatches
    if let cut {
      batches = try file.batches(columns: names, where: cut, events: range)
    } else {
      batches = try file.batches(columns: names, events: range)
    }

    let meter = PercentMeter("selecting", quiet: quiet)
    defer { meter.clear() }
    let writer = try EventWriter(creating: output, schema: schema, options: options)
    while let batch = try batches.next() {
      try writer.append(batch)
      meter.show(batch.eventNumber(at: batch.eventCount - 1) + 1 - range.lowerBound, of: range.count)
    }
    try writer.finish(metadata: file.metadata.merging(selection(of: file, range)) { old, new in old + "; " + new })
    meter.clear()
    try WrittenReport(output).write(
      json: json, quiet: quiet,
      "selected \(Numbers.grouped(writer.eventCount)) of \(Numbers.counted(file.eventCount, "event"))")
  }

  /// What the metadata of the new file say about the choice; nothing if all was kept.
  private func selection(of file: EventFile, _ range: Range<Int>) -> [String: String] {
    var parts: [String] = []
    if range != 0..<file.eventCount { parts.append("events \(range.lowerBound)..<\(range.upperBound)") }
    if let cut { parts.append("where \(cut)") }
    return parts.isEmpty ? [:] : ["selection": parts.joined(separator: ", ")]
  }
}
