import Fingal
import Testing

/// A file holds at most 2^60 - 1 events (`FORMAT.md §9`). Events of a schema without columns take no bytes, so that files at
/// the limit can be made.
@Suite struct EventLimitTests {
  /// As many clusters of 2^48 - 1 events, the most that a cluster may have.
  private func file(_ clusters: Int) -> [UInt8] {
    let schema = Schema()
    let json = Array(schema.json().utf8)
    var bytes = FileHeader(schema: json).encoded + json
    bytes.pad(to: 64)
    var footer = FileFooter()
    var content = ContentHash(of: schema)
    let directory = ClusterDirectory(eventCount: 1 << 48 - 1, length: 64, streams: [])
    let checksum = Checksum.of([], seed: Checksum.directory)
    for _ in 0..<clusters {
      footer.clusters.append(
        .init(
          offset: bytes.count, length: directory.length, firstEvent: footer.eventCount,
          eventCount: directory.eventCount, directoryChecksum: checksum))
      content.append(directory)
      bytes += directory.encodedHead(table: [], checksum: checksum)
    }
    footer.contentHash = content.value
    return bytes + footer.encodedBlock(at: bytes.count)
  }

  @Test func asManyAsThereMayBeAreRead() throws {
    let file = try EventFile(bytes: file(4096))
    #expect(file.eventCount == 1 << 60 - 1 << 12)
    #expect(file.verify().faults == [])
  }

  @Test func moreAreRefused() throws {
    let error = #expect(throws: FingalError.self) { try EventFile(bytes: file(4097)) }
    #expect(error?.code == .limit)
    #expect(
      error?.message
        == "the trailer counts \(4097 * (1 << 48 - 1)) events; a file holds at most 1152921504606846975")
  }

  /// A trailer may hide what the footer counts.
  @Test func moreAreRefusedByTheFooter() throws {
    let bytes = file(4097)
    let length = bytes.count - 64 - (64 + 64 + 4097 * 64)
    let footer = Array(bytes[(128 + 4097 * 64)...].prefix(length))
    let error = #expect(throws: FingalError.self) {
      try FileFooter(
        decoding: footer, schema: Schema(), firstCluster: 128, end: 128 + 4097 * 64)
    }
    #expect(error?.code == .limit)
    #expect(error?.message.hasPrefix("the footer counts") == true)
  }

  @Test func noMoreAreWritten() throws {
    let folder = try TemporaryFolder()
    try folder.write(file(4096), to: "a")
    var batch = EventBatch(Schema())
    batch.eventCount = 1 << 12
    let writer = try EventWriter(appending: folder("a"))
    let error = #expect(throws: FingalError.self) { try writer.append(batch) }
    #expect(error?.code == .limit && error?.message == "a file holds at most 1152921504606846975 events")
    batch.eventCount = 1 << 12 - 1
    try writer.append(batch)
    try writer.finish()
    #expect(try EventFile(opening: folder("a")).eventCount == 1 << 60 - 1)
  }
}
