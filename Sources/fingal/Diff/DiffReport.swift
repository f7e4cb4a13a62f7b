import Fingal

/// What `fingal diff` found.
struct DiffReport: Encodable {
  struct Difference: Encodable {
    var event: Int
    /// A column, or a collection whose numbers of elements differ.
    var column: String
    /// The element of the collection; nil for a column of the event.
    var element: Int?
    /// The place in the tensor, outermost axis first.
    var index: [Int]?
    /// Both values, exactly.
    var left: String
    var right: String

    init(_ found: FileComparison.Found) {
      let place = found.place
      let schema = found.left.schema
      event = found.event
      if let collection = place.collection {
        let name = schema.collections[collection].name
        column = name
        element = schema.lineage(of: name).count > 1 ? place.element : nil
        func count(_ batch: EventBatch, _ at: Int) -> String {
          Numbers.counted(batch.counts[collection].integer(at: at) ?? 0, "element")
        }
        (left, right) = (count(found.left, place.left), count(found.right, place.right))
        return
      }
      let position = place.field ?? 0
      let field = schema.fields[position]
      column = field.path
      element = field.collection == nil ? nil : place.element
      if !field.shape.isEmpty {
        var rest = place.index
        index = field.shape.reversed().map { extent in
          defer { rest /= extent }
          return rest % extent
        }.reversed()
      }
      let (a, b) = (found.left.columns[position], found.right.columns[position])
      (left, right) = (Self.text(a, place.left, field), Self.text(b, place.right, field))
      if left == right {
        // NaN with different payloads.
        left += Self.bits(a, place.left)
        right += Self.bits(b, place.right)
      }
    }

    private static func text(_ column: ColumnValues, _ index: Int, _ field: Schema.Field) -> String {
      var cells = CellText()
      cells.fill(column, index..<index + 1, labels: field.labels, style: .json)
      return cells.string(0)
    }

    private static func bits(_ column: ColumnValues, _ index: Int) -> String {
      switch column.type {
      case .float32: " (bits 0x\(String(column.values(as: Float.self)[index].bitPattern, radix: 16)))"
      case .float64: " (bits 0x\(String(column.values(as: Double.self)[index].bitPattern, radix: 16)))"
      default: ""
      }
    }

    /// `event 7, hits.energy[3]: 0.5 | 0.25`.
    var line: String {
      let places =
        (element.map { "[\($0)]" } ?? "") + (index.map { "[\($0.map(String.init).joined(separator: ","))]" } ?? "")
      return "event \(event), \(column)\(places): \(left) | \(right)"
    }
  }

  var left: String
  var right: String
  /// Differences of the columns, in words.
  var structure: [String] = []
  /// Of both files, if they differ.
  var eventCounts: [Int]?
  /// Other units: no difference of content, but worth knowing.
  var units: [String] = []
  /// `content hash`, `digests` (of the columns) or `values`.
  var comparedBy = ""
  var differences: [Difference] = []
  /// Whether all differences of values are listed.
  var complete = true

  init(left: String, right: String) {
    self.left = left
    self.right = right
  }

  var equal: Bool { structure.isEmpty && eventCounts == nil && differences.isEmpty }

  enum CodingKeys: CodingKey {
    case left, right, equal, structure, eventCounts, units, comparedBy, differences, complete
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(left, forKey: .left)
    try container.encode(right, forKey: .right)
    try container.encode(equal, forKey: .equal)
    try container.encode(structure, forKey: .structure)
    try container.encodeIfPresent(eventCounts, forKey: .eventCounts)
    try container.encode(units, forKey: .units)
    try container.encode(comparedBy, forKey: .comparedBy)
    try container.encode(differences, forKey: .differences)
    try container.encode(complete, forKey: .complete)
  }

  var lines: [String] {
    var lines = [
      equal ? "\(left) and \(right) are equal (by \(comparedBy))" : "\(left) and \(right) differ"
    ]
    lines += structure.map { "  columns of the second: \($0)" }
    if let eventCounts { lines.append("  events: \(eventCounts.map(Numbers.grouped).joined(separator: " | "))") }
    lines += differences.map { "  " + $0.line }
    if !complete { lines.append("  … and perhaps more: --limit names more") }
    lines += units.map { "  note: \($0)" }
    return lines.map(printable)
  }
}
