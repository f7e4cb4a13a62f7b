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
            file: path, advice: "bring the files to the same columns first, with `fingal select --columns`")
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
