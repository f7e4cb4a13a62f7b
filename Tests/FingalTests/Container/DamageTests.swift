import Fingal
import Testing

/// Damage of every kind is detected or harmless: exhaustively for a small file.
@Suite struct DamageTests {
  /// Two clusters, a few columns of each kind, some 4 kB.
  static func sample(_ folder: TemporaryFolder) throws -> (bytes: [UInt8], events: EventBatch) {
    let schema = Schema(
      collections: [.init("hits")],
      fields: [
        Schema.Field("run", .int32), Schema.Field("beamEnergy", .float32, nullable: true),
        Schema.Field("type", .string), Schema.Field("energy", .float32, in: "hits"),
      ])
    var batch = EventBatch(schema)
    batch.eventCount = 12
    for event in 0..<12 {
      batch.counts[0].append(UInt32(event % 4))
      batch.columns[0].append(Int32(1035))
      if event == 5 { batch.columns[1].appendNull() } else { batch.columns[1].append(Float(event) * 7.5 + 20) }
      batch.columns[2].append(event % 2 == 0 ? "EB" : "EE")
      for hit in 0..<event % 4 { batch.columns[3].append(Float(event * 10 + hit) / 8) }
    }
    let writer = try EventWriter(
      creating: folder("sound"), schema: schema, options: WriterOptions(clusterBytes: 160, pageBytes: 64))
    try writer.append(batch)
    try writer.finish(metadata: ["note": "sound"])
    return (try folder.bytes("sound"), batch)
  }

  /// Reads everything; nil if the damage was noticed by any read.
  private func content(_ path: String) -> EventBatch? {
    do throws(FingalError) {
      let file = try EventFile(opening: path)
      return try file.read(events: 0..<file.eventCount)
    } catch {
      #expect(error.file == path, "\(error)")
      #expect(!error.message.isEmpty)
      return nil
    }
  }

  @Test func everyTruncationIsDetected() throws {
    let folder = try TemporaryFolder()
    let (bytes, _) = try Self.sample(folder)
    for length in 0..<bytes.count {
      try folder.write(bytes[0..<length], to: "cut")
      let error = #expect(throws: FingalError.self, "cut to \(length) bytes") { try EventFile(opening: folder("cut")) }
      #expect([.truncated, .notFingal, .damaged].contains(error?.code), "cut to \(length): \(error!)")
      if length >= 64 { #expect(error?.code == .truncated, "cut to \(length): \(error!)") }
    }
  }

  @Test func everyFlippedBitIsDetectedByVerifyAndNeverChangesAValueUnnoticed() throws {
    let folder = try TemporaryFolder()
    let (bytes, events) = try Self.sample(folder)
    for position in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[position] ^= 1 << UInt8(bit)
        try folder.write(damaged, to: "flipped")
        if let read = content(folder("flipped")) {
          #expect(sameEvents(read, events), "bit \(bit) of byte \(position) changed a value unnoticed")
          let faults = try EventFile(opening: folder("flipped")).verify().faults
          #expect(!faults.isEmpty, "bit \(bit) of byte \(position) is not covered by verify")
        }
      }
    }
  }

  @Test func aDamagedPageIsNamedByColumnAndEvents() throws {
    let folder = try TemporaryFolder()
    let (bytes, _) = try Self.sample(folder)
    let file = try EventFile(opening: folder("sound"))
    let stream = file.streams.firstIndex { file.schema.name(of: $0) == "hits.energy" }!
    let cluster = file.clusters[1]
    let page = try file.directory(ofCluster: 1).streams[stream].pages.firstIndex { $0.storedLength > 0 }!
    let row = try file.directory(ofCluster: 1).streams[stream].pages[page]
    var damaged = bytes
    damaged[cluster.offset + row.offset] ^= 0x10
    try folder.write(damaged, to: "damaged")
    let broken = try EventFile(opening: folder("damaged"))
    let error = #expect(throws: FingalError.self) { try broken.read(events: 0..<12) }
    #expect(error?.code == .damaged)
    #expect(error?.message == "damaged page of column 'hits.energy': its checksum differs")
    #expect(error?.byte == cluster.offset + row.offset)
    let events = try #require(error?.events)
    #expect(cluster.events.lowerBound <= events.lowerBound && events.upperBound <= cluster.events.upperBound)
    // The other columns and the other cluster can still be read.
    _ = try broken.read(["run", "beamEnergy", "type"], events: 0..<12)
    _ = try broken.read(events: file.clusters[0].events)
    #expect(broken.verify().faults == [error!])
  }

  @Test func aPageInTheWrongPlaceIsDetected() throws {
    let folder = try TemporaryFolder()
    let schema = Schema(fields: [Schema.Field("a", .int32), Schema.Field("b", .int32)])
    let writer = try EventWriter(creating: folder("a"), schema: schema)
    let values = (0..<64).map { _ in Int32.random(in: .min ... .max) }
    try writer.append(
      EventBatch(schema, eventCount: 64, counts: [], columns: [ColumnValues(values), ColumnValues(values.reversed())]))
    try writer.finish()
    let file = try EventFile(opening: folder("a"))
    let directory = try file.directory(ofCluster: 0)
    let (one, other) = (directory.streams[0].pages[0], directory.streams[1].pages[0])
    #expect(one.storedLength == other.storedLength)
    var bytes = try folder.bytes("a")
    let start = file.clusters[0].offset
    for i in 0..<one.storedLength { bytes.swapAt(start + one.offset + i, start + other.offset + i) }
    try folder.write(bytes, to: "swapped")
    #expect(throws: FingalError.self) { try EventFile(opening: folder("swapped")).read(["a"], events: 0..<64) }
  }

  @Test(arguments: [
    ([], FingalError.Code.notFingal), (Array("event,pdgID\n1,11\n".utf8), .notFingal),
    ([0x89, 0x46, 0x47, 0x4C, 0x0A, 0x1A, 0x0A] + [UInt8](repeating: 0, count: 200), .damaged),
    (Array("PAR1".utf8), .notFingal),
  ])
  func aForeignFileIsCalledSo(bytes: [UInt8], code: FingalError.Code) throws {
    let folder = try TemporaryFolder()
    try folder.write(bytes, to: "foreign")
    let error = #expect(throws: FingalError.self) { try EventFile(opening: folder("foreign")) }
    #expect(error?.code == code)
    #expect(#expect(throws: FingalError.self) { try EventFile(opening: folder("none")) }?.code == .missingFile)
    #expect(#expect(throws: FingalError.self) { try EventFile(opening: folder.path) }?.code == .missingFile)
  }
}
