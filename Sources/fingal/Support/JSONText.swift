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
  if text.unicodeScalars.allSatisfy({ !steersTerminal($0) }) { return text }
  var out: [UInt8] = []
  for scalar in text.unicodeScalars {
    if scalar.value < 0x80 {
      appendEscaped(UInt8(scalar.value), to: &out)
    } else if steersTerminal(scalar) {
      let digits = String(scalar.value, radix: 16)
      out.append(contentsOf: ("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8)
    } else {
      out.append(contentsOf: String(scalar).utf8)
    }
  }
  return String(decoding: out, as: UTF8.self)
}

/// Control characters (C0, DEL, C1) and those that change the direction of text: a file must not move the cursor of who
/// looks at it.
private func steersTerminal(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7F...0x9F, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
  default: false
  }
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
