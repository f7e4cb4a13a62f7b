import Fingal
import FingalCSV

/// What `fingal convert` says at the end; as JSON with the same names. Sizes are bytes.
struct ConvertReport: Encodable {
  struct Column: Encodable {
    var name: String
    var type: String
    var header: String
    var format: String?
    var reason: String
  }

  struct Elements: Encodable {
    var collection: String
    var elements: Int
  }

  var output: String?
  var layout: String
  var layoutReason: String
  var dialect: String
  var events: Int
  var collections: [Elements]
  var columns: [Column]
  var lines: Int
  var skippedLines: Int
  var bytesIn: Int
  var textBytes: Int
  var bytesOut: Int
  var passes: Int
  var seconds: Double
  var warnings: [String]

  init(_ summary: ConvertSummary, seconds: Double, output: String?) {
    self.output = output
    self.seconds = seconds
    layout = summary.layout.rawValue
    layoutReason = summary.layoutReason
    dialect = summary.dialect
    events = summary.events
    collections = summary.elements.map { Elements(collection: $0.collection, elements: $0.count) }
    columns = summary.columns.map {
      Column(name: $0.path, type: $0.type, header: $0.header, format: $0.format, reason: $0.reason)
    }
    lines = summary.records
    skippedLines = summary.skipped
    bytesIn = summary.bytesIn
    textBytes = summary.textBytes
    bytesOut = summary.bytesOut
    passes = summary.passes
    warnings = summary.warnings
  }

  /// `converted 250 events, 155,887 hits, 10 columns: 7.80 MB → 1.10 MB (14 %), 0.2 s`
  var line: String {
    var text = "converted \(Numbers.counted(events, "event"))"
    for entry in collections { text += ", \(Numbers.grouped(entry.elements)) \(entry.collection)" }
    // Compressed input is compared as the text it holds.
    let compressed = textBytes > bytesIn + bytesIn / 50
    let size = compressed ? textBytes : bytesIn
    text += ", \(Numbers.counted(columns.count, "column")): \(Numbers.bytes(size))"
    if compressed { text += " (\(Numbers.bytes(bytesIn)) compressed)" }
    text += " → \(Numbers.bytes(bytesOut))"
    if size > 0 { text += " (\(Numbers.significant(Double(bytesOut) * 100 / Double(size))) %)" }
    text += ", \(Numbers.fixed(seconds, 1)) s"
    if passes > 1 { text += ", \(passes) passes" }
    if skippedLines > 0 { text += "; \(Numbers.counted(skippedLines, "line")) left out" }
    return text
  }

  func writeDryRun(to out: Output, schema: Schema) throws(FingalError) {
    try out.line("text    \(dialect)")
    try out.line("layout  \(layout): \(layoutReason)")
    var size = Numbers.counted(events, "event")
    for entry in collections { size += ", \(Numbers.grouped(entry.elements)) \(entry.collection)" }
    try out.line("events  \(size)")
    try out.line()
    var table = TextTable([
      ("column", .left), ("type", .left), ("header", .left), ("text", .left), ("why", .left),
    ])
    for column in columns {
      table.append([
        printable(column.name), column.type, printable(column.header), column.format ?? "", column.reason,
      ])
    }
    for line in table.lines { try out.line(line) }
  }
}
