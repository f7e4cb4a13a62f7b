import Fingal
import Glibc
import Testing

/// A writer that is killed (SIGKILL, which no program can catch) at any moment loses at most the cluster that it held in
/// memory: every complete cluster on disk is recovered and holds what was written. What stood under the name
/// before is still there, or the new file is there and complete.
@Suite struct KillTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  /// Kills the writer some time after its file has appeared. False if it had finished before.
  private func killed(_ mode: String, _ path: String, first: Int, count: Int, after microseconds: UInt32) throws -> Bool
  {
    let program = try Programs.path(of: "FingalTestWriter")
    let arguments = [program, mode, path, "\(first)", "\(count)"]
    var argv: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { unsafe argv.forEach { unsafe free($0) } }
    var child = pid_t()
    let failure = unsafe posix_spawn(&child, program, nil, nil, &argv, environ)
    try #require(failure == 0, "cannot start \(program): error \(failure)")
    var status: Int32 = 0
    if mode == "create" {
      // A process needs a while to start, and no test should depend on how long.
      for _ in 0..<100_000 where unsafe !exists("\(path).\(child).partial") && waitpid(child, &status, WNOHANG) == 0 {
        usleep(100)
      }
    }
    usleep(microseconds)
    kill(child, SIGKILL)
    while unsafe waitpid(child, &status, 0) < 0 && errno == EINTR {}
    return status & 0x7F == SIGKILL
  }

  /// The events that the complete clusters of a file hold: read from the heads alone, by no code of the library.
  private func eventsOnDisk(_ bytes: [UInt8]) -> Int {
    func integer(_ place: Int) -> Int {
      (0..<8).reduce(0) { place + 8 <= bytes.count ? $0 | Int(bytes[place + $1]) << (8 * $1) : 0 }
    }
    if bytes.count < 64 { return 0 }
    var place = (64 + integer(32) + 63) / 64 * 64
    var events = 0
    while place + 64 <= bytes.count, integer(place + 8) > 0, place + integer(place + 8) <= bytes.count {
      if bytes[place..<place + 8].elementsEqual("FGLCLUST".utf8) { events += integer(place + 16) }
      place += integer(place + 8)
    }
    return events
  }

  /// Whether a file holds exactly the first events that the writer makes.
  private func expectFirstEvents(_ path: String, _ count: Int, _ note: String) throws {
    let file = try EventFile(opening: path)
    #expect(file.verify().faults == [], "\(note)")
    try #require(file.eventCount == count, "\(note)")
    let batch = try file.read(events: 0..<count)
    // Plain loops: an expectation a value would take longer than all else.
    var wrong = 0
    var hit = 0
    for event in 0..<count {
      let hits = event * 7919 % 6
      if batch.columns[0].integer(at: event) != event { wrong += 1 }
      if batch.columns[1].string(at: event) != "event \(event * event)" { wrong += 1 }
      if batch.counts[0].integer(at: event) != hits { wrong += 1 }
      for number in 0..<hits {
        if batch.columns[2].double(at: hit) != Double((event * 31 + number) % 1000) / 8 { wrong += 1 }
        hit += 1
      }
    }
    #expect(wrong == 0, "\(note)")
  }

  @Test func aKilledWriterLosesNoCompleteCluster() throws {
    var random = SystemRandomNumberGenerator()
    let path = folder.path("out.fingal")
    let saved = folder.path("saved.fingal")
    var recovered = 0
    for round in 0..<200 {
      let delay = UInt32.random(in: 0..<15_000, using: &random)
      // Some writers come to their end: they are killed while they write it, rename, or after.
      let count = round % 4 == 0 ? Int.random(in: 0..<400, using: &random) : 1_000_000
      let note = "round \(round): \(count) events, killed \(delay) µs after its file appeared"
      let before = exists(path) ? try bytes(of: path) : nil
      let wasKilled = try killed("create", path, first: 0, count: count, after: delay)
      let partials = folder.names.filter { $0.hasSuffix(".partial") }
      #expect(partials.count <= 1, "\(note)")
      if let partial = partials.first.map(folder.path) {
        #expect(wasKilled, "\(note)")
        #expect(exists(path) ? try bytes(of: path) == before : before == nil, "\(note): the old file has changed")
        let written = try bytes(of: partial)
        if written.count > 1024 {
          let recovery = try FileRecovery(examining: partial)
          #expect(recovery.eventCount == eventsOnDisk(written), "\(note)")
          try recovery.write(to: saved, overwrite: true)
          try expectFirstEvents(saved, recovery.eventCount, note)
          recovered += recovery.eventCount
          if round % 20 == 1 {
            let tool = try run("fingal", ["salvage", partial, "-o", saved, "--force", "--accept"])
            #expect(tool.status == 0, "\(note): \(tool.err)")
            try expectFirstEvents(saved, recovery.eventCount, note)
          }
        }
        try #require(unsafe unlink(partial) == 0)
      } else if exists(path), try bytes(of: path) != before {
        try expectFirstEvents(path, count, note)
      }
    }
    #expect(recovered > 0, "no writer was killed late enough to have written a cluster")
  }

  @Test func aKilledAppendLosesNothingThatWasThere() throws {
    var random = SystemRandomNumberGenerator()
    let path = folder.path("all.fingal")
    let saved = folder.path("saved.fingal")
    let start = try runProgram(Programs.path(of: "FingalTestWriter"), ["create", path, "0", "300"])
    try #require(start.status == 0, "\(start.err)")
    let sound = try bytes(of: path)
    var added = 0
    for round in 0..<100 {
      try write(sound, to: path)
      let delay = UInt32.random(in: 0..<80_000, using: &random)
      let count = round % 4 == 0 ? 40 : 1_000_000
      let note = "round \(round): killed after \(delay) µs"
      _ = try killed("append", path, first: 300, count: count, after: delay)
      let left = try bytes(of: path)
      #expect(left.starts(with: sound), "\(note): bytes that were there have changed")
      let recovery = try FileRecovery(examining: path)
      #expect(recovery.eventCount == eventsOnDisk(left), "\(note)")
      #expect(recovery.eventCount >= 300, "\(note)")
      try recovery.write(to: saved, overwrite: true)
      try expectFirstEvents(saved, recovery.eventCount, note)
      added += recovery.eventCount - 300
    }
    #expect(added > 0, "no append was killed late enough to have written a cluster")
  }
}
