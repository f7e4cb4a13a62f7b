import Fingal

/// Comma-separated values with a header. Without a collection one line an event; with one, one line an element, the
/// event's values repeated. A tensor has a column for each of its values. A collection inside another is refused: lines
/// could not tell an element without samples from none.
///
///     event,beamEnergy,hits.layer,hits.energy
///     0,65.846,1,0.596162883
///     0,65.846,1,6.74991238
///
/// An event whose collection is empty has one line with empty cells, so that no event is lost. A null is an empty cell,
/// an empty string is `""`. For the CSV that a file was made from, use `fingal export`.
struct CSVFormat: EventFormat {
  private var cells: [CellText] = []
  /// For each field: whether it belongs to the collection.
  private var isElement: [Bool] = []
  /// For each field: elements of one value.
  private var lengths: [Int] = []

  mutating func begin(_ schema: Schema, to output: Output) throws(FingalError) {
    if schema.collections.count > 1 {
      if let nested = schema.collections.first(where: { $0.parent != nil }), let parent = nested.parent {
        throw FingalError(
          .usage, "CSV has no room for '\(nested.name)', which lies in '\(parent)'",
          advice: "leave it out with --columns, or use --format json")
      }
      throw FingalError(
        .usage, "CSV has room for one collection, here are \(schema.collections.count)",
        advice: "choose with --columns, for example --columns \(schema.collections[0].name), or use --format json")
    }
    cells = schema.fields.map { _ in CellText() }
    isElement = schema.fields.map { $0.collection != nil }
    lengths = schema.fields.map(\.elementsPerValue)
    var header: [UInt8] = []
    for field in schema.fields {
      for name in Self.names(field) {
        if !header.isEmpty { header.append(UInt8(ascii: ",")) }
        appendCSVCell(name, to: &header)
      }
    }
    header.append(UInt8(ascii: "\n"))
    try output.append { $0.append(contentsOf: header) }
  }

  /// The columns of a field: `image[0,3,1]` for the values of a tensor.
  static func names(_ field: Schema.Field) -> [String] {
    if field.shape.isEmpty { return [field.path] }
    var names = [""]
    for extent in field.shape {
      names = names.flatMap { name in (0..<extent).map { name.isEmpty ? "\($0)" : "\(name),\($0)" } }
    }
    return names.map { "\(field.path)[\($0)]" }
  }

  mutating func write(_ run: EventRun, to output: Output) throws(FingalError) {
    for piece in run.pieces(cells: 1 << 15) {
      for field in cells.indices {
        cells[field].fill(
          run.column(field), run.range(of: piece, field: field), labels: run.shown.fields[field].labels, style: .csv)
      }
      let starts = cells.indices.map { run.range(of: piece.lowerBound, field: $0).lowerBound }
      for event in piece {
        // Where the values of the event, or of its elements, begin among the cells.
        let first = cells.indices.map { run.range(of: event, field: $0).lowerBound - starts[$0] }
        let elements = run.elements.first?[event].count
        try output.append { out in
          for line in 0..<max(1, elements ?? 1) { appendLine(line, of: elements ?? 0, first, to: &out) }
        }
      }
    }
  }

  /// - Parameters:
  ///   - line: which element of the event, of `elements`.
  ///   - first: for each field, the cell of the event's first value.
  private func appendLine(
    _ line: Int, of elements: Int, _ first: [Int], to out: inout [UInt8]
  ) {
    for field in cells.indices {
      if field > 0 { out.append(UInt8(ascii: ",")) }
      let start = first[field] + (isElement[field] ? line * lengths[field] : 0)
      for value in 0..<lengths[field] {
        if value > 0 { out.append(UInt8(ascii: ",")) }
        if !isElement[field] || line < elements { out.append(contentsOf: cells[field].cell(start + value)) }
      }
    }
    out.append(UInt8(ascii: "\n"))
  }
}
