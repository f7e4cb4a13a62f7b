/// What is stored for a schema: one stream of pages for each counts column, validity and column of values
/// (`FORMAT.md §3.3`). The order is fixed by the schema, so that a stream needs no name on disk.
package struct Stream: Sendable, Equatable {
  package enum Role: Sendable, Equatable {
    /// How many elements each event (or each element of the parent collection) has: `uint32`. The index is into
    /// `Schema.collections`.
    case counts(collection: Int)
    /// 1 where the value is there, 0 where it is null: `bool`, one for each value (for each tensor, not each of its
    /// elements). The index is into `Schema.fields`.
    case validity(field: Int)
    /// The values themselves.
    case values(field: Int)
  }

  package var role: Role
  package var type: ScalarType
  /// Index of the collection whose elements it follows (of the parent for the counts of a nested collection); nil when
  /// it has one value (or tensor) an event.
  package var collection: Int?
  /// Elements of one value: the product of the shape.
  package var rowLength: Int
  /// For an enumeration, how many labels there are: every value is below that. Nil for other types.
  package var labelCount: Int? = nil
}

extension Schema {
  /// The streams in their order on disk: the counts of each collection, then validity and values of each field.
  package var streams: [Stream] {
    var streams: [Stream] = []
    for (index, parent) in parentIndices.enumerated() {
      streams.append(Stream(role: .counts(collection: index), type: .uint32, collection: parent, rowLength: 1))
    }
    for (index, (field, collection)) in zip(fields, collectionIndices).enumerated() {
      if field.nullable {
        streams.append(Stream(role: .validity(field: index), type: .bool, collection: collection, rowLength: 1))
      }
      streams.append(
        Stream(
          role: .values(field: index), type: field.type, collection: collection, rowLength: field.elementsPerValue,
          labelCount: field.type == .enumeration ? field.labels.count : nil))
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
