import Fingal

/// Events for people: scalars with their units, collections as small tables, tensors as a line of facts.
///
///     event 7
///       run         1035
///       beamEnergy  65.846 GeV
///       image       float32 28×13×13: 214 non-zero, sum 5931.25, max 310.5
///       hits        3
///         layer     energy
///             1  0.5961629
///             1  6.7499123
///         … 1 more
///
/// In the table of a collection inside another, the first column says which element of that one a line belongs to.
struct TextFormat: EventFormat {
  /// Print every element of a collection and every value of a tensor.
  let full: Bool
  /// Elements of a collection that are printed unless `full`.
  static let elementsShown = 8

  private var cells = CellText()
  private var first = true

  init(full: Bool) { self.full = full }

  mutating func begin(_ schema: Schema, to output: Output) throws(FingalError) {}

  mutating func write(_ run: EventRun, to output: Output) throws(FingalError) {
    let schema = run.shown
    let names =
      (schema.fields.filter { $0.collection == nil }.map(\.name) + schema.collections.map(\.name)).map(printable)
    let units = schema.fields.map { $0.unit.map { " " + printable($0) } ?? "" }
    let width = names.map(displayWidth).max() ?? 0
    func label(_ name: String) -> String {
      let text = printable(name)
      return "  " + text + String(repeating: " ", count: width - displayWidth(text) + 2)
    }
    for event in run.events {
      if !first { try output.line() }
      first = false
      try output.line("event \(run.batch.eventNumber(at: event))")
      for (index, field) in schema.fields.enumerated() where field.collection == nil {
        let range = run.range(of: event, field: index)
        if field.shape.isEmpty {
          cells.fill(run.column(index), range, labels: field.labels, style: .text)
          try output.line(label(field.name) + cells.string(0) + units[index])
        } else if run.isNull(event, field: index) {
          try output.line(label(field.name) + "null")
        } else {
          try output.line(label(field.name) + summary(run.column(index), range, field))
          if full { try writeTensor(run.column(index), range, field, to: output) }
        }
      }
      for (index, collection) in schema.collections.enumerated() {
        let elements = run.elements[index][event]
        try output.line(label(collection.name) + "\(elements.count)")
        try writeElements(run, collection, index, event, elements, to: output)
      }
    }
  }

  private mutating func writeElements(
    _ run: EventRun, _ collection: Schema.Collection, _ index: Int, _ event: Int, _ elements: Range<Int>,
    to output: Output
  ) throws(FingalError) {
    let fields = run.shown.fieldIndices(in: collection.name)
    if fields.isEmpty || elements.isEmpty { return }
    let shown = full ? elements : elements.prefix(Self.elementsShown)
    var table = TextTable(
      (collection.parent.map { [(title: $0, alignment: .right)] } ?? [])
        + fields.map { field in
          let description = run.shown.fields[field]
          let title = description.name + (description.unit.map { " [\($0)]" } ?? "")
          return (title: title, alignment: [.string, .enumeration].contains(description.type) ? .left : .right)
        })
    table.indent = "    "
    var columns: [[String]] = []
    if let parent = collection.parent, let outer = run.shown.collectionIndex(parent) {
      columns.append(owners(Nesting(run, index), of: shown.count, run.elements[outer][event]))
    }
    for field in fields {
      let length = run.shown.fields[field].elementsPerValue
      if length > 1 || !run.shown.fields[field].shape.isEmpty {
        columns.append(shown.map { tensorText(run, field, $0, length) })
        continue
      }
      cells.fill(run.column(field), shown, labels: run.shown.fields[field].labels, style: .text)
      columns.append(shown.indices.map { cells.string($0 - shown.lowerBound) })
    }
    for row in 0..<shown.count { table.append(columns.map { $0[row] }) }
    for line in table.lines { try output.line(line) }
    if shown.count < elements.count { try output.line("    … \(elements.count - shown.count) more") }
  }

