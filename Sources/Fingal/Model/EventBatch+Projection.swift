extension EventBatch {
  /// The columns and collections that a projection of the batch's schema has, in its order. Nothing is copied: both
  /// batches hold the same columns.
  package func projected(to projection: Schema) -> EventBatch {
    if projection.fields.count == schema.fields.count, projection.collections.count == schema.collections.count,
      projection == schema
    {
      return self
    }
    let places = schema.fieldPlaces
    var result = EventBatch(
      projection, firstEvent: firstEvent, eventCount: eventCount,
      counts: projection.collections.map { collection in
        guard let index = schema.collectionIndex(collection.name) else {
          preconditionFailure("the batch has no collection '\(collection.name)'")
        }
        return counts[index]
      },
      columns: projection.fields.map { field in
        guard let index = places[field.path] else { preconditionFailure("the batch has no column '\(field.path)'") }
        return columns[index]
      })
    result.eventNumbers = eventNumbers
    return result
  }
}
