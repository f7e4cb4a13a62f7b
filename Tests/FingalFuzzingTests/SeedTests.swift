import Fingal
import FingalFuzzing
import Foundation
import Testing

/// The seeds that are bytes: small sound files and pages. After a change of the format,
/// `FINGAL_WRITE_SEEDS=1 swift test --filter SeedTests` writes them anew.
@Suite struct SeedTests {
  static let isWriting = ProcessInfo.processInfo.environment["FINGAL_WRITE_SEEDS"] != nil

  private func write(_ bytes: [UInt8], _ target: FuzzTarget, _ name: String) throws {
    let folder = CaseTests.folder.appending(path: "Seeds/\(target.rawValue)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(bytes).write(to: folder.appending(path: name))
  }

  @Test func filesAreSound() throws {
    if Self.isWriting {
      for (name, batch) in SeedFiles.all { try write(SeedFiles.bytes(batch.schema, batch), .open, name) }
      try write(SeedFiles.appended(), .open, "appended")
    }
    for file in try CaseTests.files("Seeds", .open) {
      let opened = try EventFile(opening: file.path)
      #expect(opened.verify().faults == [], "\(file.lastPathComponent): write the seeds anew")
    }
  }

  /// The repair leaves a sound file alone, and makes a file sound again whose checksums were all wiped out.
  @Test func theRepairOfChecksumsIsRight() throws {
    for file in try CaseTests.files("Seeds", .open) {
      let bytes = Array(try Data(contentsOf: file))
      var repaired = bytes
      FileRepair.repair(&repaired)
      #expect(repaired == bytes, "\(file.lastPathComponent)")
      var wiped = bytes
      let opened = try EventFile(bytes: bytes)
      let trailer = bytes.count - FileTrailer.length
      for place in [40, 56, trailer + 16, trailer + 48] + opened.clusters.flatMap({ [$0.offset + 40, $0.offset + 56] })
      {
        for i in place..<place + 8 { wiped[i] = 0 }
      }
      FileRepair.repair(&wiped)
      #expect(wiped == bytes, "\(file.lastPathComponent)")
    }
  }

  @Test(.enabled(if: isWriting)) func pages() throws {
    var written: [String: Int] = [:]
    for (name, values, rowLength) in SeedPages.all {
      for encoding in [nil] + Encoding.allCases {
        for codec in Codec.allCases {
          let page = PageCoder.encode(
            values, 0..<values.count, rowLength: rowLength,
            options: EncodingOptions(encoding: encoding, codec: .only(codec)))
          let kind = "\(page.encoding.name)-\(page.codec.name)"
          // A few of each kind are enough.
          if encoding ?? page.encoding != page.encoding { continue }
          // BYTE_SPLIT compresses inside.
          if page.codec != codec, page.encoding != .byteSplit || page.codec != .none { continue }
          if encoding != nil, written[kind, default: 0] >= 2 { continue }
          written[kind, default: 0] += 1
          var bytes = [page.encoding.rawValue, page.codec.rawValue]
          bytes.append(UInt8(ScalarType.allCases.firstIndex(of: values.type)!))
          bytes.appendLittleEndian(UInt16(rowLength))
          bytes.appendLittleEndian(UInt16(values.count))
          bytes.appendLittleEndian(UInt16(values.type == .string ? values.storage.count : 0))
          bytes.appendLittleEndian(UInt16(page.encodedLength))
          try write(bytes + page.stored, .page, "\(kind)-\(name)")
        }
      }
      if values.type != .string, values.storage.count <= 400 {
        let type = UInt8(ScalarType.allCases.firstIndex(of: values.type)!)
        let bytes = unsafe [type, 0x7C, UInt8(rowLength - 1), 0] + Array(values.storage.bytes)
        try write(bytes, .values, name)
      }
    }
  }
}

/// Columns that lead to every encoding.
enum SeedPages {
  static let all: [(String, ColumnValues, rowLength: Int)] = {
    var pages: [(String, ColumnValues, rowLength: Int)] = []
    func add(_ name: String, _ values: ColumnValues, rowLength: Int = 1) { pages.append((name, values, rowLength)) }
    add("random", ColumnValues((1..<21).map { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }))
    add("one-value", ColumnValues([Int32](repeating: 7, count: 50)))
    add("small-integers", ColumnValues((0..<40).map { Int64($0 % 9) }))
    add("exceptions", ColumnValues((0..<1100).map { $0 % 300 == 5 ? UInt16.max : UInt16($0 * 37 % 101) }))
    add("rising", ColumnValues((0..<60).map { Int32($0 * $0 / 3 + 1000) }))
    add("runs", ColumnValues((0..<90).map { UInt32($0 / 13 * 100_003) }))
    add("few-floats", fewFloats())
    add("decimals", ColumnValues((0..<60).map { $0 == 9 ? Float.infinity : Float($0 * 37 % 91) / 100 }))
    add("decimals-64", ColumnValues((0..<48).map { Double($0 * 37 % 91) / 1000 }))
    add("digits", digits())
    add("noise", ColumnValues((1..<70).map { Float($0).squareRoot() }))
    add("long-noise", ColumnValues((1..<400).map { Float($0).squareRoot() * 0.01 }))
    add("noise-64", ColumnValues((1..<48).map { Double($0).squareRoot() }))
    add("image", ColumnValues((0..<300).map { $0 % 23 == 4 ? Float($0) / 8 : 0 }), rowLength: 50)
    add("sparse", ColumnValues((0..<400).map { $0 % 61 == 3 ? UInt32($0) : 0 }))
    add("sparse-bytes", ColumnValues((0..<400).map { $0 % 61 == 3 ? UInt8($0 & 127) : 0 }), rowLength: 20)
    add("two-strings", ColumnValues(strings: ["π+", "日本"]))
    add("equal-strings", ColumnValues(strings: ["é", "é", "é"]))
    add("strings", ColumnValues(strings: (0..<20).map { "cell \($0 * $0)" }))
    add("labels", ColumnValues(strings: (0..<60).map { ["e-", "mu-", "π"][$0 * $0 % 5 % 3] }))
    add("compressible", ColumnValues((0..<300).map { UInt64($0 / 30 * 0x1234_5678_9ABC_DEF) }))
    return pages
  }()
}

extension SeedPages {
  /// Numbers of five digits in several decades.
  private static func digits() -> ColumnValues {
    let values = ColumnValues(.float32)
    for i in 0..<80 {
      let decade: Float = [1, 10, 100, 1000][i % 4]
      values.append(Float(12_345 + i * 997) / 10_000 * decade)
    }
    return values
  }

