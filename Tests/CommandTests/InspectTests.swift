import Fingal
import FoundationEssentials
import Testing

/// What the inspecting commands print for a small file.
@Suite struct InspectTests {
  let folder: TemporaryDirectory
  let path: String

  init() throws {
    folder = try TemporaryDirectory()
    path = try TinyFile.write(in: folder)
  }

  private func output(_ arguments: [String]) throws -> String {
    let result = try run("fingal", arguments)
    #expect(result.status == 0)
    #expect(result.err == "")
    return result.out
  }

  @Test func infoNamesEventsColumnsAndProvenance() throws {
    let lines = try output(["info", path]).split(separator: "\n").map { $0.trimmingBlanks() }
    #expect(lines[0] == path)
    #expect(lines.contains("format       Fingal 1.0"))
    #expect(lines.contains("events       4"))
    #expect(lines.contains("content      \(try EventFile(opening: path).contentHashText)"))
    #expect(lines.contains("layout       1 cluster, 9 pages"))
    #expect(lines.contains("columns      7 columns, 5 of the event"))
    #expect(lines.contains("event int64, beamEnergy float64 [GeV], trigger uint8?, particle string"))
    #expect(lines.contains("image float32 2×3 [MIP]"))
    #expect(lines.contains("hits         6 elements, 1.5 an event; 2 columns"))
    #expect(lines.contains("layer uint8, energy float32 [MIP]"))
    #expect(lines.contains("source.name  made for the tests"))
    #expect(lines.contains("note         end"))
  }

  @Test func infoAsJSONGivesTheSameFacts() throws {
    struct Report: Decodable {
      struct Collection: Decodable {
        var name: String
        var elements: Int
        var perEvent: Double
      }
      var events: Int
      var size: Int
      var decoded: Int
      var clusters: Int
      var collections: [Collection]
      var metadata: [String: String]
    }
    let text = try output(["info", "--json", path, path])
    let reports = try JSONDecoder().decode([Report].self, from: Data(text.utf8))
    try #require(reports.count == 2)
    #expect(reports[0].events == 4)
    #expect(try reports[0].size == bytes(of: path).count)
    #expect(reports[0].decoded == TinyFile.decodedBytes)
    #expect(reports[0].clusters == 1)
    #expect(reports[0].collections[0].elements == 6)
    #expect(reports[0].collections[0].perEvent == 1.5)
    #expect(reports[0].metadata == ["note": "end", "source.name": "made for the tests"])
  }

  @Test(arguments: [["info"], ["info", "--json"]]) func aBadFileAmongOthersIsReportedAndTheOthersAreShown(
    command: [String]
  ) throws {
    let bad = try folder.file("bad.fingal", "event,energy\n1,2\n")
    let result = try run("fingal", command + [path, bad, folder.path("none.fingal"), path])
    #expect(result.status == 1)
    #expect(result.errorLines.count == 2)
    #expect(result.errorLines.first?.hasPrefix("fingal: \(bad): not a Fingal file") == true)
    #expect(result.out.split(separator: "\n").filter { $0.contains(path) }.count == 2)
    #expect(try run("fingal", command + [path, folder.path("none.fingal")]).status == 2)
  }

  @Test func schemaIsTheSchemaOfTheFile() throws {
    let text = try output(["schema", path])
    #expect(try Schema(json: text) == TinyFile.schema)
    #expect(try output(["schema", path, "--json"]) == text)
  }

