/// A run of events, by column: what `EventWriter.append` takes and `EventFile.read` gives.
///
/// `columns[i]` holds the values of `schema.fields[i]`: for a field of the event one value (or one tensor of
/// `elementsPerValue` elements, outermost axis first) an event, for a field of a collection the elements of all events
/// one after another. `counts[c]` holds, as `uint32`, how many elements of `schema.collections[c]` each event has.
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

  /// The counts of a collection, `uint32`, one an event.
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

  /// Checks that the columns fit the schema and each other.
  ///
  /// - Throws: `badInput` naming the first column that does not.
  public func validate() throws(FingalError) {
    guard counts.count == schema.collections.count, columns.count == schema.fields.count else {
      throw FingalError(.badInput, "the batch does not have the columns of its schema")
    }
    var totals: [String: Int] = [:]
    for (collection, column) in zip(schema.collections, counts) {
      guard column.type == .uint32, column.count == eventCount, column.nullCount == 0 else {
        throw FingalError(
          .badInput, "the counts of '\(collection.name)' are \(column.count) \(column.type) for \(eventCount) events")
      }
      let values = column.values(as: UInt32.self)
      var total = 0
      for i in values.indices { total += Int(values[i]) }
      totals[collection.name] = total
    }
    for (field, column) in zip(schema.fields, columns) {
      let expected = (field.collection.map { totals[$0] ?? 0 } ?? eventCount) * field.elementsPerValue
      guard column.type == field.type, column.count == expected else {
        throw FingalError(
          .badInput,
          "column '\(field.path)' has \(column.count) values of \(column.type); expected \(expected) of \(field.type)")
      }
      guard field.nullable || column.nullCount == 0 else {
        throw FingalError(.badInput, "column '\(field.path)' has nulls but is not declared nullable")
      }
    }
  }
}
