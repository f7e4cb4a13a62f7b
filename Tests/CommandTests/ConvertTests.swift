import Glibc
import Testing

/// `fingal convert` and `fingal export` as a user runs them: arguments, streams, exit codes, and what is left behind.
@Suite struct ConvertTests {
  static let hits = """
    event,pdgID,rechit_layer,rechit_energy
    0,11,1,3.25
    0,11,2,1.5
    1,211,1,0.75

    """
  static let rows =
    "event,E [GeV],pixel0,pixel1,pixel2,pixel3,pixel4,pixel5,pixel6,pixel7\n1,2.5,0,0,0,1.5,0,0,0,2\n2,3.25,0,0,0,0,0,0,0,1\n"
  static let cells = "event,nhits,x,y\n1,2,\"[1, 2]\",\"[0.5, 1.5]\"\n2,0,[],[]\n3,1,[4],[2.5]\n"

  @Test(arguments: [("hits", hits), ("rows", rows), ("cells", cells)])
  func roundTrip(_ layout: String, _ text: String) throws {
    let folder = try TemporaryDirectory()
    let input = try folder.file("in.csv", text)
    let output = folder.path("out.fingal")
    let converted = try run("fingal", ["convert", input, "-o", output])
    #expect(converted.status == 0)
    #expect(converted.errorLines.count == 1)
    #expect(converted.err.hasPrefix("converted "))
    #expect(try run("fingal", ["verify", output]).status == 0)
    #expect(try run("fingal", ["export", output, "-o", "-"]).out == text)
    let back = folder.path("back.csv")
    #expect(try run("fingal", ["export", output, "-o", back]).status == 0)
    #expect(String(decoding: try bytes(of: back), as: UTF8.self) == text)
    #expect(folder.names == ["back.csv", "in.csv", "out.fingal"])
    // A second time the names are taken.
    #expect(try run("fingal", ["convert", input, "-o", output]).status == 2)
    #expect(try run("fingal", ["export", output, "-o", back]).status == 2)
    #expect(try run("fingal", ["convert", input, "-o", output, "--force"]).status == 0)
    #expect(try run("fingal", ["export", output, "-o", back, "--force"]).status == 0)
  }

  @Test func readsStandardInputAndGzip() throws {
    let folder = try TemporaryDirectory()
    let plain = folder.path("plain.fingal")
    #expect(try run("fingal", ["convert", try folder.file("in.csv", Self.hits), "-o", plain]).status == 0)
    let piped = folder.path("piped.fingal")
    #expect(try run("fingal", ["convert", "-", "-o", piped], stdin: Array(Self.hits.utf8)).status == 0)
    #expect(try run("fingal", ["export", piped, "-o", "-"]).out == Self.hits)
    #expect(try runProgram("/usr/bin/env", ["gzip", "-k", folder.path("in.csv")]).status == 0)
    let zipped = folder.path("zipped.fingal")
    #expect(try run("fingal", ["convert", folder.path("in.csv.gz"), "-o", zipped]).status == 0)
    #expect(try run("fingal", ["export", zipped, "-o", "-"]).out == Self.hits)
  }

