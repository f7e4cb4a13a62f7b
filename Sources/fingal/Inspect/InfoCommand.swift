import ArgumentParser
import Fingal

/// `fingal info`: what a file holds, on one screen.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Events, columns, size and provenance of a file, on one screen.",
    discussion: """
      The content is a hash of what the file holds: files with equal events in equal columns have the same, however they \
      are encoded and described. Of several files those that cannot be read are reported, and the others shown.

      EXAMPLES:
        fingal info run12.fingal
        fingal info --json run*.fingal
      """
  )

  @Argument(help: ArgumentHelp("Fingal files.", valueName: "file"))
  var files: [String]

  @Flag(help: "Print a JSON array, one object a file.")
  var json = false

  func run() throws {
    let output = Output()
    var reports: [InfoReport] = []
    var status: Int32 = 0
    for path in files {
      let report: InfoReport
      do throws(FingalError) {
        report = try InfoReport(EventFile(opening: path))
      } catch {
        // The others are worth seeing all the same. A damaged file outweighs a missing one.
        try output.flush()
        printError(error.description)
        status = status == 1 ? 1 : exitStatus(of: error)
        continue
      }
      if !json {
        if !reports.isEmpty { try output.line() }
        try report.write(to: output)
      }
      reports.append(report)
    }
    if json { try output.line(jsonText(reports)) }
    try output.flush()
    if status != 0 { throw ExitCode(status) }
  }
}

/// What `fingal info` says of a file; as JSON with the same names. Sizes are bytes.
struct InfoReport: Encodable {
  struct Collection: Encodable {
    var name: String
    /// The collection it lies in.
    var parent: String?
    var columns: Int
    var elements: Int
    /// Mean elements an event; 0 without events.
    var perEvent: Double
  }

  struct Column: Encodable {
    var name: String
    var collection: String?
    var type: String
    var nullable: Bool
    var shape: [Int]?
    /// The texts of an enumeration.
    var labels: [String]?
    var unit: String?
    var description: String?
    /// The loss that was declared when the file was written, as "10 bits" or "step 0.01".
    var precision: String?
  }

  var file: String
  var format: String
  var events: Int
  var columns: [Column]
  var collections: [Collection]
  /// The whole file, its schema and directories included.
  var size: Int
  var decoded: Int
  /// 16 hexadecimal digits: the same for files with equal events in equal columns.
  var contentHash: String
  var clusters: Int
  var pages: Int
  /// Key-values of the schema and of the file's end. The converter's own (`csv.…`), which only export needs, are left
  /// out: `fingal schema` prints them.
  var metadata: [String: String]
  /// What was converted, with which program and options.
  var provenance: Provenance?

  /// - Throws: `damaged`, `truncated` where a directory cannot be read.
  init(_ file: EventFile) throws(FingalError) {
    let facts = try ColumnFacts.all(of: file)
    let schema = file.schema
    self.file = file.path
    format = "\(file.version.major).\(file.version.minor)"
    events = file.eventCount
    columns = schema.fields.map {
      Column(
        name: $0.name, collection: $0.collection, type: $0.type.rawValue, nullable: $0.nullable,
        shape: $0.shape.isEmpty ? nil : $0.shape, labels: $0.labels.isEmpty ? nil : $0.labels,
        unit: $0.unit, description: $0.description, precision: $0.precision?.summary)
    }
    var totals = [Int](repeating: 0, count: schema.collections.count)
    // The elements of a collection are those of its columns; one without columns has only its counts.
    for column in facts where column.isValues {
      if let collection = column.stream.collection { totals[collection] = column.elements / column.stream.rowLength }
    }
    for index in schema.collections.indices where schema.fieldIndices(in: schema.collections[index].name).isEmpty {
      totals[index] = try Self.elements(of: schema.collections[index].name, file)
    }
    collections = schema.collections.enumerated().map { index, collection in
      Collection(
        name: collection.name, parent: collection.parent, columns: schema.fieldIndices(in: collection.name).count,
        elements: totals[index],
        perEvent: file.eventCount == 0 ? 0 : Double(totals[index]) / Double(file.eventCount))
    }
    size = file.byteCount
    decoded = facts.reduce(0) { $0 + $1.decoded }
    contentHash = file.contentHashText
    clusters = file.clusters.count
    pages = facts.reduce(0) { $0 + $1.pages }
    metadata = schema.metadata.merging(file.metadata) { _, end in end }.filter { !$0.key.hasPrefix("csv.") }
    provenance = file.provenance
    if provenance != nil { metadata[Provenance.key] = nil }
  }

