import Fingal
import FoundationEssentials

/// A value with a fixed number of decimals, the same on every machine.
func fixed(_ value: Double, _ decimals: Int) -> String {
  guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let scaled = Int((abs(value) * scale).rounded())
  let digits = String(scaled % Int(scale))
  let sign = value < 0 && scaled != 0 ? "-" : ""
  if decimals == 0 { return "\(sign)\(scaled)" }
  return "\(sign)\(scaled / Int(scale))." + String(repeating: "0", count: decimals - digits.count) + digits
}

/// `1,234,567`.
func grouped(_ value: Int) -> String {
  var text = ""
  let digits = String(value.magnitude)
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return value < 0 ? "-" + text : text
}

/// A number without a needless `.0`.
func short(_ value: Double) -> String {
  let text = "\(value)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

func shapeText(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: " × ") }

/// Text padded on the left.
func right(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }

/// Rows as columns aligned to the right, two spaces apart; the first row holds the titles.
func table(_ rows: [[String]]) -> [String] {
  var widths: [Int] = []
  for row in rows {
    for (index, cell) in row.enumerated() {
      if index == widths.count { widths.append(0) }
      widths[index] = max(widths[index], cell.count)
    }
  }
  return rows.map { row in row.enumerated().map { right($1, widths[$0]) }.joined(separator: "  ") }
}

/// One JSON object; keys sorted, so that equal reports are equal bytes.
func jsonText(_ report: some Encodable, pretty: Bool) throws(FingalError) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting =
    pretty ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
  do {
    return String(decoding: try encoder.encode(report), as: UTF8.self)
  } catch {
    throw FingalError(.inputOutput, "cannot write the report as JSON: \(error)")
  }
}
