import Fingal

/// One way to write events to standard output.
protocol EventFormat {
  /// What comes before the first event.
  mutating func begin(_ schema: Schema, to output: Output) throws(FingalError)
  /// One run of events, in file order.
  mutating func write(_ run: EventRun, to output: Output) throws(FingalError)
}

/// Consecutive events of a batch that are to be written, with the columns that are to be shown.
struct EventRun {
  let batch: EventBatch
  /// What to show: a projection of the batch's schema.
  let shown: Schema
  /// For each field shown, its index in the batch.
  let fields: [Int]
  /// For each collection shown: which of its elements each event of the batch has.
  let elements: [[Range<Int>]]
  /// For each field shown: its collection among those shown, and the elements of one value.
  private let places: [(collection: Int?, length: Int)]
  /// Which events of the batch.
  var events: Range<Int>

  /// - Parameter shown: fields and collections that the batch has.
  init(_ batch: EventBatch, showing shown: Schema) {
    self.batch = batch
    self.shown = shown
    let places = batch.schema.fieldPlaces
    fields = shown.fields.map { field in
      guard let index = places[field.path] else { preconditionFailure("no column \(field.path)") }
      return index
    }
    let borders = batch.elementBorders
    elements = shown.collections.map { collection in
      guard let index = batch.schema.collectionIndex(collection.name) else {
        preconditionFailure("no \(collection.name)")
      }
      return (0..<batch.eventCount).map { borders[index][$0..<$0 + 1] }
    }
    self.places = zip(shown.fields, shown.collectionIndices).map { ($1, $0.elementsPerValue) }
    events = 0..<batch.eventCount
  }

  func column(_ shownField: Int) -> ColumnValues { batch.columns[fields[shownField]] }

  /// The values that an event has in a column shown, tensors element by element: one value, or those of the elements
  /// of its collection.
  func range(of event: Int, field: Int) -> Range<Int> {
    let (collection, length) = places[field]
    let values = collection.map { elements[$0][event] } ?? event..<event + 1
    return values.lowerBound * length..<values.upperBound * length
  }

  /// Whether a value is missing.
  ///
  /// - Parameter value: index of the value (the tensor) in the batch.
  func isNull(_ value: Int, field: Int) -> Bool { column(field).isNull(value * places[field].length) }

  /// The run in pieces of at most about `cells` values a column, at least one event each: what bounds the text held in
  /// memory.
  func pieces(cells: Int) -> [Range<Int>] {
    var fixed = 1
    var widths = [Int](repeating: 1, count: elements.count)
    for (collection, length) in places {
      if let collection { widths[collection] = max(widths[collection], length) } else { fixed = max(fixed, length) }
    }
    var pieces: [Range<Int>] = []
    var start = events.lowerBound
    var held = 0
    for event in events {
      var size = fixed
      for (ranges, width) in zip(elements, widths) { size = max(size, ranges[event].count * width) }
      if event > start, held + size > cells {
        pieces.append(start..<event)
        start = event
        held = 0
      }
      held += size
    }
    if start < events.upperBound { pieces.append(start..<events.upperBound) }
    return pieces
  }

  /// The values of a column for a piece of the run.
  func range(of piece: Range<Int>, field: Int) -> Range<Int> {
    let first = range(of: piece.lowerBound, field: field)
    return first.lowerBound..<range(of: piece.upperBound - 1, field: field).upperBound
  }
}
