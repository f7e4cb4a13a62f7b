import ArgumentParser
import Fingal

/// Files that are to become one, opened and compared before anything is written.
struct MergeInputs {
  let files: [EventFile]

  /// - Parameters:
  ///   - first: whose schema the others must have.
  ///   - ignoreUnits: whether other units are no reason to stop.
  /// - Throws: `badInput` naming the first file whose columns or units are others; whatever opening throws.
  init(_ paths: [String], like first: EventFile? = nil, ignoreUnits: Bool) throws(FingalError) {
    var files: [EventFile] = []
    var model = first
    for path in paths {
      let file = try EventFile(opening: path)
      if let model {
        let differences = model.schema.structuralDifferences(in: file.schema)
        guard differences.isEmpty else {
          throw FingalError(
            .badInput,
            "does not have the columns of \(model.path): " + differences.prefix(3).joined(separator: ", ")
              + (differences.count > 3 ? ", and \(differences.count - 3) differences more" : ""),
            file: path, advice: Self.advice(model, file))
        }
        if !ignoreUnits, let unit = model.schema.unitDifferences(in: file.schema).first {
          throw FingalError(
            .badInput, "has '\(unit.path)' in \(unit.theirs), and \(model.path) has it in \(unit.ours)", file: path,
            advice: "convert one of them again, or pass --ignore-units if only the name differs")
        }
      } else {
        model = file
      }
      files.append(file)
    }
    self.files = files
  }

  /// What brings two files to the same columns.
  private static func advice(_ model: EventFile, _ file: EventFile) -> String {
    func nullable(_ schema: Schema) -> Schema {
      var copy = schema
      for index in copy.fields.indices { copy.fields[index].nullable = true }
      return copy
    }
    if nullable(model.schema).structuralDifferences(in: nullable(file.schema)).isEmpty {
      // Clusters are copied, and those of a column without nulls have no validities.
      let pairs = zip(model.schema.fields, file.schema.fields)
      let commands = [
        (model.path, pairs.filter { !$0.nullable && $1.nullable }.map(\.0.path)),
        (file.path, pairs.filter { $0.nullable && !$1.nullable }.map(\.0.path)),
      ].filter { !$1.isEmpty }.map { "`fingal select \($0) -o NEW --nullable \($1.joined(separator: ","))`" }
      return "let the columns have nulls in both first, with " + commands.joined(separator: " and ")
    }
    let theirs = file.schema.fieldPlaces
    let areOther = model.schema.fields.contains { field in
      guard let place = theirs[field.path] else { return false }
      let their = file.schema.fields[place]
      return their.type != field.type || their.shape != field.shape || their.labels != field.labels
    }
    return areOther
      ? "convert one of them again, with the types of the other (--type)"
      : "bring the files to the same columns first, with `fingal select --columns`"
  }

  var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }
}

/// What `merge`, `append` and `select` wrote.
struct WrittenReport: Encodable {
  var output: String
  var events: Int
  var clusters: Int
  var size: Int
  var contentHash: String

  /// - Throws: whatever opening the file throws: a second look at what was written.
  init(_ path: String) throws(FingalError) {
    let file = try EventFile(opening: path)
    output = path
    events = file.eventCount
    clusters = file.clusters.count
    size = file.byteCount
    contentHash = file.contentHashText
  }

  /// `→ all.fingal: 960 events in 2 clusters, 2.36 MB`.
  func line(_ what: String) -> String {
    printable(
      "\(what) → \(output): \(Numbers.counted(events, "event")) in \(Numbers.counted(clusters, "cluster")), "
        + Numbers.bytes(size))
  }

  func write(json: Bool, quiet: Bool, _ what: String) throws(FingalError) {
    let out = Output()
    if json { try out.line(jsonText(self)) } else if !quiet { try out.line(line(what)) }
    try out.flush()
  }
}
