/// What a file holds: collections, fields and metadata (`FORMAT.md §3`).
public struct Schema: Sendable, Equatable {
  /// A jagged collection, such as the hits of an event. All its fields share one counts column.
  public struct Collection: Sendable, Equatable {
    public var name: String
    public var description: String?
    public var metadata: [String: String]

    public init(_ name: String, description: String? = nil, metadata: [String: String] = [:]) {
      self.name = name
      self.description = description
      self.metadata = metadata
    }
  }

  /// One column of values.
  public struct Field: Sendable, Equatable {
    public var name: String
    /// The collection it belongs to; nil for a field of the event.
    public var collection: String?
    public var type: ScalarType
    /// Fixed shape of one value, outermost axis first: `[28, 13, 13]` for an image; empty for a scalar. Fields of the
    /// event only.
    public var shape: [Int]
    public var nullable: Bool
    /// Unit of the values, such as `GeV`, `MIP`, `cm`, `ns`.
    public var unit: String?
    public var description: String?
    /// Free key-values. Keys that begin with `csv.` are the converter's and let `export` restore the text.
    public var metadata: [String: String]

    public init(
      _ name: String, _ type: ScalarType, in collection: String? = nil, shape: [Int] = [], nullable: Bool = false,
      unit: String? = nil, description: String? = nil, metadata: [String: String] = [:]
    ) {
      self.name = name
      self.collection = collection
      self.type = type
      self.shape = shape
      self.nullable = nullable
      self.unit = unit
      self.description = description
      self.metadata = metadata
    }

    /// How commands and expressions name it: `beamEnergy`, `hits.energy`.
    public var path: String { collection.map { "\($0).\(name)" } ?? name }

    /// Values an event (or a hit) has: the product of the shape, 1 for a scalar.
    public var elementsPerValue: Int { shape.reduce(1, *) }
  }

  public var collections: [Collection]
  public var fields: [Field]
  public var metadata: [String: String]

  public init(collections: [Collection] = [], fields: [Field] = [], metadata: [String: String] = [:]) {
    self.collections = collections
    self.fields = fields
    self.metadata = metadata
  }

  public func fieldIndex(_ path: String) -> Int? { fields.firstIndex { $0.path == path } }
  /// The index of every field by its path, for loops over many names: files may have thousands of columns.
  package var fieldPlaces: [String: Int] {
    Dictionary(fields.indices.map { (fields[$0].path, $0) }, uniquingKeysWith: { first, _ in first })
  }
  public func field(_ path: String) -> Field? { fieldIndex(path).map { fields[$0] } }
  public func collectionIndex(_ name: String) -> Int? { collections.firstIndex { $0.name == name } }

  /// The fields of one collection, or of the event (nil), as indices into `fields`.
  public func fieldIndices(in collection: String?) -> [Int] {
    fields.indices.filter { fields[$0].collection == collection }
  }

  /// The schema of a projection: the fields named, in the order named, and the collections they need. A name may be a
  /// field's path or a collection's name, which stands for all its fields (and keeps the collection even if it has none).
  ///
  /// - Throws: `usage` naming the columns that exist, if a name is unknown.
  public func projected(to names: [String]) throws(FingalError) -> Schema {
    var chosen: [Int] = []
    var isChosen = [Bool](repeating: false, count: fields.count)
    var kept = Set<String>()
    let places = fieldPlaces
    func choose(_ index: Int) {
      if !isChosen[index] { chosen.append(index) }
      isChosen[index] = true
    }
    for name in names {
      if let index = places[name] {
        choose(index)
        if let collection = fields[index].collection { kept.insert(collection) }
      } else if collectionIndex(name) != nil {
        kept.insert(name)
        for index in fieldIndices(in: name) { choose(index) }
      } else {
        let known = fields.prefix(20).map(\.path).joined(separator: ", ") + (fields.count > 20 ? ", …" : "")
        throw FingalError(.usage, "no column '\(name)'", advice: "the file has \(known)")
      }
    }
    return Schema(
      collections: collections.filter { kept.contains($0.name) }, fields: chosen.map { fields[$0] },
      metadata: metadata)
  }
}
