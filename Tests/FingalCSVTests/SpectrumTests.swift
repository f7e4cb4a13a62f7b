import Fingal
import FingalCSV
import FoundationEssentials
import Testing

/// csv-spectrum: each file comes with the records it must give.
@Suite struct SpectrumTests {
  static let names = [
    "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines", "newlines_crlf",
    "quotes_and_newlines", "simple", "simple_crlf", "utf8",
  ]

  @Test(arguments: names, [16, 1 << 20])
  func recordsAreAsExpected(name: String, blockSize: Int) throws {
    let expected = try JSONDecoder().decode(
      [[String: String]].self, from: Data(TestData.bytes("csv-edge/spectrum/\(name).json")))
    let text = try TextInput(path: TestData.path("csv-edge/spectrum/\(name).csv"))
    let found = try records(text, blockSize: blockSize)
    let header = try #require(found.header)
    let asDictionaries = found.records.map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
    #expect(asDictionaries == expected)
  }

  /// The suite's own JSON has another telephone number than its CSV; the other fields are compared with it. The quote
  /// inside an unquoted field is text.
  @Test func quoteInsideAnUnquotedFieldIsText() throws {
    let expected = try JSONDecoder().decode(
      [String: String].self, from: Data(TestData.bytes("csv-edge/spectrum/location_coordinates.json")))
    let found = try records(TextInput(path: TestData.path("csv-edge/spectrum/location_coordinates.csv")))
    let header = try #require(found.header)
    #expect(found.records.count == 1)
    for (name, value) in zip(header, found.records[0]) {
      #expect(value == (name == "Contact Phone Number" ? "2095257564" : expected[name]))
    }
  }
}
