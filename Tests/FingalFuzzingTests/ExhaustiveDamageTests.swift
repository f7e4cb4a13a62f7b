import Fingal
import FingalFuzzing
import Foundation
import Testing

/// Every truncation and every flipped bit of small files with every kind of column: detected, or harmless, which means
/// that the file reads as the same events. What is harmless for reading, `verify` must still name.
@Suite struct ExhaustiveDamageTests {
  /// The seeds of the fuzzer and the good vectors of the specification, as far as they are small.
  static let files: [URL] = {
    let vectors = CaseTests.folder.deletingLastPathComponent().appending(path: "spec/vectors/good")
    let good = (try? FileManager.default.contentsOfDirectory(at: vectors, includingPropertiesForKeys: nil)) ?? []
    let seeds = (try? CaseTests.files("Seeds", .open)) ?? []
    return (seeds + good.filter { $0.pathExtension == "fingal" }).filter {
      let size = (try? $0.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? Int.max
      return size <= 3000
    }
    .sorted { $0.path < $1.path }
  }()

  /// Every how many bytes: 1, which is all, but under a sanitizer, where each takes ten times as long.
  private static let step = ProcessInfo.processInfo.environment["FINGAL_DAMAGE_STEP"].flatMap(Int.init) ?? 1

  private static let threads = max(1, ProcessInfo.processInfo.activeProcessorCount)

  @Test func thereAreFilesOfEveryKind() throws {
    var encodings = Set<UInt8>()
    var types = Set<ScalarType>()
    for path in Self.files {
      let file = try EventFile(opening: path.path)
      types.formUnion(file.schema.fields.map(\.type))
      for cluster in file.clusters.indices {
        for stream in try file.directory(ofCluster: cluster).streams {
          encodings.formUnion(stream.pages.map(\.encoding))
        }
      }
    }
    #expect(encodings.count == Encoding.allCases.count, "encodings \(encodings.sorted())")
    #expect(types.count >= 9, "types \(types)")
  }

  @Test(arguments: files) func everyFlippedBit(path: URL) throws {
    let bytes = Array(try Data(contentsOf: path))
    let sound = try Sound(bytes)
    let wrong = Guarded<[String]>([])
    parallelFor(bytes.count, threads: Self.threads) { position in
      if position % Self.step != 0 { return }
      var damaged = bytes
      for bit in 0..<8 {
        damaged[position] = bytes[position] ^ 1 << UInt8(bit)
        if let problem = sound.problem(damaged, wantsFault: true) {
          wrong.withLock { $0.append("bit \(bit) of byte \(position): \(problem)") }
        }
      }
    }
    let found = wrong.withLock { $0 }
    #expect(found.isEmpty, "\(path.lastPathComponent): \(found.prefix(5)) and \(max(0, found.count - 5)) more")
  }

  @Test(arguments: files) func everyTruncation(path: URL) throws {
    let bytes = Array(try Data(contentsOf: path))
    let sound = try Sound(bytes)
    let wrong = Guarded<[String]>([])
    parallelFor(bytes.count, threads: Self.threads) { length in
      if length % Self.step != 0 { return }
      let cut = Array(bytes[..<length])
      // A file that was appended to is, cut where it ended before, the file that it was.
      let isEarlierEnd = sound.earlierEnds.contains(length)
      if !isEarlierEnd, let problem = sound.problem(cut, wantsFault: false) ?? sound.reads(cut) {
        wrong.withLock { $0.append("cut to \(length): \(problem)") }
      }
      if let problem = sound.recoveryProblem(cut) {
        wrong.withLock { $0.append("cut to \(length), recovered: \(problem)") }
      }
    }
    let found = wrong.withLock { $0 }
    #expect(found.isEmpty, "\(path.lastPathComponent): \(found.prefix(5)) and \(max(0, found.count - 5)) more")
  }

  /// A file before it was damaged.
  struct Sound: Sendable {
    let file: EventFile
    let events: EventBatch
    /// Sizes that the file had before events were appended.
    let earlierEnds: Set<Int>

    init(_ bytes: [UInt8]) throws {
      file = try EventFile(bytes: bytes, named: "file")
      events = try file.read(events: 0..<file.eventCount)
      // Between clusters that do not touch lies an end that the file had; nothing else may stand there.
      var ends: Set<Int> = []
      var last = roundUp(file.layout.schema.upperBound, to: 64)
      for cluster in file.clusters {
        if last < cluster.offset { ends.insert(cluster.offset) }
        last = cluster.offset + cluster.byteCount
      }
      earlierEnds = ends
      try #require(file.verify().faults.isEmpty)
    }

    /// What is wrong with how the damaged file is handled; nil if the damage was noticed or does no harm.
    func problem(_ damaged: [UInt8], wantsFault: Bool) -> String? {
      do throws(FingalError) {
        let opened = try EventFile(bytes: damaged, named: "file")
        let read: EventBatch
        do throws(FingalError) {
          read = try opened.read(events: 0..<opened.eventCount)
        } catch {
          return error.message.isEmpty || error.file != "file" ? "an error that does not say enough: \(error)" : nil
        }
        if !same(read, events) { return "reads as other events, unnoticed" }
        if opened.contentHash != file.contentHash { return "has another content hash, unnoticed" }
        return wantsFault && opened.verify().faults.isEmpty ? "verify does not see it" : nil
      } catch {
        return error.message.isEmpty || error.file != "file" ? "an error that does not say enough: \(error)" : nil
      }
    }

    /// A file without its end must not open at all.
    func reads(_ cut: [UInt8]) -> String? {
      do throws(FingalError) {
        _ = try EventFile(bytes: cut, named: "file")
        return "it opens"
      } catch { return nil }
    }

    /// Of a cut file, exactly the complete clusters are recovered.
    func recoveryProblem(_ cut: [UInt8]) -> String? {
      let complete = file.clusters.filter { $0.offset + $0.byteCount <= cut.count }
      let expected = complete.reduce(0) { $0 + $1.events.count }
      do throws(FingalError) {
        let recovery = try FileRecovery(PosixFile(bytes: cut, named: "file"))
        if recovery.eventCount != expected { return "\(recovery.eventCount) events instead of \(expected)" }
        if recovery.isWhole != earlierEnds.contains(cut.count) { return "is said to be whole: \(recovery.isWhole)" }
        return nil
      } catch {
        let isUnreadable = cut.count < roundUp(file.layout.schema.upperBound, to: 64)
        return isUnreadable ? nil : "\(error)"
      }
    }

    private func same(_ a: EventBatch, _ b: EventBatch) -> Bool {
      a.eventCount == b.eventCount && a.schema == b.schema
        && zip(a.counts + a.columns, b.counts + b.columns).allSatisfy(sameBits)
    }
  }
}
