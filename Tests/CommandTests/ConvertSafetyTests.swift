import Glibc
import Testing

/// What `convert` and `export` must never do: destroy their input, leave litter, or trap on what is no text.
@Suite struct ConvertSafetyTests {
  static let text = "event,x\n1,2.5\n1,3.5\n"

  /// `-o` and `--rejects` that are the input, by its own name and by links to it.
  @Test func anOutputThatIsTheInputIsRefused() throws {
    let folder = try TemporaryDirectory()
    let input = try folder.file("in.csv", Self.text)
    try #require(unsafe symlink("in.csv", folder.path("soft.csv")) == 0)
    try #require(unsafe link(input, folder.path("hard.csv")) == 0)
    let file = folder.path("file.fingal")
    try #require(try run("fingal", ["convert", input, "-o", file]).status == 0)
    let before = try bytes(of: file)
    let skip = ["--on-error", "skip", "--rejects"]
    let fresh = folder.path("new.fingal")
    for arguments in [
      ["convert", input, "-o", input, "--force"], ["convert", input, "-o", folder.path("soft.csv"), "--force"],
      ["convert", folder.path("soft.csv"), "-o", input, "--force"],
      ["convert", input, "-o", folder.path("hard.csv"), "--force"],
      ["convert", input, "-o", fresh, "--force"] + skip + [input],
      ["convert", input, "-o", fresh, "--force"] + skip + [folder.path("hard.csv")],
      ["convert", input, "-o", fresh] + skip + [folder.root + "/./new.fingal"],
      ["export", file, "-o", file, "--force"],
    ] {
      let result = try run("fingal", arguments)
      #expect(result.status == 2, "\(arguments)")
      #expect(result.errorLines.count == 1)
      #expect(result.err.contains(" itself"), "\(result.err)")
    }
    #expect(String(decoding: try bytes(of: input), as: UTF8.self) == Self.text)
    #expect(try bytes(of: file) == before)
    #expect(folder.names == ["file.fingal", "hard.csv", "in.csv", "soft.csv"])
  }

  @Test func aFingalFileIsNotWrittenToStandardOutput() throws {
    let folder = try TemporaryDirectory()
    try folder.file("in.csv", Self.text)
    let result = try run("fingal", ["convert", "in.csv", "-o", "-"], directory: folder.root)
    #expect(result.status == 2)
    #expect(result.err.contains("name a file"))
    #expect(folder.names == ["in.csv"])
  }

  /// The shell that runs the conversion sends it the signal as soon as its temporary file is there.
  @Test(arguments: [("INT", SIGINT), ("TERM", SIGTERM), ("HUP", SIGHUP)])
  func aSignalLeavesNothing(_ name: String, _ number: Int32) throws {
    let folder = try TemporaryDirectory()
    var rows = "event,x\n"
    for event in 0..<40_000 { rows += "\(event),\(event % 977).25\n" }
    let input = try folder.file("in.csv", rows)
    var inputs = ""
    for _ in 0..<100 { inputs += " '\(input)'" }
    let tool = try Programs.path(of: "fingal")
    let script = """
      env --default-signal=\(name) '\(tool)' convert -q\(inputs) -o out.fingal &
      child=$!
      for i in $(seq 1000); do ls | grep -q partial && break; sleep 0.01; done
      ls | grep -q partial || exit 99
      kill -\(name) $child
      wait $child
      """
    // A shell without job control (`-m`), and much that runs tests, makes programs ignore SIGINT.
    let result = try runProgram("/bin/bash", ["-m", "-c", script], directory: folder.root)
    #expect(result.status == 128 + number, "\(result.err)")
    #expect(folder.names == ["in.csv"])
  }

  @Test func whatIsNoTextIsRefusedInOneLine() throws {
    let folder = try TemporaryDirectory()
    var junk: [UInt8] = []
    var state: UInt64 = 42
    for _ in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      junk.append(UInt8(state >> 56))
    }
    try write(junk, to: folder.path("junk.csv"))
    try folder.file("ascii.csv", Self.text)
    for arguments in [["junk.csv"], ["ascii.csv", "--encoding", "utf-16le"], ["ascii.csv", "--encoding", "utf-16be"]] {
      let result = try run("fingal", ["convert"] + arguments + ["-o", "out.fingal"], directory: folder.root)
      #expect(result.status == 1, "\(arguments)")
      #expect(result.errorLines.count == 1)
      #expect(result.err.hasPrefix("fingal: \(arguments[0]): ") || result.err.hasPrefix("fingal: \(arguments[0]):1"))
    }
    #expect(folder.names == ["ascii.csv", "junk.csv"])
  }

  @Test(arguments: [
    ["--level", "-5"], ["--level", "99"], ["--codec", "none", "--level", "3"], ["--codec", "zlib", "--level", "10"],
  ])
  func levelsThatACodecDoesNotHaveAreRefused(_ arguments: [String]) throws {
    let folder = try TemporaryDirectory()
    let input = try folder.file("in.csv", Self.text)
    let result = try run("fingal", ["convert", input, "-o", folder.path("out.fingal")] + arguments)
    #expect(result.status == 2)
    #expect(result.err.contains("--level") && !result.err.contains("issing"), "\(result.err)")
    #expect(folder.names == ["in.csv"])
  }
}
