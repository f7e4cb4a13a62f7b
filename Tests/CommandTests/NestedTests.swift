import Fingal
import Testing

/// Enumerations, collections inside collections, tensors of hits and missing tensors, as the tool shows them.
@Suite struct NestedFileTests {
  static let schema = Schema(
    collections: [.init("hits"), .init("samples", in: "hits")],
    fields: [
      .init("particle", .enumeration, labels: ["electron", "pion"]),
      .init("image", .uint8, shape: [2, 2], nullable: true), .init("layer", .uint8, in: "hits"),
      .init("position", .float32, in: "hits", shape: [2], nullable: true), .init("charge", .int16, in: "samples"),
    ])

  private func file(_ folder: TemporaryDirectory) throws -> String {
    var batch = EventBatch(Self.schema)
    batch.eventCount = 3
    batch.counts[0].append(contentsOf: [2, 0, 1] as [UInt32])
    batch.counts[1].append(contentsOf: [1, 0, 2] as [UInt32])
    batch.columns[0].append(contentsOf: [1, 0, 1] as [UInt16])
    batch.columns[1].append(contentsOf: [1, 2, 3, 4] as [UInt8])
    batch.columns[1].appendNull(elements: 4)
    batch.columns[1].append(contentsOf: [0, 0, 0, 9] as [UInt8])
    batch.columns[2].append(contentsOf: [3, 4, 5] as [UInt8])
    batch.columns[3].append(contentsOf: [0.5, 1] as [Float])
    batch.columns[3].appendNull(elements: 2)
    batch.columns[3].append(contentsOf: [2, 2.5] as [Float])
    batch.columns[4].append(contentsOf: [7, 8, 9] as [Int16])
    let path = folder.path("nested.fingal")
    let writer = try EventWriter(creating: path, schema: Self.schema)
    try writer.append(batch)
    try writer.finish()
    return path
  }

