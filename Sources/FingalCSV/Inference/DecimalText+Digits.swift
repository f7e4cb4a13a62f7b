import Fingal

extension DecimalText {
  /// Decimal exponent of the first significant digit.
  @inline(__always) var leading: Int {
    Int(exponent) &+ (digits <= 19 ? Int(digits) : PowersOfTen.digits(of: mantissa)) &- 1
  }

  /// The mantissa without trailing zeros.
  var strippedMantissa: UInt64 { Self.stripped(mantissa) }

  /// A whole number without trailing zeros.
  static func stripped(_ number: UInt64) -> UInt64 {
    var rest = number
    while rest > 0 && rest % 10 == 0 { rest /= 10 }
    return rest
  }

  /// What a format prints for a finite value, read back as digits.
  static func printed(_ value: Double, _ format: NumberFormat, scratch: AlignedBytes) -> DecimalText {
    scratch.removeAll()
    defer { scratch.removeAll() }
    NumberWriter.append(value, format, to: scratch)
    guard let digits = unsafe DecimalText(scratch.bytes) else { preconditionFailure("a number reads back") }
    return digits
  }
}
