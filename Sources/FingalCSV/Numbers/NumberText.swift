/// One call from the bytes of a field to a value, for columns whose type is decided.
///
/// Each function reads all of `text`, returns nil if it is no such number, and does no trimming: see `trimmed`.
package enum NumberText {
  @inline(__always)
  package static func float64(_ text: UnsafeRawBufferPointer, point: UInt8 = 0x2E) -> Double? {
    guard let number = unsafe DecimalText(text, point: point) else { return nil }
    return unsafe number.float64(text, point: point)
  }

  @inline(__always)
  package static func float32(_ text: UnsafeRawBufferPointer, point: UInt8 = 0x2E) -> Float? {
    guard let number = unsafe DecimalText(text, point: point) else { return nil }
    return unsafe number.float32(text, point: point)
  }

  /// `float64`, faster, for a field of a `RecordBlock`: see `DecimalText.init(padded:point:)`.
  @inline(__always)
  package static func float64(padded text: UnsafeRawBufferPointer, point: UInt8 = 0x2E) -> Double? {
    guard let number = unsafe DecimalText(padded: text, point: point) else { return nil }
    return unsafe number.float64(text, point: point)
  }

  /// `float32`, faster, for a field of a `RecordBlock`: see `DecimalText.init(padded:point:)`.
  @inline(__always)
  package static func float32(padded text: UnsafeRawBufferPointer, point: UInt8 = 0x2E) -> Float? {
    guard let number = unsafe DecimalText(padded: text, point: point) else { return nil }
    return unsafe number.float32(text, point: point)
  }

  /// `[+-] digits` that fit; nil for anything else, overflow included (`DecimalText` tells which).
  @inline(__always)
  package static func int64(_ text: UnsafeRawBufferPointer) -> Int64? {
    let count = text.count
    // Up to 18 digits cannot overflow: no checks in the loop.
    guard count > 0 && count <= 18 else { return unsafe DecimalText(text)?.int64 }
    let sign = unsafe text[0]
    var index = sign == 0x2D || sign == 0x2B ? 1 : 0
    guard index < count else { return nil }
    var value: Int64 = 0
    while index < count {
      let digit = unsafe text[index] &- 0x30
      if digit > 9 { return nil }
      value = value &* 10 &+ Int64(digit)
      index &+= 1
    }
    return sign == 0x2D ? 0 &- value : value
  }

  @inline(__always)
  package static func uint64(_ text: UnsafeRawBufferPointer) -> UInt64? {
    let count = text.count
    guard count > 0 && count <= 18 else { return unsafe DecimalText(text)?.uint64 }
    guard let value = unsafe int64(text), value >= 0 else { return nil }
    return UInt64(truncatingIfNeeded: value)
  }

  /// `0x1F`, `0XdeadBEEF`: identifiers as electronics print them. Up to 16 digits.
  package static func hexadecimal(_ text: UnsafeRawBufferPointer) -> UInt64? {
    guard text.count >= 3, text.count <= 18, unsafe text[0] == 0x30, unsafe text[1] | 0x20 == 0x78 else { return nil }
    var value: UInt64 = 0
    for index in 2..<text.count {
      let byte = unsafe text[index]
      let digit: UInt8
      if byte >= 0x30 && byte <= 0x39 {
        digit = byte - 0x30
      } else if byte | 0x20 >= 0x61 && byte | 0x20 <= 0x66 {
        digit = (byte | 0x20) - 0x61 + 10
      } else {
        return nil
      }
      value = value << 4 | UInt64(digit)
    }
    return value
  }

  /// The text without spaces and tabs at its ends.
  @inline(__always)
  package static func trimmed(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var from = 0
    var to = text.count
    while from < to, unsafe isBlank(text[from]) { from &+= 1 }
    while to > from, unsafe isBlank(text[to &- 1]) { to &-= 1 }
    return unsafe UnsafeRawBufferPointer(rebasing: text[from..<to])
  }

  @inline(__always)
  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
