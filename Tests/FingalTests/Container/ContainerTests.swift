import Fingal
import Testing

@Suite struct ContainerTests {
  static let small = WriterOptions(clusterBytes: 16 << 10, pageBytes: 1 << 10)

  @Test(arguments: [0, 1, 2, 7, 64, 500])
  func everyKindOfColumnComesBackBitForBit(events: Int) throws {
    let folder = try TemporaryFolder()
    let batch = SampleEvents.make(events, seed: UInt64(events))
    let writer = try EventWriter(creating: folder("a.fingal"), schema: SampleEvents.schema, options: Self.small)
    try writer.append(batch)
    try writer.finish(metadata: ["refused": "0"])
    let file = try EventFile(opening: folder("a.fingal"))
    #expect(file.eventCount == events)
    #expect(file.schema == SampleEvents.schema)
    #expect(file.metadata == ["refused": "0"])
    #expect(sameEvents(try file.read(events: 0..<events), batch))
    let report = file.verify()
    #expect(report.faults == [])
    #expect(report.clusters == file.clusters.count)
    if events == 500 { #expect(file.clusters.count > 3) }
    #expect(folder.names == ["a.fingal"])
  }

  @Test func theSizeOfBatchesAndTheThreadsDoNotChangeTheBytes() throws {
    let folder = try TemporaryFolder()
    let batch = SampleEvents.make(300, seed: 5)
    func write(_ name: String, step: Int, threads: Int) throws {
      var options = Self.small
      options.threads = threads
      let writer = try EventWriter(creating: folder(name), schema: SampleEvents.schema, options: options)
      for start in stride(from: 0, to: 300, by: step) {
        try writer.append(SampleEvents.slice(batch, start..<min(300, start + step)))
      }
      try writer.finish()
    }
    try write("a", step: 300, threads: 1)
    try write("b", step: 1, threads: 1)
    try write("c", step: 17, threads: 3)
    #expect(try folder.bytes("a") == folder.bytes("b"))
    #expect(try folder.bytes("a") == folder.bytes("c"))
  }

  @Test func anyRangeAndProjectionReadsTheSameEvents() throws {
    let folder = try TemporaryFolder()
    let batch = SampleEvents.make(200, seed: 9)
    let writer = try EventWriter(creating: folder("a"), schema: SampleEvents.schema, options: Self.small)
    try writer.append(batch)
    try writer.finish()
    let file = try EventFile(opening: folder("a"))
    var random = SeededGenerator(seed: 11)
    for _ in 0..<60 {
      let low = Int.random(in: 0...200, using: &random)
      let range = low..<Int.random(in: low...200, using: &random)
      let expected = SampleEvents.slice(batch, range)
      #expect(sameEvents(try file.read(events: range), expected), "\(range)")
      let part = try file.read(["hits.tag", "s_int64", "bare", "tracks"], events: range)
      #expect(part.schema.fields.map(\.path) == ["hits.tag", "s_int64", "tracks.id"])
      #expect(sameValues(part.columns[0], expected.column("hits.tag")!))
      #expect(sameValues(part.columns[1], expected.column("s_int64")!))
      #expect(sameValues(part.counts(of: "bare")!, expected.counts(of: "bare")!))
    }
    let batches = try file.batches(columns: ["s_float32"])
    var read = 0
    while let next = try batches.next() {
      #expect(next.firstEvent == read)
      read += next.eventCount
    }
    #expect(read == 200)
    let error = #expect(throws: FingalError.self) { try file.read(["hits.enrgy"], events: 0..<1) }
    #expect(error?.code == .usage)
    #expect(error?.message == "no column 'hits.enrgy'")
  }

  @Test func blocksCoverAllEventsInOrder() throws {
    let folder = try TemporaryFolder()
    let writer = try EventWriter(creating: folder("a"), schema: SampleEvents.schema, options: Self.small)
    try writer.append(SampleEvents.make(500, seed: 3))
    try writer.finish()
    let file = try EventFile(opening: folder("a"))
    for most in [1, 3, 64, 100_000] {
      let borders = try file.blocks(of: ["hits.energy", "s_bool"], maximumEvents: most)
      #expect(borders.first == 0 && borders.last == 500)
      for (low, high) in zip(borders, borders.dropFirst()) { #expect(high > low && high - low <= most) }
    }
  }

  @Test func boundsComeFromTheFooter() throws {
    let folder = try TemporaryFolder()
    let schema = Schema(fields: [
      Schema.Field("beamEnergy", .float32), Schema.Field("run", .int32), Schema.Field("lost", .float64),
    ])
    let writer = try EventWriter(creating: folder("a"), schema: schema)
    try writer.append(
      EventBatch(
        schema, eventCount: 3, counts: [],
        columns: [
          ColumnValues([Float.nan, 20, 300]), ColumnValues([Int32(-5), 7, 6]),
          ColumnValues([Double.nan, .nan, .nan]),
        ]))
    try writer.finish()
    let file = try EventFile(opening: folder("a"))
    #expect(file.bounds(of: "beamEnergy") == .float(20...300))
    #expect(file.bounds(of: "run") == .signed(-5...7))
    #expect(file.bounds(of: "lost") == nil)
  }

  @Test func nothingStandsUnderTheNameUntilTheEnd() throws {
    let folder = try TemporaryFolder()
    do {
      let writer = try EventWriter(creating: folder("a"), schema: SampleEvents.schema, options: Self.small)
      try writer.append(SampleEvents.make(100, seed: 1))
      #expect(!folder.names.contains("a"))
    }
    #expect(folder.names == [])
    try folder.write([1, 2, 3], to: "taken")
    let error = #expect(throws: FingalError.self) {
      try EventWriter(creating: folder("taken"), schema: SampleEvents.schema)
    }
    #expect(error?.code == .usage)
    #expect(try folder.bytes("taken") == [1, 2, 3])
    #expect(throws: FingalError.self) {
      try EventWriter(creating: folder("no/such/folder"), schema: SampleEvents.schema)
    }
  }

