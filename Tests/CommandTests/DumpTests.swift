import Fingal
import FoundationEssentials
import Glibc
import Testing

/// `fingal dump`, to the letter, for a small file.
@Suite struct DumpTests {
  let folder: TemporaryDirectory
  let path: String

  init() throws {
    folder = try TemporaryDirectory()
    path = try TinyFile.write(in: folder)
  }

  private func dump(_ arguments: String...) throws -> String {
    let result = try run("fingal", ["dump", path] + arguments)
    #expect(result.status == 0)
    #expect(result.err == "")
    return result.out
  }

  @Test func text() throws {
    #expect(
      try dump("--events", "1..<4") == """
        event 1
          event       2
          beamEnergy  80 GeV
          trigger     null
          particle    pion
          image       float32 2×3: 0 non-zero, sum 0, max 0 [MIP]
          hits        1
            layer  energy [MIP]
                1          1.25

        event 2
          event       3
          beamEnergy  nan GeV
          trigger     0
          particle    say "hi", ok
          image       float32 2×3: 0 non-zero, sum 0, max 0 [MIP]
          hits        0

        event 3
          event       4
          beamEnergy  120.5 GeV
          trigger     7
          particle    ""
          image       float32 2×3: 1 non-zero, sum 3, max 3 [MIP]
          hits        3
            layer  energy [MIP]
                1           nan
                2           inf
               28         1e-05

        """)
  }

  @Test func fullTextPrintsTensors() throws {
    #expect(
      try dump("--events", "0", "--columns", "image", "--full") == """
        event 0
          image  float32 2×3: 2 non-zero, sum 3.5, max 2 [MIP]
              0 1.5   0
              0   0   2

        """)
  }

  @Test func jsonLines() throws {
    let expected = #"""
      {"event":9007199254740993,"beamEnergy":65.846,"trigger":1,"particle":"electron","image":[[0,1.5,0],[0,0,2]],"hits":{"layer":[1,2],"energy":[0.59616286,6.75]}}
      {"event":2,"beamEnergy":80,"trigger":null,"particle":"pion","image":[[0,0,0],[0,0,0]],"hits":{"layer":[1],"energy":[1.25]}}
      {"event":3,"beamEnergy":"NaN","trigger":0,"particle":"say \"hi\", ok","image":[[0,0,0],[0,0,0]],"hits":{"layer":[],"energy":[]}}
      {"event":4,"beamEnergy":120.5,"trigger":7,"particle":"","image":[[0,0,0],[0,0,3]],"hits":{"layer":[1,2,28],"energy":["NaN","Infinity",1e-05]}}

      """#
    #expect(try dump("--format", "json") == expected)
    #expect(try dump("--json") == expected)
  }

  @Test func csvRepeatsTheEventAndKeepsEmptyOnes() throws {
    #expect(
      try dump("--format", "csv", "--columns", "event,trigger,particle,hits") == """
        event,trigger,particle,hits.layer,hits.energy
        9007199254740993,1,electron,1,0.59616286
        9007199254740993,1,electron,2,6.75
        2,,pion,1,1.25
        3,0,"say ""hi"", ok",,
        4,7,"",1,nan
        4,7,"",2,inf
        4,7,"",28,1e-05

        """)
    #expect(
      try dump("--format", "csv", "--columns", "image", "--limit", "1") == """
        "image[0,0]","image[0,1]","image[0,2]","image[1,0]","image[1,1]","image[1,2]"
        0,1.5,0,0,0,2

        """)
  }

  @Test func columnsComeInTheOrderAskedFor() throws {
    #expect(
      try dump("--json", "--columns", "hits.energy, event", "--limit", "1")
        == #"{"hits":{"energy":[0.59616286,6.75]},"event":9007199254740993}"# + "\n")
  }

  @Test(arguments: [
    ("1..<3", ["2", "3"]), ("1...3", ["2", "3", "4"]), ("3", ["4"]), ("2...", ["3", "4"]), ("2..<2", []),
    ("..<1", ["9007199254740993"]), ("4...", []), ("1:3", ["2", "3"]), (":1", ["9007199254740993"]), ("3:", ["4"]),
    (":", ["9007199254740993", "2", "3", "4"]),
  ])
  func eventRanges(range: String, expected: [String]) throws {
    let lines = try dump("--events", range, "--format", "csv", "--columns", "event").split(separator: "\n")
    #expect(lines.dropFirst().map(String.init) == expected)
  }

  @Test func cutsUseColumnsThatAreNotShown() throws {
    #expect(
      try dump("--where", "count(hits) >= 2", "--columns", "event", "--format", "csv") == "event\n9007199254740993\n4\n"
    )
    #expect(try dump("--where", "beamEnergy > 1000", "--json") == "")
    #expect(
      try dump("--where", "any(hits.layer == 1)", "--limit", "2", "--columns", "event", "--json")
        == "{\"event\":9007199254740993}\n{\"event\":2}\n")
  }

  /// Events keep their numbers, and what no event can pass is not read.
  @Test func cutsSkipAndSaySo() throws {
    let some = try run("fingal", ["dump", path, "--where", "count(hits) >= 2", "--columns", "event", "--stats"])
    #expect(some.status == 0 && some.out.hasPrefix("event 0\n") && some.out.contains("\nevent 3\n"))
    #expect(some.err == "fingal: read 1 of 1 cluster, in them 2 of 2 pages\n")
    let none = try run("fingal", ["dump", path, "--where", "beamEnergy > 1e6", "--stats"])
    #expect(none.status == 0 && none.err == "fingal: read 0 of 1 cluster, in them 0 of 0 pages\n")
  }

  @Test(arguments: [
    (["--events", "2..<5"], "events 2..<5 are not all there: the file has events 0..<4"),
    (["--events", "4"], "events 4..<5 are not all there: the file has events 0..<4"),
    (
      ["--columns", "event,energie"],
      "no column 'energie'; the file has event, beamEnergy, trigger, particle, image, hits.layer, hits.energy"
    ),
  ])
  func whatIsNotThereIsAFaultOfTheCall(arguments: [String], message: String) throws {
    let result = try run("fingal", ["dump", path] + arguments)
    #expect(result.status == 2)
    #expect(result.err == "fingal: \(path): \(message)\n")
    #expect(result.out == "")
  }

  @Test(arguments: [
    ["--events", "5..<2"], ["--events", "a"], ["--events", "1..<"], ["--events", "-1"], ["--events", "3:1"],
    ["--format", "xml"],
    ["--limit", "-3"], ["--json", "--format", "csv"], ["--where", "beamEnergy >"], ["--where", "energie > 3"],
    ["--where", "beamEnergy + 1"],
  ])
  func wrongOptions(arguments: [String]) throws {
    let result = try run("fingal", ["dump", path] + arguments)
    #expect(result.status == 2)
    #expect(result.errorLines.count == 1)
    #expect(result.err.hasPrefix("fingal: "))
    #expect(result.out == "")
  }

  @Test func longCollectionsAndManyEventsStream() throws {
    // More hits than a piece of text holds, in several clusters, and an event larger than a piece.
    let schema = Schema(
      collections: [.init("hits")], fields: [.init("event", .int32), .init("adc", .uint16, in: "hits")])
    let long = folder.path("long.fingal")
    let writer = try EventWriter(creating: long, schema: schema, options: .init(clusterBytes: 100_000))
    var batch = EventBatch(schema)
    let sizes = [0, 40_000, 3, 0, 70_000] + Array(repeating: 30, count: 3_000)
    var next = 0
    for (event, size) in sizes.enumerated() {
      batch.counts[0].append(UInt32(size))
      batch.columns[0].append(Int32(event))
      for _ in 0..<size {
        batch.columns[1].append(UInt16(next & 0xFFFF))
        next += 1
      }
    }
    batch.eventCount = sizes.count
    try writer.append(batch)
    try writer.finish()

    var expected = ""
    next = 0
    for (event, size) in sizes.enumerated() {
      let values = (next..<next + size).map { String($0 & 0xFFFF) }
      expected += "{\"event\":\(event),\"hits\":{\"adc\":[\(values.joined(separator: ","))]}}\n"
      next += size
    }
    #expect(try run("fingal", ["dump", long, "--json"]).out == expected)
    let text = try run("fingal", ["dump", long, "--events", "1"]).out
    #expect(
      text == """
        event 1
          event  1
          hits   40000
            adc
              0
              1
              2
              3
              4
              5
              6
              7
            … 39992 more

        """)
  }

  @Test func aClosedPipeEndsQuietly() throws {
    // Enough output that the program still writes when `head` is gone, under a parent that ignores the signal.
    let schema = Schema(fields: [.init("n", .int32)])
    let many = folder.path("many.fingal")
    let writer = try EventWriter(creating: many, schema: schema)
    try writer.append(
      EventBatch(schema, eventCount: 200_000, counts: [], columns: [ColumnValues((0..<200_000).map { Int32($0) })]))
    try writer.finish()
    let program = try Programs.path(of: "fingal")
    let script = try folder.file(
      "pipe.sh", "trap '' PIPE\n'\(program)' dump '\(many)' --json | head -n 1; echo \"${PIPESTATUS[0]}\"")
    let piped = try runProgram("/bin/bash", [script])
    #expect(piped.err == "")
    // 141: ended by SIGPIPE, as `cat` would be.
    #expect(piped.out == "{\"n\":0}\n141\n")
  }

  /// Some containers have no such device; a test as root must not make a plain file in its place.
  static var hasFullDevice: Bool {
    var info = stat()
    return unsafe stat("/dev/full", &info) == 0 && info.st_mode & S_IFMT == S_IFCHR
  }

  @Test(.enabled(if: hasFullDevice, "there is no device /dev/full")) func aFullDiskIsReported() throws {
    let script = try folder.file("full.sh", "'\(Programs.path(of: "fingal"))' dump '\(path)' >/dev/full")
    let result = try runProgram("/bin/bash", [script])
    #expect(result.status == 1)
    #expect(result.err == "fingal: cannot write to standard output: No space left on device\n")
  }
}
