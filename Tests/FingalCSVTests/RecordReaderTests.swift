import Fingal
import FingalCSV
import Testing

@Suite struct RecordReaderTests {
  private func fault(_ text: String, blockSize: Int = 1 << 20, limit: Int = 256 << 20) -> FingalError? {
    do {
      _ = try records(input(text), blockSize: blockSize, recordLimit: limit)
      return nil
    } catch { return error as? FingalError }
  }

  @Test func blocksJoinSeamlessly() throws {
    let seed: UInt64 = 99
    var random = SplitMix(seed)
    for round in 0..<150 {
      var expected: [[String]] = []
      var lines: [Int] = []
      let lineEnd = ["\n", "\r\n"].randomElement(using: &random)!
      var text = "alpha,beta,gamma" + lineEnd
      var line = 2
      for _ in 0..<Int.random(in: 1...60, using: &random) {
        let kind = Int.random(in: 0..<12, using: &random)
        if kind == 0 {
          text += lineEnd
          line += 1
          continue
        }
        if kind == 1 {
          text += "# it's a \"comment, with \"quotes" + lineEnd
          line += 1
          continue
        }
        var fields: [String] = []
        lines.append(line)
        for column in 0..<3 {
          if column > 0 { text += "," }
          switch Int.random(in: 0..<8, using: &random) {
          case 0:
            let inner = ["", "x,y", "say \"hi\"", "two\nlines", "\"", "a\r\nb\nc", "é,ü", "#"].randomElement(
              using: &random)!
            text +=
              "\"" + inner.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
            line += inner.utf8.count { $0 == 0x0A }
            fields.append(inner)
          case 1 where column > 0:
            fields.append("")
          case 2:
            let plain = "it 3\" long"
            text += plain
            fields.append(plain)
          default:
            let plain = String(repeating: "9", count: Int.random(in: 1...40, using: &random))
            text += plain
            fields.append(plain)
          }
        }
        text += lineEnd
        line += 1
        expected.append(fields)
      }
      if Bool.random(using: &random) && !expected.isEmpty && text.hasSuffix(lineEnd) { text.removeLast() }
      var dialect = Dialect()
      dialect.lineEnd = .lf
      for blockSize in [16, 61, 64, 128, 1000, 1 << 20] {
        let found = try records(input(text), dialect: dialect, blockSize: blockSize)
        #expect(found.records == expected, "seed \(seed), round \(round), block \(blockSize)")
        #expect(found.lines == lines, "seed \(seed), round \(round), block \(blockSize)")
      }
    }
  }

  @Test func wideRecords() throws {
    let columns = 4735
    let header = (0..<columns).map { "L\($0)" }.joined(separator: ",")
    let rows = (0..<20).map { row in (0..<columns).map { $0 % 7 == row % 7 ? "1.25" : "0" }.joined(separator: ",") }
    let found = try records(input(([header] + rows).joined(separator: "\n")), blockSize: 4096)
    #expect(found.header?.count == columns)
    #expect(found.records.map { $0.joined(separator: ",") } == rows)
  }

  @Test func blockKeepsRawTextAndQuotes() throws {
    let reader = try RecordReader(input("a,b,c\n1,\"\",\n\"x\"\"y\",2,\"3\"\r\n"))
    let block = try #require(try reader.next())
    #expect(reader.header?.quoted == [false, false, false])
    #expect((0..<3).map { block.wasQuoted(0, $0) } == [false, true, false])
    #expect((0..<3).map { block.wasQuoted(1, $0) } == [true, false, true])
    #expect(unsafe String(decoding: block.text(of: 0), as: UTF8.self) == "1,\"\",")
    #expect(unsafe String(decoding: block.text(of: 1), as: UTF8.self) == "\"x\"\"y\",2,\"3\"")
    #expect(unsafe String(decoding: block.field(1, 0), as: UTF8.self) == "x\"y")
    let error = block.error("expected a number", record: 1, column: 0)
    #expect(error.description == "test.csv:3:1: expected a number")
    #expect(block.firstRecord == 0)
    #expect(try reader.next() == nil)
    #expect(reader.recordsRead == 2)
  }

  @Test func spacesAsSeparator() throws {
    let text = "# geometry\n event   x\t y  \n 1  2.5 \"a b\" \n\n 10 12.5   c\n"
    var dialect = Dialect()
    dialect.separator = .spaces
    let found = try records(input(text), dialect: dialect, blockSize: 16)
    #expect(found.header == ["event", "x", "y"])
    #expect(found.records == [["1", "2.5", "a b"], ["10", "12.5", "c"]])
    #expect(found.lines == [3, 5])
  }

