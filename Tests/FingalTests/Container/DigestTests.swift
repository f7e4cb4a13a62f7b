import Fingal
import FingalKernels
import Testing

/// The digests of `FORMAT.md §4.5` and the content hash of §8.3, against a plain reading of the text.
@Suite struct DigestTests {
  static let p: UInt64 = (1 << 61) - 1

  /// `a b + c` mod p, by division of the double-width product.
  static func step(_ a: UInt64, _ b: UInt64, _ c: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return (p.dividingFullWidth((product.high, product.low)).remainder + c) % p
  }

  static let r: UInt64 = 0x9E37_79B9_7F4A_7C15 % p

  /// The digest of events given as their decoded bytes.
  static func twin(_ events: [[UInt8]]) -> UInt64 {
    events.reduce(0) { step($0, r, Checksum.of($1, seed: 7) % p) }
  }

  @Test(arguments: [0, 1, 2, 3, 4, 5, 7, 8, 9, 64, 1001], [1, 2, 4, 8, 12, 300])
  func eventsOfOneSize(events: Int, width: Int) {
    var random = SeededGenerator(seed: UInt64(events * 1000 + width))
    let bytes = (0..<events * width).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    var digest = StreamDigest()
    digest.append(ColumnValues(bytes), elementsPerEvent: width, events: events)
    #expect(digest.value == Self.twin((0..<events).map { Array(bytes[$0 * width..<($0 + 1) * width]) }))
    if width == 4 {
      // The same bytes as one number an event.
      var numbers = StreamDigest()
      let values = ColumnValues(
        (0..<events).map { event in
          (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[event * 4 + $1]) << UInt32(8 * $1) }
        })
      numbers.append(values, elementsPerEvent: 1, events: events)
      #expect(numbers == digest)
    }
  }

  @Test(arguments: 0..<8) func jaggedEventsAndJoins(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let column = ColumnValues(.float32)
    var ends: [Int64] = []
    var events: [[UInt8]] = []
    for _ in 0..<50 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0...Int(seed) * 3, using: &random) {
        let bits = UInt32(truncatingIfNeeded: random.next())
        column.append(Float(bitPattern: bits))
        bytes.appendLittleEndian(bits)
      }
      events.append(bytes)
      ends.append(Int64(column.count))
    }
    var digest = StreamDigest()
    digest.append(column, ends: ends)
    #expect(digest.value == Self.twin(events))
    for cut in [0, 1, 17, 49, 50] {
      var joined = StreamDigest(value: Self.twin(Array(events[..<cut])))
      joined.append(StreamDigest(value: Self.twin(Array(events[cut...]))), events: 50 - cut)
      #expect(joined == digest, "seed \(seed), cut at \(cut)")
    }
  }

  @Test func strings() {
    let texts = [
      ["EB", "", "π⁻"], [], [String(repeating: "long ", count: 900)], Array(repeating: "x", count: 700), [""],
    ]
    let column = ColumnValues(.string)
    var ends: [Int64] = []
    var events: [[UInt8]] = []
    for event in texts {
      var bytes: [UInt8] = []
      for text in event {
        column.append(text)
        bytes.appendLittleEndian(UInt32(text.utf8.count))
      }
      for text in event { bytes += text.utf8 }
      events.append(bytes)
      ends.append(Int64(column.count))
    }
    var digest = StreamDigest()
    digest.append(column, ends: ends)
    #expect(digest.value == Self.twin(events))
  }

  /// Clusters, pages, codecs, units and metadata do not matter; values and names do.
  @Test func theContentHashIsThatOfTheEvents() throws {
    let folder = try TemporaryFolder()
    func hash(_ batch: EventBatch, _ schema: Schema, _ options: WriterOptions) throws -> UInt64 {
      var options = options
      options.overwrite = true
      let writer = try EventWriter(creating: folder("a"), schema: schema, options: options)
      try writer.append(EventBatch(schema, eventCount: batch.eventCount, counts: batch.counts, columns: batch.columns))
      try writer.finish(metadata: ["clusters": "\(options.clusterBytes)"])
      let file = try EventFile(opening: folder("a"))
      #expect(file.verify().faults == [])
      return file.contentHash
    }
    let batch = SampleEvents.make(120, seed: 4)
    let one = try hash(batch, SampleEvents.schema, ContainerTests.small)
    var other = SampleEvents.schema
    other.metadata = [:]
    other.fields[0].unit = "GeV"
    other.collections[0].description = nil
    let options = WriterOptions(encoding: .init(codec: .only(.none)), clusterBytes: 3000, pageBytes: 300, threads: 2)
    #expect(try hash(batch, other, options) == one)
    #expect(try hash(SampleEvents.make(120, seed: 5), SampleEvents.schema, options) != one)
    #expect(try hash(SampleEvents.slice(batch, 0..<119), SampleEvents.schema, options) != one)
    other.fields[0].name = "renamed"
    #expect(try hash(batch, other, options) != one)
  }

  @Test func theStructureHoldsWhatDecidesTheValues() {
    let schema = Schema(
      collections: [.init("hits", description: "cells", metadata: ["a": "b"])],
      fields: [
        .init("e/x", .float32, in: "hits", unit: "GeV", description: "energy", metadata: ["c": "d"]),
        .init("image", .uint8, shape: [2, 3]), .init("tag", .string, nullable: true),
      ], metadata: ["source": "x"])
    #expect(
      schema.structureJSON
        == #"{"collections":[{"name":"hits"}],"fields":[{"collection":"hits","name":"e/x","type":"float32"},"#
        + #"{"name":"image","shape":[2,3],"type":"uint8"},{"name":"tag","nullable":true,"type":"string"}]}"#)
  }

  /// Values that pass every checksum but are not those of the digest: a writer's mistake that verify must find.
  @Test func verifyComparesDigestsWithValues() throws {
    let folder = try TemporaryFolder()
    let (bytes, _) = try DamageTests.sample(folder)
    let file = try EventFile(bytes: bytes)
    for (stream, what) in [(1, "run"), (0, "hits (counts)")] {
      var forge = try ForgeryTests.Forge(folder("sound"), bytes)
      forge.bytes[file.clusters[0].offset + 64 + ClusterDirectory.streamRowLength * stream + 8] ^= 1
      forge.repair()
      let faults = try EventFile(bytes: forge.bytes).verify().faults
      #expect(
        faults.map(\.message) == [
          "damaged page of column '\(what)': the directory gives another digest than the values of all pages have"
        ])
    }
    var forge = try ForgeryTests.Forge(folder("sound"), bytes)
    forge.bytes[file.layout.footer.lowerBound + 48] ^= 1
    forge.repair()
    #expect(
      try EventFile(bytes: forge.bytes).verify().faults.map(\.message)
        == ["the footer gives another content hash than the file's clusters have"])
  }
}
