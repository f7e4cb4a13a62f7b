import FoundationEssentials

/// The schema as it stands in the file: JSON, keys sorted, the same bytes for the same schema (`FORMAT.md §3.1`).
/// The same document is what `fingal schema` prints and `--schema` takes.
struct SchemaDocument: Codable {
  struct CollectionEntry: Codable {
    var name: String
    var parent: String?
    var description: String?
    var metadata: [String: String]?
  }

  struct FieldEntry: Codable {
    var name: String
    var collection: String?
    var type: String
    var shape: [Int]?
    var labels: [String]?
    var nullable: Bool?
    var unit: String?
    var description: String?
    var metadata: [String: String]?
  }

  var collections: [CollectionEntry]?
  var fields: [FieldEntry]
  var metadata: [String: String]?
}

extension Schema {
  /// The schema as JSON.
  ///
  /// - Parameter pretty: indented over several lines, for people; the file stores it on one line.
  public func json(pretty: Bool = false) -> String {
    let document = SchemaDocument(
      collections: collections.isEmpty
        ? nil
        : collections.map {
          .init(
            name: $0.name, parent: $0.parent, description: $0.description,
            metadata: $0.metadata.isEmpty ? nil : $0.metadata)
        },
      fields: fields.map {
        .init(
          name: $0.name, collection: $0.collection, type: $0.type.rawValue, shape: $0.shape.isEmpty ? nil : $0.shape,
          labels: $0.labels.isEmpty ? nil : $0.labels, nullable: $0.nullable ? true : nil, unit: $0.unit,
          description: $0.description,
          metadata: $0.metadata.isEmpty ? nil : $0.metadata)
      },
      metadata: metadata.isEmpty ? nil : metadata)
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      pretty ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(document) else { preconditionFailure("a schema is always encodable") }
    return String(decoding: data, as: UTF8.self)
  }

  /// Reads and validates a schema from JSON.
  ///
  /// - Throws: `invalidSchema` if the text is not JSON, in keys that mean nothing here too, lacks what it must have,
  ///   names an unknown type, or breaks a rule; `limit` if it is longer than `SchemaLimits.schemaBytes`.
  public init(json: String) throws(FingalError) {
    if json.utf8.count > SchemaLimits.schemaBytes {
      throw FingalError(.limit, "a schema of \(json.utf8.count) bytes; at most \(SchemaLimits.schemaBytes) are read")
    }
    do throws(StrictJSON.Fault) {
      try StrictJSON.check(Array(json.utf8), wholeNumbersIn: ["fields", "shape"])
    } catch {
      throw FingalError(
        .invalidSchema, "the schema is not the JSON it must be: \(error.what)", byte: error.byte)
    }
    let document: SchemaDocument
    do {
      document = try JSONDecoder().decode(SchemaDocument.self, from: Data(json.utf8))
    } catch {
      throw FingalError(.invalidSchema, "the schema is not the JSON it must be: \(Self.reason(error))")
    }
    var fields: [Field] = []
    for entry in document.fields {
      guard let type = ScalarType(rawValue: entry.type) else {
        throw FingalError(
          .invalidSchema, "field '\(entry.name)' has the unknown type '\(entry.type)'",
          advice: "types are " + ScalarType.allCases.map(\.rawValue).joined(separator: ", "))
      }
      fields.append(
        Field(
          entry.name, type, in: entry.collection, shape: entry.shape ?? [], labels: entry.labels ?? [],
          nullable: entry.nullable ?? false, unit: entry.unit, description: entry.description,
          metadata: entry.metadata ?? [:]))
    }
    self.init(
      collections: (document.collections ?? []).map {
        Collection($0.name, in: $0.parent, description: $0.description, metadata: $0.metadata ?? [:])
      },
      fields: fields, metadata: document.metadata ?? [:])
    try validate()
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    switch error {
    case .keyNotFound(let key, let context):
      return "'\(key.stringValue)' is missing" + place(context)
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      return context.debugDescription + place(context)
    @unknown default: return "\(error)"
    }
  }

  private static func place(_ context: DecodingError.Context) -> String {
    let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
    return path.isEmpty ? "" : " in " + path.joined(separator: ".")
  }
}
