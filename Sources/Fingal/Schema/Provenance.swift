import FoundationEssentials

/// Where the events of a file come from: the value of the key `provenance` in the metadata of the file's end
/// (`FORMAT.md §8.1`), as JSON.
public struct Provenance: Sendable, Equatable, Codable {
  public static let key = "provenance"

  /// A file that was read.
  public struct Source: Sendable, Equatable, Codable {
    /// Without its folders.
    public var name: String
    public var bytes: Int
    /// XXH3-64 (seed 0) of its bytes as they lay on disk, 16 hexadecimal digits: what `xxhsum -H3` prints.
    public var xxh3: String

    public init(name: String, bytes: Int, xxh3: UInt64) {
      self.name = name
      self.bytes = bytes
      let digits = String(xxh3, radix: 16)
      self.xxh3 = String(repeating: "0", count: 16 - digits.count) + digits
    }
  }

  /// The program that made the file, such as `fingal convert`.
  public var converter: String
  public var version: String
  /// The options that decide what is in the file, as they were given.
  public var options: [String]
  public var sources: [Source]
  /// Of a file that was joined from others that were not made alike: how each was made. Its own `converter` is what joined
  /// them, its `sources` are those of all. Nil for any other.
  public var parts: [Provenance]?
  /// Whether some of the files joined did not say where their events come from.
  public var incomplete: Bool?

  public init(converter: String, version: String, options: [String] = [], sources: [Source] = []) {
    self.converter = converter
    self.version = version
    self.options = options
    self.sources = sources
  }

  /// Nil if the text is none.
  public init?(json: String) {
    guard let decoded = try? JSONDecoder().decode(Provenance.self, from: Data(json.utf8)) else { return nil }
    self = decoded
  }

  /// Keys sorted, the same bytes for the same provenance.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { preconditionFailure("texts and numbers are always encodable") }
    return String(decoding: data, as: UTF8.self)
  }
}

extension EventFile {
  /// Where the events come from; nil if the writer did not say.
  public var provenance: Provenance? {
    (metadata[Provenance.key] ?? schema.metadata[Provenance.key]).flatMap { Provenance(json: $0) }
  }
}
