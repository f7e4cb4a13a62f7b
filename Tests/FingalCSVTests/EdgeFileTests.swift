import Fingal
import FingalCSV
import Testing

/// The small files on which csvkit and agate test their readers: each either right, or refused with a clear message.
@Suite struct EdgeFileTests {
  struct Expected: Sendable, CustomTestStringConvertible {
    var file: String
    var header: [String]?
    var records: [[String]]
    var line: Int?
    var testDescription: String { file }
    init(_ file: String, _ header: [String]?, _ records: [[String]], firstLine line: Int? = nil) {
      (self.file, self.header, self.records, self.line) = (file, header, records, line)
    }
  }

  private static let agateHeader = ["number", "text", "boolean", "date", "datetime", "timedelta"]
  private static let agateRecords = [
    ["1", "a", "True", "2015-11-04", "2015-11-04T12:22:00", "0:04:15"],
    ["2", "👍", "False", "2015-11-05", "2015-11-04T12:45:00", "0:06:18"],
    ["", "b", "", "", "", ""],
  ]
  private static let raggedRecords = [
    ["1", "27", "", "I'm too long!"], ["", "I'm too short!"], ["0", "mixed types.... uh oh", "17"],
  ]

  static let files: [Expected] = [
    Expected("agate/test.csv", agateHeader, agateRecords),
    Expected("agate/test_cr.csv", agateHeader, agateRecords, firstLine: 2),
    Expected("agate/test_crlf.csv", agateHeader, agateRecords, firstLine: 2),
    Expected("agate/test_csv_sniff.csv", agateHeader, agateRecords),
    Expected("agate/test_quote_nonnumeric.csv", agateHeader, agateRecords),
    Expected(
      "agate/test_no_header.csv", nil,
      [
        ["1", "a", "True", "2015-11-04", "2015-11-04T12:22:00", "04:15"],
        ["2", "👍", "False", "2015-11-05", "2015-11-04T12:45:00", "06:18"],
        ["", "", "", "", "", ""],
      ]),
    // Ragged rows are the converter's to judge.
    Expected("csvkit/bad.csv", ["column_a", "column_b", "column_c"], raggedRecords, firstLine: 2),
    Expected("csvkit/bad_skip_lines.csv", ["column_a", "column_b", "column_c"], raggedRecords, firstLine: 5),
    Expected("csvkit/blanks.csv", ["a", "b", "c", "d", "e", "f"], [["", "NA", "N/A", "NONE", "NULL", "."]]),
    Expected("csvkit/dummy.tsv", ["a", "b", "c"], [["1", "2", "3"]]),
    Expected("csvkit/dummy2.csv", ["a", "b", "c"], [["1", "2", "3"]]),
    Expected("csvkit/dummy_col_shuffled_ragged.csv", ["b", "c", "a", "d"], [["2", "3", "1", "4"]]),
    Expected("csvkit/empty.csv", nil, []),
    Expected("csvkit/mac_newlines.csv", ["a", "b", "c"], [["1", "2", "3"], ["Once upon\ra time", "5", "6"]]),
    Expected("csvkit/no_header_row.csv", nil, [["1", "2", "3"]]),
    Expected("csvkit/no_header_row3.csv", nil, [["1", "2", "3"], ["4", "5", "6"]]),
    // A NUL is a byte of the field: the number parser refuses it where a number must be.
    Expected("csvkit/null_byte.csv", ["a", "b", "c"], [["\u{0}", "2", "3"]]),
    Expected("csvkit/optional_quote_characters.csv", ["a", "b", "c"], [["1", "2", "3"]]),
    Expected("csvkit/sniff_limit.csv", ["a", "b", "c"], [["1", "2", "3"]]),
    Expected("csvkit/sort_ints_nulls.csv", ["a", "b", "c"], [["1", "2", "3"], ["4", "", "6"], ["5", "1", "7"]]),
    Expected("csvkit/test_date_format.csv", ["a"], [["02/01/2014"], ["31/12/2012"]]),
    Expected(
      "csvkit/test_empty_columns.csv", ["a", "b", "c", "", ""],
      [["a", "", "", "", ""], ["", "", "c", ""], ["", "", "", "", ""]]),
    Expected("csvkit/test_empty_columns_long_row.csv", ["a", "b", "c"], [["", "", "", ""]]),
    Expected("csvkit/test_empty_columns_short_row.csv", ["a", "b", "c"], [["", ""]]),
    Expected("csvkit/test_extra_header.csv", ["a", "b", "c", "d"], [["1", "2", "3"]]),
    // Line ends inside the quoted name count as lines: four of them are LF.
    Expected(
      "csvkit/test_header_newline.csv", ["\t\n\u{B}\u{C}\r start \t\n\u{B}\u{C}\r end \t\n\u{B}\u{C}\r", "b", "c"],
      [["d", "e", "f"]], firstLine: 5),
    Expected("csvkit/test_join_short_rows.csv", ["a", "b", "c"], [["1", "cat"], ["dog", "c"], ["3", "b", "c"]]),
    Expected("csvkit/test_latin1.csv", ["a", "b", "c"], [["1", "2", "3"], ["4", "5", "©"]]),
    Expected("csvkit/test_locale.csv", ["a", "b", "c"], [["1,7", "200.000.000", ""]]),
    Expected("csvkit/test_no_leading_zeroes.csv", ["a", "b", "c"], [["01", "00.11", "0.1"]]),
    Expected("csvkit/test_precision.csv", ["a"], [["1.234567"]]),
    Expected("csvkit/test_skip_lines.csv", ["a", "b", "c"], [["1", "2", "3"]], firstLine: 5),
    Expected("csvkit/test_utf16_big.csv", ["a", "b", "c"], [["1", "2", "3"], ["4", "5", "ʤ"]]),
    Expected("csvkit/test_utf16_little.csv", ["a", "b", "c"], [["1", "2", "3"], ["4", "5", "ʤ"]]),
    Expected("csvkit/test_utf8.csv", ["foo", "bar", "baz"], [["1", "2", "3"], ["4", "5", "ʤ"]]),
    Expected("csvkit/test_utf8_bom.csv", ["foo", "bar", "baz"], [["1", "2", "3"], ["4", "5", "ʤ"]]),
  ]

