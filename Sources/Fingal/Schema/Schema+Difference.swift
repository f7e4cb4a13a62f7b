extension Schema {
  /// What keeps a file of this schema from taking the clusters of another as they are: each difference of the
  /// structures (names, types, shapes, labels, order) in a few words, said of the other. Empty if they agree. Units,
  /// descriptions and metadata do not matter here.
  public func structuralDifferences(in other: Schema) -> [String] {
    let (ours, theirs) = (structure, other.structure)
    if ours == theirs { return [] }
    var differences: [String] = []
    let ourCollections = Dictionary(uniqueKeysWithValues: ours.collections.map { ($0.name, $0) })
    let theirCollections = Dictionary(uniqueKeysWithValues: theirs.collections.map { ($0.name, $0) })
    for collection in ours.collections {
      guard let their = theirCollections[collection.name] else {
        differences.append("it has no collection '\(collection.name)'")
        continue
      }
      if their != collection { differences.append("its collection '\(collection.name)' belongs to another") }
    }
    for collection in theirs.collections where ourCollections[collection.name] == nil {
      differences.append("it has a collection '\(collection.name)' more")
    }
    let places = ours.fieldPlaces
    let theirPlaces = theirs.fieldPlaces
    for field in ours.fields {
      guard let place = theirPlaces[field.path] else {
        differences.append("it has no column '\(field.path)'")
        continue
      }
      let their = theirs.fields[place]
      if their == field { continue }
      let (left, right) = (field.structuralType, their.structuralType)
      differences.append(
        left == right
          ? "its column '\(field.path)' has other labels" : "its column '\(field.path)' is \(right), not \(left)")
    }
    for field in theirs.fields where places[field.path] == nil {
      differences.append("it has a column '\(field.path)' more")
    }
    return differences.isEmpty ? ["its columns stand in another order"] : differences
  }

  /// Columns for which both schemas give a unit, and not the same one.
  public func unitDifferences(in other: Schema) -> [(path: String, ours: String, theirs: String)] {
    let places = other.fieldPlaces
    return fields.compactMap { field in
      guard let place = places[field.path], let ours = field.unit, let theirs = other.fields[place].unit, ours != theirs
      else { return nil }
      return (field.path, ours, theirs)
    }
  }
}

extension Schema.Field {
  /// `float32 28×12×15, nullable`.
  fileprivate var structuralType: String {
    type.rawValue + (shape.isEmpty ? "" : " " + shape.map(String.init).joined(separator: "×"))
      + (nullable ? ", nullable" : "")
  }
}