  /// `float32 28×13×13: 214 non-zero, sum 5931.25, max 310.5`. The sum is in double precision, in order; NaN counts as
  /// non-zero and is left out of sum and maximum.
  private func summary(_ column: ColumnValues, _ range: Range<Int>, _ field: Schema.Field) -> String {
    var nonZero = 0
    var nans = 0
    var sum = 0.0
    var largest: Double?
    unsafe column.withDoubles(range) { values in
      for index in 0..<range.count {
        let value = unsafe values[index]
        if value != 0 { nonZero += 1 }
        if value.isNaN {
          nans += 1
          continue
        }
        sum += value
        largest = max(largest ?? value, value)
      }
    }
    // Digits that the values have: a sum of float32 is not known better for being summed in double precision.
    func digits(_ value: Double) -> String {
      field.type == .float32 ? Numbers.shortest(Float(value)) : Numbers.shortest(value)
    }
    var text = "\(typeName(field)): \(nonZero) non-zero, sum \(digits(sum))"
    if let largest { text += ", max \(digits(largest))" }
    if nans > 0 { text += ", \(nans) NaN" }
    return text + (field.unit.map { " [\(printable($0))]" } ?? "")
  }

  /// For each of the first elements of a collection, the number (from 0, within the event) of the one around it.
  private func owners(_ nesting: Nesting, of count: Int, _ owners: Range<Int>) -> [String] {
    var texts: [String] = []
    for owner in owners where texts.count < count {
      let own = min(nesting.count(of: owner), count - texts.count)
      texts.append(contentsOf: repeatElement("\(owner - owners.lowerBound)", count: own))
    }
    return texts
  }

  /// A tensor of an element, in one cell of its table: all values in their order, or the first few.
  private mutating func tensorText(_ run: EventRun, _ field: Int, _ value: Int, _ length: Int) -> String {
    if run.isNull(value, field: field) { return "null" }
    let most = full ? length : min(length, 6)
    cells.fill(
      run.column(field), value * length..<value * length + most, labels: run.shown.fields[field].labels, style: .text)
    return (0..<most).map { cells.string($0) }.joined(separator: " ") + (most < length ? " …" : "")
  }

  /// The values of a tensor: a line for each run of the innermost axis, a title for each plane of the outer ones.
  private mutating func writeTensor(
    _ column: ColumnValues, _ range: Range<Int>, _ field: Schema.Field, to output: Output
  ) throws(FingalError) {
    cells.fill(column, range, labels: field.labels, style: .text)
    let shape = field.shape
    let texts = range.indices.map { cells.string($0 - range.lowerBound) }
    let width = texts.map(displayWidth).max() ?? 0
    let rowLength = shape.last ?? 1
    let rows = shape.count > 1 ? shape[shape.count - 2] : 1
    let outer = Array(shape.dropLast(2))
    for row in 0..<texts.count / rowLength {
      if row % rows == 0, !outer.isEmpty {
        try output.line("    [\(Self.position(row / rows, outer)), …]")
      }
      let values = texts[row * rowLength..<(row + 1) * rowLength]
      try output.line(
        "    " + values.map { String(repeating: " ", count: width - displayWidth($0)) + $0 }.joined(separator: " "))
    }
  }

  /// Where a plane lies along the outer axes: `3, 0`.
  private static func position(_ plane: Int, _ axes: [Int]) -> String {
    var rest = plane
    var position: [Int] = []
    for extent in axes.reversed() {
      position.append(rest % extent)
      rest /= extent
    }
    return position.reversed().map(String.init).joined(separator: ", ")
  }
}

/// How reports name a field's type: `float32`, `float32 28×13×13`, `int64?` where it may be null.
func typeName(_ field: Schema.Field) -> String {
  let name = field.type.rawValue + (field.nullable ? "?" : "")
  return field.shape.isEmpty ? name : name + " " + field.shape.map(String.init).joined(separator: "×")
}
