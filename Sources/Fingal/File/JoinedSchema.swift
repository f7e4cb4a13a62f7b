/// The schema of a file that is made of others with the same structure: what is said of a column must be true of the
/// values of all.
package struct JoinedSchema {
  package private(set) var schema: Schema
  /// What could not be kept, a line each, for people.
  package private(set) var notes: [String] = []

  /// Units, descriptions and metadata of collections and columns are those of the first file that has them. Of the keys
  /// with which `export` restores a CSV, those of the first stay that are true of the others as well. The declared loss
  /// of a column is the coarsest of all files.
  ///
  /// - Parameter ignoreUnits: whether another unit is no reason to stop.
  /// - Throws: `badInput` naming the file and column whose unit or declared loss is another.
  package init(of files: [EventFile], ignoreUnits: Bool) throws(FingalError) {
    guard let first = files.first else { preconditionFailure("nothing to join") }
    schema = first.schema
    var unitOwners = [String](repeating: first.path, count: schema.fields.count)
    var lossOwners = unitOwners
    for file in files.dropFirst() {
      for (index, their) in file.schema.collections.enumerated() {
        let ours = schema.collections[index]
        schema.collections[index].description = description(ours.description, their.description, ours.name, file)
        schema.collections[index].metadata = metadata(ours.metadata, their.metadata, ours.name, file)
      }
      for (index, their) in file.schema.fields.enumerated() {
        let ours = schema.fields[index]
        if let unit = their.unit {
          if let own = ours.unit, own != unit, !ignoreUnits {
            throw FingalError(
              .badInput, "has '\(their.path)' in \(unit), and \(unitOwners[index]) has it in \(own)", file: file.path,
              advice: "convert one of them again, or pass --ignore-units if only the name differs")
          }
          if ours.unit == nil {
            schema.fields[index].unit = unit
            unitOwners[index] = file.path
          }
        }
        schema.fields[index].description = description(ours.description, their.description, ours.path, file)
        schema.fields[index].metadata = metadata(ours.metadata, their.metadata, ours.path, file)
        if try takesLoss(of: their, index, file, lossOwners[index]) { lossOwners[index] = file.path }
      }
    }
    keepCommonTexts(files)
  }

  private mutating func description(_ ours: String?, _ theirs: String?, _ name: String, _ file: EventFile) -> String? {
    if let ours, let theirs, ours != theirs {
      notes.append("\(file.path): its description of '\(name)' is another, and was not kept")
    }
    return ours ?? theirs
  }

  /// Keys of users: of each the first that there is.
  private mutating func metadata(
    _ ours: [String: String], _ theirs: [String: String], _ name: String, _ file: EventFile
  ) -> [String: String] {
    var joined = ours
    for (key, value) in theirs.sorted(by: { $0.key < $1.key })
    where !key.hasPrefix("csv.") && key != Precision.metadataKey {
      if let own = ours[key], own != value {
        notes.append("\(file.path): its '\(key)' of '\(name)' is '\(value)'; '\(own)' was kept")
      }
      if ours[key] == nil { joined[key] = value }
    }
    return joined
  }

  /// Records the loss of another file where it is the coarser; whether it did.
  private mutating func takesLoss(
    of their: Schema.Field, _ index: Int, _ file: EventFile, _ owner: String
  ) throws(FingalError) -> Bool {
    let key = Precision.metadataKey
    let ours = schema.fields[index]
    guard let text = their.metadata[key], text != ours.metadata[key] else { return false }
    if ours.metadata[key] == nil {
      schema.fields[index].metadata[key] = text
      return true
    }
    if let own = ours.precision, let other = their.precision {
      if own.covers(other) { return false }
      if other.covers(own) {
        schema.fields[index].metadata[key] = text
        return true
      }
    }
    throw FingalError(
      .badInput,
      "declares a loss of \(their.lossText) for '\(their.path)', and \(owner) declares \(ours.lossText): neither bounds"
        + " the other", file: file.path, advice: "convert one of them again with the --precision of the other")
  }

  /// How numbers and missing values are written, and whether texts are quoted, is kept where all files agree. The rest of
  /// the converter's keys say how a text looks and not what it means: those of the first file are right for any values.
  private mutating func keepCommonTexts(_ files: [EventFile]) {
    func differs(_ value: (Schema) -> String?) -> Bool {
      let first = value(files[0].schema)
      return files.contains { value($0.schema) != first }
    }
    for index in schema.fields.indices {
      // An empty text is a value, so that missing texts need a text of their own: that of the first file that has one.
      if schema.fields[index].type == .string, schema.fields[index].metadata["csv.null"] == nil {
        schema.fields[index].metadata["csv.null"] =
          files.lazy.compactMap {
            $0.schema.fields[index].metadata["csv.null"]
          }.first
      }
      let keys = schema.fields[index].type == .string ? ["csv.format"] : ["csv.format", "csv.null"]
      for key in keys where differs({ $0.fields[index].metadata[key] }) {
        schema.fields[index].metadata[key] = nil
      }
    }
    if differs({ $0.metadata["csv.quote"] }) { schema.metadata["csv.quote"] = nil }
  }

  /// Notes about what a file cannot take over from others that are appended to it, because its schema cannot change.
  package static func lost(appending files: [EventFile], to target: EventFile) -> [String] {
    files.compactMap { file in
      var lost: [String] = []
      for (ours, their) in zip(target.schema.fields, file.schema.fields) {
        let hasMore =
          (ours.unit == nil && their.unit != nil) || (ours.description == nil && their.description != nil)
          || their.metadata.keys.contains {
            !$0.hasPrefix("csv.") && $0 != Precision.metadataKey && ours.metadata[$0] == nil
          }
        if hasMore { lost.append("'\(ours.path)'") }
      }
      if lost.isEmpty { return nil }
      return "\(file.path): its units, descriptions or metadata of \(lost.prefix(3).joined(separator: ", "))"
        + (lost.count > 3 ? " and \(lost.count - 3) more" : "")
        + " were not kept, because appending does not change the schema; `fingal merge` keeps them"
    }
  }
}
