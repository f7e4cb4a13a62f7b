import FoundationEssentials

/// Where the events of a file made of several come from. Files that were made alike, by the same program with the same
/// options, are one entry with the sources of all; others keep an entry each (`FORMAT.md §8.1`), so that what was cut or
/// rounded in one is said of that one.
enum JoinedProvenance {
  /// JSON of any form: what other programs have written stays.
  private indirect enum JSON: Codable, Equatable {
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

  /// How a part was made, and from what.
  private struct Part {
    /// All but the sources.
    var head: [String: JSON]
    var sources: [JSON]

    init(_ object: [String: JSON]) {
      head = object
      head["sources"] = nil
      if case .array(let list)? = object["sources"] { sources = list } else { sources = [] }
    }

    var json: JSON { .object(head.merging(["sources": .array(sources)]) { _, sources in sources }) }
  }

  /// The text for the joined file; nil if no file says anything.
  static func of(_ files: [EventFile], by program: (name: String, version: String)) -> String? {
    var parts: [Part] = []
    var saysNothing = false
    for file in files {
      guard let text = file.metadata[Provenance.key] ?? file.schema.metadata[Provenance.key] else {
        // Nothing is wrong of a file without events.
        saysNothing = saysNothing || file.eventCount > 0
        continue
      }
      guard case .object(let object)? = try? JSONDecoder().decode(JSON.self, from: Data(text.utf8)) else {
        // Not what the format asks for, but perhaps of use to someone.
        parts.append(
          Part(["converter": .string("unknown"), "version": .string(""), "options": .array([.string(text)])]))
        continue
      }
      if case .array(let inner)? = object["parts"] {
        for case .object(let part) in inner { add(Part(part), to: &parts) }
        saysNothing = saysNothing || object["incomplete"] == .bool(true)
      } else {
        add(Part(object), to: &parts)
      }
    }
    if parts.isEmpty { return nil }
    if parts.count == 1, !saysNothing { return encoded(parts[0].json) }
    var whole: [String: JSON] = [
      "converter": .string(program.name), "version": .string(program.version), "options": .array([]),
      "sources": .array(parts.flatMap(\.sources)), "parts": .array(parts.map(\.json)),
    ]
    if saysNothing { whole["incomplete"] = .bool(true) }
    return encoded(.object(whole))
  }

  private static func add(_ part: Part, to parts: inout [Part]) {
    if let same = parts.firstIndex(where: { $0.head == part.head }) {
      parts[same].sources += part.sources
    } else {
      parts.append(part)
    }
  }

  private static func encoded(_ json: JSON) -> String? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(json)).map { String(decoding: $0, as: UTF8.self) }
  }
}
