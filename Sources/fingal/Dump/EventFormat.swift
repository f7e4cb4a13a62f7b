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
    elements = shown.collections.map { collection in
      guard let counts = batch.counts(of: collection.name) else { preconditionFailure("no \(collection.name)") }
      let values = counts.values(as: UInt32.self)
      var ranges: [Range<Int>] = []
      ranges.reserveCapacity(batch.eventCount)
      var low = 0
      for index in values.indices {
        let high = low + Int(values[index])
        ranges.append(low..<high)
        low = high
      }
      return ranges
    }
    events = 0..<batch.eventCount
  }

  func column(_ shownField: Int) -> ColumnValues { batch.columns[fields[shownField]] }

  /// The values that an event has in a column shown: one, a tensor, or the elements of its collection.
  func range(of event: Int, field: Int) -> Range<Int> {
    let description = shown.fields[field]
    if let name = description.collection, let collection = shown.collectionIndex(name) {
      return elements[collection][event]
    }
    let length = description.elementsPerValue
    return event * length..<(event + 1) * length
  }

  /// The run in pieces of at most about `cells` values a column, at least one event each: what bounds the text held in
  /// memory.
  func pieces(cells: Int) -> [Range<Int>] {
    let lengths = shown.fields.indices.filter { shown.fields[$0].collection == nil }
      .map { shown.fields[$0].elementsPerValue }
    let fixed = lengths.max() ?? 1
    var pieces: [Range<Int>] = []
    var start = events.lowerBound
    var held = 0
    for event in events {
      let size = max(fixed, elements.map { $0[event].count }.max() ?? 0)
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
