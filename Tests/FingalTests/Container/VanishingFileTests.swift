import Fingal
import Foundation
import Glibc
import Testing

/// Files that change under a reader or a writer.
@Suite struct VanishingFileTests {
  let folder: TemporaryFolder
  let events = SampleEvents.make(300, seed: 5)

  init() throws {
    folder = try TemporaryFolder()
    let writer = try EventWriter(
      creating: folder("file"), schema: SampleEvents.schema,
      options: WriterOptions(clusterBytes: 8 << 10, pageBytes: 1 << 10))
    try writer.append(events)
    try writer.finish()
  }

  @Test func aFileCutWhileItIsOpenIsCalledTruncated() throws {
    for part in [0, 1, 2, 3] {
      let path = folder("cut \(part)")
      try folder.write(try folder.bytes("file"), to: "cut \(part)")
      let file = try EventFile(opening: path)
      let length = [0, file.clusters[0].offset + 70, file.byteCount / 2, file.byteCount - 200][part]
      try #require(unsafe truncate(path, length) == 0)
      let report = file.verify()
      #expect(!report.faults.isEmpty)
      #expect(report.faults.allSatisfy { $0.file == path })
      let complete = file.clusters.filter { $0.offset + $0.byteCount <= length }.count
      if complete < file.clusters.count {
        let error = #expect(throws: FingalError.self) { try file.read(events: 0..<300) }
        #expect(error?.code == .truncated && error?.file == path, "\(error as Any)")
      }
      // What is still there is still read.
      for cluster in file.clusters.prefix(complete) {
        #expect(try file.read(events: cluster.events).eventCount == cluster.events.count)
      }
    }
  }

  @Test func batchesEndInAnErrorWhenTheFileIsCut() throws {
    let file = try EventFile(opening: folder("file"))
    let batches = try file.batches()
    var seen = try #require(try batches.next()).eventCount
    try #require(unsafe truncate(folder("file"), file.byteCount / 2) == 0)
    let error = #expect(throws: FingalError.self) {
      while let batch = try batches.next() { seen += batch.eventCount }
    }
    #expect(error?.code == .truncated || error?.code == .damaged)
    #expect(error?.file == folder("file"))
    #expect(seen < 300)
  }

  @Test func aFileRemovedWhileItIsOpenIsReadToItsEnd() throws {
    let file = try EventFile(opening: folder("file"))
    try #require(unsafe unlink(folder("file")) == 0)
    #expect(sameEvents(try file.read(events: 0..<300), events))
    #expect(file.verify().faults == [])
  }

  @Test func aFileReplacedWhileItIsOpenIsStillTheOldOne() throws {
    let file = try EventFile(opening: folder("file"))
    let writer = try EventWriter(
      creating: folder("file"), schema: SampleEvents.schema, options: WriterOptions(overwrite: true))
    try writer.append(SampleEvents.make(3, seed: 6))
    try writer.finish()
    #expect(sameEvents(try file.read(events: 0..<300), events))
    #expect(try EventFile(opening: folder("file")).eventCount == 3)
  }

  @Test func aFolderThatGoesWhileAFileIsWrittenIsToldOf() throws {
    let inner = folder("inner")
    try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: false)
    let writer = try EventWriter(creating: inner + "/new", schema: SampleEvents.schema)
    try writer.append(events)
    try FileManager.default.removeItem(atPath: inner)
    let error = #expect(throws: FingalError.self) { try writer.finish() }
    #expect(error?.file == inner + "/new")
    #expect(error?.code == .inputOutput || error?.code == .missingFile)
    #expect(folder.names == ["file"])
  }
}
