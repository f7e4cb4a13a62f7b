/// What is stored for a schema: one stream of pages for each counts column, validity and column of values
/// (`FORMAT.md §3.3`). The order is fixed by the schema, so that a stream needs no name on disk.
package struct Stream: Sendable, Equatable {
  package enum Role: Sendable, Equatable {
    /// Elements of each event: `uint32`, one an event. The index is into `Schema.collections`.
    case counts(collection: Int)
    /// 1 where the value is there, 0 where it is null: `bool`. The index is into `Schema.fields`.
    case validity(field: Int)
    /// The values themselves.
    case values(field: Int)
  }

  package var role: Role
  package var type: ScalarType
  /// Index of the collection whose elements it follows; nil when it has one value (or tensor) an event.
  package var collection: Int?
  /// Elements of one value: the product of the shape.
  package var rowLength: Int
}

extension Schema {
  /// The streams in their order on disk: the counts of each collection, then validity and values of each field.
  package var streams: [Stream] {
    var streams: [Stream] = []
    for index in collections.indices {
      streams.append(Stream(role: .counts(collection: index), type: .uint32, collection: nil, rowLength: 1))
    }
    let collectionIndices = Dictionary(uniqueKeysWithValues: collections.indices.map { (collections[$0].name, $0) })
    for (index, field) in fields.enumerated() {
      let collection = field.collection.flatMap { collectionIndices[$0] }
      if field.nullable {
        streams.append(Stream(role: .validity(field: index), type: .bool, collection: collection, rowLength: 1))
      }
      streams.append(
        Stream(
          role: .values(field: index), type: field.type, collection: collection, rowLength: field.elementsPerValue))
    }
    return streams
  }

  /// How messages name a stream: `hits.energy`, `hits (counts)`, `time (validity)`.
  package func name(of stream: Stream) -> String {
    switch stream.role {
    case .counts(let collection): "\(collections[collection].name) (counts)"
    case .validity(let field): "\(fields[field].path) (validity)"
    case .values(let field): fields[field].path
    }
  }
}