  @Test func dumpsJSON() throws {
    let folder = try TemporaryDirectory()
    let dump = try run("fingal", ["dump", try file(folder), "--json"])
    #expect(dump.status == 0, "\(dump.err)")
    #expect(
      dump.out == """
        {"particle":"pion","image":[[1,2],[3,4]],"hits":{"layer":[3,4],"position":[[0.5,1],null]},"samples":{"charge":[[7],[]]}}
        {"particle":"electron","image":null,"hits":{"layer":[],"position":[]},"samples":{"charge":[]}}
        {"particle":"pion","image":[[0,0],[0,9]],"hits":{"layer":[5],"position":[[2,2.5]]},"samples":{"charge":[[8,9]]}}

        """)
    let some = try run(
      "fingal",
      ["dump", folder.path("nested.fingal"), "--json", "--columns", "samples.charge", "--where", "particle == 'pion'"])
    #expect(
      some.out == """
        {"samples":{"charge":[[7],[]]},"hits":{"count":2}}
        {"samples":{"charge":[[8,9]]},"hits":{"count":1}}

        """, "\(some.err)")
  }

  @Test func dumpsText() throws {
    let folder = try TemporaryDirectory()
    let dump = try run("fingal", ["dump", try file(folder), "--events", "0"])
    #expect(dump.status == 0, "\(dump.err)")
    for line in ["  particle  pion", "  samples   1", "        3     0.5 1", "        4      null", "       0       7"]
    {
      #expect(dump.out.contains(line + "\n"), "\(line) in\n\(dump.out)")
    }
  }

  @Test func dumpsCSVOrSaysWhyNot() throws {
    let folder = try TemporaryDirectory()
    let path = try file(folder)
    let refused = try run("fingal", ["dump", path, "--format", "csv"])
    #expect(refused.status == 2)
    #expect(refused.err.contains("CSV has no room for 'samples', which lies in 'hits'"), "\(refused.err)")
    let hits = try run("fingal", ["dump", path, "--format", "csv", "--columns", "particle,hits"])
    #expect(
      hits.out
        == """
        particle,hits.layer,"hits.position[0]","hits.position[1]"
        pion,3,0.5,1
        pion,4,,
        electron,,,
        pion,5,2,2.5

        """.replacing("\"", with: hits.out.contains("\"hits") ? "\"" : ""))
  }

  @Test func exportsListsInLists() throws {
    let folder = try TemporaryDirectory()
    let export = try run("fingal", ["export", try file(folder), "-o", "-"])
    #expect(export.status == 0, "\(export.err)")
    #expect(
      export.out == """
        particle,image_0_0,image_0_1,image_1_0,image_1_1,hits_layer,hits_position,samples_charge
        pion,1,2,3,4,"[3, 4]","[[0.5, 1], [, ]]","[[7], []]"
        electron,,,,,[],[],[]
        pion,0,0,0,9,[5],"[[2, 2.5]]","[[8, 9]]"

        """)
  }

  @Test func infoShowsTheNesting() throws {
    let folder = try TemporaryDirectory()
    let info = try run("fingal", ["info", try file(folder)])
    #expect(info.out.contains("in hits: 3 elements"), "\(info.out)")
    for command in ["columns", "schema", "verify", "pages"] {
      let done = try run("fingal", [command, folder.path("nested.fingal")])
      #expect(done.status == 0, "\(command): \(done.err)")
    }
  }

  // MARK: Conversion

  static let csv = "event,particle,energy\n1,pion,2.5\n2,electron,3\n3,,4\n4,pion,5\n"

  @Test func convertsTextsToAnEnumeration() throws {
    let folder = try TemporaryDirectory()
    let input = try folder.file("in.csv", Self.csv)
    let output = folder.path("out.fingal")
    let done = try run(
      "fingal", ["convert", input, "-o", output, "--type", "particle=enum", "--meta", "campaign=August"])
    #expect(done.status == 0, "\(done.err)")
    let file = try EventFile(opening: output)
    #expect(file.schema.field("particle")?.labels == ["pion", "electron"])
    #expect(file.schema.field("particle")?.nullable == true)
    #expect(file.schema.metadata["campaign"] == "August")
    #expect(try run("fingal", ["export", output, "-o", "-"]).out == Self.csv)
    let provenance = try #require(file.provenance)
    #expect(provenance.converter == "fingal convert")
    #expect(provenance.options == ["--type particle=enum", "--meta campaign=August"])
    #expect(provenance.sources.map(\.name) == ["in.csv"])
    #expect(provenance.sources.map(\.bytes) == [Self.csv.utf8.count])
    let hash = StreamingHash()
    unsafe Array(Self.csv.utf8).withUnsafeBytes { unsafe hash.append($0) }
    #expect(provenance.sources[0] == .init(name: "in.csv", bytes: Self.csv.utf8.count, xxh3: hash.value))
    let info = try run("fingal", ["info", output]).out
    #expect(info.contains("fingal convert"))
    #expect(info.contains(provenance.sources[0].xxh3))
    // The folder and the threads do not change the bytes.
    let other = try TemporaryDirectory()
    let again = other.path("again.fingal")
    let same = try run(
      "fingal",
      [
        "convert", try other.file("in.csv", Self.csv), "-o", again, "--type", "particle=enum", "--meta",
        "campaign=August", "--threads", "2",
      ])
    #expect(same.status == 0)
    #expect(try bytes(of: again) == bytes(of: output))
  }

  @Test func givenLabelsAreAllThereAre() throws {
    let folder = try TemporaryDirectory()
    let input = try folder.file("in.csv", Self.csv)
    let output = folder.path("out.fingal")
    let refused = try run(
      "fingal", ["convert", input, "-o", output, "--type", "particle=enum(pion,muon)"])
    #expect(refused.status == 1)
    #expect(refused.err.contains("in.csv:3"), "\(refused.err)")
    #expect(refused.err.contains("\"electron\" in column 'particle' is none of the labels that --type gives"))
    let done = try run(
      "fingal", ["convert", input, "-o", output, "--type", "particle=enum(muon, electron,pion)"])
    #expect(done.status == 0, "\(done.err)")
    #expect(try EventFile(opening: output).schema.field("particle")?.labels == ["muon", "electron", "pion"])
    #expect(try run("fingal", ["convert", input, "-o", output, "--type", "particle=enum(a,a)"]).status == 2)
    #expect(try run("fingal", ["convert", input, "-o", output, "--meta", "csv.layout=rows"]).status == 2)
    #expect(try run("fingal", ["convert", input, "-o", output, "--type", "particle=colour"]).status == 2)
  }
}
