import Glibc

/// Where the values of two batches with the same structure differ, bit by bit: −0 is not 0, NaN are told apart by their
/// payloads, and a null equals nothing but a null.
package struct BatchComparison {
  /// One difference.
  package struct Place: Sendable, Equatable {
    /// Position among the events compared.
    package var event: Int
    /// Index of the field; nil where the event has other numbers of elements of a collection.
    package var field: Int?
    /// Index of the collection whose counts differ.
    package var collection: Int?
    /// Which value of the event: 0 for a field of the event, the number of the element for one of a collection.
    package var element: Int
    /// Which value of the tensor, outermost axis first; 0 for scalars.
    package var index: Int
    /// Where the values stand in the columns of both batches.
    package var left: Int
    package var right: Int
  }

  /// Events of a batch.
  package struct Side {
    package var batch: EventBatch
    package var events: Range<Int>
    fileprivate let borders: [ElementBorders]

    package init(_ batch: EventBatch, _ events: Range<Int>) {
      self.batch = batch
      self.events = events
      borders = batch.elementBorders
    }

    /// Another run of the same batch.
    package init(_ side: Side, _ events: Range<Int>) {
      batch = side.batch
      borders = side.borders
      self.events = events
    }

    /// The elements of an event (or of a run), in values of the column.
    fileprivate func elements(_ events: Range<Int>, of collection: Int?, perValue: Int) -> Range<Int> {
      let values = collection.map { borders[$0][events] } ?? events
      return values.lowerBound * perValue..<values.upperBound * perValue
    }
  }

  /// The first differences of two runs of equally many events, by event, then by column.
  package static func differences(_ left: Side, _ right: Side, limit: Int) -> [Place] {
    precondition(left.events.count == right.events.count, "runs of different lengths")
    let schema = left.batch.schema
    var places: [Place] = []
    let lineages = schema.collections.map { collection in
      schema.lineage(of: collection.name).compactMap { schema.collectionIndex($0) }
    }
    // Events whose counts differ, by collection: what the collection and those inside it hold is not compared.
    var unequal = [Set<Int>](repeating: [], count: schema.collections.count)
    for collection in schema.collections.indices {
      let outer = lineages[collection].dropLast().last
      for (offset, (a, b)) in zip(left.events, right.events).enumerated() {
        if let outer, unequal[outer].contains(offset) {
          unequal[collection].insert(offset)
          continue
        }
        let ranges = (
          left.elements(a..<a + 1, of: outer, perValue: 1), right.elements(b..<b + 1, of: outer, perValue: 1)
        )
        guard
          let (i, j) = firstDifference(
            left.batch.counts[collection], ranges.0, right.batch.counts[collection], ranges.1)
        else { continue }
        unequal[collection].insert(offset)
        places.append(
          Place(
            event: offset, collection: collection, element: i - ranges.0.lowerBound, index: 0, left: i, right: j))
      }
    }
    let collections = schema.collectionIndices
    for field in schema.fields.indices {
      let collection = collections[field]
      places += differences(
        field, collection, perValue: schema.fields[field].elementsPerValue,
        skipping: collection.map { unequal[$0] } ?? [], left, right, limit: limit)
    }
    places.sort { ($0.event, $0.field ?? -1, $0.element, $0.index) < ($1.event, $1.field ?? -1, $1.element, $1.index) }
    return Array(places.prefix(limit))
  }

  private static func differences(
    _ field: Int, _ collection: Int?, perValue: Int, skipping: Set<Int>, _ left: Side, _ right: Side, limit: Int
  ) -> [Place] {
    let (a, b) = (left.batch.columns[field], right.batch.columns[field])
    let whole = (
      left.elements(left.events, of: collection, perValue: perValue),
      right.elements(right.events, of: collection, perValue: perValue)
    )
    if skipping.isEmpty, firstDifference(a, whole.0, b, whole.1) == nil { return [] }
    var places: [Place] = []
    for (offset, (i, j)) in zip(left.events, right.events).enumerated() where !skipping.contains(offset) {
      var mine = left.elements(i..<i + 1, of: collection, perValue: perValue)
      var other = right.elements(j..<j + 1, of: collection, perValue: perValue)
      let start = mine.lowerBound
      while places.count < limit, let (x, y) = firstDifference(a, mine, b, other) {
        let value = x - start
        places.append(
          Place(
            event: offset, field: field, element: value / perValue, index: value % perValue, left: x, right: y))
        mine = x + 1..<mine.upperBound
        other = y + 1..<other.upperBound
      }
      if places.count == limit { break }
    }
    return places
  }

  /// The first position at which two runs of equally many values differ; nil if they are equal.
  private static func firstDifference(
    _ a: ColumnValues, _ mine: Range<Int>, _ b: ColumnValues, _ other: Range<Int>
  ) -> (Int, Int)? {
    precondition(mine.count == other.count && a.type == b.type, "runs that cannot be compared")
    if sameBits(a, mine, b, other), a.nullCount == 0 && b.nullCount == 0 { return nil }
    for (i, j) in zip(mine, other) {
      if a.isNull(i) != b.isNull(j) || !sameBits(a, i..<i + 1, b, j..<j + 1) { return (i, j) }
    }
    return nil
  }

  private static func sameBits(
    _ a: ColumnValues, _ mine: Range<Int>, _ b: ColumnValues, _ other: Range<Int>
  ) -> Bool {
    if a.type != .string {
      let width = a.type.byteWidth
      return unsafe memcmp(
        a.storage.base + mine.lowerBound * width, b.storage.base + other.lowerBound * width, mine.count * width) == 0
    }
    let (left, right) = (a.stringBytes(mine), b.stringBytes(other))
    guard left.count == right.count,
      unsafe memcmp(a.storage.base + left.lowerBound, b.storage.base + right.lowerBound, left.count) == 0
    else { return false }
    // The same bytes may be cut into strings differently.
    for (i, j) in zip(mine, other) {
      if a.stringBytes(i..<i + 1).count != b.stringBytes(j..<j + 1).count { return false }
    }
    return true
  }
}
