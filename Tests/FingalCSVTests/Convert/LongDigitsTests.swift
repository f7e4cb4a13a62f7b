import Fingal
import FingalCSV
import Testing

/// Numbers of more than 15 digits: each comes back equal as a decimal number, or a warning counts it.
@Suite struct LongDigitsTests {
  /// The significant digits of a text, the power of ten of the first, and the sign.
  private static func decimal(_ text: Substring) -> String {
    let parts = text.split(separator: "e")
    let negative = text.hasPrefix("-")
    let number = parts[0].drop { $0 == "-" || $0 == "+" }.split(separator: ".", omittingEmptySubsequences: false)
    var power = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    var digits = number.joined()
    power -= number.count > 1 ? number[1].count : 0
    while digits.hasSuffix("0") {
      digits.removeLast()
      power += 1
    }
    digits = String(digits.drop { $0 == "0" })
    return digits.isEmpty ? "0" : "\(negative ? "-" : "")\(digits)e\(power)"
  }

  /// Number of values that differ as decimal numbers.
  private static func changes(_ before: String, _ after: String) -> Int {
    zip(before.split(separator: "\n"), after.split(separator: "\n")).dropFirst()
      .count { decimal($0.split(separator: ",")[1]) != decimal($1.split(separator: ",")[1]) }
  }

  struct Case: CustomTestStringConvertible, Sendable {
    var cells: String
    var format: String
    /// The warning, if there is one.
    var warning: String?
    var testDescription: String { cells }
  }

  static let cases: [Case] = [
    Case(cells: "1700000000.1234561 1700000001.5000000", format: "%.7f", warning: "rounded (1 of them, first in "),
    Case(cells: "2.5 9007199254740993.0", format: "%.1f", warning: "in0.csv:3; --type 'c=string' keeps the text)"),
    // One value with other digits than its float64 does not change its neighbours.
    Case(cells: "0.1 3.3 0.30000000000000003 7", format: "shortest", warning: "rounded (1 of them"),
    Case(cells: "0.1 3.3 0.10000000000000001", format: "shortest", warning: "other digits"),
    Case(cells: "0.5 0.10000000000000001 1152921504606846976", format: "shortest", warning: "(2 of them"),
    Case(cells: "0.5 0.10000000000000000555 2.2999999999999998224", format: "%.20g"),
    Case(cells: "1.100000000000000089e+00 0 2.500000000000000000e-01", format: "%.19g"),
    Case(cells: "0.30000000000000000 0.10000000000000000", format: "shortest"),
    Case(cells: "0.10000000000 0.30000000000", format: "%.11f"),
    Case(cells: "1.0000000000e-01 3.0000000000e+00", format: "%.10e"),
    Case(cells: "4.9e-324 1.5", format: "%.2g"),
    Case(cells: "4.9e-324 1.123456789", format: "shortest", warning: "other digits"),
    Case(cells: "5e-324 2.2250738585072014e-308 1.7976931348623157e+308", format: "shortest"),
    Case(cells: "0.12345678901234567890123 0.5", format: "shortest", warning: "rounded (1 of them"),
  ]

  @Test(arguments: cases)
  func comesBackOrIsCounted(_ test: Case) throws {
    let workspace = try Workspace()
    let text = "k,c\n" + test.cells.split(separator: " ").enumerated().map { "\($0),\($1)\n" }.joined()
    let summary = try workspace.convert(text)
    #expect(try workspace.result.schema.field("c")?.metadata["csv.format"] == test.format)
    #expect(summary.warnings.count == (test.warning == nil ? 0 : 1))
    if let warning = test.warning { #expect(summary.warnings.first?.contains(warning) == true) }
    #expect((Self.changes(text, try workspace.exported()) > 0) == (test.warning != nil))
  }

  /// Columns that mix the ways in which programs print floats, and a few digits of chance: the count in the warnings is
  /// that of the values that differ, whatever of the file the sample shows.
  @Test(arguments: 0..<24)
  func warningsCountWhatDiffers(_ seed: Int) throws {
    var generator = SplitMix(UInt64(seed) + 100)
    func random(_ count: Int) -> Int { Int(generator.next() % UInt64(count)) }
    let styles: [NumberFormat] = [
      .shortest, .shortestWithPoint, .general(digits: 15), .general(digits: 16), .general(digits: 17),
      .general(digits: 20), .scientific(decimals: 16), .scientific(decimals: 18), .fixed(decimals: 15),
    ]
    let usual = styles[random(styles.count)]
    let late = styles[random(styles.count)]
    let spread = [1, 1, 12, 300][random(4)]
    let scratch = AlignedBytes()
    var text = "k,c\n"
    for row in 0..<250 {
      var value = Double(random(1 << 53)) / 0x1p53 * [1, 1e9, 1e-9, 1e17][seed % 4]
      if spread > 1 {
        for _ in 0..<random(spread) { value = seed % 2 == 0 ? value / 10 : value * 10 }
      }
      if !value.isFinite || random(5) == 0 { value = Double(random(100_000)) / 1000 }
      scratch.removeAll()
      NumberWriter.append(value, row > 200 && random(10) == 0 ? late : usual, to: scratch)
      var cell = unsafe String(decoding: scratch.bytes, as: UTF8.self)
      // Now and then a last digit that no float64 prints.
      if seed % 5 == 0 && random(40) == 0 && !cell.contains("e") && cell.contains(".") { cell += "7" }
      text += "\(row),\(cell)\n"
    }
    let workspace = try Workspace()
    for (sample, block) in [(1 << 20, 1 << 20), (500, 300)] {
      var options = ConvertOptions()
      options.sampleBytes = sample
      options.blockBytes = block
      let summary = try workspace.convert(text, options: options)
      let changes = Self.changes(text, try workspace.exported())
      let counted = summary.warnings.reduce(0) { sum, warning in
        sum + (warning.split(separator: "(").last?.split(separator: " ").first.flatMap { Int($0) } ?? 0)
      }
      #expect(counted == changes, "\(usual) then \(late): \(summary.warnings)")
    }
  }

  @Test func codesThatBecomeNumbersAreCounted() throws {
    let workspace = try Workspace()
    let summary = try workspace.convert("k,c\n1,00\n2,01\n3,1.5\n")
    #expect(summary.warnings.count == 1)
    #expect(summary.warnings.first?.contains("leading zeros or plus signs") == true)
    #expect(summary.warnings.first?.contains("(2 of them") == true)
  }
}
