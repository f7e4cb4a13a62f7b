import Testing

/// `fingal convert --encoding`, `--codec` and labels on the command line: what is asked for is done or refused in words.
@Suite struct EncodingOptionTests {
  /// A column of noise between 0 and 1000, and one that climbs slowly.
  private static var noise: String {
    var text = "event,i,j\n"
    var state: UInt64 = 7
    for event in 0..<5000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      text += "\(event),\(state >> 33 % 1001),\(event / 7)\n"
    }
    return text
  }

  /// The encoding and the codec of each column.
  private func columns(_ options: [String]) throws -> [Substring: [Substring]] {
    let folder = try TemporaryDirectory()
    let output = folder.path("out.fingal")
    let converted = try run("fingal", ["convert", try folder.file("in.csv", Self.noise), "-o", output] + options)
    try #require(converted.status == 0, "\(converted.err)")
    var found: [Substring: [Substring]] = [:]
    for line in try run("fingal", ["columns", output]).out.split(separator: "\n").dropFirst() {
      let words = line.split(separator: " ")
      found[words[0]] = [words[2], words[3]]
    }
    return found
  }

  @Test func allColumnsOrOne() throws {
    let all = try columns(["--encoding", "delta", "--codec", "none"])
    #expect(all.values.allSatisfy { $0 == ["DELTA", "none"] }, "\(all)")
    let one = try columns(["--encoding", "DELTA", "--encoding", "i=BYTE_SPLIT"])
    #expect(one["i"]?.first == "BYTE_SPLIT" && one["j"]?.first == "DELTA", "\(one)")
    // Where it does not apply, the page is plain and compressed as other plain pages are.
    #expect(try columns(["--encoding", "i=CONST"])["i"] == columns(["--encoding", "i=PLAIN"])["i"])
  }

  @Test(arguments: [
    (["--encoding", "i=LOOKUP"], "LOOKUP cannot be asked for"),
    (["--encoding", "LOOKUP"], "it is found by itself"),
    (["--encoding", "FOO"], "it takes utf-8, latin-1, utf-16le or utf-16be for the text; PLAIN, CONST, FOR"),
    (
      ["--codec", "q=zstd"],
      "no column is called 'q', which --encoding, --codec or --level names; the columns are event, i, j"
    ),
    (["--type", "i=enum(a,\"b)"], "has a quote that is never closed"),
    (["--type", "i=enum(\"a\"b)"], "has text behind a closing quote"),
    (["--type", "i=enum(a,,b)"], "has an empty label"),
  ])
  func refuses(_ options: [String], _ message: String) throws {
    let folder = try TemporaryDirectory()
    let input = try folder.file("in.csv", "event,i,j\n1,2,3\n")
    let result = try run("fingal", ["convert", input, "-o", folder.path("out.fingal")] + options)
    #expect(result.status == 2)
    #expect(result.errorLines.count == 1 && result.err.contains(message), "\(result.err)")
    #expect(folder.names == ["in.csv"])
  }

  /// A label may hold what separates labels.
  @Test func quotedLabels() throws {
    let folder = try TemporaryDirectory()
    let output = folder.path("out.fingal")
    let text = "p\nelectron\n\"mu,on\"\n\"the \"\"tau\"\"\"\nelectron\n"
    let type = "p=enum(electron, pion ,\"mu,on\", \"the \"\"tau\"\"\" )"
    let converted = try run("fingal", ["convert", try folder.file("in.csv", text), "-o", output, "--type", type])
    #expect(converted.status == 0, "\(converted.err)")
    #expect(try run("fingal", ["export", output, "-o", "-"]).out == text)
    #expect(try run("fingal", ["schema", output]).out.contains(#""the \"tau\"""#))
  }

  /// In a file of one column an empty line may have been a missing value: it is not dropped without a word.
  @Test(arguments: [
    ("x\n1\n\n3\n\n", "1 empty line between records left out (first: in.csv:3); write \"\" where a value is missing"),
    ("a,b\n1,2\n\n\n3,4\n", "2 empty lines between records left out (first: in.csv:3)\n"),
    ("\n\nx\n1\n3\n\n\n", ""),
  ])
  func emptyLines(_ text: String, _ warning: String) throws {
    let folder = try TemporaryDirectory()
    try folder.file("in.csv", text)
    let result = try run("fingal", ["convert", "in.csv", "-o", "out.fingal"], directory: folder.root)
    #expect(result.status == 0 && result.err.contains(warning), "\(result.err)")
    #expect(result.err.contains("empty line") == !warning.isEmpty)
  }
}
