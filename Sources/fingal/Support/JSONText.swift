import Fingal
import FoundationEssentials

/// A report as JSON: keys sorted, indented, the same bytes for the same report.
func jsonText(_ report: some Encodable) throws(FingalError) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
  do {
    return String(decoding: try encoder.encode(report), as: UTF8.self)
  } catch {
    throw FingalError(.inputOutput, "cannot write the report as JSON: \(error)")
  }
}

/// Appends a string as a JSON string literal. Bytes that are not UTF-8 become U+FFFD.
func appendJSONString(_ text: String, to out: inout [UInt8]) {
  out.append(UInt8(ascii: "\""))
  for byte in text.utf8 {
    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { out.append(UInt8(ascii: "\\")) }
    appendEscaped(byte, to: &out)
  }
  out.append(UInt8(ascii: "\""))
}

/// A text for a terminal: control characters escaped as in JSON, so that a file cannot drive the screen.
func printable(_ text: String) -> String {
  if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) { return text }
  var out: [UInt8] = []
  for byte in text.utf8 { appendEscaped(byte, to: &out) }
  return String(decoding: out, as: UTF8.self)
}

/// A byte of a text, escaped as in JSON if it is a control character.
private func appendEscaped(_ byte: UInt8, to out: inout [UInt8]) {
  switch byte {
  case 0x0A: out.append(contentsOf: "\\n".utf8)
  case 0x0D: out.append(contentsOf: "\\r".utf8)
  case 0x09: out.append(contentsOf: "\\t".utf8)
  case 0..<0x20, 0x7F:
    let digits = Array("0123456789abcdef".utf8)
    out.append(contentsOf: "\\u00".utf8)
    out.append(digits[Int(byte >> 4)])
    out.append(digits[Int(byte & 15)])
  default: out.append(byte)
  }
}
