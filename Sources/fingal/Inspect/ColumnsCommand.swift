import ArgumentParser
import Fingal

/// `fingal columns`: what each column costs and how it is stored.
struct ColumnsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "columns",
    abstract: "A row a column: type, encodings, codec, size, share of the file, range.",
    discussion: """
      Sorted by stored bytes, largest first; the counts of collections and the validity of nullable columns are columns \
      of their own. Raw is the size of the decoded values, share is of all that the columns store. The range is that of \
      the file's statistics: without NaN, and a null counts as 0. Percentages behind encodings and codecs, and their \
      fractions in --json, are shares of the column's decoded bytes: of raw, not of stored. Nothing is decoded. \
      Beside the type stands the loss that was declared with 'convert --precision'.

      EXAMPLES:
        fingal columns run12.fingal
        fingal columns run12.fingal --json | jq '.[] | {column, stored}'
      """
  )

  @Argument(help: ArgumentHelp("The Fingal file.", valueName: "file"))
  var path: String

  @Flag(help: "Print a JSON array, one object a column.")
  var json = false

  func run() throws {
    let file = try EventFile(opening: path)
    let facts = try ColumnFacts.all(of: file).enumerated()
      .sorted { ($1.element.stored, $0.offset) < ($0.element.stored, $1.offset) }.map(\.element)
    let total = facts.reduce(0) { $0 + $1.stored }
    let output = Output()
    if json {
      try output.line(jsonText(facts.map { ColumnReport($0, total: total) }))
    } else {
      var table = TextTable([
        ("column", .left), ("type", .left), ("unit", .left), ("encoding", .left), ("codec", .left),
        ("stored", .right), ("raw", .right), ("ratio", .right), ("share", .right), ("min", .right), ("max", .right),
        ("nulls", .right),
      ])
      for column in facts {
        let extremes = column.extremes
        table.append([
          column.name, column.type + (column.precision.map { ", \($0.summary)" } ?? ""),
          column.isValues ? column.field?.unit ?? "" : "", column.encodingMix, column.codecMix,
          Numbers.bytes(column.stored), Numbers.bytes(column.decoded),
          Numbers.ratio(column.decoded, column.stored), Numbers.percent(column.stored, of: total),
          extremes?.minimum ?? "–", extremes?.maximum ?? "–",
          column.field?.nullable == true && column.isValues ? Numbers.grouped(column.nulls) : "–",
        ])
      }
      for line in table.lines { try output.line(line) }
    }
    try output.flush()
  }
}

/// One column of `fingal columns --json`. Sizes are bytes.
struct ColumnReport: Encodable {
  var column: String
  var role: String
  var type: String
  var shape: [Int]?
  var unit: String?
  var description: String?
  /// The loss that was declared when the file was written: its rule and the most that a value has changed by.
  var precision: PrecisionReport?
  /// For each encoding (codec) that pages of the column have: the decoded bytes of these pages as a fraction of those of
  /// all its pages, so that the fractions add up to 1. A column without a single byte has 0 for each.
  var encodings: [String: Double]
  var codecs: [String: Double]
  var pages: Int
  var elements: Int
  var stored: Int
  var decoded: Int
  /// Of the stored bytes of all columns, 0 to 1.
  var share: Double
  var minimum: BoundValue?
  var maximum: BoundValue?
  var nulls: Int
  var nans: Int

  init(_ facts: ColumnFacts, total: Int) {
    column = facts.name
    role = facts.isValues ? "values" : facts.isCounts ? "counts" : "validity"
    type = facts.stream.type.rawValue
    if facts.isValues {
      shape = facts.field.flatMap { $0.shape.isEmpty ? nil : $0.shape }
      unit = facts.field?.unit
      description = facts.field?.description
      precision = facts.precision.map(PrecisionReport.init)
    }
    func shares(_ parts: [UInt8: Int], _ name: (UInt8) -> String) -> [String: Double] {
      let whole = max(1, parts.values.reduce(0, +))
      return Dictionary(uniqueKeysWithValues: parts.map { (name($0.key), Double($0.value) / Double(whole)) })
    }
    encodings = shares(facts.byEncoding, encodingName)
    codecs = shares(facts.byCodec, codecName)
    pages = facts.pages
    elements = facts.elements
    stored = facts.stored
    decoded = facts.decoded
    share = total == 0 ? 0 : Double(facts.stored) / Double(total)
    (minimum, maximum) = boundValues(facts.bounds, facts.stream.type)
    nulls = facts.nulls
    nans = facts.nans
  }
}

/// The declared loss of a column in `fingal columns --json`; one of the bounds.
struct PrecisionReport: Encodable {
  var rule: String
  var absolute: Double?
  var relative: Double?

  init(_ precision: Precision) {
    rule = precision.summary
    switch precision.bound {
    case .absolute(let bound): absolute = bound
    case .relative(let bound): relative = bound
    }
  }
}

extension ColumnFacts {
  /// Counts and validities are exact.
  fileprivate var precision: Precision? { isValues ? field?.precision : nil }
}
