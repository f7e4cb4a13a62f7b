import Fingal
import FoundationEssentials
import Testing

/// What `merge` and `append` say of the events of several files: nothing that is true of one only, and nothing less than
/// each said.
@Suite struct JoinedFilesTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func fine(_ arguments: [String], notes: [String] = []) throws -> String {
    let result = try run("fingal", arguments, directory: folder.root)
    #expect(result.status == 0, "\(arguments): \(result.err)")
    #expect(result.errorLines.map(String.init) == notes, "\(arguments)")
    return result.out
  }

  private func convert(_ name: String, _ text: String, _ options: [String] = []) throws {
    try folder.file(name + ".csv", text)
    _ = try fine(["convert", "-q", name + ".csv", "-o", name + ".fingal"] + options)
  }

  private func refusal(_ arguments: [String]) throws -> String {
    let result = try run("fingal", arguments, directory: folder.root)
    #expect(result.status == 1 && result.errorLines.count == 1, "\(arguments)")
    return result.err
  }

  private func file(_ name: String) throws -> EventFile { try EventFile(opening: folder.path(name)) }

  // MARK: Exporting

  /// The formats of the first file would print other numbers.
  @Test func numbersOfAllPartsAreExported() throws {
    try convert("a", "event,x\n1,1.2\n2,2.3\n")
    try convert("b", "event,x\n1,1.23456\n2,1e-20\n3,nan\n4,-0.0\n")
    let expected = "event,x\n1,1.2\n2,2.3\n1,1.23456\n2,1e-20\n3,nan\n4,-0\n"
    _ = try fine(["merge", "-q", "a.fingal", "b.fingal", "-o", "m.fingal"])
    #expect(try file("m.fingal").schema.field("x")?.metadata["csv.format"] == nil)
    #expect(try fine(["export", "m.fingal", "-o", "-"]) == expected)
    // Files that agree keep their format.
    try convert("c", "event,x\n5,1.0\n")
    _ = try fine(["merge", "-q", "a.fingal", "c.fingal", "-o", "k.fingal"])
    #expect(try fine(["export", "k.fingal", "-o", "-"]) == "event,x\n1,1.2\n2,2.3\n5,1.0\n")
    // The schema of a file that is appended to stays.
    _ = try fine(["append", "-q", "a.fingal", "b.fingal"])
    #expect(
      try fine(
        ["export", "a.fingal", "-o", "-"],
        notes: [
          "note: 2 numbers of column 'x' are not what the recorded format %.1f would print, and are written in the"
            + " shortest form that reads back"
        ]) == expected.replacing("-0\n", with: "-0.0\n"))
    // And back: the same events.
    _ = try fine(["export", "m.fingal", "-o", "back.csv"])
    _ = try fine(["convert", "-q", "back.csv", "-o", "back.fingal"])
    _ = try fine(["diff", "m.fingal", "back.fingal"])
  }

  @Test(arguments: [
    ("event;x\n1;1,2\n2;2,3\n", ["--decimal-comma"]), ("event,x\n1,1e+00\n2,2e+00\n", []),
    ("event\tx\n1\t1.2\n2\t2.3\n", []), ("event x\n1 1.2\n2 2.3\n", []), ("event,x\r\n1,1.2\r\n2,2.3", []),
  ])
  func otherDialectsReadBack(_ first: String, _ options: [String]) throws {
    try convert("a", first, options + ["--type", "x=float64"])
    try convert("b", "event,x\n3,1.23456\n4,1e-20\n5,-0.0\n6,-1234.5\n", ["--type", "x=float64"])
    for arguments in [
      ["merge", "-q", "a.fingal", "b.fingal", "-o", "m.fingal"], ["append", "-q", "a.fingal", "b.fingal"],
    ] {
      _ = try fine(arguments)
      let joined = arguments[0] == "merge" ? "m.fingal" : "a.fingal"
      let text = try run("fingal", ["export", joined, "-o", "-"], directory: folder.root)
      #expect(text.status == 0)
      try folder.file("back.csv", text.out)
      _ = try fine(
        ["convert", "-q", "--force", "back.csv", "-o", "back.fingal", "--type", "x=float64"] + options)
      _ = try fine(["diff", joined, "back.fingal"])
    }
  }

  // MARK: Declared loss

  private static let values = "event,x\n1,1.23\n2,2.34\n"

  @Test func theCoarserLossIsRecorded() throws {
    for (name, options) in [
      ("exact", []), ("fine", ["--precision", "x=step:0.1"]), ("coarse", ["--precision", "x=step:0.5"]),
      ("bits", ["--precision", "x=8"]), ("fewer", ["--precision", "x=4"]),
    ] { try convert(name, Self.values, options) }
    func merged(_ a: String, _ b: String) throws -> String? {
      _ = try fine(["merge", "-q", "--force", a + ".fingal", b + ".fingal", "-o", "m.fingal"])
      // Packing it anew rounds nothing a second time.
      _ = try fine(["select", "-q", "--force", "m.fingal", "-o", "packed.fingal"])
      _ = try fine(["diff", "m.fingal", "packed.fingal"])
      return try file("m.fingal").schema.field("x")?.precision?.summary
    }
    #expect(try merged("fine", "coarse") == "step 0.5")
    #expect(try merged("coarse", "fine") == "step 0.5")
    #expect(try merged("exact", "coarse") == "step 0.5")
    #expect(try merged("coarse", "exact") == "step 0.5")
    #expect(try merged("bits", "fewer") == "4 bits")
    #expect(try merged("exact", "exact") == nil)
    #expect(
      try refusal(["merge", "fine.fingal", "bits.fingal", "-o", "no.fingal"])
        == "fingal: bits.fingal: declares a loss of 8 bits for 'x', and fine.fingal declares step 0.1: neither bounds the"
        + " other; convert one of them again with the --precision of the other\n")
    #expect(!exists(folder.path("no.fingal")))

    let before = try bytes(of: folder.path("fine.fingal"))
    #expect(
      try refusal(["append", "fine.fingal", "exact.fingal", "coarse.fingal"])
        == "fingal: coarse.fingal: declares a loss of step 0.5 for 'x', and fine.fingal declares step 0.1; appending does"
        + " not change what a file declares: `fingal merge` records the coarser of two\n")
    #expect(
      try refusal(["append", "exact.fingal", "coarse.fingal"]).contains("and exact.fingal declares none"))
    #expect(try bytes(of: folder.path("fine.fingal")) == before)
    _ = try fine(["append", "-q", "coarse.fingal", "fine.fingal", "exact.fingal"])
    #expect(try file("coarse.fingal").eventCount == 6)
  }

  /// The library's own way does not let a file tell less than the truth either.
  @Test func clustersOfACoarserFileAreRefused() throws {
    try convert("exact", Self.values)
    try convert("coarse", Self.values, ["--precision", "x=step:0.5"])
    let writer = try EventWriter(creating: folder.path("out.fingal"), schema: try file("exact.fingal").schema)
    let error = #expect(throws: FingalError.self) { try writer.append(clustersOf: try file("coarse.fingal")) }
    #expect(error?.code == .badInput && error?.message.contains("a loss of step 0.5 for 'x'") == true)
  }

  // MARK: Metadata

  private static let second = "event,x\n7,1.5\n8,2.5\n"

  @Test func nothingThatOneFileSaysIsLost() throws {
    try convert("a", Self.values, ["--meta", "campaign=June"])
    try convert(
      "b", Self.second,
      [
        "--meta", "campaign=August", "--meta", "beam=pions", "--unit", "x=GeV", "--describe", "x=Energy", "--where",
        "event > 7",
      ])
    let note = "note: b.fingal: its 'campaign' is 'August'; 'June' of a.fingal was kept"
    _ = try run("fingal", ["merge", "a.fingal", "b.fingal", "-o", "q.fingal", "-q"], directory: folder.root)
    let merged = try run("fingal", ["merge", "a.fingal", "b.fingal", "-o", "m.fingal"], directory: folder.root)
    #expect(merged.status == 0 && merged.errorLines == [Substring(note)])
    let all = try file("m.fingal")
    #expect(all.schema.metadata["campaign"] == "June" && all.schema.metadata["beam"] == "pions")
    #expect(all.schema.field("x")?.unit == "GeV" && all.schema.field("x")?.description == "Energy")
    let provenance = try #require(all.provenance)
    #expect(provenance.converter == "fingal merge" && provenance.sources.map(\.name) == ["a.csv", "b.csv"])
    let parts = try #require(provenance.parts)
    #expect(parts.map { $0.sources.map(\.name) } == [["a.csv"], ["b.csv"]])
    #expect(parts[1].converter == "fingal convert" && parts[1].options.contains("--where event > 7"))
    let info = try fine(["info", "m.fingal"])
    #expect(info.contains("--where event > 7") && info.contains("--meta campaign=June") && info.contains("b.csv"))

    // A merged file is merged again: its parts stand side by side with the others; those made alike are one.
    try convert("c", Self.second, ["--meta", "campaign=June"])
    _ = try fine(["merge", "-q", "m.fingal", "c.fingal", "-o", "n.fingal"])
    let again = try #require(try file("n.fingal").provenance?.parts)
    #expect(again.map { $0.sources.map(\.name) } == [["a.csv", "c.csv"], ["b.csv"]])
    _ = try fine(["merge", "-q", "a.fingal", "c.fingal", "-o", "alike.fingal"])
    #expect(try file("alike.fingal").provenance?.parts == nil)
    #expect(try file("alike.fingal").provenance?.converter == "fingal convert")

    // Appending cannot change the schema, but the end says what the others do.
    let appended = try run("fingal", ["append", "a.fingal", "b.fingal"], directory: folder.root)
    #expect(
      appended.errorLines == [
        "note: b.fingal: its units, descriptions or metadata of 'x' were not kept, because appending does not change the"
          + " schema; `fingal merge` keeps them", Substring(note),
      ])
    let grown = try file("a.fingal")
    #expect(grown.metadata["beam"] == "pions" && grown.metadata["campaign"] == nil)
    #expect(grown.provenance?.parts?.map { $0.sources.map(\.name) } == [["a.csv"], ["b.csv"]])
    #expect(grown.verify().faults == [])
  }

  @Test func unitsMayNotDifferBehindAFileWithoutAny() throws {
    try convert("a", Self.values)
    try convert("b", Self.second, ["--unit", "x=GeV"])
    try convert("c", Self.second, ["--unit", "x=MeV"])
    #expect(
      try refusal(["merge", "a.fingal", "b.fingal", "c.fingal", "-o", "no.fingal"])
        .hasPrefix("fingal: c.fingal: has 'x' in MeV, and b.fingal has it in GeV;"))
    _ = try fine(["merge", "-q", "a.fingal", "b.fingal", "c.fingal", "-o", "m.fingal", "--ignore-units"])
    #expect(try file("m.fingal").schema.field("x")?.unit == "GeV")
  }

  @Test func aSelectionIsSaidOfItsOwnEvents() throws {
    try convert("a", Self.values)
    try convert("b", Self.second)
    _ = try fine(["select", "-q", "a.fingal", "-o", "none.fingal", "--where", "false"])
    _ = try fine(["select", "-q", "b.fingal", "-o", "one.fingal", "--where", "event > 7"])
    _ = try fine(["merge", "-q", "a.fingal", "one.fingal", "-o", "m.fingal"])
    #expect(try file("m.fingal").metadata["selection"] == "events 2..<3: where event > 7")
    _ = try fine(["append", "-q", "none.fingal", "b.fingal", "one.fingal"])
    #expect(
      try file("none.fingal").metadata["selection"]
        == "events 0..<0: where false\nevents 2..<3: where event > 7")
  }

  // MARK: Nulls

  @Test func theAdviceAboutNullsHelps() throws {
    try convert("full", Self.second)
    try convert("holes", "event,x\n1,1.5\n2,\n")
    #expect(
      try refusal(["merge", "full.fingal", "holes.fingal", "-o", "no.fingal"])
        == "fingal: holes.fingal: does not have the columns of full.fingal: its column 'x' is float32, nullable, not"
        + " float32; let the columns have nulls in both first, with `fingal select full.fingal -o NEW --nullable x`\n")
    #expect(
      try refusal(["append", "holes.fingal", "full.fingal"])
        .hasSuffix("with `fingal select full.fingal -o NEW --nullable x`\n"))
    _ = try fine(["select", "-q", "full.fingal", "-o", "new.fingal", "--nullable", "x"])
    #expect(try file("new.fingal").verify().faults == [])
    _ = try fine(["merge", "-q", "new.fingal", "holes.fingal", "-o", "m.fingal"])
    #expect(try fine(["export", "m.fingal", "-o", "-"]) == "event,x\n7,1.5\n8,2.5\n1,1.5\n2,\n")
    let unknown = try run(
      "fingal", ["select", "full.fingal", "-o", "x.fingal", "--nullable", "y"], directory: folder.root)
    #expect(unknown.status == 2 && unknown.err.contains("no column 'y' for --nullable; the new file has event, x"))
  }

  // MARK: Calls at fault

  @Test func anOpenRangeBehindTheEndNamesItsEvent() throws {
    try convert("a", Self.values)
    let result = try run("fingal", ["dump", "a.fingal", "--events", "100..."], directory: folder.root)
    #expect(result.status == 2)
    #expect(result.err == "fingal: a.fingal: there is no event 100: the file has events 0..<2\n")
  }

  @Test func aNameThatIsTooLongIsTheCallsFault() throws {
    try convert("a", Self.values)
    let long = String(repeating: "n", count: 300)
    for arguments in [
      ["convert", "a.csv", "-o", long], ["merge", "a.fingal", "-o", long], ["export", "a.fingal", "-o", long],
      ["info", long],
    ] {
      let result = try run("fingal", arguments, directory: folder.root)
      #expect(result.status == 2 && result.errorLines.count == 1, "\(arguments): \(result.err)")
    }
  }

  // MARK: What must survive

  /// A joined file declares the coarsest loss of its parts: what was kept more exactly is not rounded when it is recovered.
  @Test func recoveryRoundsNothingAgain() throws {
    var text = "event,e\n"
    for event in 0..<60_000 { text += "\(event),\(Double(event * 7919 % 100_003) / 1000)\n" }
    try convert("a", text)
    try convert("b", "event,e\n1,0.33\n2,0.77\n", ["--precision", "e=step:0.5", "--type", "e=float32"])
    _ = try fine(["merge", "-q", "a.fingal", "b.fingal", "-o", "m.fingal"])
    let sound = try file("m.fingal")
    let stream = try #require(sound.streams.firstIndex { $0.role == .values(field: 1) })
    let pages = try sound.directory(ofCluster: 0).streams[stream].pages
    try #require(pages.count > 1)
    var bytes = try bytes(of: folder.path("m.fingal"))
    bytes[sound.clusters[0].offset + pages[pages.count - 1].offset] ^= 1
    try write(bytes, to: folder.path("d.fingal"))
    #expect(try run("fingal", ["salvage", "d.fingal", "-o", "s.fingal"], directory: folder.root).status == 1)
    let whole = try fine(["dump", "m.fingal", "--events", "0..<20000", "--format", "csv"])
    #expect(try fine(["dump", "s.fingal", "--events", "0..<20000", "--format", "csv"]) == whole)
  }

  /// Missing texts need a text of their own, whichever file brings it, and one that is no value.
  @Test func missingTextsStayMissing() throws {
    try convert("b", "event,name\n1,NA\n2,mu\n", ["--null", "NA"])
    try convert("a", "event,name\n3,e\n4,pi\n")
    _ = try fine(["select", "-q", "a.fingal", "-o", "a2.fingal", "--nullable", "name"])
    _ = try fine(["merge", "-q", "a2.fingal", "b.fingal", "-o", "m.fingal"])
    #expect(try fine(["export", "m.fingal", "-o", "-"]) == "event,name\n3,e\n4,pi\n1,NA\n2,mu\n")
    // Two texts for missing values in one file: neither is recorded.
    try convert("c", "event,name\n1,NA\n2,-\n3,\n4,mu\n", ["--null", "NA", "--null", "-"])
    let note =
      "note: missing texts of column 'name' are written as 'NA', since an empty text is a value; read them back with"
      + " --null 'NA'"
    #expect(try fine(["export", "c.fingal", "-o", "-"], notes: [note]) == "event,name\n1,NA\n2,NA\n3,\n4,mu\n")
  }

  /// Lines of nothing or of blanks would be skipped when they are read.
  @Test func blankLinesAreQuoted() throws {
    try convert("h", "event,adc\n1,5\n1,\n1,7\n2,8\n2,9\n")
    #expect(try fine(["export", "h.fingal", "-o", "-", "--columns", "hits.adc"]) == "adc\n5\n\"\"\n7\n8\n9\n")
    // Separators are no blanks, though a line of tabs looks like one.
    for text in ["a\tb\n1\t2\n\t\n3\t4\n", "a\tb\tc\nx\ty\tz\n\t\t\nx\ty\tz\n"] {
      try convert("b", text, ["--force"])
      #expect(try fine(["export", "b.fingal", "-o", "-"]) == text)
    }
    try convert("t", "s\na\n\"\"\n\"  \"\nb\n")
    #expect(try fine(["export", "t.fingal", "-o", "-"]) == "s\na\n\"\"\n\"  \"\nb\n")
  }

  /// The key that tells events apart stands in the provenance of the parts.
  @Test func keysOfPartsAreRemembered() throws {
    for (name, first) in [("a", 1), ("b", 2)] {
      try convert(
        name, "evtid,beam,e\n\(first),\(name)0,1.5\n\(first),\(name)0,2.5\n\(first + 1),\(name)1,3.5\n",
        ["--event-key", "evtid", "--layout", "hits", "--meta", "\(name)=1"])
    }
    _ = try fine(["merge", "-q", "a.fingal", "b.fingal", "-o", "m.fingal"])
    let result = try run("fingal", ["export", "m.fingal", "-o", "-", "--layout", "hits"], directory: folder.root)
    #expect(result.status == 1 && result.err.contains("events 1 and 2 have the same 'evtid'"), "\(result.err)")
  }
}
