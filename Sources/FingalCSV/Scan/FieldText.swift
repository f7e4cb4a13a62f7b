/// Bytes of a field for a person to read.
package enum FieldText {
  /// The field in quotes for an error message: at most 40 characters, control characters escaped.
  package static func quoted(_ bytes: UnsafeRawBufferPointer) -> String {
    let limit = 40
    var text = "\""
    var shown = 0
    for scalar in unsafe String(decoding: bytes.prefix(4 * limit + 4), as: UTF8.self).unicodeScalars {
      if shown == limit {
        text += "…"
        break
      }
      shown += 1
      switch scalar.value {
      case 0x09: text += "\\t"
      case 0x0A: text += "\\n"
      case 0x0D: text += "\\r"
      case 0..<0x20, 0x7F: text += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
