import Fingal
import Testing

/// What is recovered of files that were cut, changed, or never finished.
@Suite struct RecoveryTests {
  let folder: TemporaryFolder
  let bytes: [UInt8]
  let events: EventBatch
  let file: EventFile

  init() throws {
    folder = try TemporaryFolder()
    events = SampleEvents.make(200, seed: 8)
    let writer = try EventWriter(
      creating: folder("sound"), schema: SampleEvents.schema,
      options: WriterOptions(clusterBytes: 8 << 10, pageBytes: 1 << 10))
    try writer.append(events)
    try writer.finish(metadata: ["note": "sound"])
    bytes = try folder.bytes("sound")
    file = try EventFile(bytes: bytes)
    #expect(file.clusters.count >= 5)
  }

  /// Examines the bytes, writes what is left and opens it.
  private func salvage(_ bytes: [UInt8]) throws -> (recovery: FileRecovery, file: EventFile) {
    let recovery = try FileRecovery(PosixFile(bytes: bytes, named: "broken"))
    try recovery.write(to: folder("saved"), overwrite: true)
    let saved = try EventFile(opening: folder("saved"))
    #expect(saved.verify().faults == [])
    #expect(saved.eventCount == recovery.eventCount)
    return (recovery, saved)
  }

  @Test func aSoundFileComesBackWhole() throws {
    let (recovery, saved) = try salvage(bytes)
    #expect(recovery.isWhole && recovery.losses == [] && recovery.wholeClusters == file.clusters.count)
    #expect(saved.contentHash == file.contentHash)
    #expect(try folder.bytes("saved") == bytes)
  }

  @Test func anyTruncationKeepsTheCompleteClusters() throws {
    let first = file.clusters[0].offset
    var lengths = Array(stride(from: first, to: bytes.count, by: 199))
    for cluster in file.clusters {
      lengths += [cluster.offset, cluster.offset + 1, cluster.offset + 63, cluster.offset + 64]
      lengths += [cluster.offset + cluster.byteCount - 1]
    }
    for length in lengths {
      let complete = file.clusters.filter { $0.offset + $0.byteCount <= length }
      let (recovery, saved) = try salvage(Array(bytes[..<length]))
      #expect(!recovery.isWhole && !recovery.losses.isEmpty, "cut to \(length)")
      #expect(recovery.wholeClusters == complete.count, "cut to \(length)")
      let known = complete.last?.events.upperBound ?? 0
      #expect(sameEvents(try saved.read(events: 0..<saved.eventCount), SampleEvents.slice(events, 0..<known)))
      #expect(saved.metadata["salvaged"] != nil)
      if let cut = file.clusters.first(where: { $0.offset + 64 <= length && length < $0.offset + $0.byteCount }) {
        #expect(recovery.losses.map(\.events) == [cut.events], "cut to \(length)")
      }
    }
    for length in [0, 10, 64, first - 100] {
      #expect(throws: FingalError.self) { try FileRecovery(PosixFile(bytes: Array(bytes[..<length]), named: "cut")) }
    }
  }

  /// Every byte changed in turn (some of them): nothing but sound events is recovered, in their order.
  @Test func whateverByteIsDamagedAllOtherClustersAreKept() throws {
    let first = file.clusters[0].offset
    for place in stride(from: first, to: bytes.count, by: 61) {
      var damaged = bytes
      damaged[place] ^= 0x41
      let recovery = try FileRecovery(PosixFile(bytes: damaged, named: "broken"))
      #expect(!recovery.isWhole, "byte \(place)")
      var hit = file.clusters.first { $0.offset <= place && place < $0.offset + $0.byteCount }
      if recovery.losses.map(\.reason) == ["padding is not zero; nothing is lost by it"] {
        #expect(bytes[place] == 0 && recovery.eventCount == 200)
        hit = nil
      }
      #expect(recovery.wholeClusters == file.clusters.count - (hit == nil ? 0 : 1), "byte \(place): \(recovery.losses)")
      for loss in recovery.losses {
        // Which events are lost is known in any case: the end of the file knows them.
        guard let hit else { continue }
        let lost = try #require(loss.events, "byte \(place)")
        #expect(hit.events.lowerBound <= lost.lowerBound && lost.upperBound <= hit.events.upperBound, "byte \(place)")
      }
    }
  }

