import FoundationEssentials

/// The metadata of a file made of several: of each key the value of the first file that has it, but the provenance of
/// all.
package enum JoinedMetadata {
  /// JSON of any form, as it stands in the value of `provenance`.
  private indirect enum JSON: Codable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .null
      } else if let value = try? container.decode(Bool.self) {
        self = .bool(value)
      } else if let value = try? container.decode(Int64.self) {
        self = .integer(value)
      } else if let value = try? container.decode(Double.self) {
        self = .number(value)
      } else if let value = try? container.decode(String.self) {
        self = .string(value)
      } else if let value = try? container.decode([JSON].self) {
        self = .array(value)
      } else {
        self = .object(try container.decode([String: JSON].self))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .null: try container.encodeNil()
      case .bool(let value): try container.encode(value)
      case .integer(let value): try container.encode(value)
      case .number(let value): try container.encode(value)
      case .string(let value): try container.encode(value)
      case .array(let value): try container.encode(value)
      case .object(let value): try container.encode(value)
      }
    }
  }

  /// Keys that say where the events come from.
  private static func isProvenance(_ key: String) -> Bool { key == "provenance" || key.hasPrefix("source.") }

  /// Footer metadata for the end of a file that files were appended to, whose schema cannot change: with the provenance
  /// that stands in the schemas.
  package static func appended(to file: EventFile, _ others: [EventFile]) -> [String: String] {
    of(
      ([file] + others).map { file in
        file.schema.metadata.filter { isProvenance($0.key) }.merging(file.metadata) { _, end in end }
      })
  }

  /// Schema metadata: those of the first, which say how its text was written, with the provenance of all.
  package static func ofSchemas(_ schemas: [Schema]) -> [String: String] {
    guard let first = schemas.first else { return [:] }
    return of([first.metadata] + schemas.dropFirst().map { $0.metadata.filter { isProvenance($0.key) } })
  }

  package static func of(_ parts: [[String: String]]) -> [String: String] {
    var joined: [String: String] = [:]
    for part in parts {
      for (key, value) in part {
        guard let known = joined[key] else {
          joined[key] = value
          continue
        }
        switch key {
        case "provenance": joined[key] = joinedSources(known, value) ?? known
        // One line a source.
        default: if isProvenance(key) { joined[key] = known + "\n" + value }
        }
      }
    }
    return joined
  }

  /// The first text with the `sources` of both; nil if one of them is none.
  private static func joinedSources(_ a: String, _ b: String) -> String? {
    guard case .object(var first)? = try? JSONDecoder().decode(JSON.self, from: Data(a.utf8)),
      case .object(let second)? = try? JSONDecoder().decode(JSON.self, from: Data(b.utf8)),
      case .array(let ours)? = first["sources"], case .array(let theirs)? = second["sources"]
    else { return nil }
    first["sources"] = .array(ours + theirs)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(JSON.object(first))).map { String(decoding: $0, as: UTF8.self) }
  }
}
