/// The streams that a read of a cluster decodes, and for which events (counted within the cluster): those that were asked
/// for, and the keys of those that are looked up.
struct StreamNeeds: Sendable {
  /// In this order streams are decoded: each needs only those of earlier steps.
  enum Step: CaseIterable {
    case alone, carried, mapped
  }

  let reader: ClusterReader
  private(set) var events: [Int: Range<Int>] = [:]
  /// Of the streams that are looked up.
  private(set) var lookups: [Int: LookupStream] = [:]

  init(_ reader: ClusterReader, _ range: Range<Int>) throws(FingalError) {
    self.reader = reader
  }

  /// Adds a stream for some events, and what it needs itself.
  ///
  /// - Throws: `damaged` if its keys cannot be its keys.
  mutating func add(_ index: Int, holding wanted: Range<Int>) throws(FingalError) {
    events[index] = events[index].map { $0.union(wanted) } ?? wanted
    guard let lookup = try reader.lookup(index) else { return }
    lookups[index] = lookup
    for key in lookup.head.keys {
      // A chain has two steps at most, so that this ends: what a map needs may be carried, what is carried stands alone.
      if let next = try reader.lookup(key), lookup.head.form == .carry || next.head.form == .map {
        throw reader.damaged(
          index, 0, "it is looked up by '\(reader.schema.name(of: reader.streams[key]))', which is looked up itself")
      }
      let needed = lookup.head.form == .carry ? reader.pageEvents(index, holding: events[index]!) : events[index]!
      try add(key, holding: needed)
    }
  }

  func step(of index: Int) -> Step {
    switch lookups[index]?.head.form {
    case nil: .alone
    case .carry: .carried
    case .map: .mapped
    }
  }
}

/// Elements of one stream that have been decoded.
struct DecodedStream: Sendable {
  /// Counted within the cluster.
  var events: Range<Int>
  var column: ColumnValues
  /// Where their first element stands in the column.
  var first: Int

  /// Where the elements of some of the events stand in the column.
  func places(of some: Range<Int>, _ stream: Stream, _ counted: [Int: CountedElements]) -> Range<Int> {
    var all = events
    var wanted = some
    if let collection = stream.collection, let known = counted[collection] {
      all = known.elements(events)
      wanted = known.elements(some)
    }
    let start = first + (wanted.lowerBound - all.lowerBound) * stream.rowLength
    return start..<start + wanted.count * stream.rowLength
  }
}

/// The elements of one collection in a run of events that begins and ends at page borders of every stream which is to be
/// read of it.
struct CountedElements: Sendable {
  /// Counted within the cluster.
  var events: Range<Int>
  var counts: ColumnValues
  var borders: ElementBorders

  /// The elements of some of the events, counted from the first of `events`.
  func elements(_ some: Range<Int>) -> Range<Int> {
    borders[some.lowerBound - events.lowerBound..<some.upperBound - events.lowerBound]
  }
}

/// The error of the first job that failed, in the order of the jobs, whatever the threads.
final class FirstFailure: Sendable {
  private let state = Guarded<(place: Int, error: FingalError)?>(nil)

  func record(_ error: FingalError, _ place: Int) {
    state.withLock { known in
      if known.map({ place < $0.place }) ?? true { known = (place, error) }
    }
  }

  var error: FingalError? { state.withLock { $0?.error } }
}

extension Range<Int> {
  /// The smallest range that holds both.
  func union(_ other: Range<Int>) -> Range<Int> {
    Swift.min(lowerBound, other.lowerBound)..<Swift.max(upperBound, other.upperBound)
  }
}
