import Fingal
import Testing

/// Damage whose checksums were repaired: a reader must refuse it or read something, but never trap, hang or read
/// outside its memory. Random, with the seed in the message.
@Suite struct ForgeryTests {
  /// A file's bytes with the places of all its checksums, so that they can be made right again after a change.
  struct Forge {
    var bytes: [UInt8]
    let file: EventFile
    let directories: [ClusterDirectory]

    init(_ path: String, _ bytes: [UInt8]) throws {
      self.bytes = bytes
      let file = try EventFile(opening: path)
      self.file = file
      directories = try file.clusters.indices.map { try file.directory(ofCluster: $0) }
    }

    private mutating func sign(_ range: Range<Int>, seed: UInt64, at place: Int) {
      let checksum = Checksum.of(Array(bytes[range]), seed: seed)
      for i in 0..<8 { bytes[place + i] = UInt8(truncatingIfNeeded: checksum >> UInt64(8 * i)) }
    }

    mutating func repair() {
      sign(file.layout.schema, seed: Checksum.schema, at: 40)
      sign(0..<56, seed: Checksum.header, at: 56)
      let footer = file.layout.footer
      for (index, (cluster, directory)) in zip(file.clusters, directories).enumerated() {
        let start = cluster.offset
        let pages = directory.streams.reduce(0) { $0 + $1.pages.count }
        let rows = start + 64 + directory.streams.count * ClusterDirectory.streamRowLength
        var row = rows
        for (stream, list) in directory.streams.enumerated() {
          for (page, facts) in list.pages.enumerated() {
            let stored = start + facts.offset..<start + facts.offset + facts.storedLength
            sign(stored, seed: Checksum.page(stream: stream, index: page), at: row + 40)
            row += 64
          }
        }
        sign(start + 64..<rows + pages * 64, seed: Checksum.directory, at: start + 40)
        sign(start..<start + 56, seed: Checksum.clusterHead, at: start + 56)
        let entry = footer.lowerBound + FileFooter.headLength + file.clusters.count * 32 + index * 8
        for i in 0..<8 { bytes[entry + i] = bytes[start + 40 + i] }
      }
      let trailer = bytes.count - 64
      sign(footer, seed: Checksum.footer, at: trailer + 16)
      sign(trailer..<trailer + 48, seed: Checksum.trailer, at: trailer + 48)
    }
  }

  @Test func theForgeItselfIsRight() throws {
    let folder = try TemporaryFolder()
    let (bytes, _) = try DamageTests.sample(folder)
    var forge = try Forge(folder("sound"), bytes)
    forge.repair()
    #expect(forge.bytes == bytes)
  }

  @Test(arguments: 0..<40) func forgedFilesNeverTrap(seed: Int) throws {
    let folder = try TemporaryFolder()
    var (bytes, _) = try DamageTests.sample(folder)
    if seed % 2 == 1 {
      let writer = try EventWriter(
        creating: folder("sound"), schema: SampleEvents.schema,
        options: WriterOptions(clusterBytes: 8 << 10, pageBytes: 256, overwrite: true))
      try writer.append(SampleEvents.make(40, seed: UInt64(seed)))
      try writer.finish()
      bytes = try folder.bytes("sound")
    }
    let sound = try Forge(folder("sound"), bytes)
    var random = SeededGenerator(seed: UInt64(seed))
    for round in 0..<60 {
      var forge = sound
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 8..<forge.bytes.count, using: &random)
        switch random.next() % 4 {
        case 0: forge.bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: forge.bytes[place] = 0xFF
        case 2: forge.bytes[place] &+= 1
        default: forge.bytes[place] = 0
        }
      }
      forge.repair()
      try folder.write(forge.bytes, to: "forged")
      do throws(FingalError) {
        let recovery = try FileRecovery(examining: folder("forged"))
        try recovery.write(to: folder("saved"), overwrite: true)
        _ = try EventFile(opening: folder("saved"))
      } catch {
        #expect(!error.message.isEmpty)
      }
      do throws(FingalError) {
        let file = try EventFile(opening: folder("forged"))
        _ = file.verify()
        let batch = try file.read(events: 0..<file.eventCount)
        do throws(FingalError) { try batch.validate() } catch {
          Issue.record("seed \(seed), round \(round): read a batch that is not valid: \(error)")
        }
      } catch {
        #expect(!error.message.isEmpty)
      }
    }
  }
}