  private static func fewFloats() -> ColumnValues {
    let choices: [Float] = [.pi, 3.3e-7, .nan, -0.0]
    return ColumnValues((0..<60).map { choices[$0 * $0 % 7 % 4] })
  }
}

/// Small files with every kind of column.
enum SeedFiles {
  static let all: [(name: String, batch: EventBatch)] = [
    scalars, strings, hits, image, empty, many, nested, labels, missing, lookup, encodings,
  ]

  /// A field called like an encoding is encoded so.
  static func bytes(_ schema: Schema, _ batch: EventBatch) throws -> [UInt8] {
    let names = Encoding.allCases.map { ($0.name, EncodingPin(encoding: $0)) }
    let pins = Dictionary(uniqueKeysWithValues: names).filter { name, _ in schema.fieldIndex(name) != nil }
    let path = NSTemporaryDirectory() + "fingal-seed-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let writer = try EventWriter(
      creating: path, schema: schema,
      options: WriterOptions(pins: pins, clusterBytes: pins.isEmpty ? 400 : 4000, pageBytes: 128))
    try writer.append(batch)
    try writer.finish(metadata: ["note": "seed"])
    return try Array(Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// A file that events were appended to: it holds the end that it had before.
  static func appended() throws -> [UInt8] {
    let path = NSTemporaryDirectory() + "fingal-seed-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(bytes(scalars.batch.schema, scalars.batch)).write(to: URL(fileURLWithPath: path))
    let writer = try EventWriter(appending: path, options: WriterOptions(clusterBytes: 400, pageBytes: 128))
    try writer.append(scalars.batch)
    try writer.finish()
    return try Array(Data(contentsOf: URL(fileURLWithPath: path)))
  }

  private static func batch(_ schema: Schema, events: Int, _ fill: (EventBatch) -> Void) -> EventBatch {
    var batch = EventBatch(schema)
    fill(batch)
    batch.eventCount = events
    return batch
  }

  static let empty = (name: "empty", batch: EventBatch(Schema(fields: [.init("a", .int32)])))

  static let scalars = (
    name: "scalars",
    batch: batch(
      Schema(fields: [
        .init("run", .int32), .init("e", .float32, nullable: true, unit: "GeV"), .init("good", .bool),
        .init("t", .float64),
      ]), events: 9
    ) {
      for event in 0..<9 {
        $0.columns[0].append(Int32(1035))
        if event == 5 { $0.columns[1].appendNull() } else { $0.columns[1].append(Float(event) * 7.5 + 20) }
        $0.columns[2].append(UInt8(event % 2))
        $0.columns[3].append(event == 3 ? Double.nan : Double(event * 37 % 11) / 1000)
      }
    }
  )

  static let strings = (
    name: "strings",
    batch: batch(
      Schema(fields: [.init("type", .string), .init("note", .string, nullable: true)]), events: 7
    ) {
      for event in 0..<7 {
        $0.columns[0].append(event % 2 == 0 ? "EB" : "EE")
        if event % 3 == 1 { $0.columns[1].appendNull() } else { $0.columns[1].append("π \(event)") }
      }
    }
  )

  static let hits = (
    name: "hits",
    batch: batch(
      Schema(
        collections: [.init("hits")],
        fields: [
          .init("event", .uint64), .init("layer", .uint8, in: "hits"),
          .init("energy", .float32, in: "hits", nullable: true), .init("tag", .string, in: "hits"),
        ]), events: 8
    ) {
      for event in 0..<8 {
        $0.counts[0].append(UInt32(event % 4))
        $0.columns[0].append(UInt64(event + 1))
        for hit in 0..<event % 4 {
          $0.columns[1].append(UInt8(hit * 3))
          if hit == 2 { $0.columns[2].appendNull() } else { $0.columns[2].append(Float(event * 10 + hit) / 8) }
          $0.columns[3].append(hit == 0 ? "" : "h\(hit)")
        }
      }
    }
  )

  static let image = (
    name: "image",
    batch: batch(Schema(fields: [.init("image", .float32, shape: [4, 5])]), events: 6) {
      for value in 0..<120 { $0.columns[0].append(value % 17 == 4 ? Float(value) / 8 : 0) }
    }
  )

  /// Several clusters of several pages.
  static let many = (
    name: "many",
    batch: batch(Schema(fields: [.init("a", .int16), .init("b", .uint32)]), events: 200) {
      for event in 0..<200 {
        $0.columns[0].append(Int16(event * 37 % 101))
        $0.columns[1].append(UInt32(event / 9))
      }
    }
  )

  /// Tracks with hits, and a tensor in each hit.
  static let nested = (
    name: "nested",
    batch: batch(
      Schema(
        collections: [.init("tracks"), .init("hits", in: "tracks")],
        fields: [
          .init("pt", .float32, in: "tracks"), .init("x", .int16, in: "hits", shape: [3]),
          .init("z", .float64, in: "hits", nullable: true),
        ]), events: 5
    ) {
      for event in 0..<5 {
        $0.counts[0].append(UInt32(event % 3))
        for track in 0..<event % 3 {
          $0.counts[1].append(UInt32((event + track) % 3))
          $0.columns[0].append(Float(event) * 1.25)
          for hit in 0..<(event + track) % 3 {
            for axis in 0..<3 { $0.columns[1].append(Int16(hit * 10 + axis)) }
            if hit == 1 { $0.columns[2].appendNull() } else { $0.columns[2].append(Double(hit) / 3) }
          }
        }
      }
    }
  )

  static let labels = (
    name: "labels",
    batch: batch(
      Schema(fields: [.init("particle", .enumeration, labels: ["e-", "pi+", "µ"], nullable: true)]), events: 11
    ) {
      for event in 0..<11 {
        if event % 4 == 3 { $0.columns[0].appendNull() } else { $0.columns[0].append(UInt16(event % 3)) }
      }
    }
  )

  /// Tensors that may be missing as a whole.
  static let missing = (
    name: "missing",
    batch: batch(Schema(fields: [.init("image", .uint8, shape: [2, 3], nullable: true)]), events: 5) {
      for event in 0..<5 {
        for value in 0..<6 {
          if event == 2 { $0.columns[0].appendNull() } else { $0.columns[0].append(UInt8(event * value)) }
        }
      }
    }
  )

  /// Hits sorted by cell, whose position is a function of layer and cell.
  static let lookup = (
    name: "lookup",
    batch: batch(
      Schema(
        collections: [.init("hits")],
        fields: [
          .init("layer", .uint8, in: "hits"), .init("cell", .uint8, in: "hits"), .init("x", .float32, in: "hits"),
        ]), events: 24
    ) {
      for event in 0..<24 {
        $0.counts[0].append(UInt32(8))
        for hit in 0..<8 {
          let place = (event * 7 + hit * 5) % 8 + hit * 8
          $0.columns[0].append(UInt8(place / 16 + 1))
          $0.columns[1].append(UInt8(place % 16))
          $0.columns[2].append(Float(place % 16 * 37 % 11) * 1.1258)
        }
      }
    }
  )

  /// A column in every encoding but LOOKUP, which needs others to follow from.
  static let encodings = (
    name: "encodings",
    batch: batch(
      Schema(fields: Encoding.allCases.filter { $0 != .lookup }.map { .init($0.name, .float32) }), events: 30
    ) {
      for event in 0..<30 {
        for (encoding, column) in zip(Encoding.allCases, $0.columns) {
          switch encoding {
          case .const: column.append(Float(2.5))
          case .sparse: column.append(event % 11 == 3 ? Float(event) : 0)
          case .dictionary, .runLength: column.append(Float(event / 7 % 3))
          default: column.append(Float(event * 37 % 91) / 100)
          }
        }
      }
    }
  )
}