  @Test func joinsFilesOfOneHeader() throws {
    let folder = try TemporaryDirectory()
    let first = try folder.file("a.csv", "event,x\n0,1\n0,2\n")
    let second = try folder.file("b.csv", "event,x\n0,1.5\n0,3\n")
    let output = folder.path("out.fingal")
    #expect(try run("fingal", ["convert", first, second, "-o", output]).status == 0)
    // Two events of the same key, which only the border of the files tells apart.
    let exported = try run("fingal", ["export", output, "-o", "-"])
    #expect(exported.out == "event,x\n0,\"[1, 2]\"\n0,\"[1.5, 3]\"\n")
    #expect(
      exported.err
        == "note: events 0 and 1 have the same 'event', and lines of hits would run together to one event; writing a line"
        + " an event with lists\n")
    let refused = try run("fingal", ["export", output, "-o", folder.path("back.csv"), "--layout", "hits"])
    #expect(refused.status == 1 && refused.errorLines.count == 1)
    #expect(refused.err.hasSuffix("use --layout cells\n") && !exists(folder.path("back.csv")))
    let other = try folder.file("c.csv", "event,z\n0,1\n")
    let fault = try run("fingal", ["convert", first, other, "-o", folder.path("no.fingal")])
    #expect(fault.status == 1)
    #expect(fault.err.contains("c.csv:1:2: column 2 is 'z', but 'x' in "))
    #expect(!exists(folder.path("no.fingal")))
  }

  struct Fault: CustomTestStringConvertible, Sendable {
    var name: String
    var text: String
    var message: String
    var testDescription: String { name }
  }

  static let faults: [Fault] = [
    Fault(
      name: "short row", text: "event,x,y\n1,2,3\n1,2\n",
      message: "in.csv:3: 2 fields where the header has 3: 'y' missing"),
    Fault(
      name: "long row", text: "event,x\n1,2\n1,2,3\n",
      message: "in.csv:3:3: 3 fields where the header has 2: \"3\" is one too many"),
    Fault(
      name: "no number", text: "event,x\n1,2.5\n1,abc\n1,4\n",
      message:
        "in.csv:3:2: expected a number in column 'x', found \"abc\"; correct it, pass --null 'abc' if it means no value"
        + " or pass --type 'x=string' to keep the column as text"),
    Fault(
      name: "unclosed quote", text: "event,x\n1,2.5\n1,\"3\n",
      message: "in.csv:3:2: a quote opens here and is never closed; close it, or double it inside quotes"),
    Fault(name: "empty", text: "", message: "in.csv: the file is empty"),
    Fault(
      name: "key returns", text: "event,x\n1,2\n1,3\n2,4\n2,5\n1,6\n",
      message:
        "in.csv:6:1: event event=1 comes back here after other events; it first began on line 2; sort the file by"
        + " event, or name a key that tells the events apart with --event-key"),
  ]

  @Test(arguments: faults)
  func oneMessageAndNothingLeft(_ fault: Fault) throws {
    let folder = try TemporaryDirectory()
    try folder.file("in.csv", fault.text)
    let result = try run("fingal", ["convert", "in.csv", "-o", "out.fingal"], directory: folder.root)
    #expect(result.status == 1)
    #expect(result.err == "fingal: \(fault.message)\n")
    #expect(folder.names == ["in.csv"])
  }

  /// A fault far behind the sample, when clusters may have been written already.
  @Test func lateFaultLeavesNothing() throws {
    let folder = try TemporaryDirectory()
    var text = "event,x,note\n"
    let note = String(repeating: "a long remark, ", count: 16)
    for event in 0..<20_000 { text += "\(event),\(event % 1000).5,\"\(note)\"\n" }
    try folder.file("in.csv", text + "20000,oops,end\n")
    let result = try run("fingal", ["convert", "in.csv", "-o", "out.fingal"], directory: folder.root)
    #expect(result.status == 1)
    #expect(result.err.hasPrefix("fingal: in.csv:20002:2: expected a number in column 'x', found \"oops\";"))
    #expect(folder.names == ["in.csv"])
    // The same without the fault, with a type that widens at the very end.
    text += "20000,0.123456789,end\n"
    try folder.file("in.csv", text)
    let widened = try run("fingal", ["convert", "in.csv", "-o", "out.fingal", "--json", "-q"], directory: folder.root)
    #expect(widened.status == 0)
    #expect(widened.out.contains("\"passes\" : 2"))
    #expect(try run("fingal", ["export", folder.path("out.fingal"), "-o", "-"]).out == text)
  }

  @Test func callsAtFaultExitWithTwo() throws {
    let folder = try TemporaryDirectory()
    let input = try folder.file("in.csv", Self.hits)
    let output = folder.path("out.fingal")
    for arguments in [
      ["convert", input], ["convert", folder.path("none.csv"), "-o", output], ["convert", folder.root, "-o", output],
      ["convert", input, "-o", output, "--layout", "grid"], ["convert", input, "-o", output, "--type", "pdgID=real"],
      ["convert", input, "-o", output, "--type", "none=int32"], ["convert", input, "-o", output, "--drop", "none"],
      ["convert", input, "-o", output, "--event-key", "none"], ["convert", input, "-o", output, "--where", "pdgID =="],
      ["convert", input, "-o", output, "--where", "none > 1"], ["convert", input, "-o", output, "--layout", "cells"],
      ["convert", input, "-o", folder.path("no/such/folder.fingal")],
      ["convert", input, "-o", output, "--tensor", "image=p*:2x2"],
      ["convert", input, "-o", output, "--layout", "rows", "--collection", "hits=rechit_*"],
    ] {
      let result = try run("fingal", arguments)
      #expect(result.status == 2, "\(arguments)")
      #expect(result.errorLines.count == 1)
    }
    #expect(folder.names == ["in.csv"])
  }

  @Test func dryRunWritesNothing() throws {
    let folder = try TemporaryDirectory()
    let input = try folder.file("in.csv", Self.hits)
    let result = try run("fingal", ["convert", input, "--dry-run"])
    #expect(result.status == 0)
    #expect(result.out.contains("layout  hits: event repeats on 1 of the first 3 lines"))
    #expect(result.out.contains("hits.energy  float32  rechit_energy"))
    #expect(folder.names == ["in.csv"])
  }

  @Test func cutsWhileConverting() throws {
    let folder = try TemporaryDirectory()
    let input = try folder.file("in.csv", Self.hits)
    let output = folder.path("out.fingal")
    #expect(try run("fingal", ["convert", input, "-o", output, "--where", "pdgID == 211"]).status == 0)
    #expect(
      try run("fingal", ["export", output, "-o", "-"]).out
        == "event,pdgID,rechit_layer,rechit_energy\n1,211,1,0.75\n")
  }

  @Test func leavesRefusedLinesOutOnRequest() throws {
    let folder = try TemporaryDirectory()
    try folder.file("in.csv", "event,x\n0,1.5\n0,2.5\nbroken\n1,3.5\n")
    let result = try run(
      "fingal", ["convert", "in.csv", "-o", "out.fingal", "--on-error", "skip", "--rejects", "rejects.txt"],
      directory: folder.root)
    // Something was left out: the exit code says so, the file is there.
    #expect(result.status == 1)
    #expect(result.err.contains("1 line left out"))
    #expect(
      try run("fingal", ["export", folder.path("out.fingal"), "-o", "-"]).out == "event,x\n0,1.5\n0,2.5\n1,3.5\n")
    #expect(
      String(decoding: try bytes(of: folder.path("rejects.txt")), as: UTF8.self)
        == "# in.csv:4: 1 field where the header has 2: 'x' missing\nbroken\n")
  }
}
