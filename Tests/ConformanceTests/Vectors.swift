import Fingal
import Foundation

/// The files of `spec/vectors`, and what is expected of them (`spec/vectors/README.md`).
enum Vectors {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("spec/vectors").path

  /// Names, without their ending, of the files of a folder that end so.
  static func names(_ kind: String, _ ending: String) -> [String] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(kind)")) ?? []
    return all.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }.sorted()
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    try Array(Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
  }

  /// What a file holds: a line of JSON for the file, then one for each stream.
  struct Contents: Equatable {
    var file: FileLine
    var streams: [StreamLine]

    struct FileLine: Codable, Equatable {
      var events: Int
      var clusters: Int
      /// The content hash.
      var content: String
      /// Encodings and codecs of its pages, such as `FOR/none`.
      var pages: [String]
      var metadata: [String: String]
    }

    struct StreamLine: Codable, Equatable {
      var path: String
      var kind: String
      var type: String
      /// Decoded bytes of numbers, little-endian.
      var hex: String?
      var strings: [String]?
    }

    init(file: FileLine, streams: [StreamLine]) {
      self.file = file
      self.streams = streams
    }

    /// The lines as they lie beside a good file.
    init(expectedOf name: String) throws {
      let lines = try Vectors.bytes("good/\(name).json").split(separator: 0x0A)
      file = try JSONDecoder().decode(FileLine.self, from: Data(lines.first ?? []))
      streams = try lines.dropFirst().map { try JSONDecoder().decode(StreamLine.self, from: Data($0)) }
    }

    /// What the library reads.
    init(of file: EventFile) throws {
      let batch = try file.read(events: 0..<file.eventCount)
      var pages = Set<String>()
      for cluster in file.clusters.indices {
        for row in try file.directory(ofCluster: cluster).streams.flatMap(\.pages) {
          let encoding = Encoding(rawValue: row.encoding)?.name ?? "\(row.encoding)"
          pages.insert("\(encoding)/\(Codec(rawValue: row.codec)?.name ?? "\(row.codec)")")
        }
      }
      self.file = FileLine(
        events: file.eventCount, clusters: file.clusters.count, content: file.contentHashText, pages: pages.sorted(),
        metadata: file.metadata)
      streams = StreamLine.all(of: batch)
    }

    /// One line of JSON each.
    var text: String {
      get throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let lines = try [encoder.encode(file)] + streams.map { try encoder.encode($0) }
        return lines.map { String(decoding: $0, as: UTF8.self) + "\n" }.joined()
      }
    }
  }
}

extension Vectors.Contents.StreamLine {
  /// The streams of a batch, in their order on disk.
  static func all(of batch: EventBatch) -> [Self] {
    let schema = batch.schema
    return schema.streams.map { stream in
      switch stream.role {
      case .counts(let collection):
        Self(schema.collections[collection].name, "counts", batch.counts[collection])
      case .validity(let field):
        Self(
          schema.fields[field].path, "validity",
          batch.columns[field].validityColumn(rowLength: schema.fields[field].elementsPerValue))
      case .values(let field): Self(schema.fields[field].path, "values", batch.columns[field])
      }
    }
  }

  init(_ path: String, _ kind: String, _ values: ColumnValues) {
    self.path = path
    self.kind = kind
    type = values.type.rawValue
    if values.type == .string {
      strings = (0..<values.count).map { values.string(at: $0) }
    } else {
      hex = unsafe Array(values.storage.bytes).hex
    }
  }
}

extension [UInt8] {
  var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * count)
    for byte in self {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