  private static func elements(of collection: String, _ file: EventFile) throws(FingalError) -> Int {
    let batches = try file.batches(columns: [collection])
    var total = 0
    while let batch = try batches.next() {
      guard let counts = batch.counts(of: collection) else { continue }
      let values = counts.values(as: UInt32.self)
      for index in values.indices { total += Int(values[index]) }
    }
    return total
  }

  /// Columns named on the screen for the event and for each collection; the rest are counted.
  private static let columnsShown = 16
  /// Lines of a metadata value on the screen.
  private static let linesShown = 4
  /// Parts of a joined file that were not made alike.
  private static let partsShown = 32

  func write(to output: Output) throws(FingalError) {
    var rows: [(String, String)] = [
      ("format", "Fingal \(format)"),
      ("events", Numbers.grouped(events)),
      (
        "size",
        "\(Numbers.bytes(size)) on disk, \(Numbers.bytes(decoded)) decoded (\(Numbers.ratio(decoded, size)))"
      ),
      ("content", contentHash),
      ("layout", "\(Numbers.counted(clusters, "cluster")), \(Numbers.counted(pages, "page"))"),
    ]
    let scalars = columns.filter { $0.collection == nil }
    rows.append(("columns", "\(Numbers.counted(columns.count, "column")), \(scalars.count) of the event"))
    rows += Self.listing(scalars)
    for collection in collections {
      rows.append(
        (
          collection.name,
          (collection.parent.map { "in \($0): " } ?? "")
            + "\(Numbers.counted(collection.elements, "element")), \(Numbers.fixed(collection.perEvent, 1)) an event; "
            + Numbers.counted(collection.columns, "column")
        ))
      let own = columns.filter { $0.collection == collection.name }
      rows += Self.listing(own)
    }
    if let provenance {
      rows += Self.listing(provenance, "made by", "from", sources: provenance.parts == nil)
      for part in (provenance.parts ?? []).prefix(Self.partsShown) { rows += Self.listing(part, "  part", "  from") }
      let hidden = (provenance.parts ?? []).count - Self.partsShown
      if hidden > 0 { rows.append(("", "… \(hidden) parts more")) }
      if provenance.incomplete == true { rows.append(("  part", "of unknown origin")) }
    }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      // A value of several lines is a list, such as the files that were converted.
      let lines = value.split(separator: "\n")
      let shown = lines.prefix(Self.linesShown).joined(separator: ", ")
      let more = lines.count > Self.linesShown ? ", … \(lines.count - Self.linesShown) more" : ""
      rows.append((key, shown + more))
    }

    // Names, units and metadata are the file's: none of them may steer the terminal.
    rows = rows.map { (printable($0.0), printable($0.1)) }
    try output.line(file)
    let width = rows.map { displayWidth($0.0) }.max() ?? 0
    for (label, text) in rows {
      let padding = String(repeating: " ", count: width - displayWidth(label) + 2)
      try output.line("  \(label)\(padding)\(text)")
    }
  }

  /// The program with its options, and the files it read.
  private static func listing(
    _ provenance: Provenance, _ made: String, _ from: String, sources: Bool = true
  ) -> [(String, String)] {
    let options = provenance.options.isEmpty ? "" : " " + provenance.options.joined(separator: " ")
    var rows = [(made, "\(provenance.converter) \(provenance.version)" + options)]
    if !sources { return rows }
    for (index, source) in provenance.sources.prefix(linesShown).enumerated() {
      rows.append((index == 0 ? from : "", "\(source.name)  \(Numbers.bytes(source.bytes)), xxh3 \(source.xxh3)"))
    }
    let hidden = provenance.sources.count - linesShown
    if hidden > 0 { rows.append(("", "… \(hidden) more")) }
    return rows
  }

  /// Lines of `name type [unit] (precision)`, as many a line as fit.
  private static func listing(_ columns: [Column]) -> [(String, String)] {
    let names = columns.prefix(columnsShown).map { column in
      let shape = column.shape.map { " " + $0.map(String.init).joined(separator: "×") } ?? ""
      return "\(column.name) \(column.type)\(column.nullable ? "?" : "")\(shape)"
        + (column.unit.map { " [\($0)]" } ?? "") + (column.precision.map { " (\($0))" } ?? "")
    }
    var lines: [(String, String)] = []
    var line = ""
    for name in names {
      if !line.isEmpty, displayWidth(line) + displayWidth(name) > 80 {
        lines.append(("", line))
        line = ""
      }
      line += line.isEmpty ? name : ", " + name
    }
    if !line.isEmpty { lines.append(("", line)) }
    if columns.count > columnsShown { lines.append(("", "… \(columns.count - columnsShown) more")) }
    return lines
  }
}
