import Fingal
import FoundationEssentials
import Testing

/// `salvage` as it is run.
@Suite struct SalvageTests {
  let folder: TemporaryDirectory
  let path: String

  init() throws {
    folder = try TemporaryDirectory()
    path = folder.path("all.fingal")
    // Three clusters of four events.
    let writer = try EventWriter(creating: path, schema: TinyFile.schema)
    let tiny = try EventFile(opening: TinyFile.write(in: folder))
    for _ in 0..<3 { try writer.append(clustersOf: tiny) }
    try writer.finish()
  }

  private struct Report: Decodable {
    struct Loss: Decodable {
      var byte: Int
      var firstEvent: Int?
      var eventCount: Int?
      var reason: String
    }
    var events: Int
    var wholeClusters: Int
    var whole: Bool
    var losses: [Loss]
  }

  private func report(_ result: Finished) throws -> Report {
    #expect(result.err == "")
    return try JSONDecoder().decode(Report.self, from: Data(result.stdout))
  }

  @Test func aSoundFileComesBackByteByByte() throws {
    let result = try run("fingal", ["salvage", path, "-o", folder.path("b.fingal")])
    #expect(result.status == 0)
    #expect(
      result.out == "\(path): recovered 12 events in 3 whole clusters → \(folder.path("b.fingal")); nothing is lost\n")
    #expect(try bytes(of: folder.path("b.fingal")) == bytes(of: path))
  }

  @Test func aCutFileKeepsItsCompleteClusters() throws {
    let clusters = try EventFile(opening: path).clusters
    let cut = folder.path("cut.fingal")
    try write(Array(bytes(of: path)[..<(clusters[2].offset + 100)]), to: cut)
    #expect(try run("fingal", ["info", cut]).err.contains("`fingal salvage`"))
    let saved = folder.path("saved.fingal")
    let result = try run("fingal", ["salvage", cut, "-o", saved])
    #expect(result.status == 1)
    #expect(
      result.out.split(separator: "\n").map(String.init) == [
        "\(cut): recovered 8 events in 2 whole clusters → \(saved)",
        "  lost 4 events (8..<12): the file ends inside a cluster, at byte \(clusters[2].offset)",
      ])
    #expect(try run("fingal", ["verify", saved]).status == 0)
    #expect(try EventFile(opening: saved).eventCount == 8)
    #expect(try run("fingal", ["salvage", cut, "-o", saved]).status == 2)
    #expect(try run("fingal", ["salvage", cut, "-o", saved, "--force", "--accept"]).status == 0)
  }

  @Test func aDamagedClusterInTheMiddleIsNamed() throws {
    let clusters = try EventFile(opening: path).clusters
    var copy = try bytes(of: path)
    copy[clusters[1].offset + 80] ^= 1
    let broken = folder.path("broken.fingal")
    try write(copy, to: broken)
    let result = try run("fingal", ["salvage", broken, "--dry-run", "--json"])
    #expect(result.status == 1)
    let found = try report(result)
    #expect(found.events == 8 && found.wholeClusters == 2 && !found.whole)
    try #require(found.losses.count == 1)
    #expect(found.losses[0].firstEvent == 4 && found.losses[0].eventCount == 4)
    #expect(found.losses[0].byte == clusters[1].offset)
    #expect(found.losses[0].reason.contains("directory"))
    #expect(folder.names == ["all.fingal", "broken.fingal", "tiny.fingal"])
  }

  @Test func whatIsNoFingalFileIsRefused() throws {
    let text = try folder.file("text.csv", "event,energy\n")
    let result = try run("fingal", ["salvage", text, "-o", folder.path("x.fingal")])
    #expect(result.status == 1)
    #expect(result.err.hasPrefix("fingal: \(text): not a Fingal file"))
    #expect(try run("fingal", ["salvage", folder.path("none"), "-o", folder.path("x.fingal")]).status == 2)
    #expect(try run("fingal", ["salvage", text]).status == 2)
    #expect(!exists(folder.path("x.fingal")))
  }

  /// A killed converter: SIGKILL cannot be caught, and what it had written so far is a `.partial` file.
  @Test func thePartialFileOfAKilledConverterIsRead() throws {
    let source = folder.path("big.csv")
    var text = "event,energy\n"
    for i in 0..<400_000 { text += "\(i),\(Double(i * 7919 % 100_003) / 1000)\n" }
    try write(Array(text.utf8), to: source)
    _ = try runProgram(
      "/usr/bin/env",
      [
        "timeout", "-s", "KILL", "0.3", Programs.path(of: "fingal"), "convert", "-q", source, "-o",
        folder.path("big.fingal"),
      ])
    guard let partial = folder.names.first(where: { $0.hasSuffix(".partial") }) else { return }
    let size = try bytes(of: folder.path(partial)).count
    let result = try run("fingal", ["salvage", folder.path(partial), "-o", folder.path("saved.fingal"), "--accept"])
    if size < 200 { return }
    #expect(result.status == 0, "\(result.err)")
    #expect(try run("fingal", ["verify", folder.path("saved.fingal")]).status == 0)
  }
}