  @Test func blankLinesAndEnds() throws {
    #expect(try records(input("\n\n  \na\n\n1\n \n2")).records == [["1"], ["2"]])
    #expect(try records(input("a\n\"\"\n1\n")).records == [[""], ["1"]])
    #expect(try records(input("a,b\n1,")).records == [["1", ""]])
    #expect(try records(input("a,b\n,")).records == [["", ""]])
    #expect(try records(input("a,b\n1,2\r")).records == [["1", "2"]])
    #expect(try records(input("a,b\r1,2")).records == [["1", "2"]])
    #expect(try records(input("a,b\n1,\"2\"")).records == [["1", "2"]])
    #expect(try records(input("a,b\n\"1\",")).records == [["1", ""]])
    #expect(try records(input("")).records == [])
    #expect(try records(input("# only\n# comments")).records == [])
    #expect(try records(input("a,b")).header == ["a", "b"])
  }

  /// Blank lines between records are told apart from those at both ends, however the text is cut into blocks.
  @Test(arguments: [16, 17, 19, 23, 40, 1 << 20])
  func blankLinesBetweenRecords(blockSize: Int) throws {
    func inner(_ text: String) throws -> BlankLines {
      let reader = try RecordReader(input(text), blockSize: blockSize)
      while try reader.next() != nil {}
      return reader.innerBlankLines
    }
    let filler = String(repeating: "1,2\n", count: 20)
    #expect(try inner("\n\na,b\n" + filler + "\n\n\n") == BlankLines())
    #expect(try inner("\na,b\n\n" + filler) == BlankLines(count: 1, firstLine: 3))
    #expect(try inner("a,b\n" + filler + "\n \n# c\n\n" + filler + "\n3,4\n\n") == BlankLines(count: 4, firstLine: 22))
    let many = String(repeating: "\n", count: 100)
    #expect(try inner("a,b\n1,2\n" + many + "3,4\n" + many) == BlankLines(count: 100, firstLine: 3))
    #expect(try inner(many + "a,b\n" + many) == BlankLines())
  }

  @Test(arguments: [16, 64, 1 << 20])
  func unclosedQuote(blockSize: Int) {
    let filler = String(repeating: "1,2\n", count: 50)
    #expect(
      fault("a,b\n" + filler + "3,\"4\n5,6\n7,8\n", blockSize: blockSize)?.description
        == "test.csv:52:2: a quote opens here and is never closed; close it, or double it inside quotes")
    // The line of the quote, not of the record.
    #expect(fault("a,b\n\"x\ny\",\"z\n", blockSize: blockSize)?.line == 3)
  }

  @Test(arguments: [16, 64, 1 << 20])
  func textAfterAQuote(blockSize: Int) {
    let filler = String(repeating: "1,2\n", count: 50)
    #expect(
      fault("a,b\n" + filler + "3,\"4\"5\n", blockSize: blockSize)?.description
        == "test.csv:52:2: text after a closing quote; double a quote that is part of the text")
    #expect(fault("a,b\n\"1\" ,2\n", blockSize: blockSize)?.column == 1)
    #expect(fault("a,b\n1,\"2\"\rx\n", blockSize: blockSize)?.line == 2)
  }

  @Test(arguments: [64, 1 << 20])
  func invalidUTF8BehindThePrefix(blockSize: Int) throws {
    // Beyond the prefix the encoding is settled; what breaks it is an error with its place.
    var bytes = Array("name,x\n".utf8)
    let row = Array("plain,1\n".utf8)
    while bytes.count <= TextInput.prefixLimit { bytes += row }
    let line = bytes.count(where: { $0 == 0x0A }) + 1
    bytes += Array("fine,2".utf8) + [0xE9, 0x0A]
    let text = try TextInput(MemorySource(bytes), file: "late.csv")
    #expect(text.encoding == .utf8)
    do {
      _ = try records(text, blockSize: blockSize)
      Issue.record("no error")
    } catch let error as FingalError {
      #expect(error.line == line)
      #expect(error.column == 2)
      #expect(error.code == .badInput)
      #expect(error.message == "byte 0xe9 is not valid UTF-8")
    }
  }

  @Test func tooLongARecord() {
    let long = String(repeating: "x", count: 5000)
    #expect(fault("a,b\n1,2\n" + long, blockSize: 64, limit: 1024)?.code == .limit)
    #expect(fault("a,b\n1,2\n" + long, blockSize: 64, limit: 1024)?.line == 3)
    let open = fault("a,b\n1,2\n3,\"" + long, blockSize: 64, limit: 1024)
    #expect(open?.line == 3)
    #expect(open?.column == 2)
    #expect(open?.advice == "is the quote that opens here ever closed?")
    #expect(fault("a,b\n1,2\n" + long.prefix(900) + "\n", blockSize: 64, limit: 1024) == nil)
  }

  @Test func fieldsInMessages() {
    func shown(_ text: String) -> String { unsafe Array(text.utf8).withUnsafeBytes { unsafe FieldText.quoted($0) } }
    #expect(shown("abc") == "\"abc\"")
    #expect(shown("a\u{0}\t\r\n") == "\"a\\u{0}\\t\\r\\n\"")
    #expect(shown(String(repeating: "é", count: 100)) == "\"" + String(repeating: "é", count: 40) + "…\"")
  }
}
