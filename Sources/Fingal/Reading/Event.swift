/// The events of a batch, one by one: what a physicist's loop runs over.
///
///     let batches = try file.batches(columns: ["beamEnergy", "hits.energy"])
///     let beamEnergy = try batches.schema.scalar("beamEnergy", as: Float.self)
///     let energy = try batches.schema.elements("hits.energy", as: Float.self)
///     while let batch = try batches.next() {
///       for event in batch.events {
///         let energies = event[energy]
///         var sum: Float = 0
///         for hit in energies.indices { sum += energies[hit] }
///         print(event.number, sum / event[beamEnergy])
///       }
///     }
///
/// Making it costs a pass over the counts of each collection; keep it rather than asking the batch again.
/// For loops over a whole column, `batch[column]` is faster: one span for all events.
public struct Events: RandomAccessCollection, Sendable {
  let storage: Storage

  /// What all events of a batch share. The batch must not be filled anew while it is used.
  final class Storage: Sendable {
    let batch: EventBatch
    /// For each collection, where the elements of each event lie.
    let borders: [ElementBorders]

    init(_ batch: EventBatch) {
      self.batch = batch
      borders = batch.elementBorders
    }
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { storage.batch.eventCount }

  public subscript(position: Int) -> Event {
    precondition(position >= 0 && position < endIndex, "position outside the batch")
    return Event(storage: storage, position: position)
  }
}

/// One event of a batch: a view, cheap to make and to pass on. It keeps the batch alive.
public struct Event: Sendable {
  let storage: Events.Storage
  /// Its position in the batch, from 0.
  public let position: Int

  /// Its number in the file, from 0.
  public var number: Int { storage.batch.eventNumber(at: position) }

  /// The number of the event.
  public subscript<Value: ColumnElement>(column: ScalarColumn<Value>) -> Value {
    let values = storage.batch.columns[column.index]
    return values.values(as: Value.self)[position]
  }

  /// The number of the event, nil where it is null.
  public subscript<Value: ColumnElement>(column: OptionalColumn<Value>) -> Value? {
    let values = storage.batch.columns[column.index]
    return values.isNull(position) ? nil : values.values(as: Value.self)[position]
  }

  /// The text of the event (of an enumeration, the label), nil where it is null.
  public subscript(column: TextColumn) -> String? {
    let values = storage.batch.columns[column.index]
    if values.isNull(position) { return nil }
    if values.type == .string { return values.string(at: position) }
    return column.labels[Int(values.values(as: UInt16.self)[position])]
  }

  /// The numbers of the event: one for each element of the collection, `elementsPerValue` for each where they are
  /// tensors, outermost axis first; for a tensor of the event its elements. Nulls are 0; ask `isNull(_:at:)`.
  public subscript<Value: ColumnElement>(column: ElementsColumn<Value>) -> Span<Value> {
    @_lifetime(borrow self)
    get {
      let values = storage.batch.columns[column.index]
      let part = values.values(as: Value.self).extracting(range(of: column))
      // The column belongs to the batch, and the batch to the event.
      return unsafe _overrideLifetime(part, borrowing: self)
    }
  }

  /// Whether an element of `event[column]` is null.
  public func isNull<Value: ColumnElement>(_ column: ElementsColumn<Value>, at element: Int) -> Bool {
    let range = range(of: column)
    precondition(element >= 0 && element < range.count, "element outside the event")
    return storage.batch.columns[column.index].isNull(range.lowerBound + element)
  }

  /// How many elements of a collection the event has; of a collection inside another, in all.
  public func count(of collection: CollectionHandle) -> Int { range(of: collection.index).count }

  /// For a collection inside another: which of the event's elements belong to each element of the parent, as ranges
  /// into `event[column]` for columns of one number an element.
  ///
  ///     for (hit, range) in event.groups(of: samples).enumerated() {
  ///       let charges = event[charge].extracting(range)
  ///       …
  ///     }
  ///
  /// For a collection of the event: one range with all its elements.
  public func groups(of collection: CollectionHandle) -> [Range<Int>] {
    guard let parent = collection.parent else { return [0..<count(of: collection)] }
    let column = storage.batch.counts[collection.index]
    let counts = column.values(as: UInt32.self)
    var groups: [Range<Int>] = []
    var start = 0
    for element in range(of: parent) {
      let end = start + Int(counts[element])
      groups.append(start..<end)
      start = end
    }
    return groups
  }

  private func range(of collection: Int) -> Range<Int> { storage.borders[collection][position..<position + 1] }

  private func range<Value>(of column: ElementsColumn<Value>) -> Range<Int> {
    let length = column.elementsPerValue
    let values = column.collection.map { range(of: $0) } ?? position..<position + 1
    return values.lowerBound * length..<values.upperBound * length
  }
}

extension EventBatch {
  /// The events one by one. The batch must be valid and must not be changed while the events are used.
  public var events: Events { Events(storage: Events.Storage(self)) }

  /// The numbers of all events, one an event.
  public subscript<Value: ColumnElement>(column: ScalarColumn<Value>) -> Span<Value> {
    @_lifetime(borrow self)
    get { span(column.index) }
  }

  /// The numbers of the elements of all events, one event after another; nulls are 0.
  public subscript<Value: ColumnElement>(column: ElementsColumn<Value>) -> Span<Value> {
    @_lifetime(borrow self)
    get { span(column.index) }
  }

  /// Which values of `batch[column]` each event has: one range an event.
  public func ranges<Value: ColumnElement>(of column: ElementsColumn<Value>) -> [Range<Int>] {
    let length = column.elementsPerValue
    guard let collection = column.collection else {
      return (0..<eventCount).map { $0 * length..<($0 + 1) * length }
    }
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(eventCount)
    var start = 0
    for end in elementBorders[collection].ends(elementsPerValue: length) {
      ranges.append(start..<Int(end))
      start = Int(end)
    }
    return ranges
  }

  @_lifetime(borrow self)
  private func span<Value: ColumnElement>(_ index: Int) -> Span<Value> {
    let column = columns[index]
    // The column belongs to the batch.
    return unsafe _overrideLifetime(column.values(as: Value.self), borrowing: self)
  }
}
