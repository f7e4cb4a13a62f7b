import Fingal

/// One JSON object an event, one event a line; collections by column, tensors nested by axis.
///
///     {"event":0,"beamEnergy":65.846,"hits":{"layer":[1,1,2],"energy":[0.5,6.75,"NaN"]},"image":[[0,1],[2,0]]}
///
/// Integers are exact, also beyond 2^53. Floats are the shortest text that reads back to the same bits; NaN and the
/// infinities are the strings `"NaN"`, `"Infinity"`, `"-Infinity"`, and null is null.
struct JSONLinesFormat: EventFormat {
  private var cells: [CellText] = []
  /// For each field shown: what precedes it on the line, such as `,"hits":{"layer":`.
  private var order: [Part] = []

  private enum Part {
    case scalar(key: [UInt8], field: Int)
    case tensor(key: [UInt8], field: Int, shape: [Int])
    case collection(key: [UInt8], index: Int, fields: [(key: [UInt8], field: Int)])
  }

  mutating func begin(_ schema: Schema, to output: Output) throws(FingalError) {
    cells = schema.fields.map { _ in CellText() }
    var seen = Set<String>()
    for (index, field) in schema.fields.enumerated() {
      if let name = field.collection {
        if seen.insert(name).inserted { appendCollection(name, schema) }
      } else if field.shape.isEmpty {
        order.append(.scalar(key: Self.key(field.name), field: index))
      } else {
        order.append(.tensor(key: Self.key(field.name), field: index, shape: field.shape))
      }
    }
    for collection in schema.collections where seen.insert(collection.name).inserted {
      appendCollection(collection.name, schema)
    }
  }

  private mutating func appendCollection(_ name: String, _ schema: Schema) {
    guard let collection = schema.collectionIndex(name) else { return }
    let fields = schema.fieldIndices(in: name).map { (key: Self.key(schema.fields[$0].name), field: $0) }
    order.append(.collection(key: Self.key(name), index: collection, fields: fields))
  }

  mutating func write(_ run: EventRun, to output: Output) throws(FingalError) {
    for piece in run.pieces(cells: 1 << 15) {
      for field in cells.indices {
        cells[field].fill(
          run.column(field), run.range(of: piece, field: field), labels: run.shown.fields[field].labels, style: .json)
      }
      let starts = cells.indices.map { run.range(of: piece.lowerBound, field: $0).lowerBound }
      for event in piece {
        try output.append { out in appendEvent(run, event, starts, to: &out) }
      }
    }
  }

  private func appendEvent(_ run: EventRun, _ event: Int, _ starts: [Int], to out: inout [UInt8]) {
    out.append(UInt8(ascii: "{"))
    var first = true
    for part in order {
      if !first { out.append(UInt8(ascii: ",")) }
      first = false
      switch part {
      case .scalar(let key, let field):
        // One value an event: the value's index in the batch is the event's.
        out.append(contentsOf: key)
        out.append(contentsOf: cells[field].cell(event - starts[field]))
      case .tensor(let key, let field, let shape):
        out.append(contentsOf: key)
        let range = run.range(of: event, field: field)
        appendTensor(cells[field], range.lowerBound - starts[field], shape[...], to: &out)
      case .collection(let key, let collection, let fields):
        out.append(contentsOf: key)
        out.append(UInt8(ascii: "{"))
        let range = run.elements[collection][event]
        var firstField = true
        for (name, field) in fields {
          if !firstField { out.append(UInt8(ascii: ",")) }
          firstField = false
          out.append(contentsOf: name)
          appendArray(cells[field], range.lowerBound - starts[field]..<range.upperBound - starts[field], to: &out)
        }
        if fields.isEmpty { out.append(contentsOf: "\"count\":\(range.count)".utf8) }
        out.append(UInt8(ascii: "}"))
      }
    }
    out.append(UInt8(ascii: "}"))
    out.append(UInt8(ascii: "\n"))
  }

  private func appendArray(_ cells: CellText, _ range: Range<Int>, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "["))
    var first = true
    for index in range {
      if !first { out.append(UInt8(ascii: ",")) }
      first = false
      out.append(contentsOf: cells.cell(index))
    }
    out.append(UInt8(ascii: "]"))
  }

  private func appendTensor(_ cells: CellText, _ start: Int, _ shape: ArraySlice<Int>, to out: inout [UInt8]) {
    guard let extent = shape.first else { return }
    let inner = shape.dropFirst()
    if inner.isEmpty { return appendArray(cells, start..<start + extent, to: &out) }
    let stride = inner.reduce(1, *)
    out.append(UInt8(ascii: "["))
    for index in 0..<extent {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      appendTensor(cells, start + index * stride, inner, to: &out)
    }
    out.append(UInt8(ascii: "]"))
  }

  private static func key(_ name: String) -> [UInt8] {
    var out: [UInt8] = []
    appendJSONString(name, to: &out)
    out.append(UInt8(ascii: ":"))
    return out
  }
}
