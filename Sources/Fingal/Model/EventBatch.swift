/// A run of events, by column: what `EventWriter.append` takes and `EventFile.read` gives.
///
/// `columns[i]` holds the values of `schema.fields[i]`: for a field of the event one value (or one tensor of
/// `elementsPerValue` elements, outermost axis first) an event, for a field of a collection the values of the elements of
/// all events one after another. `counts[c]` holds, as `uint32`, how many elements of `schema.collections[c]` each event
/// has; for a collection inside another, how many each element of its parent has, over all events.
///
/// Three events with 2, 0 and 1 hits, whose hits have 1, 3 and 2 samples:
///
///     counts of hits      [2, 0, 1]             one an event
///     hits.layer          [5, 6,  7]            one a hit
///     counts of samples   [1, 3,  2]            one a hit
///     samples.charge      [a, b, c, d,  e, f]   one a sample
public struct EventBatch: Sendable {
  public let schema: Schema
  /// The first event's number in its file; 0 for a batch made to be written.
  public var firstEvent: Int
  public var eventCount: Int
  /// The number of each event in its file, where they do not follow one another because a cut took some out; nil where
  /// they count up from `firstEvent`.
  public var eventNumbers: [Int]?
  public let counts: [ColumnValues]
  public let columns: [ColumnValues]

  /// An empty batch to be filled: append to `columns` and `counts`, then set `eventCount`.
  public init(_ schema: Schema) {
    self.schema = schema
    firstEvent = 0
    eventCount = 0
    counts = schema.collections.map { _ in ColumnValues(.uint32) }
    columns = schema.fields.map { ColumnValues($0.type) }
  }

  public init(
    _ schema: Schema, firstEvent: Int = 0, eventCount: Int, counts: [ColumnValues], columns: [ColumnValues]
  ) {
    self.schema = schema
    self.firstEvent = firstEvent
    self.eventCount = eventCount
    self.counts = counts
    self.columns = columns
  }

  /// The number in its file of the event at a position of the batch (0 to below `eventCount`).
  public func eventNumber(at position: Int) -> Int { eventNumbers?[position] ?? firstEvent + position }

  /// The values of a field by its path (`beamEnergy`, `hits.energy`); nil if the batch has none of that name.
  public func column(_ path: String) -> ColumnValues? { schema.fieldIndex(path).map { columns[$0] } }

  /// The counts of a collection, `uint32`: one an event, or one an element of its parent.
  public func counts(of collection: String) -> ColumnValues? {
    schema.collectionIndex(collection).map { counts[$0] }
  }

  public mutating func removeAll() {
    eventCount = 0
    eventNumbers = nil
    for column in counts { column.removeAll() }
    for column in columns { column.removeAll() }
  }

  /// Decoded bytes of all columns.
  public var byteCount: Int { counts.reduce(0) { $0 + $1.byteCount } + columns.reduce(0) { $0 + $1.byteCount } }

  /// Appends a run of events of a batch with the same fields and collections.
  public mutating func append(_ events: Range<Int>, of other: EventBatch) {
    append([events], of: other, borders: other.elementBorders)
  }

  /// Appends several runs of events of a batch with the same fields and collections.
  ///
  /// - Parameter borders: `other.elementBorders`.
  package mutating func append(_ runs: [Range<Int>], of other: EventBatch, borders: [ElementBorders]) {
    for (index, parent) in schema.parentIndices.enumerated() {
      for run in runs {
        counts[index].append(contentsOf: other.counts[index], parent.map { borders[$0][run] } ?? run)
      }
    }
    for (index, collection) in schema.collectionIndices.enumerated() {
      let length = schema.fields[index].elementsPerValue
      for run in runs {
        let values = collection.map { borders[$0][run] } ?? run
        columns[index].append(
          contentsOf: other.columns[index], values.lowerBound * length..<values.upperBound * length)
      }
    }
    for run in runs { eventCount += run.count }
  }

  /// Where the elements of every collection lie, event by event. The batch must be valid.
  package var elementBorders: [ElementBorders] {
    do throws(FingalError) { return try checkedBorders() } catch { preconditionFailure(error.message) }
  }

  private func checkedBorders() throws(FingalError) -> [ElementBorders] {
    var borders: [ElementBorders] = []
    for (index, parent) in schema.parentIndices.enumerated() {
      let column = counts[index]
      guard column.type == .uint32, column.nullCount == 0,
        let found = ElementBorders(counts: column, events: eventCount, parent: parent.map { borders[$0] })
      else {
        let expected = parent.map { "\(borders[$0].total) elements of '\(schema.collections[$0].name)'" }
        throw FingalError(
          .badInput,
          "the counts of '\(schema.collections[index].name)' are \(column.count) \(column.type.rawValue) for "
            + (expected ?? "\(eventCount) events"))
      }
      borders.append(found)
    }
    return borders
  }

  /// Checks that the columns fit the schema and each other.
  ///
  /// - Throws: `badInput` naming the first column that does not.
  public func validate() throws(FingalError) { _ = try validatedBorders() }

  /// Checks the batch and gives what it had to find out for that: the borders of its collections.
  package func validatedBorders() throws(FingalError) -> [ElementBorders] {
    guard counts.count == schema.collections.count, columns.count == schema.fields.count else {
      throw FingalError(.badInput, "the batch does not have the columns of its schema")
    }
    let borders = try checkedBorders()
    for ((field, collection), column) in zip(zip(schema.fields, schema.collectionIndices), columns) {
      let expected = (collection.map { borders[$0].total } ?? eventCount) * field.elementsPerValue
      guard column.type == field.type, column.count == expected else {
        throw FingalError(
          .badInput,
          "column '\(field.path)' has \(column.count) values of \(column.type.rawValue); expected \(expected) of "
            + field.type.rawValue)
      }
      guard field.nullable || column.nullCount == 0 else {
        throw FingalError(.badInput, "column '\(field.path)' has nulls but is not declared nullable")
      }
      guard column.hasWholeNulls(rowLength: field.elementsPerValue) else {
        throw FingalError(.badInput, "column '\(field.path)' has a tensor of which only some elements are null")
      }
      if field.type == .enumeration {
        let largest = column.largestIndex(from: 0)
        guard largest < field.labels.count else {
          throw FingalError(
            .badInput, "column '\(field.path)' has the index \(largest), but only \(field.labels.count) labels")
        }
      }
    }
    return borders
  }
}