  @Test func columnsAreSortedByStoredBytes() throws {
    struct Report: Decodable {
      var column: String
      var role: String
      var type: String
      var encodings: [String: Double]
      var codecs: [String: Double]
      var stored: Int
      var decoded: Int
      var share: Double
      var nulls: Int
      var nans: Int
    }
    let reports = try JSONDecoder().decode([Report].self, from: Data(output(["columns", "--json", path]).utf8))
    let names = Set(reports.map(\.column))
    #expect(
      names == [
        "event", "beamEnergy", "trigger", "trigger (validity)", "particle", "image", "hits (counts)", "hits.layer",
        "hits.energy",
      ])
    #expect(reports.map(\.stored) == reports.map(\.stored).sorted(by: >))
    #expect(abs(reports.map(\.share).reduce(0, +) - 1) < 1e-12)
    for report in reports {
      #expect(abs(report.encodings.values.reduce(0, +) - 1) < 1e-12)
      #expect(abs(report.codecs.values.reduce(0, +) - 1) < 1e-12)
    }
    #expect(reports.reduce(0) { $0 + $1.decoded } == TinyFile.decodedBytes)
    let energy = try #require(reports.first { $0.column == "hits.energy" })
    #expect(energy.nans == 1 && energy.role == "values" && energy.type == "float32" && energy.decoded == 24)
    #expect(reports.first { $0.column == "trigger" }?.nulls == 1)
  }

  @Test func columnsTableShowsTypesAndRanges() throws {
    let lines = try output(["columns", path]).split(separator: "\n")
    #expect(lines.count == 10)
    #expect(
      lines[0].split(separator: " ").joined(separator: " ")
        == "column type unit encoding codec stored raw ratio share min max nulls")
    func row(_ name: String) throws -> [Substring] {
      try #require(lines.first { $0.hasPrefix(name + " ") }).split(separator: " ")
    }
    #expect(try row("event").suffix(3) == ["2", "9007199254740993", "–"])
    #expect(try row("beamEnergy").suffix(3) == ["65.846", "120.5", "–"])
    #expect(try row("image").prefix(4) == ["image", "float32", "2×3", "MIP"])
    #expect(try row("hits.energy").suffix(3) == ["1e-05", "inf", "–"])
    #expect(try row("trigger ").last == "1")
    #expect(try row("particle").suffix(3) == ["–", "–", "–"])
  }

  @Test func pagesLieWhereTheDirectorySays() throws {
    let file = try EventFile(opening: path)
    let directory = try file.directory(ofCluster: 0)
    let lines = try output(["pages", path]).split(separator: "\n").dropFirst()
    #expect(lines.count == directory.streams.reduce(0) { $0 + $1.pages.count })
    let energy = try output(["pages", path, "hits.energy"]).split(separator: "\n")
    try #require(energy.count == 2)
    let index = try #require(file.streams.firstIndex { file.schema.name(of: $0) == "hits.energy" })
    let row = directory.streams[index].pages[0]
    #expect(
      energy[1].split(separator: " ").map(String.init).dropLast() == [
        "hits.energy", "0..<4", "\(file.clusters[0].offset + row.offset)", "\(row.storedLength)",
        "\(row.encodedLength)", "24", Encoding(rawValue: row.encoding)!.name, Codec(rawValue: row.codec)!.name,
        "1e-05", "inf", "1", "0",
      ])

    let digest = String(directory.streams[index].digest.value, radix: 16)
    #expect(energy[1].hasSuffix("  " + String(repeating: "0", count: 16 - digest.count) + digest))

    struct Report: Decodable {
      var column: String
      var byte: Int
    }
    let text = try output(["pages", path, "hits", "--json"])
    let reports = try JSONDecoder().decode([Report].self, from: Data(text.utf8))
    #expect(reports.map(\.column) == ["hits (counts)", "hits.layer", "hits.energy"])
    #expect(reports.map(\.byte) == reports.map(\.byte).sorted())
    #expect(try run("fingal", ["pages", path, "energie"]).status == 2)
    // Inside of encodings: the name of the outermost comes first.
    let inside = try output(["pages", path, "--inside"]).split(separator: "\n").dropFirst()
    for (plain, detailed) in zip(lines, inside) {
      let name = plain.split(separator: " ").first { $0.allSatisfy { $0.isUppercase || $0 == "_" } }
      #expect(try detailed.contains(" \(#require(name))"), "\(detailed)")
    }
  }

  @Test func verifyOfASoundFile() throws {
    #expect(try output(["verify", path]).hasPrefix("\(path): sound: 4 events, 9 pages in 1 cluster, "))
    struct Report: Decodable {
      var sound: Bool
      var events: Int
      var pages: Int
    }
    let reports = try JSONDecoder().decode([Report].self, from: Data(output(["verify", "--json", path]).utf8))
    #expect(reports.count == 1 && reports[0].sound && reports[0].events == 4 && reports[0].pages == 9)
  }

  @Test func namesAndUnitsCannotDriveTheTerminal() throws {
    let schema = Schema(
      collections: [.init("hits\u{202E}")],
      fields: [
        .init("beam\u{9B}31m", .float32, unit: "\u{1B}[2JGeV"),
        .init("energy", .float32, in: "hits\u{202E}", unit: "\u{9B}MIP"),
      ])
    let odd = folder.path("odd.fingal")
    let writer = try EventWriter(creating: odd, schema: schema)
    try writer.append(
      EventBatch(
        schema, eventCount: 1, counts: [ColumnValues([1 as UInt32])],
        columns: [ColumnValues([-0.0 as Float]), ColumnValues([1 as Float])]))
    try writer.finish()
    for command in ["info", "columns", "dump", "pages"] {
      let text = try output([command, odd])
      #expect(
        !text.unicodeScalars.contains { $0.properties.generalCategory == .format || (0x7F...0x9F).contains($0.value) })
      #expect(!text.contains("\u{1B}"), "\(command)")
      #expect(text.contains("\\u009b"), "\(command)")
    }
    // The sign of a zero is a value, too; `-0` would be an integer in JSON.
    #expect(try output(["dump", odd, "--json"]).contains(":-0.0"))
  }

  @Test func metadataCannotDriveTheTerminal() throws {
    var schema = Schema(fields: [.init("a", .int8)])
    schema.metadata["source.name"] = "red \u{1B}[31m\nline"
    let hostile = folder.path("hostile.fingal")
    let writer = try EventWriter(creating: hostile, schema: schema)
    try writer.finish()
    #expect(try output(["info", hostile]).contains("source.name  red \\u001b[31m, line\n"))
  }
}

extension Substring {
  func trimmingBlanks() -> String {
    var text = self
    while text.first == " " { text.removeFirst() }
    return String(text)
  }
}