  @Test(arguments: files, [16, 1 << 20])
  func recordsAreAsExpected(expected: Expected, blockSize: Int) throws {
    let found = try records(TextInput(path: TestData.path("csv-edge/" + expected.file)), blockSize: blockSize)
    #expect(found.header == expected.header)
    #expect(found.records == expected.records)
    if let line = expected.line { #expect(found.lines.first == line) }
  }

  @Test func longerFiles() throws {
    let iris = try records(TextInput(path: TestData.path("csv-edge/csvkit/iris.csv")))
    #expect(iris.header == ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"])
    #expect(iris.records.count == 150)
    #expect(iris.records.allSatisfy { $0.count == 5 })
    let geo = try records(TextInput(path: TestData.path("csv-edge/csvkit/test_geo.csv")), blockSize: 64)
    #expect(geo.header?.count == 12)
    #expect(geo.records.allSatisfy { $0.count == 12 })
    #expect(geo.records.last?.last?.hasPrefix("-95.") == true)
  }

  /// Every file of the folder is in a test: a new one must not be forgotten.
  @Test(arguments: ["agate", "csvkit"])
  func noFileIsForgotten(folder: String) throws {
    let present = try TestData.files(in: "csv-edge/" + folder)
    let tested = Set(Self.files.map(\.file) + ["csvkit/iris.csv", "csvkit/test_geo.csv"])
    for file in present { #expect(tested.contains("\(folder)/\(file)"), "\(file) has no expectation") }
    #expect(present.count > 5)
  }
}
