import Fingal
import FingalCSV
import Testing

/// The passes: what the sample did not show is found later, and the result is that of a look at the whole.
@Suite struct ConverterTests {
  struct Late: CustomTestStringConvertible, Sendable {
    var name: String
    var text: String
    var testDescription: String { name }
  }

  /// Files whose last lines change a type or the layout.
  static let late: [Late] = {
    func hits(_ last: String) -> String {
      var text = "event,beam,x\n"
      for event in 0..<60 { for hit in 0..<3 { text += "\(event),50,\(hit)\n" } }
      return text + last
    }
    func rows(_ last: String) -> String {
      var text = "a,b\n"
      for row in 0..<200 { text += "\(row),\(row % 7)\n" }
      return text + last
    }
    func images(_ last: String) -> String {
      var text = "event," + (0..<8).map { "pixel\($0)" }.joined(separator: ",") + "\n"
      for row in 0..<60 { text += "\(row),0,0,0,1,0,0,0,2\n" }
      return text + last
    }
    func cells(_ last: String) -> String {
      var text = "event,a,b\n"
      for row in 0..<60 { text += "\(row),1;2,3;4\n" }
      return text + last
    }
    return [
      Late(name: "nothing", text: hits("60,50,5\n")),
      Late(name: "decimal", text: rows("200,1.25\n")),
      Late(name: "int64", text: rows("3000000000,1\n")),
      Late(name: "beyond 64 bits", text: rows("200,123456789012345678901\n")),
      Late(name: "code", text: rows("200,007\n")),
      Late(name: "empty cell", text: rows("200,\n")),
      Late(name: "NaN spelling", text: rows("200,NaN\n")),
      Late(name: "column varies", text: hits("60,50,5\n60,80,6\n")),
      Late(name: "column varies with another type", text: hits("60,50,5\n60,80.5,6\n61,70.25,6\n")),
      Late(name: "fraction in a tensor", text: images("60,0,0,0,0.5,0,0,0,2\n")),
      Late(name: "empty pixel", text: images("60,0,0,0,,0,0,0,2\n")),
      Late(name: "lengths differ", text: cells("60,1;2,3;4;5\n")),
      Late(name: "list of decimals", text: cells("60,1;2.5,3;4\n")),
    ]
  }()

  @Test(arguments: late)
  func sampleSizeDoesNotMatter(_ test: Late) throws {
    let workspace = try Workspace()
    let whole = try workspace.convert(test.text)
    #expect(whole.passes == 1)
    let expected = try workspace.bytes()
    #expect(try workspace.exported() == test.text)
    for (sample, block) in [(64, 64), (500, 100), (200, 1 << 20)] {
      var options = ConvertOptions()
      options.sampleBytes = sample
      options.blockBytes = block
      let summary = try workspace.convert(test.text, options: options)
      #expect(try workspace.bytes() == expected, "sample of \(sample) bytes")
      #expect(summary.passes <= (test.name == "empty pixel" ? 3 : 2))
    }
  }

