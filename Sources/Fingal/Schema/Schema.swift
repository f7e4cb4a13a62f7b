/// What a file holds: collections, fields and metadata (`FORMAT.md §3`).
public struct Schema: Sendable, Equatable {
  /// A jagged collection, such as the hits of an event, or the samples of a hit. All its fields share one counts column.
  public struct Collection: Sendable, Equatable {
    public var name: String
    /// The collection each of whose elements has elements of this one; nil for a collection of the event. It is declared
    /// before its children. Names are unique in the whole file, so that paths have two parts at most: with `samples` in
    /// `hits` the path is `samples.charge`.
    public var parent: String?
    public var description: String?
    public var metadata: [String: String]

    public init(
      _ name: String, in parent: String? = nil, description: String? = nil, metadata: [String: String] = [:]
    ) {
      self.name = name
      self.parent = parent
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
    /// Fixed shape of one value, outermost axis first: `[28, 13, 13]` for an image of an event, `[3]` for the position of
    /// a hit; empty for a scalar. Not for strings.
    public var shape: [Int]
    /// The texts of an enumeration; the value i means `labels[i]`. Empty for every other type.
    public var labels: [String]
    public var nullable: Bool
    /// Unit of the values, such as `GeV`, `MIP`, `cm`, `ns`.
    public var unit: String?
    public var description: String?
    /// Free key-values. Keys that begin with `csv.` are the converter's and let `export` restore the text.
    public var metadata: [String: String]

    public init(
      _ name: String, _ type: ScalarType, in collection: String? = nil, shape: [Int] = [], labels: [String] = [],
      nullable: Bool = false, unit: String? = nil, description: String? = nil, metadata: [String: String] = [:]
    ) {
      self.name = name
      self.collection = collection
      self.type = type
      self.shape = shape
      self.labels = labels
      self.nullable = nullable
      self.unit = unit
      self.description = description
      self.metadata = metadata
    }

    /// How commands and expressions name it: `beamEnergy`, `hits.energy`.
    public var path: String { collection.map { "\($0).\(name)" } ?? name }

    /// Elements of one value, of which an event (or a hit) has one: the product of the shape, 1 for a scalar.
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

  /// For each collection, the index of its parent; nil for a collection of the event.
  package var parentIndices: [Int?] {
    let places = collectionPlaces
    return collections.map { collection in collection.parent.flatMap { places[$0] } }
  }
  /// For each field, the index of its collection; nil for a field of the event.
  package var collectionIndices: [Int?] {
    let places = collectionPlaces
    return fields.map { field in field.collection.flatMap { places[$0] } }
  }
  private var collectionPlaces: [String: Int] {
    Dictionary(collections.indices.map { (collections[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// A collection and the collections it lies in, from the outermost to itself: `["hits", "samples"]`; empty if there is
  /// none of that name.
  public func lineage(of collection: String) -> [String] {
    var names: [String] = []
    var next: String? = collection
    while let name = next, names.count < collections.count, let index = collectionIndex(name) {
      names.append(name)
      next = collections[index].parent
    }
    return names.reversed()
  }

  /// The fields of one collection, or of the event (nil), as indices into `fields`.
  public func fieldIndices(in collection: String?) -> [Int] {
    fields.indices.filter { fields[$0].collection == collection }
  }

  /// The schema of a projection: the fields named, in the order named, and the collections they need. A name may be a
  /// field's path or a collection's name, which stands for all its fields (and keeps the collection even if it has none).
  /// The collections that a collection lies in are kept with it: without their counts it could not be told to events.
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
    func keep(_ collection: String) {
      if !kept.contains(collection) { kept.formUnion(lineage(of: collection)) }
    }
    for name in names {
      if let index = places[name] {
        choose(index)
        if let collection = fields[index].collection { keep(collection) }
      } else if collectionIndex(name) != nil {
        keep(name)
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
