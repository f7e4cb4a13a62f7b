/// The metadata of a file made of several: of each key the value of the first file that has it, but where the events come
/// from is said of all.
package struct JoinedMetadata {
  /// For the front of the file, where the schema is.
  package private(set) var schema: [String: String] = [:]
  /// For its end.
  package private(set) var end: [String: String] = [:]
  /// Values that were not kept, a line each, for people.
  package private(set) var notes: [String] = []

  private static let selection = "selection"

  /// One line a source.
  private static func isSource(_ key: String) -> Bool { key.hasPrefix("source.") }
  private static func isSpecial(_ key: String) -> Bool {
    key == Provenance.key || key == selection || isSource(key)
  }

  /// - Parameters:
  ///   - files: in the order of their events.
  ///   - program: what joins them, for the provenance.
  package init(of files: [EventFile], by program: (name: String, version: String)) {
    // A key keeps its place, at the front or at the end, unless an earlier file had it at the other.
    var owners: [String: (file: EventFile, value: String)] = [:]
    for (index, file) in files.enumerated() {
      let all = Self.all(of: file)
      for (key, value) in all.sorted(by: { $0.key < $1.key }) where !Self.isSpecial(key) {
        // How a CSV looked is one thing: parts of it from several files would make none.
        if key.hasPrefix("csv."), index > 0 { continue }
        if let owner = owners[key] {
          if owner.value != value {
            notes.append("\(file.path): its '\(key)' is '\(value)'; '\(owner.value)' of \(owner.file.path) was kept")
          }
          continue
        }
        owners[key] = (file, value)
        schema[key] = file.schema.metadata[key]
        end[key] = file.metadata[key]
      }
    }
    for file in files {
      for (key, value) in file.schema.metadata where Self.isSource(key) {
        schema[key] = schema[key].map { $0 + "\n" + value } ?? value
      }
      for (key, value) in file.metadata where Self.isSource(key) {
        end[key] = end[key].map { $0 + "\n" + value } ?? value
      }
    }
    end[Self.selection] = Self.selections(files)
    end[Provenance.key] = JoinedProvenance.of(files, by: program)
  }

  /// What the end of a file says after others were appended to it, whose schema cannot change: all that the schemas of
  /// the others say, too.
  package init(
    appending others: [EventFile], to file: EventFile, by program: (name: String, version: String)
  ) {
    let joined = JoinedMetadata(of: [file] + others, by: program)
    notes = joined.notes
    end = joined.end.filter { !Self.isSource($0.key) }
    for (key, value) in joined.schema where !Self.isSource(key) && file.schema.metadata[key] == nil { end[key] = value }
    for part in [file] + others {
      for (key, value) in Self.all(of: part) where Self.isSource(key) {
        end[key] = end[key].map { $0 + "\n" + value } ?? value
      }
    }
  }

  private static func all(of file: EventFile) -> [String: String] {
    file.schema.metadata.merging(file.metadata) { _, end in end }
  }

  /// What was chosen of each part stands with the events it is said of.
  private static func selections(_ files: [EventFile]) -> String? {
    var parts: [String] = []
    var first = 0
    for file in files {
      if let text = all(of: file)[selection] { parts.append("events \(first)..<\(first + file.eventCount): \(text)") }
      first += file.eventCount
    }
    return parts.isEmpty ? nil : parts.joined(separator: "\n")
  }
}
