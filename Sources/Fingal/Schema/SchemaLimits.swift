/// Caps on what a schema may say, with the reason for each (`FORMAT.md §9`). They keep a hostile file from asking for
/// more memory or time than its size explains; real files stay far below.
public enum SchemaLimits {
  /// A row of the directory is 64 bytes, so 65,536 streams cost 4 MiB a cluster at the least.
  public static let fields = 32_768
  public static let collections = 1_024
  public static let nameBytes = 1_024
  /// Collections within each other: an event's hits have depth 1, their samples 2.
  public static let depth = 4
  /// An enumeration is an index of 16 bits.
  public static let labels = 1 << 16
  public static let dimensions = 8
  /// Values of one tensor: 2^24 float64 are 128 MiB, the largest single event worth a page.
  public static let tensorElements = 1 << 24
  /// The schema is read whole before anything else.
  public static let schemaBytes = 64 << 20
}

extension Schema {
  /// Checks every rule of the specification.
  ///
  /// - Throws: `invalidSchema` naming the first field that breaks one.
  public func validate() throws(FingalError) {
    func refuse(_ message: String) -> FingalError { FingalError(.invalidSchema, message) }
    func check(name: String, what: String) throws(FingalError) {
      if name.isEmpty { throw refuse("a \(what) has an empty name") }
      if name.utf8.count > SchemaLimits.nameBytes {
        throw refuse("the name of \(what) '\(name.prefix(32))…' is longer than \(SchemaLimits.nameBytes) bytes")
      }
      if name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
        throw refuse("the name of \(what) '\(name)' has a control character")
      }
    }
    func check(labels field: Field) throws(FingalError) {
      if field.labels.isEmpty { throw refuse("field '\(field.path)' of type enum has no labels") }
      if field.labels.count > SchemaLimits.labels {
        throw refuse(
          "field '\(field.path)' has \(field.labels.count) labels; at most \(SchemaLimits.labels) are allowed")
      }
      var labels = Set<String>()
      for label in field.labels {
        try check(name: label, what: "label of field '\(field.path)',")
        if !labels.insert(label).inserted { throw refuse("field '\(field.path)' has the label '\(label)' twice") }
      }
    }
    if fields.count > SchemaLimits.fields {
      throw refuse("\(fields.count) fields; at most \(SchemaLimits.fields) are allowed")
    }
    if collections.count > SchemaLimits.collections {
      throw refuse("\(collections.count) collections; at most \(SchemaLimits.collections) are allowed")
    }
    var declared: [String: (name: String, depth: Int)] = [:]
    // Texts are equal here that have other bytes (é composed and decomposed). Readers need not know that to find a
    // collection: what refers to it is written as it is.
    func check(reference: String, to name: String, of what: String) throws(FingalError) {
      if !reference.utf8.elementsEqual(name.utf8) {
        throw refuse("\(what) spells the name of collection '\(name)' with other characters")
      }
    }
    for collection in collections {
      try check(name: collection.name, what: "collection")
      if declared[collection.name] != nil { throw refuse("two collections are called '\(collection.name)'") }
      var depth = 1
      if let parent = collection.parent {
        // Declared before: so there can be no cycle.
        guard let above = declared[parent] else {
          throw refuse("collection '\(collection.name)' lies in '\(parent)', which is not declared before it")
        }
        try check(reference: parent, to: above.name, of: "collection '\(collection.name)'")
        depth = above.depth + 1
      }
      if depth > SchemaLimits.depth {
        throw refuse(
          "collection '\(collection.name)' lies \(depth) deep; collections nest at most \(SchemaLimits.depth) deep")
      }
      declared[collection.name] = (collection.name, depth)
    }
    var paths = Set(declared.keys)
    for field in fields {
      try check(name: field.name, what: "field")
      if let collection = field.collection {
        guard let known = declared[collection] else {
          throw refuse("field '\(field.path)' belongs to a collection that is not declared")
        }
        try check(reference: collection, to: known.name, of: "field '\(field.path)'")
      }
      if !paths.insert(field.path).inserted { throw refuse("two columns are called '\(field.path)'") }
      if field.shape.count > SchemaLimits.dimensions {
        throw refuse(
          "field '\(field.path)' has \(field.shape.count) axes; at most \(SchemaLimits.dimensions) are allowed")
      }
      if !field.shape.isEmpty {
        if field.type == .string { throw refuse("field '\(field.path)' of strings cannot have a shape") }
      }
      if field.type == .enumeration {
        try check(labels: field)
      } else if !field.labels.isEmpty {
        throw refuse("field '\(field.path)' has labels but is of type \(field.type.rawValue), not enum")
      }
      var elements = 1
      for extent in field.shape {
        if extent < 1 { throw refuse("field '\(field.path)' has an axis of \(extent) values") }
        let (product, overflow) = elements.multipliedReportingOverflow(by: extent)
        if overflow || product > SchemaLimits.tensorElements {
          throw refuse("field '\(field.path)' has more than \(SchemaLimits.tensorElements) elements a value")
        }
        elements = product
      }
    }
  }
}
