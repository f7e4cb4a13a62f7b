import Fingal
import FoundationEssentials
import Testing

/// Files that are not what they should be: one clear line that names the file, exit code 1, and nothing that traps.
@Suite struct BadFileTests {
  static let readingCommands = ["info", "schema", "columns", "pages", "dump", "verify"]

  let folder: TemporaryDirectory
  let path: String

  init() throws {
    folder = try TemporaryDirectory()
    path = try TinyFile.write(in: folder)
  }

  /// Runs a command on a bad file and checks the form of what it says; gives the message after the file's name.
  private func refusal(_ command: String, _ file: String, status: Int32 = 1) throws -> String {
    let result = try run("fingal", [command, file])
    #expect(result.status == status, "\(command): \(result.err)")
    #expect(result.out == "")
    #expect(result.errorLines.count == 1)
    let prefix = "fingal: \(file): "
    #expect(result.err.hasPrefix(prefix), "\(command): \(result.err)")
    return String(result.err.dropFirst(prefix.count).dropLast())
  }

  @Test(arguments: readingCommands)
  func missingFile(command: String) throws {
    let message = try refusal(command, folder.path("nowhere.fingal"), status: 2)
    #expect(message.contains("No such file") || message.contains("does not exist") || message.contains("no such file"))
  }

  @Test(arguments: readingCommands)
  func folderInPlaceOfAFile(command: String) throws {
    let result = try run("fingal", [command, folder.root])
    #expect(result.status == 1 || result.status == 2)
    #expect(result.errorLines.count == 1)
    #expect(result.err.hasPrefix("fingal: \(folder.root): "))
  }

  @Test(arguments: readingCommands)
  func notFingal(command: String) throws {
    let csv = try folder.file("hits.csv", "event,energy\n" + String(repeating: "1,2.5\n", count: 100))
    #expect(try refusal(command, csv).contains("not a Fingal file"))
    let short = try folder.file("short.fingal", "abc")
    #expect(try refusal(command, short).contains("not a Fingal file"))
    let empty = try folder.file("empty.fingal", "")
    #expect(try refusal(command, empty).contains("empty"))
  }

  /// Every prefix of the file, in steps that hit header, schema, directory, pages, footer and trailer.
  @Test(arguments: readingCommands)
  func truncated(command: String) throws {
    let whole = try bytes(of: path)
    let file = try EventFile(opening: path)
    let layout = file.layout
    let cuts = [
      9, 63, 64, layout.schema.upperBound - 1, layout.schema.upperBound, file.clusters[0].offset + 32,
      file.clusters[0].offset + file.clusters[0].byteCount / 2, layout.footer.lowerBound,
      layout.footer.lowerBound + layout.footer.count / 2, layout.footer.upperBound, whole.count - 64, whole.count - 1,
    ]
    for cut in cuts {
      let broken = folder.path("cut.fingal")
      try write(Array(whole[..<cut]), to: broken)
      let message = try refusal(command, broken)
      #expect(
        message.contains("ends") || message.contains("has no end") || message.contains("truncated")
          || message.contains("too short") || message.contains("incomplete"), "cut at \(cut): \(message)")
    }
  }

  /// One flipped bit in what every command reads.
  @Test(arguments: readingCommands)
  func flippedBitInTheIndex(command: String) throws {
    let whole = try bytes(of: path)
    let layout = try EventFile(opening: path).layout
    let places = [
      3, 8, 20, 40, layout.schema.lowerBound, layout.schema.upperBound - 1, layout.footer.lowerBound,
      layout.footer.upperBound - 1, whole.count - 64, whole.count - 40, whole.count - 1,
    ]
    for place in places {
      let broken = folder.path("flipped.fingal")
      var copy = whole
      copy[place] ^= 0x10
      try write(copy, to: broken)
      let message = try refusal(command, broken)
      #expect(!message.isEmpty, "byte \(place)")
    }
  }

  @Test func flippedBitInAPageNamesColumnEventsAndByte() throws {
    let file = try EventFile(opening: path)
    let directory = try file.directory(ofCluster: 0)
    let streams = file.streams
    for (index, stream) in directory.streams.enumerated() {
      let name = file.schema.name(of: streams[index])
      for row in stream.pages where row.storedLength > 0 {
        var copy = try bytes(of: path)
        let place = file.clusters[0].offset + row.offset + row.storedLength / 2
        copy[place] ^= 1
        let broken = folder.path("page.fingal")
        try write(copy, to: broken)

        let dump = try refusal("dump", broken)
        #expect(dump.contains("'\(name)'") && dump.contains("events 0..<4"), "\(name): \(dump)")

        let verify = try run("fingal", ["verify", broken])
        #expect(verify.status == 1)
        #expect(verify.err.contains("'\(name)'") && verify.err.contains("events 0..<4") && verify.err.contains("byte "))
        #expect(verify.out == "")

        // What does not need the page is still there.
        #expect(try run("fingal", ["info", broken]).status == 0)
      }
    }
  }

  @Test func verifyGoesOnAfterADamagedFileAndReportsAsJSON() throws {
    let file = try EventFile(opening: path)
    let directory = try file.directory(ofCluster: 0)
    let energy = try #require(file.streams.firstIndex { file.schema.name(of: $0) == "hits.energy" })
    let row = directory.streams[energy].pages[0]
    var copy = try bytes(of: path)
    copy[file.clusters[0].offset + row.offset] ^= 1
    let broken = folder.path("broken.fingal")
    try write(copy, to: broken)

    let text = try run("fingal", ["verify", broken, path])
    #expect(text.status == 1)
    #expect(text.out.hasPrefix("\(path): sound: "))
    #expect(text.errorLines.count == 1)

    struct Report: Decodable {
      struct Fault: Decodable {
        var code: String
        var message: String
        var byte: Int?
        var firstEvent: Int?
        var eventCount: Int?
      }
      var file: String
      var sound: Bool
      var faults: [Fault]
    }
    let json = try run("fingal", ["verify", "--json", broken, path])
    #expect(json.status == 1)
    #expect(json.err == "")
    let reports = try JSONDecoder().decode([Report].self, from: Data(json.stdout))
    try #require(reports.count == 2)
    #expect(reports.map(\.file) == [broken, path])
    #expect(reports.map(\.sound) == [false, true])
    let fault = try #require(reports[0].faults.first)
    #expect(fault.code == "damaged" && fault.message.contains("hits.energy"))
    #expect(fault.firstEvent == 0 && fault.eventCount == 4)
    #expect(fault.byte == file.clusters[0].offset + row.offset)
  }

  @Test func paddingIsChecked() throws {
    let file = try EventFile(opening: path)
    let place = file.layout.schema.upperBound
    try #require(place < file.clusters[0].offset, "the tiny file has padding behind its schema")
    var copy = try bytes(of: path)
    copy[place] = 1
    let broken = folder.path("padding.fingal")
    try write(copy, to: broken)
    #expect(try refusal("verify", broken).contains("padding is not zero at byte \(place)"))
  }

  @Test func aMissingFileAmongOthersDoesNotStopVerify() throws {
    let result = try run("fingal", ["verify", folder.path("nowhere.fingal"), path])
    #expect(result.status == 2)
    #expect(result.errorLines.count == 1)
    #expect(result.out.hasPrefix("\(path): sound: "))
  }
}
