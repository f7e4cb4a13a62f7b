package import Fingal
internal import FingalKernels
internal import Glibc

/// Values → text, appended to a byte buffer, whatever the program's locale.
///
/// Every format is exact: what `printf` gives for the exact binary value, rounded to nearest, ties to even. The usual
/// magnitudes take 128-bit integer arithmetic, the rest goes through the C library.
package enum NumberWriter {
  /// Appends an integer.
  @inline(__always)
  package static func append<T: FixedWidthInteger>(_ value: T, to out: AlignedBytes) {
    if value < 0 { out.append(0x2D as UInt8) }
    appendDigits(UInt64(value.magnitude), width: 0, to: out)
  }

  /// Appends a float32: the shortest forms are the shortest for float32, the others those of the exact value.
  package static func append(_ value: Float, _ format: NumberFormat, point: UInt8 = 0x2E, to out: AlignedBytes) {
    switch format {
    case .shortest, .shortestWithPoint:
      if appendSpecial(Double(value), to: out) { return }
      let start = out.count
      appendShortest(value.magnitude.description, withPoint: format == .shortestWithPoint, to: out)
      usePoint(point, in: out, from: start)
    default: append(Double(value), format, point: point, to: out)
    }
  }

  /// Appends a float64. `nan`, `inf` and `-inf` are written so, in every format.
  package static func append(_ value: Double, _ format: NumberFormat, point: UInt8 = 0x2E, to out: AlignedBytes) {
    if appendSpecial(value, to: out) { return }
    let start = out.count
    let size = value.magnitude
    switch format {
    case .integer: appendFixed(size, 0, to: out)
    case .shortest, .shortestWithPoint:
      appendShortest(size.description, withPoint: format == .shortestWithPoint, to: out)
    case .fixed(let decimals): appendFixed(size, decimals, to: out)
    case .general(let digits): appendGeneral(size, max(1, digits), to: out)
    case .scientific(let decimals): appendScientific(size, decimals, to: out)
    }
    usePoint(point, in: out, from: start)
  }

  /// Writes the sign; and the whole value if it is no number. Returns whether it did the latter.
  private static func appendSpecial(_ value: Double, to out: AlignedBytes) -> Bool {
    if value.isNaN {
      append("nan", to: out)
      return true
    }
    if value.sign == .minus { out.append(0x2D as UInt8) }
    if value.isInfinite { append("inf", to: out) }
    return value.isInfinite
  }

  private static func usePoint(_ point: UInt8, in out: AlignedBytes, from start: Int) {
    if point == 0x2E { return }
    let bytes = unsafe out.values(UInt8.self)
    for i in start..<out.count where unsafe bytes[i] == 0x2E { unsafe bytes[i] = point }
  }

  private static func append(_ text: StaticString, to out: AlignedBytes) {
    unsafe out.append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  // MARK: Formats of a value that is not negative

  private static func appendFixed(_ size: Double, _ decimals: Int, to out: AlignedBytes) {
    guard decimals <= 19, let scaled = scaledAndRounded(size, decimals) else {
      return appendPrintf(size, "f", decimals, to: out)
    }
    if decimals == 0 { return appendDigits(scaled, width: 0, to: out) }
    let (whole, fraction) = scaled.quotientAndRemainder(dividingBy: power(decimals))
    appendDigits(whole, width: 0, to: out)
    out.append(0x2E as UInt8)
    appendDigits(fraction, width: decimals, to: out)
  }

  private static func appendScientific(_ size: Double, _ decimals: Int, to out: AlignedBytes) {
    guard let number = decimal(size, digits: decimals + 1) else { return appendPrintf(size, "e", decimals, to: out) }
    number.appendScientific(to: out)
  }

  private static func appendGeneral(_ size: Double, _ digits: Int, to out: AlignedBytes) {
    guard var number = decimal(size, digits: digits) else { return appendPrintf(size, "g", digits, to: out) }
    let plain = number.exponent >= -4 && number.exponent < digits
    number.stripTrailingZeros()
    if plain { number.appendPlain(withPoint: false, to: out) } else { number.appendScientific(to: out) }
  }

  /// - Parameter description: what Swift prints, which has the fewest digits that read back as the same value and of
  ///   those the closest, but spells exponents in its own way.
  private static func appendShortest(_ description: String, withPoint: Bool, to out: AlignedBytes) {
    var description = description
    let written = description.withUTF8 { utf8 in unsafe DecimalText(UnsafeRawBufferPointer(utf8)) }
    guard let written, written.mantissa > 0 else { return append(withPoint ? "0.0" : "0", to: out) }
    let count = digitCount(written.mantissa)
    var number = Decimal(digits: written.mantissa, count: count, exponent: Int(written.exponent) + count - 1)
    number.stripTrailingZeros()
    // Python's limits for repr, and those of %.16g.
    if number.exponent >= -4 && number.exponent < 16 {
      number.appendPlain(withPoint: withPoint, to: out)
    } else {
      number.appendScientific(to: out)
    }
  }

  private static func appendPrintf(_ size: Double, _ conversion: Unicode.Scalar, _ precision: Int, to out: AlignedBytes)
  {
    let kind = CChar(truncatingIfNeeded: conversion.value)
    // The longest: 309 digits, a point, the decimals, and the final NUL.
    let capacity = 320 + precision
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
      let length = unsafe fingal_format_double(buffer.baseAddress, capacity, kind, CInt(precision), size)
      unsafe out.append(UnsafeRawBufferPointer(start: buffer.baseAddress, count: Int(length)))
    }
  }

  // MARK: Exact decimal digits

  /// `0.d₁d₂… · 10^(exponent + 1)`: digits, and the power of ten of the first.
  private struct Decimal {
    var digits: UInt64
    var count: Int
    var exponent: Int

    mutating func stripTrailingZeros() {
      while count > 1 && digits % 10 == 0 {
        digits /= 10
        count -= 1
      }
    }

    func appendPlain(withPoint: Bool, to out: AlignedBytes) {
      if exponent >= count - 1 {
        appendDigits(digits, width: count, to: out)
        for _ in 0..<(exponent - count + 1) { out.append(0x30 as UInt8) }
        if withPoint { append(".0", to: out) }
      } else if exponent >= 0 {
        let (whole, fraction) = digits.quotientAndRemainder(dividingBy: power(count - 1 - exponent))
        appendDigits(whole, width: 0, to: out)
        out.append(0x2E as UInt8)
        appendDigits(fraction, width: count - 1 - exponent, to: out)
      } else {
        append("0.", to: out)
        for _ in 0..<(-exponent - 1) { out.append(0x30 as UInt8) }
        appendDigits(digits, width: count, to: out)
      }
    }

    func appendScientific(to out: AlignedBytes) {
      let (first, rest) = digits.quotientAndRemainder(dividingBy: power(count - 1))
      appendDigits(first, width: 1, to: out)
      if count > 1 {
        out.append(0x2E as UInt8)
        appendDigits(rest, width: count - 1, to: out)
      }
      append(exponent < 0 ? "e-" : "e+", to: out)
      appendDigits(UInt64(exponent.magnitude), width: exponent.magnitude < 100 ? 2 : 3, to: out)
    }
  }

  /// The value rounded to so many significant digits; nil where 128 bits do not suffice.
  private static func decimal(_ size: Double, digits: Int) -> Decimal? {
    guard digits >= 1 && digits <= 19 else { return nil }
    if size == 0 { return Decimal(digits: 0, count: digits, exponent: 0) }
    // The logarithm may be off by one next to a power of ten; the rounded digits tell. A leading one followed by zeros may
    // come from 9.99… rounded with one digit too few, so the exponent below is tried too.
    var exponent = Int(log10(size).rounded(.down))
    guard var scaled = scaledAndRounded(size, digits - 1 - exponent) else { return nil }
    if scaled <= power(digits - 1) {
      guard let below = scaledAndRounded(size, digits - exponent) else { return nil }
      if below < power(digits) {
        scaled = below
        exponent -= 1
      }
    }
    if scaled >= power(digits) {
      exponent += 1
      guard let above = scaledAndRounded(size, digits - 1 - exponent) else { return nil }
      scaled = above
    }
    return Decimal(digits: scaled, count: digits, exponent: exponent)
  }

  /// `size · 10^power` rounded to the nearest integer, ties to even; nil if it or a step to it does not fit.
  private static func scaledAndRounded(_ size: Double, _ tens: Int) -> UInt64? {
    let bits = size.bitPattern
    let field = Int(bits >> 52)
    let significand = field == 0 ? bits : bits & (1 << 52 - 1) | 1 << 52
    let binary = max(field, 1) - 1075
    if significand == 0 { return 0 }

    var numerator = UInt128(significand)
    var quotient: UInt128
    let remainder: UInt128
    let divisor: UInt128
    if tens >= 0 {
      guard tens <= 19 else { return nil }
      numerator *= UInt128(power(tens))  // below 2^117
      if binary >= 0 {
        guard numerator.leadingZeroBitCount > binary else { return nil }
        return UInt64(exactly: numerator << UInt128(binary))
      }
      if binary < -120 { return 0 }
      divisor = UInt128(1) << UInt128(-binary)
      quotient = numerator >> UInt128(-binary)
      remainder = numerator & (divisor - 1)
    } else {
      guard tens >= -19 else { return nil }
      if binary >= 0 {
        guard numerator.leadingZeroBitCount > binary else { return nil }
        numerator <<= UInt128(binary)
        divisor = UInt128(power(-tens))
      } else {
        if binary < -60 { return 0 }
        divisor = UInt128(power(-tens)) << UInt128(-binary)
      }
      (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: divisor)
    }
    let half = divisor - remainder
    if remainder > half || (remainder == half && quotient & 1 == 1) { quotient += 1 }
    return UInt64(exactly: quotient)
  }

  /// 10^exponent, exponent 0...19.
  @inline(__always)
  private static func power(_ exponent: Int) -> UInt64 {
    var power: UInt64 = 1
    for _ in 0..<exponent { power &*= 10 }
    return power
  }

  private static func digitCount(_ value: UInt64) -> Int {
    var count = 1
    var rest = value
    while rest >= 10 {
      rest /= 10
      count += 1
    }
    return count
  }

  /// Appends decimal digits, with leading zeros up to `width`.
  private static func appendDigits(_ value: UInt64, width: Int, to out: AlignedBytes) {
    let count = max(width, digitCount(value))
    let start = unsafe out.extend(by: count)
    var rest = value
    var at = count
    while at > 0 {
      at -= 1
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      unsafe start.storeBytes(of: 0x30 + UInt8(truncatingIfNeeded: digit), toByteOffset: at, as: UInt8.self)
      rest = quotient
    }
  }
}
