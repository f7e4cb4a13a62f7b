import Fingal
import Testing

/// `EventFile.batches(columns:events:options:)`.
@Suite struct BatchTests {
  let folder: TemporaryFolder
  let batch = SampleEvents.make(900, seed: 5)
  let file: EventFile

  init() throws {
    folder = try TemporaryFolder()
    let writer = try EventWriter(
      creating: folder("a"), schema: SampleEvents.schema, options: .init(clusterBytes: 60_000, pageBytes: 2_000))
    try writer.append(batch)
    try writer.finish()
    file = try EventFile(opening: folder("a"))
    #expect(file.clusters.count > 3)
  }

  @Test(arguments: [1, 2, 5], [1, 4_000, 1 << 20])
  func giveTheEventsInOrder(threads: Int, batchBytes: Int) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    for round in 0..<8 {
      let low = Int.random(in: 0...900, using: &random)
      let range = round == 0 ? 0..<900 : low..<Int.random(in: low...900, using: &random)
      let options = BatchOptions(
        threads: threads, memory: Int.random(in: 1...100_000, using: &random), batchBytes: batchBytes)
      let batches = try file.batches(events: range, options: options)
      let all = EventBatch(SampleEvents.schema)
      var next = range.lowerBound
      while let part = try batches.next() {
        try part.validate()
        #expect(part.firstEvent == next)
        #expect(part.eventNumber(at: part.eventCount - 1) == next + part.eventCount - 1)
        next += part.eventCount
        for (to, from) in zip(all.counts + all.columns, part.counts + part.columns) {
          to.append(contentsOf: from, 0..<from.count)
        }
      }
      #expect(next == range.upperBound)
      let expected = SampleEvents.slice(batch, range)
      for (a, b) in zip(all.counts + all.columns, expected.counts + expected.columns) {
        #expect(sameValues(a, b), "seed \(seed), events \(range)")
      }
      let again = try batches.next()
      #expect(again == nil)
    }
  }

  @Test func projectAndName() throws {
    let batches = try file.batches(columns: ["hits.tag", "s_int64"])
    #expect(batches.schema.fields.map(\.path) == ["hits.tag", "s_int64"])
    var events = 0
    try batches.forEach { events += $0.eventCount }
    #expect(events == 900)
    let error = #expect(throws: FingalError.self) { try file.batches(columns: ["hits.tga"]) }
    #expect(error?.code == .usage)
    let none = try file.batches(events: 5_000..<6_000).next()
    #expect(none == nil)
  }

  /// Memory that nobody holds is filled again; what somebody holds stays as it is.
  @Test(arguments: [1, 3])
  func recycleWhatNobodyHolds(threads: Int) throws {
    let options = BatchOptions(threads: threads, batchBytes: 1)
    var seen = Set<ObjectIdentifier>()
    var rounds = 0
    let batches = try file.batches(columns: ["s_int64"], options: options)
    while let part = try batches.next() {
      seen.insert(ObjectIdentifier(part.columns[0]))
      rounds += 1
    }
    #expect(rounds > 8 && seen.count <= 2 * threads + 1, "\(rounds) batches in \(seen.count) columns")

    var kept: [EventBatch] = []
    try file.batches(columns: ["s_int64"], options: options).forEach { kept.append($0) }
    let joined = ColumnValues(.int64)
    for part in kept { joined.append(contentsOf: part.columns[0], 0..<part.columns[0].count) }
    #expect(sameValues(joined, batch.column("s_int64")!))
  }

  @Test(arguments: [1, 4])
  func errorsComeWhereTheEventsAre(threads: Int) throws {
    // One byte of a page in the third cluster.
    let directory = try file.directory(ofCluster: 2)
    let stream = file.streams.firstIndex { $0.role == .values(field: SampleEvents.schema.fieldIndex("s_int64")!) }!
    var bytes = try folder.bytes("a")
    bytes[file.clusters[2].offset + directory.streams[stream].pages[0].offset] ^= 1
    try folder.write(bytes, to: "broken")
    let broken = try EventFile(opening: folder("broken"))
    let batches = try broken.batches(columns: ["s_int64"], options: .init(threads: threads, batchBytes: 1))
    var events = 0
    let error = #expect(throws: FingalError.self) {
      while let part = try batches.next() { events += part.eventCount }
    }
    #expect(error?.code == .damaged)
    #expect(events == broken.clusters[2].events.lowerBound)
    let after = try batches.next()
    #expect(after == nil)
  }

  @Test func breakingOffStopsTheThreads() throws {
    for _ in 0..<50 {
      let batches = try file.batches(options: .init(threads: 4, batchBytes: 1))
      _ = try batches.next()
    }
  }

  /// Only the pages of the columns and events asked for are read.
  @Test(arguments: [["hits.energy"], ["s_int64"], ["n_string", "image"], ["bare"], ["hits.time", "tracks.id"]])
  func touchOnlyTheirPages(columns: [String]) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<12 {
      let low = Int.random(in: 0..<900, using: &random)
      let range = low..<Int.random(in: low + 1...min(900, low + 200), using: &random)
      let allowed = try pages(of: columns, range)
      // Directories are read once for all.
      try file.clusters.indices.forEach { _ = try file.directory(ofCluster: $0) }
      let reads = try file.file.reads {
        try file.batches(columns: columns, events: range, options: .init(threads: 2)).forEach { _ in }
      }
      var touched = Set<Int>()
      for read in reads {
        let inside = allowed.filter { $0.overlaps(read) }
        // A read is of whole neighbouring pages (with up to 7 bytes of padding between them).
        #expect(
          inside.first?.lowerBound == read.lowerBound && inside.last?.upperBound == read.upperBound,
          "seed \(seed): \(columns) \(range) read \(read)")
        touched.formUnion(inside.map(\.lowerBound))
      }
      #expect(touched.count == allowed.filter { !$0.isEmpty }.count, "seed \(seed): \(columns) \(range)")
    }
  }

  /// The byte ranges of the pages that must be read.
  private func pages(of columns: [String], _ range: Range<Int>) throws -> [Range<Int>] {
    let wanted = file.streams(of: try EventFile.Projection(columns, of: file))
    var result: [Range<Int>] = []
    for (index, cluster) in file.clusters.enumerated() where cluster.events.overlaps(range) {
      let inside = range.clamped(to: cluster.events)
      let directory = try file.directory(ofCluster: index)
      for stream in wanted {
        // Counts are needed for all events of the pages that hold elements of an event.
        var events = inside.lowerBound - cluster.events.lowerBound..<inside.upperBound - cluster.events.lowerBound
        if case .counts(let collection) = file.streams[stream].role {
          for other in file.streams.indices where file.streams[other].collection == collection {
            let shift = directory.streams[other].shift
            events =
              min(
                events.lowerBound, (events.lowerBound >> shift) << shift)..<max(
                events.upperBound, min(directory.eventCount, ((events.upperBound - 1) >> shift + 1) << shift))
          }
        }
        let shift = directory.streams[stream].shift
        for page in events.lowerBound >> shift...(events.upperBound - 1) >> shift {
          let row = directory.streams[stream].pages[page]
          result.append(cluster.offset + row.offset..<cluster.offset + row.offset + row.storedLength)
        }
      }
    }
    return result.sorted { $0.lowerBound < $1.lowerBound }
  }
}