  @Test func aDamagedPageCostsTheEventsOfThatPage() throws {
    let index = 2
    let stream = file.streams.firstIndex { file.schema.name(of: $0) == "s_float64" }!
    let directory = try file.directory(ofCluster: index)
    let pages = directory.streams[stream]
    let row = pages.pages[0]
    let lost = directory.events(ofPage: 0, shift: pages.shift)
    var damaged = bytes
    damaged[file.clusters[index].offset + row.offset] ^= 1
    let (recovery, saved) = try salvage(damaged)
    let start = file.clusters[index].events.lowerBound
    let hole = start + lost.lowerBound..<start + lost.upperBound
    #expect(recovery.losses.map(\.events) == [hole])
    #expect(recovery.losses.map(\.reason) == ["damaged pages of column 's_float64'"])
    #expect(saved.eventCount == 200 - hole.count)
    #expect(
      sameEvents(try saved.read(events: 0..<hole.lowerBound), SampleEvents.slice(events, 0..<hole.lowerBound)))
    #expect(
      sameEvents(
        try saved.read(events: hole.lowerBound..<saved.eventCount), SampleEvents.slice(events, hole.upperBound..<200)))
    #expect(saved.metadata["note"] == "sound")
  }

  @Test func changedPaddingCostsNothing() throws {
    let index = try #require(
      file.clusters.indices.first { index in
        let directory = try! file.directory(ofCluster: index)
        let last = directory.streams.last!.pages.last!
        return last.offset + last.storedLength < directory.length
      })
    var damaged = bytes
    damaged[file.clusters[index].offset + file.clusters[index].byteCount - 1] = 1
    #expect(throws: FingalError.self) { try EventFile(bytes: damaged).storedCluster(index) }
    let (recovery, saved) = try salvage(damaged)
    #expect(!recovery.isWhole && recovery.eventCount == 200)
    #expect(saved.contentHash == file.contentHash)
  }

  @Test func withoutAnEndADamagedHeadCostsItsClusterAlone() throws {
    var damaged = Array(bytes[..<(file.clusters[4].offset + 100)])
    damaged[file.clusters[1].offset + 3] ^= 1
    let (recovery, saved) = try salvage(damaged)
    #expect(recovery.wholeClusters == 3)
    #expect(recovery.losses.map(\.bytes.lowerBound) == [file.clusters[1].offset, file.clusters[4].offset])
    #expect(recovery.losses[0].eventCount == nil)
    #expect(recovery.losses[1].events == nil)
    #expect(recovery.losses[1].eventCount == file.clusters[4].events.count)
    let kept = file.clusters[0].events.count
    let behind = file.clusters[2].events.lowerBound..<file.clusters[3].events.upperBound
    #expect(sameEvents(try saved.read(events: kept..<saved.eventCount), SampleEvents.slice(events, behind)))
  }

  @Test func aWriterThatStoppedLeavesItsCompleteClusters() throws {
    let writer = try EventWriter(
      creating: folder("run"), schema: SampleEvents.schema,
      options: WriterOptions(clusterBytes: 8 << 10, pageBytes: 1 << 10))
    try writer.append(events)
    let partial = try #require(folder.names.first { $0.hasSuffix(".partial") })
    let recovery = try FileRecovery(examining: folder(partial))
    #expect(recovery.wholeClusters == file.clusters.count - 1)
    #expect(recovery.eventCount == file.clusters.last!.events.lowerBound)
    #expect(!recovery.hasEnd)
    try recovery.write(to: folder("saved"))
    let saved = try EventFile(opening: folder("saved"))
    #expect(
      sameEvents(try saved.read(events: 0..<saved.eventCount), SampleEvents.slice(events, 0..<recovery.eventCount)))
    writer.cancel()
  }

  /// Heads are cheap to forge: their numbers of events must not overflow.
  @Test func clustersOfTooManyEventsAreRefused() throws {
    let writer = try EventWriter(creating: folder("none"), schema: Schema())
    try writer.finish()
    let empty = try folder.bytes("none")
    var bytes = Array(empty[..<128])
    let events = (1 << 48) - 1
    let directory = ClusterDirectory(eventCount: events, length: 64, streams: [])
    let head = directory.encodedHead(table: [], checksum: Checksum.of([], seed: Checksum.directory))
    for _ in 0..<40_000 { bytes += head }
    let recovery = try FileRecovery(PosixFile(bytes: bytes, named: "forged"))
    #expect(recovery.eventCount >= ClusterLimits.fileEvents && recovery.eventCount < 2 * ClusterLimits.fileEvents)
    #expect(recovery.losses.first?.reason == "the clusters count more events than any file holds")
    #expect(throws: FingalError.self) { try recovery.write(to: folder("saved")) }
    #expect(!folder.names.contains("saved"))
  }
}
