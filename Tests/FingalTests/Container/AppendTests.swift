import Fingal
import Testing

/// Events appended to a file that exists.
@Suite struct AppendTests {
  let folder: TemporaryFolder
  let events = SampleEvents.make(300, seed: 12)

  init() throws {
    folder = try TemporaryFolder()
    try write("a", 0..<120)
  }

  private func write(_ name: String, _ range: Range<Int>) throws {
    let writer = try EventWriter(creating: folder(name), schema: SampleEvents.schema, options: ContainerTests.small)
    try writer.append(SampleEvents.slice(events, range))
    try writer.finish(metadata: ["first": name, "note": "old"])
  }

  private func append(_ range: Range<Int>) throws {
    let writer = try EventWriter(appending: folder("a"), options: ContainerTests.small)
    try writer.append(SampleEvents.slice(events, range))
    try writer.finish(metadata: ["note": "new"])
  }

  @Test func appendedEventsAreRead() throws {
    try append(120..<121)
    try append(121..<300)
    let file = try EventFile(opening: folder("a"))
    #expect(file.verify().faults == [])
    #expect(sameEvents(try file.read(events: 0..<300), events))
    #expect(file.metadata == ["first": "a", "note": "new"])
    try write("b", 0..<300)
    let whole = try EventFile(opening: folder("b"))
    #expect(file.contentHash == whole.contentHash)
    let bounds = file.schema.fields.map { file.bounds(of: $0.path) }
    #expect(bounds == file.schema.fields.map { whole.bounds(of: $0.path) })
    #expect(folder.names == ["a", "b"])
  }

  @Test func nothingAppendedIsStillAFile() throws {
    try append(120..<120)
    let file = try EventFile(opening: folder("a"))
    #expect(file.eventCount == 120)
    #expect(file.verify().faults == [])
    #expect(try FileRecovery(examining: folder("a")).isWhole)
  }

  @Test func givingUpPutsTheFileBack() throws {
    let before = try folder.bytes("a")
    do {
      let writer = try EventWriter(appending: folder("a"), options: ContainerTests.small)
      try writer.append(SampleEvents.slice(events, 120..<300))
      #expect(try folder.bytes("a").count > before.count)
      let error = #expect(throws: FingalError.self) { try EventFile(opening: folder("a")) }
      #expect(error?.code == .truncated && error?.advice?.contains("fingal salvage") == true)
    }
    #expect(try folder.bytes("a") == before)
    do {
      let writer = try EventWriter(appending: folder("a"))
      let error = #expect(throws: FingalError.self) { try writer.append(EventBatch(Schema())) }
      #expect(error?.code == .badInput)
      writer.cancel()
    }
    #expect(try folder.bytes("a") == before)
  }

  @Test func twoWritersExcludeEachOther() throws {
    let writer = try EventWriter(appending: folder("a"))
    let error = #expect(throws: FingalError.self) { try EventWriter(appending: folder("a")) }
    #expect(error?.code == .usage && error?.message == "another program is writing to it")
    writer.cancel()
    try append(120..<300)
    #expect(try EventFile(opening: folder("a")).eventCount == 300)
  }

  @Test func damagedFilesAreNotAppendedTo() throws {
    var bytes = try folder.bytes("a")
    bytes.removeLast(70)
    try folder.write(bytes, to: "cut")
    #expect(throws: FingalError.self) { try EventWriter(appending: folder("cut")) }
    #expect(try folder.bytes("cut") == bytes)
    #expect(#expect(throws: FingalError.self) { try EventWriter(appending: folder("none")) }?.code == .missingFile)
    #expect(#expect(throws: FingalError.self) { try EventWriter(appending: folder.path) }?.code == .missingFile)
  }

  /// As if the process had been killed: all that was there, and every complete new cluster.
  @Test func whatAKilledAppendLeavesIsRecovered() throws {
    let old = try folder.bytes("a")
    try append(120..<300)
    let bytes = try folder.bytes("a")
    let file = try EventFile(opening: folder("a"))
    for length in stride(from: old.count + 1, to: bytes.count, by: 301) {
      let cut = PosixFile(bytes: Array(bytes[..<length]), named: "cut")
      let recovery = try FileRecovery(cut)
      let complete = file.clusters.filter { $0.offset + $0.byteCount <= length }
      #expect(recovery.wholeClusters == complete.count)
      #expect(recovery.eventCount == complete.last!.events.upperBound && recovery.eventCount >= 120)
      #expect(!recovery.isWhole)
    }
  }

  /// Every byte of the old footer is covered by verify.
  @Test func aChangedOldFooterIsFound() throws {
    let old = try EventFile(opening: folder("a"))
    let oldEnd = try folder.bytes("a").count
    try append(120..<200)
    let bytes = try folder.bytes("a")
    for place in stride(from: old.layout.footer.lowerBound, to: oldEnd, by: 7) {
      var damaged = bytes
      damaged[place] ^= 0x10
      let file = try EventFile(bytes: damaged)
      #expect(!file.verify().faults.isEmpty, "byte \(place)")
      #expect(sameEvents(try file.read(events: 0..<200), SampleEvents.slice(events, 0..<200)))
      let recovery = try FileRecovery(PosixFile(bytes: damaged, named: "damaged"))
      #expect(recovery.eventCount == 200 && !recovery.isWhole, "byte \(place)")
    }
  }
}
