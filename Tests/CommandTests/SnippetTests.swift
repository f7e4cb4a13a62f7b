import Testing

/// `Snippets/` are programs: they must run, and the README must show what runs.
@Suite struct SnippetTests {
  @Test func runAndFitTogether() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("events.fingal")
    let written = try run("WriteEvents", [path])
    #expect(written.status == 0 && written.out == "wrote 1000 events\n", "\(written.err)")
    let read = try run("ReadEvents", [path])
    #expect(read.status == 0 && read.out.hasPrefix("event 239 of 1000 has the largest share, 3.16"), "\(read.err)")
    let cut = try run("CutEvents", [path])
    #expect(cut.status == 0, "\(cut.err)")
    #expect(cut.out.hasPrefix("event 76 has 16 hits\nevent 77 has 17 hits\n48 of 1000 events pass; "), "\(cut.out)")
  }

  @Test func readmeShowsASnippet() throws {
    let snippet = String(decoding: try bytes(of: packageRoot + "/Snippets/ReadEvents.swift"), as: UTF8.self)
    let readme = String(decoding: try bytes(of: packageRoot + "/README.md"), as: UTF8.self)
    let marker = "// snippet.show\n"
    var body = Substring(snippet)
    while !body.hasPrefix(marker), !body.isEmpty { body.removeFirst() }
    body.removeFirst(marker.count)
    #expect(!body.isEmpty && readme.contains("```swift\n" + body + "```\n"))
  }
}
