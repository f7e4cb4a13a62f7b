import Fingal
import FingalCSV
import Testing

/// What a conversion leaves out or cannot say is told in its warnings; what cannot mean anything is refused.
@Suite struct ConvertWarningTests {
  @Test func commentsAmongTheDataAreCounted() throws {
    let workspace = try Workspace()
    let summary = try workspace.convert("# made by hand\nevent,x\n1,2\n# beam off\n1,3\n\n#4,5\n2,6\n")
    #expect(
      summary.warnings == [
        "2 comment lines left out (first: \(workspace.path("in0.csv")):4); pass --comment none if they are data",
        "1 empty line between records left out (first: \(workspace.path("in0.csv")):6)",
      ])
    // Those before the header come back with it.
    #expect(try workspace.convert("# one\n# two\nevent,x\n1,2\n1,3\n").warnings == [])
    #expect(try workspace.exported() == "# one\n# two\nevent,x\n1,2\n1,3\n")
    #expect(try workspace.convert("# event x\n1 2\n1 3\n").warnings == [])
  }

  @Test func keysThatStandInTwoFilesAreTold() throws {
    let workspace = try Workspace()
    let (first, second) = (workspace.path("in0.csv"), workspace.path("in1.csv"))
    var summary = try workspace.convert("event,x\n1,2\n1,3\n2,4\n2,4\n", "event,x\n2,5\n2,6\n3,7\n")
    #expect(summary.events == 4)
    #expect(
      summary.warnings == [
        "event event=2 ends \(first) and begins \(second): it became two events; join the files first if it is one"
      ])
    summary = try workspace.convert("event,x\n0,2\n0,3\n1,4\n", "event,x\n0,5\n0,6\n1,7\n")
    #expect(
      summary.warnings == [
        "event keys 0…1 of \(second) overlap 0…1 of \(first): events with the same key in different files stay apart"
      ])
    summary = try workspace.convert("event,x\n0,2\n0,3\n1,4\n", "event,x\n2,5\n2,6\n3,7\n")
    #expect(summary.warnings == [])
  }

  /// Keys that increase longer than they are remembered, then break the order: read again, and found if they return.
  @Test func aKeyThatReturnsIsFoundAfterAnyNumberOfOthers() throws {
    let workspace = try Workspace()
    var text = "event,x\n"
    for event in 0..<EventKeys.orderedLimit + 2_000 { text += "\(event + 5),1\n\(event + 5),2\n" }
    let last = EventKeys.orderedLimit + 1_990
    let error = #expect(throws: FingalError.self) { try workspace.convert(text + "\(last + 5),3\n") }
    #expect(error?.message.hasSuffix("it first began on line \(2 + 2 * last)") == true)
    // A new key below the others is no fault, but takes a second look.
    let summary = try workspace.convert(text + "3,3\n")
    #expect(summary.passes == 2)
    #expect(summary.events == EventKeys.orderedLimit + 2_001)
  }

  @Test func aDroppedColumnInsideATensorIsRefused() throws {
    let workspace = try Workspace()
    var options = ConvertOptions()
    options.tensors = [.init(name: "a", pattern: "a_*", shape: [3])]
    options.drops = ["a_y"]
    let error = #expect(throws: FingalError.self) {
      try workspace.convert("id,a_x,a_y,a_z\n1,2,3,4\n", options: options)
    }
    #expect(error?.code == .usage)
  }

  @Test func aNewNameThatIsTakenIsRefused() throws {
    let workspace = try Workspace()
    var options = ConvertOptions()
    options.renames = [.init("id", "mass")]
    let error = #expect(throws: FingalError.self) { try workspace.convert("id,mass\n1,2\n", options: options) }
    #expect(error?.code == .usage)
    // Two columns may swap their names.
    options.renames.append(.init("mass", "id"))
    try workspace.convert("id,mass\n1,2\n", options: options)
    #expect(try workspace.result.schema.fields.map(\.name) == ["mass", "id"])
  }

  @Test func aDecimalCommaThatWasGuessedIsTold() throws {
    let workspace = try Workspace()
    let text = "n;x\n1;1,2\n2;3,4\n"
    #expect(try workspace.convert(text).warnings.count { $0.contains("decimal comma") } == 1)
    var options = ConvertOptions()
    options.dialect.decimalComma = true
    #expect(try workspace.convert(text, options: options).warnings == [])
  }

  @Test func aFingalFileIsNamedAsSuch() throws {
    let workspace = try Workspace()
    try workspace.convert("n,x\n1,2\n")
    let error = #expect(throws: FingalError.self) {
      try Converter([workspace.path("out.fingal")], output: workspace.path("again.fingal")).run()
    }
    #expect(error?.message == "is a Fingal file already, not text")
  }

  /// Without quotes a quote is text like any other, there and back.
  @Test func quotesThatAreTextComeBack() throws {
    let workspace = try Workspace()
    var options = ConvertOptions()
    options.dialect.quote = .some(nil)
    let text = "n,size\n1,5\"\n2,\"x\n"
    try workspace.convert(text, options: options)
    #expect(try workspace.exported() == text)
  }

  /// Where blanks separate, an empty cell must be quoted or the line loses a column.
  @Test func emptyCellsBetweenBlanksAreQuoted() throws {
    let workspace = try Workspace()
    let text = "n name x\n1 \"\" 2.5\n2 \"a b\" 3.5\n3 \"a\tb\" 4.5\n"
    try workspace.convert(text)
    #expect(try workspace.exported() == text)
  }
}
