import Fingal
import FingalCSV
import Testing

private func detect(_ text: String, _ overrides: DialectDetector.Overrides = .init()) -> Dialect {
  DialectDetector.detect(Array(text.utf8), isAll: true, overrides)
}

@Suite struct DialectTests {
  @Test(arguments: [
    ("a,b\n1,2\n", Dialect.Separator.byte(0x2C)),
    ("a\tb\n1\t2\n", .byte(0x09)),
    ("a;b\n1;2\n", .byte(0x3B)),
    ("a|b\n1|2\n", .byte(0x7C)),
    ("event layer energy\n0 1 2.5\n0  2  3.5\n", .spaces),
    ("  0   1   2.5\n 10  12  13.5\n", .spaces),
    // Numbers with decimal commas, and lists in brackets, do not speak for the comma.
    ("a;b;c\n1,5;2,5;3,5\n1,7;2,5;3,5\n", .byte(0x3B)),
    ("e;x;y\n1;[1,2,3];[4,5,6]\n2;[1,2,3];[4,5,6]\n", .byte(0x3B)),
    ("e\tx\n1\t[1, 2]\n2\t[1, 2, 3]\n", .byte(0x09)),
    ("e,x\n1,\"[1;2;3]\"\n2,\"[1;2]\"\n", .byte(0x2C)),
    ("e,x\n1,1;2;3\n2,4;5\n", .byte(0x2C)),
    // One column: nothing separates, words do not.
    ("energy\n1.5\n2.5\n", .byte(0x2C)),
    ("remark\nthe quick fox\na lazy dog\n", .byte(0x2C)),
    ("", .byte(0x2C)),
  ])
  func separator(text: String, expected: Dialect.Separator) {
    #expect(detect(text).separator == expected, "\(text)")
  }

  @Test(arguments: [
    ("a,b\n1,2\n", Dialect.Header.firstRecord),
    ("1,2\n3,4\n", .none),
    ("nan,inf\n3,4\n", .none),
    ("a,b\n", .firstRecord),
    ("a,a\nx,y\n", .none),
    ("EB,EE\nEB,EB\nEE,EB\n", .firstRecord),
    ("label,0,1,2\n1,5,5,5\n", .firstRecord),
    ("electron,0.5,1.5\npion,2.5,3.5\n", .none),
    ("oops,1.5\n2.5,3.5\n", .none),
    ("# event,x\n1,2\n3,4\n", .comment),
    ("# made by hand\n# event,x\n1,2\n3,4\n", .comment),
    ("# made by hand\nevent,x\n1,2\n", .firstRecord),
    ("# one,two,three\n1,2\n3,4\n", .none),
    ("", .none),
  ])
  func header(text: String, expected: Dialect.Header) {
    #expect(detect(text).header == expected, "\(text)")
  }

  @Test func headerInAComment() throws {
    let reader = try RecordReader(input("# run 7\n#event x,y\n# event, x\n1,2\n"))
    #expect(reader.header?.names == ["event", " x"])
    #expect(reader.header?.line == 3)
    #expect(reader.header.map { String(decoding: $0.text, as: UTF8.self) } == "# event, x")
    #expect(reader.preamble == ["# run 7", "#event x,y"])
    let block = try #require(try reader.next())
    #expect(block.recordCount == 1)
    #expect(block.line(of: 0) == 4)
    #expect(reader.commentLines == 3)
  }

  @Test(arguments: [
    ("a\n1\n", Dialect.LineEnd.lf), ("a\r\n1\r\n", .crlf), ("a\r1\r", .cr), ("\"x\ny\",b\r1,2\r", .cr), ("a", .lf),
    ("\"x\r\ny\",b\n1,2\n", .lf),
  ])
  func lineEnd(text: String, expected: Dialect.LineEnd) {
    #expect(detect(text).lineEnd == expected)
  }

  @Test func decimalComma() {
    #expect(detect("a;b\n1,5;2\n").decimalComma)
    #expect(detect("a;b\n1,5;2\n").decimalPoint == 0x2C)
    #expect(!detect("a;b\n1.5;2\n").decimalComma)
    #expect(!detect("a;b\n1,5;2.5\n").decimalComma)
    #expect(!detect("a,b\n1,5\n").decimalComma)
  }

  @Test func commentsUnlessTheFirstColumnIsWrittenSo() throws {
    #expect(detect("#c\na,b\n1,2\n#c\n").comment == 0x23)
    #expect(detect("tag,x\n#1,2\n#2,3\n#3,4\n#4,5\n").comment == nil)
    let found = try records(input("tag,x\n#1,2\n#2,3\n#3,4\n#4,5\n"))
    #expect(found.records.count == 4)
  }

  @Test func overridesWin() throws {
    var overrides = DialectDetector.Overrides()
    overrides.separator = .byte(0x3B)
    overrides.hasHeader = false
    overrides.quote = .some(nil)
    overrides.comment = .some(0x25)
    let dialect = detect("a,b\nx,2\n", overrides)
    #expect(dialect.separator == .byte(0x3B))
    #expect(dialect.header == .none)
    #expect(dialect.quote == nil)
    #expect(dialect.comment == 0x25)
    #expect(dialect.summary == "separator semicolon, no quotes, line ends LF, comments %, no header")
    let found = try records(input("%x\n\"a;b\n"), dialect: dialect)
    #expect(found.records == [["\"a", "b"]])
  }

  @Test func blanksBeforeQuotes() throws {
    let text = "a, b\n\"x, y\", \"z\"\n 1,\"2\" \n"
    #expect(detect(text).blanksAroundQuotes)
    #expect(try records(input(text)).records == [["x, y", "z"], [" 1", "2"]])
  }

  @Test func realHeaders() throws {
    let hits = "event,pdgID,beamEnergy,rechit_layer\n0,11,50,1\n"
    #expect(detect(hits).summary == "separator comma, quote \", line ends LF, comments #, header in the first line")
  }
}