  @Test func severalFilesBecomeOne() throws {
    let workspace = try Workspace()
    let first = "event,x\n0,1\n0,2\n1,3\n"
    // Numbering starts again; the second file widens a type.
    let second = "event,x\n1,4.5\n1,5\n0,6\n"
    let summary = try workspace.convert(first, second)
    #expect(summary.events == 4)
    #expect(try workspace.result.schema.field("hits.x")?.type == .float32)
    // Lines of hits would join the last event of the first file and the first of the second.
    #expect(try workspace.exported() == "event,x\n0,\"[1, 2]\"\n1,[3]\n1,\"[4.5, 5]\"\n0,[6]\n")
    #expect(try workspace.result.metadata == [:])
    #expect {
      try workspace.convert(first, "event,y\n1,2\n")
    } throws: { error in
      "\(error)".hasSuffix("in0.csv; convert files with different columns one by one")
        && "\(error)".contains("in1.csv:1:2: column 2 is 'y', but 'x' in ")
    }
  }

  @Test func sameInputSameBytes() throws {
    let first = try Workspace()
    let second = try Workspace()
    let text = Self.late[0].text
    try first.convert(text)
    try second.convert(text)
    #expect(try first.bytes() == second.bytes())
  }

  @Test func skipsAndKeepsRefusedLines() throws {
    let workspace = try Workspace()
    var options = ConvertOptions()
    options.onError = .skip
    options.rejects = workspace.path("rejects.csv")
    let summary = try workspace.convert(
      "event,x\n0,1.5\n0,abc\n1,2.5,7\n2\n2,3.5\n2,4.5\n", options: options)
    #expect(summary.skipped == 3)
    #expect(try workspace.exported() == "event,x\n0,1.5\n2,3.5\n2,4.5\n")
    let rejects = try String(
      decoding: DescriptorSource(path: workspace.path("rejects.csv")).readUp(to: 1 << 16), as: UTF8.self)
    let lines = rejects.split(separator: "\n")
    #expect(lines.enumerated().filter { $0.offset % 2 == 1 }.map(\.element) == ["0,abc", "1,2.5,7", "2"])
    #expect(lines[0].hasSuffix("in0.csv:3:2: expected a number in column 'x', found \"abc\""))
  }

  /// Numbered columns of codes, or of integers beyond 64 bits, stay columns of text.
  @Test(arguments: ["000", "123456789012345678901", "1e400"])
  func codesAreNoTensor(_ cell: String) throws {
    let workspace = try Workspace()
    let text =
      (0..<8).map { "id\($0)" }.joined(separator: ",") + "\n" + (0..<8).map { _ in cell }.joined(separator: ",") + "\n"
    let summary = try workspace.convert(text)
    #expect(summary.passes == 1)
    #expect(try workspace.result.schema.fields.map(\.type) == [ScalarType](repeating: .string, count: 8))
    #expect(try workspace.exported() == text)
  }

  @Test func skipsWhatAGivenTypeDoesNotHold() throws {
    let workspace = try Workspace()
    var options = ConvertOptions()
    options.onError = .skip
    options.types = [.init("x", .int8), .init("y", .float32)]
    let summary = try workspace.convert("x,y\n1,2\n300,2\n2,1e39\n1.5,2\n3,16777217\n", options: options)
    #expect(summary.skipped == 3)
    #expect(try workspace.result.eventCount == 2)
  }

  @Test func warnsOfNumbersAfterAText() throws {
    let workspace = try Workspace()
    let summary = try workspace.convert("k,x\n1,NULL\n2,2.5\n3,3.5\n")
    #expect(summary.warnings.count == 1)
    #expect(summary.warnings.first?.contains("'x' is text because its first value is no number, though 2") == true)
  }

  @Test func nonNumbersBecomeNullsOnRequest() throws {
    let workspace = try Workspace()
    var options = ConvertOptions()
    options.onError = .null
    let summary = try workspace.convert("k,x\n0,1.5\n0,abc\n1,2.5\n", options: options)
    #expect(summary.warnings.first?.contains("became nulls (1 of them)") == true)
    #expect(try workspace.exported() == "k,x\n0,1.5\n0,\n1,2.5\n")
  }

  struct Fault: CustomTestStringConvertible, Sendable {
    var text: String
    var message: String
    var testDescription: String { message }
  }

  static let faults: [Fault] = [
    Fault(text: "event,x,y\n1,2,3\n1,2\n", message: ":3: 2 fields where the header has 3: 'y' missing"),
    Fault(text: "event,x\n1,2\n1,2,3\n", message: ":3:3: 3 fields where the header has 2: \"3\" is one too many"),
    Fault(
      text: "event,x\n1,2.5\n1,abc\n1,3.5\n",
      message:
        ":3:2: expected a number in column 'x', found \"abc\"; correct it, pass --null 'abc' if it means no value"
        + " or pass --type 'x=string' to keep the column as text"),
    Fault(
      text: "event,x\n1,2.5\n1,\"3\n",
      message: ":3:2: a quote opens here and is never closed; close it, or double it inside quotes"
    ),
    Fault(text: "", message: ": the file is empty"),
    Fault(text: "\n\n", message: ": the file holds no data"),
    Fault(
      text: "event,x\n1,2\n1,3\n2,4\n2,5\n1,6\n",
      message:
        ":6:1: event event=1 comes back here after other events; it first began on line 2; sort the file by event,"
        + " or name a key that tells the events apart with --event-key"),
    Fault(
      text: "event,v\n1,1;2\n2,3;x\n3,4;5\n4,6;7\n",
      message: ":3:2: expected a number in column 'v', found \"x\"; correct it, pass --null 'x' if it means no value or"
        + " pass --type 'v=string' to keep the column as text"),
    Fault(
      text: "event,v\n1,[1 2]\n2,[3 4\n3,[5 6]\n",
      message: ":3:2: expected a list such as [1 2] in column 'v', found \"[3 4\""),
  ]

  @Test(arguments: faults)
  func faultsAreNamed(_ fault: Fault) throws {
    let workspace = try Workspace()
    // The same whether the sample sees the fault or a later block.
    for size in [1 << 20, 12] {
      var options = ConvertOptions()
      options.sampleBytes = size
      options.blockBytes = max(16, size)
      #expect {
        try workspace.convert(fault.text, options: options)
      } throws: { error in
        "\(error)" == workspace.path("in0.csv") + fault.message
      }
      #expect(workspace.names == ["in0.csv"])
    }
  }

  @Test func headerAloneIsAFileWithoutEvents() throws {
    let workspace = try Workspace()
    let summary = try workspace.convert("event,x\n")
    #expect(summary.events == 0)
    #expect(try workspace.exported() == "event,x\n")
    let image = "event," + (0..<12).map { "pixel\($0)" }.joined(separator: ",") + "\n"
    try workspace.convert(image)
    #expect(try workspace.exported() == image)
  }
}
