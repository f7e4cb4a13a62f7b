import Fingal

/// One JSON object an event, one event a line; collections by column, tensors nested by axis. A collection inside
/// another has a list for each element of the one around it: with two hits of one and two samples,
/// `"samples":{"charge":[[7],[3,4]]}`.
///
///     {"event":0,"beamEnergy":65.846,"hits":{"layer":[1,1,2],"energy":[0.5,6.75,"NaN"]},"image":[[0,1],[2,0]]}
///
/// Integers are exact, also beyond 2^53. Floats are the shortest text that reads back to the same bits; NaN and the
/// infinities are the strings `"NaN"`, `"Infinity"`, `"-Infinity"`, and null is null.
struct JSONLinesFormat: EventFormat {
  private var cells: [CellText] = []
  /// For each field shown: what precedes it on the line, such as `,"hits":{"layer":`.
  private var order: [Part] = []
  private var shapes: [[Int]] = []

  private enum Part {
    case scalar(key: [UInt8], field: Int)
    case tensor(key: [UInt8], field: Int, shape: [Int])
    case collection(key: [UInt8], index: Int, fields: [(key: [UInt8], field: Int)])
  }

  mutating func begin(_ schema: Schema, to output: Output) throws(FingalError) {
    cells = schema.fields.map { _ in CellText() }
    shapes = schema.fields.map(\.shape)
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
        if run.isNull(event, field: field) {
          out.append(contentsOf: "null".utf8)
        } else {
          let range = run.range(of: event, field: field)
          appendTensor(cells[field], range.lowerBound - starts[field], shape[...], to: &out)
        }
      case .collection(let key, let collection, let fields):
        out.append(contentsOf: key)
        out.append(UInt8(ascii: "{"))
        let nesting = Nesting(run, collection)
        var firstField = true
        for (name, field) in fields {
          if !firstField { out.append(UInt8(ascii: ",")) }
          firstField = false
          out.append(contentsOf: name)
          nesting.write(event, to: &out) { values, out in appendValues(run, field, values, starts[field], to: &out) }
        }
        if fields.isEmpty {
          out.append(contentsOf: "\"count\":".utf8)
          nesting.write(event, to: &out) { values, out in appendInteger(values.count, to: &out) }
        }
        out.append(UInt8(ascii: "}"))
      }
    }
    out.append(UInt8(ascii: "}"))
    out.append(UInt8(ascii: "\n"))
  }

  /// The values of neighbouring elements of a collection.
  ///
  /// - Parameter start: where the field's cells begin in its column.
  private func appendValues(
    _ run: EventRun, _ field: Int, _ values: Range<Int>, _ start: Int, to out: inout [UInt8]
  ) {
    let shape = shapes[field]
    if shape.isEmpty {
      return appendArray(cells[field], values.lowerBound - start..<values.upperBound - start, to: &out)
    }
    let length = shape.reduce(1, *)
    out.append(UInt8(ascii: "["))
    for value in values {
      if value > values.lowerBound { out.append(UInt8(ascii: ",")) }
      if run.isNull(value, field: field) {
        out.append(contentsOf: "null".utf8)
      } else {
        appendTensor(cells[field], value * length - start, shape[...], to: &out)
      }
    }
    out.append(UInt8(ascii: "]"))
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
