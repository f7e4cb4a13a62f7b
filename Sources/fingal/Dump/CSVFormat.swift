import Fingal

/// Comma-separated values with a header. Without a collection one line an event; with one, one line an element, the
/// event's values repeated. A tensor has a column for each of its values.
///
///     event,beamEnergy,hits.layer,hits.energy
///     0,65.846,1,0.596162883
///     0,65.846,1,6.74991238
///
/// An event whose collection is empty has one line with empty cells, so that no event is lost. A null is an empty cell,
/// an empty string is `""`. For the CSV that a file was made from, use `fingal export`.
struct CSVFormat: EventFormat {
  private var cells: [CellText] = []

  mutating func begin(_ schema: Schema, to output: Output) throws(FingalError) {
    if schema.collections.count > 1 {
      throw FingalError(
        .usage, "CSV has room for one collection, here are \(schema.collections.count)",
        advice: "choose with --columns, for example --columns \(schema.collections[0].name), or use --format json")
    }
    cells = schema.fields.map { _ in CellText() }
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
        cells[field].fill(run.column(field), run.range(of: piece, field: field), style: .csv)
      }
      let starts = cells.indices.map { run.range(of: piece.lowerBound, field: $0).lowerBound }
      for event in piece {
        let elements = run.elements.first?[event]
        try output.append { out in
          for line in 0..<max(1, elements?.count ?? 1) {
            appendLine(
              run, event, elements.map { $0.lowerBound + line < $0.upperBound ? $0.lowerBound + line : nil }, starts,
              to: &out)
          }
        }
      }
    }
  }

  /// - Parameter element: nil without a collection; some nil where the event has no element.
  private func appendLine(_ run: EventRun, _ event: Int, _ element: Int??, _ starts: [Int], to out: inout [UInt8]) {
    var first = true
    for (index, field) in run.shown.fields.enumerated() {
      if !first { out.append(UInt8(ascii: ",")) }
      first = false
      if field.collection != nil {
        if let element = element ?? nil { out.append(contentsOf: cells[index].cell(element - starts[index])) }
        continue
      }
      var firstValue = true
      for value in run.range(of: event, field: index) {
        if !firstValue { out.append(UInt8(ascii: ",")) }
        firstValue = false
        out.append(contentsOf: cells[index].cell(value - starts[index]))
      }
    }
    out.append(UInt8(ascii: "\n"))
  }
}