  @Test(arguments: [0, (1 << 28) + 1]) func aClusterThatNoReaderWouldTakeIsRefused(bytes: Int) throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: FingalError.self) {
      try EventWriter(
        creating: folder("a"), schema: SampleEvents.schema, options: WriterOptions(clusterBytes: bytes))
    }
    #expect(error?.code == .usage)
    #expect(folder.names == [])
  }

  /// A few bytes must not make a reader allocate gigabytes: 40 columns of constants in one cluster of 2^24 events.
  @Test func aClusterThatDecodesToTooMuchIsRefused() throws {
    let folder = try TemporaryFolder()
    let schema = Schema(fields: (0..<40).map { Schema.Field("c\($0)", .int64) })
    var batch = EventBatch(schema)
    batch.eventCount = 1 << 10
    for column in batch.columns { column.append(contentsOf: [Int64](repeating: 7, count: 1 << 10)) }
    let writer = try EventWriter(creating: folder("a"), schema: schema)
    try writer.append(batch)
    try writer.finish()
    var bytes = try folder.bytes("a")
    let file = try EventFile(opening: folder("a"))
    let start = file.clusters[0].offset
    func put(_ value: Int, _ width: Int, at place: Int) {
      for i in 0..<width { bytes[place + i] = UInt8(truncatingIfNeeded: value >> (8 * i)) }
    }
    // The forged count of events, in every place that gives it; one page a stream holds them all.
    let events = 1 << 24
    put(events, 8, at: start + 16)
    for stream in 0..<40 {
      bytes[start + 64 + 16 * stream] = 24
      let row = start + 64 + 16 * 40 + 64 * stream
      put(events * 8, 4, at: row + 16)
      put(events, 4, at: row + 20)
    }
    put(events, 8, at: file.layout.footer.lowerBound + 24)
    put(events, 8, at: file.layout.footer.lowerBound + FileFooter.headLength + 24)
    put(events, 8, at: bytes.count - 64 + 32)
    var forge = try ForgeryTests.Forge(folder("a"), bytes)
    forge.repair()
    try folder.write(forge.bytes, to: "forged")
    let forged = try EventFile(opening: folder("forged"))
    #expect(forged.eventCount == events)
    let error = #expect(throws: FingalError.self) { try forged.read(["c0"], events: 0..<1) }
    #expect(error?.code == .limit)
  }

  @Test func aBatchThatDoesNotFitIsRefused() throws {
    let folder = try TemporaryFolder()
    let schema = Schema(collections: [.init("hits")], fields: [Schema.Field("energy", .float32, in: "hits")])
    let writer = try EventWriter(creating: folder("a"), schema: schema)
    let error = #expect(throws: FingalError.self) {
      try writer.append(
        EventBatch(
          schema, eventCount: 2, counts: [ColumnValues([UInt32(2), 1])], columns: [ColumnValues([Float(1), 2])]))
    }
    #expect(error?.message == "column 'hits.energy' has 2 values of float32; expected 3 of float32")
  }
}

extension SampleEvents {
  /// A range of a batch's events, by plain loops.
  static func slice(_ batch: EventBatch, _ range: Range<Int>) -> EventBatch {
    var part = EventBatch(batch.schema)
    part.eventCount = range.count
    for (target, source) in zip(part.counts, batch.counts) { target.append(contentsOf: source, range) }
    for (field, (target, source)) in zip(batch.schema.fields, zip(part.columns, batch.columns)) {
      if let name = field.collection {
        let column = batch.counts(of: name)!
        let counts = column.values(as: UInt32.self)
        var low = 0
        var length = 0
        for i in 0..<range.lowerBound { low += Int(counts[i]) }
        for i in range { length += Int(counts[i]) }
        target.append(contentsOf: source, low..<low + length)
      } else {
        let rows = field.elementsPerValue
        target.append(contentsOf: source, range.lowerBound * rows..<range.upperBound * rows)
      }
    }
    return part
  }
}
