import Fingal
import FoundationEssentials
import Testing

/// `merge`, `append` and `select` as they are run.
@Suite struct MergeTests {
  let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory()
    try TinyFile.write(in: folder, named: "a.fingal")
    try TinyFile.write(in: folder, named: "b.fingal")
  }

  private func fine(_ arguments: [String]) throws -> String {
    let result = try run("fingal", arguments)
    #expect(result.status == 0, "\(arguments): \(result.err)")
    #expect(result.err == "")
    return result.out
  }

  private func file(_ name: String) throws -> EventFile { try EventFile(opening: folder.path(name)) }

  /// A file of one column and one event.
  private func small(_ name: String, _ field: Schema.Field, _ column: ColumnValues) throws {
    let schema = Schema(fields: [field])
    let writer = try EventWriter(creating: folder.path(name), schema: schema)
    try writer.append(EventBatch(schema, eventCount: 1, counts: [], columns: [column]))
    try writer.finish()
  }

  @Test func mergedFilesHoldAllEventsInOrder() throws {
    let out = try fine(["merge", folder.path("a.fingal"), folder.path("b.fingal"), "-o", folder.path("all.fingal")])
    #expect(out.hasPrefix("merged 2 files → \(folder.path("all.fingal")): 8 events in 2 clusters, "))
    let all = try file("all.fingal")
    #expect(all.verify().faults == [])
    #expect(all.metadata == ["note": "end"])
    #expect(all.schema.metadata == ["source.name": "made for the tests\nmade for the tests"])
    let one = try fine(["dump", folder.path("a.fingal"), "--json"])
    #expect(try fine(["dump", folder.path("all.fingal"), "--json"]) == one + one)
    // The hash combined without decoding is that of the same events written at once.
    _ = try fine(["select", folder.path("all.fingal"), "-o", folder.path("packed.fingal")])
    let packed = try file("packed.fingal")
    #expect(packed.clusters.count == 1 && packed.contentHash == all.contentHash)
    #expect(packed.metadata == all.metadata && packed.schema == all.schema)
  }

  @Test func appendedEventsStandBehind() throws {
    _ = try fine(["merge", folder.path("a.fingal"), folder.path("b.fingal"), "-o", folder.path("all.fingal")])
    let before = try bytes(of: folder.path("a.fingal"))
    let out = try fine(["append", folder.path("a.fingal"), folder.path("b.fingal"), "--json"])
    struct Report: Decodable {
      var events: Int
      var clusters: Int
      var contentHash: String
    }
    let report = try JSONDecoder().decode(Report.self, from: Data(out.utf8))
    let all = try file("all.fingal")
    #expect(report.events == 8 && report.clusters == 2 && report.contentHash == all.contentHashText)
    let grown = try bytes(of: folder.path("a.fingal"))
    #expect(Array(grown[..<before.count]) == before)
    #expect(try file("a.fingal").verify().faults == [])
    #expect(try fine(["dump", folder.path("a.fingal")]) == fine(["dump", folder.path("all.fingal")]))
    #expect(folder.names == ["a.fingal", "all.fingal", "b.fingal"])
  }

  @Test func otherColumnsAreRefusedByName() throws {
    try small("int.fingal", .init("energy", .int32), ColumnValues([Int32(1)]))
    try small("float.fingal", .init("energy", .float32), ColumnValues([Float(1)]))
    let (int, float) = (folder.path("int.fingal"), folder.path("float.fingal"))
    let before = try bytes(of: int)
    for arguments in [["merge", int, float, "-o", folder.path("x.fingal")], ["append", int, float]] {
      let result = try run("fingal", arguments)
      #expect(result.status == 1)
      #expect(
        result.err
          == "fingal: \(float): does not have the columns of \(int): its column 'energy' is float32, not int32; "
          + "convert one of them again, with the types of the other (--type)\n")
    }
    #expect(try bytes(of: int) == before)
    #expect(!exists(folder.path("x.fingal")))
  }

  @Test func otherUnitsAreRefused() throws {
    try small("gev.fingal", .init("energy", .float32, unit: "GeV"), ColumnValues([Float(1)]))
    try small("mev.fingal", .init("energy", .float32, unit: "MeV"), ColumnValues([Float(1)]))
    let files = [folder.path("gev.fingal"), folder.path("mev.fingal"), "-o", folder.path("x.fingal")]
    let result = try run("fingal", ["merge"] + files)
    #expect(result.status == 1)
    #expect(result.err.contains("has 'energy' in MeV, and \(folder.path("gev.fingal")) has it in GeV"))
    _ = try fine(["merge"] + files + ["--ignore-units"])
    #expect(try file("x.fingal").schema.fields[0].unit == "GeV")
  }

  @Test func inputsAreNeverDestroyed() throws {
    let (a, b) = (folder.path("a.fingal"), folder.path("b.fingal"))
    let before = try bytes(of: a)
    for arguments in [
      ["merge", a, b, "-o", a, "--force"], ["append", a, b, a], ["select", a, "-o", a, "--force"],
      ["salvage", a, "-o", a, "--force"], ["merge", a, b, "-o", b], ["merge", a, folder.path("none"), "-o", "x"],
      ["select", a, "-o", folder.path("c"), "--columns", "energie"],
      ["select", a, "-o", folder.path("c"), "--columns", ""],
      ["select", a, "-o", folder.path("c"), "--events", "3...4"],
      ["select", a, "-o", folder.path("c"), "--where", "energie > 1"], ["append", a, folder.path("none")],
      ["append", folder.path("none"), a], ["merge", a, "-o", "-"],
    ] {
      let result = try run("fingal", arguments)
      #expect(result.status == 2, "\(arguments)")
      #expect(result.errorLines.count == 1, "\(arguments)")
    }
    #expect(try bytes(of: a) == before)
    #expect(folder.names == ["a.fingal", "b.fingal"])
  }

  @Test func selectKeepsEventsAndColumnsAsAsked() throws {
    let (a, c) = (folder.path("a.fingal"), folder.path("c.fingal"))
    func selected(_ arguments: [String]) throws -> String {
      _ = try fine(["select", a, "-o", c, "--force", "--quiet"] + arguments)
      #expect(try file("c.fingal").verify().faults == [])
      return try fine(["dump", c, "--json"])
    }
    #expect(try selected([]) == fine(["dump", a, "--json"]))
    #expect(try selected(["--events", "1...2"]) == fine(["dump", a, "--json", "--events", "1...2"]))
    let cut = ["--where", "count(hits) > 1 && beamEnergy > 70"]
    #expect(try selected(cut) == fine(["dump", a, "--json"] + cut))
    #expect(try file("c.fingal").metadata["selection"] == "where count(hits) > 1 && beamEnergy > 70")
    let names = ["--columns", "hits.energy,event"]
    #expect(try selected(names + cut) == fine(["dump", a, "--json"] + names + cut))
    #expect(try file("c.fingal").schema.collections == TinyFile.schema.collections)
    #expect(try selected(["--columns", "event", "--where", "event < 0"]) == "")
    #expect(try selected(["--codec", "none"]) == fine(["dump", a, "--json"]))
    let codecs = try fine(["columns", c, "--json"])
    #expect(!codecs.contains("zstd") && !codecs.contains("lz4"))
  }

  /// Ctrl-C while appending: the file is what it was. Where the append is over before the signal, it is what it became.
  @Test func anInterruptedAppendPutsTheFileBack() throws {
    let (a, b) = (folder.path("a.fingal"), folder.path("b.fingal"))
    let before = try bytes(of: a)
    let more = [String](repeating: b, count: 3000)
    let result = try runProgram(
      "/usr/bin/env", ["timeout", "-s", "INT", "0.15", Programs.path(of: "fingal"), "append", "-q", a] + more)
    #expect(result.status == 124 || result.status == 130 || result.status == 0)
    let after = try file("a.fingal")
    #expect(after.verify().faults == [])
    #expect(after.eventCount == 4 || after.eventCount == 4 + 4 * more.count)
    if after.eventCount == 4 { #expect(try bytes(of: a) == before) }
  }
}
