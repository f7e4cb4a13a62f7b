/// A number as it was written: sign, digits, exponent, and how they were spelt.
///
/// The value of a finite number is `mantissa · 10^exponent`, negated if `isNegative`. Reading a number in two steps
/// (text → this → binary) lets inference ask how a column is written with the same pass that reads the value.
package struct DecimalText: Sendable, Equatable {
  package struct Spelling: OptionSet, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let negative = Spelling(rawValue: 1)
    /// A leading `+`.
    package static let plus = Spelling(rawValue: 2)
    package static let point = Spelling(rawValue: 4)
    package static let exponent = Spelling(rawValue: 8)
    /// Zeros that no value needs, as in `007` or `00.5`.
    package static let leadingZeros = Spelling(rawValue: 16)
    /// More digits than `mantissa` holds, not all of them zero: the text is needed to round correctly.
    package static let truncated = Spelling(rawValue: 32)
    package static let infinity = Spelling(rawValue: 64)
    package static let nan = Spelling(rawValue: 128)
    /// No digit before the point, as in `.5`.
    package static let bareFraction = Spelling(rawValue: 256)
  }

  /// The leading digits, up to 19 of them (20 for an integer that fits 64 bits).
  package var mantissa: UInt64 = 0
  /// Power of ten of the mantissa's last digit, clamped to ±10^9.
  package var exponent: Int32 = 0
  /// Significant digits as written: leading zeros do not count, trailing zeros do; 0 for a zero.
  package var digits: Int32 = 0
  /// Digits after the point.
  package var decimals: Int32 = 0
  package var spelling: Spelling = []

  package var isNegative: Bool { spelling.contains(.negative) }
  package var isNaN: Bool { spelling.contains(.nan) }
  package var isInfinite: Bool { spelling.contains(.infinity) }
  package var isFinite: Bool { spelling.isDisjoint(with: [.nan, .infinity]) }
  package var isTruncated: Bool { spelling.contains(.truncated) }
  /// Whole number without point and exponent: what an integer column holds.
  package var isInteger: Bool { spelling.isDisjoint(with: [.point, .exponent, .nan, .infinity]) }

  /// Whether a number may be written with a byte in it, or end in one.
  static func mayHold(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      || byte == 0x2B || byte == 0x2D || byte == 0x2E
  }

  init(mantissa: UInt64, exponent: Int32, digits: Int32, decimals: Int32, spelling: Spelling) {
    self.mantissa = mantissa
    self.exponent = exponent
    self.digits = digits
    self.decimals = decimals
    self.spelling = spelling
  }

  /// Reads all of `text` as a number.
  ///
  /// Grammar: `[+-] digits [. digits] [e [+-] digits]` with at least one digit on either side of the point, or `nan`,
  /// `inf`, `infinity` in any case with an optional sign. Blanks around it are the caller's to trim
  /// (`NumberText.trimmed`).
  ///
  /// - Parameter point: the decimal point's byte, `,` where a dialect says so.
  /// - Returns: nil if the text is no number.
  @inline(__always)
  package init?(_ text: UnsafeRawBufferPointer, point: UInt8 = 0x2E) {
    guard let base = text.baseAddress, text.count > 0 else { return nil }
    var p = unsafe base.assumingMemoryBound(to: UInt8.self)
    let end = unsafe p + text.count

    if unsafe p.pointee == 0x2D {
      spelling = .negative
      unsafe p += 1
    } else if unsafe p.pointee == 0x2B {
      spelling = .plus
      unsafe p += 1
    }

    let first = unsafe p
    var value: UInt64 = 0
    while unsafe p < end {
      let digit = unsafe p.pointee &- 0x30
      if digit > 9 { break }
      value = value &* 10 &+ UInt64(digit)
      unsafe p += 1
    }
    let whole = unsafe p - first
    var fraction = 0
    if unsafe p < end && p.pointee == point {
      unsafe p += 1
      let start = unsafe p
      while unsafe p < end {
        let digit = unsafe p.pointee &- 0x30
        if digit > 9 { break }
        value = value &* 10 &+ UInt64(digit)
        unsafe p += 1
      }
      fraction = unsafe p - start
      spelling.formUnion(.point)
      if whole == 0 { spelling.formUnion(.bareFraction) }
    }
    let total = whole &+ fraction
    if total == 0 {
      guard unsafe readSpecial(UnsafeRawBufferPointer(start: first, count: end - first)) else { return nil }
      return
    }

    var power = 0
    if unsafe p < end {
      guard unsafe p.pointee | 0x20 == 0x65 else { return nil }
      unsafe p += 1
      guard let read = unsafe Self.readExponent(p, end) else { return nil }
      power = read
      spelling.formUnion(.exponent)
    }

    mantissa = value
    decimals = Int32(truncatingIfNeeded: min(fraction, 1_000_000_000))
    exponent = Self.clamped(power &- fraction)
    digits = Int32(truncatingIfNeeded: total)
    if unsafe first.pointee == 0x30 || first.pointee == point || total > 19 {
      unsafe recount(UnsafeRawBufferPointer(start: first, count: whole + fraction + (hasPoint ? 1 : 0)), whole, power)
    }
  }

  private var hasPoint: Bool { spelling.contains(.point) }

  private static func clamped(_ power: Int) -> Int32 { Int32(max(-1_000_000_000, min(1_000_000_000, power))) }

  /// The digits of an exponent. It saturates, so that `1e-9223372036854775809` is a small number and not an overflow.
  @inline(never)
  private static func readExponent(_ from: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int? {
    var p = unsafe from
    guard unsafe p < end else { return nil }
    let sign = unsafe p.pointee
    if sign == 0x2D || sign == 0x2B { unsafe p += 1 }
    guard unsafe p < end else { return nil }
    var power = 0
    while unsafe p < end {
      let digit = unsafe p.pointee &- 0x30
      if digit > 9 { return nil }
      if power < 1_000_000_000_000 { power = power &* 10 &+ Int(digit) }
      unsafe p += 1
    }
    return sign == 0x2D ? -power : power
  }

  /// Counts significant digits where leading zeros or more than 19 digits make the quick pass insufficient.
  /// `text` holds digits and at most one other byte, the point.
  @inline(never)
  private mutating func recount(_ text: UnsafeRawBufferPointer, _ whole: Int, _ power: Int) {
    var value: UInt64 = 0
    var significant = 0
    var dropped = 0
    var droppedNonZero = false
    var index = 0
    var zeros = 0
    let isWhole = isInteger
    for at in 0..<text.count {
      let digit = unsafe text[at] &- 0x30
      if digit > 9 { continue }  // the point
      if significant == 0 && digit == 0 {
        if index < whole { zeros += 1 }
        index += 1
        continue
      }
      index += 1
      significant += 1
      if significant <= 19 {
        value = value &* 10 &+ UInt64(digit)
      } else if isWhole && significant == 20 {
        let (scaled, over) = value.multipliedReportingOverflow(by: 10)
        let (sum, carried) = scaled.addingReportingOverflow(UInt64(digit))
        if over || carried {
          dropped += 1
          if digit != 0 { droppedNonZero = true }
        } else {
          value = sum
        }
      } else {
        // A 21st digit: one that was kept as the 20th stays.
        dropped += 1
        if digit != 0 { droppedNonZero = true }
      }
    }
    mantissa = value
    digits = Int32(truncatingIfNeeded: min(significant, 1_000_000_000))
    let fraction = index - whole
    exponent = Self.clamped(power &- fraction &+ dropped)
    if droppedNonZero { spelling.formUnion(.truncated) }
    if zeros > 1 || (zeros == 1 && whole > 1) { spelling.formUnion(.leadingZeros) }
  }

  /// `nan`, `inf`, `infinity` in any case.
  @inline(never)
  private mutating func readSpecial(_ text: UnsafeRawBufferPointer) -> Bool {
    func spells(_ word: StaticString) -> Bool {
      guard text.count == word.utf8CodeUnitCount else { return false }
      for i in 0..<text.count where unsafe text[i] | 0x20 != word.utf8Start[i] { return false }
      return true
    }
    if spells("nan") {
      spelling.formUnion(.nan)
      return true
    }
    if spells("inf") || spells("infinity") {
      spelling.formUnion(.infinity)
      return true
    }
    return false
  }

  // MARK: Values

  /// The value if the text is an integer without point and exponent and fits.
  @inline(__always)
  package var int64: Int64? {
    guard isInteger, !isTruncated, exponent == 0 else { return nil }
    if isNegative {
      return mantissa <= UInt64(Int64.max) + 1 ? Int64(truncatingIfNeeded: 0 &- mantissa) : nil
    }
    return mantissa <= UInt64(Int64.max) ? Int64(truncatingIfNeeded: mantissa) : nil
  }

  /// The value if the text is an integer without point and exponent and fits; `-0` is 0.
  @inline(__always)
  package var uint64: UInt64? {
    guard isInteger, !isTruncated, exponent == 0, !isNegative || mantissa == 0 else { return nil }
    return mantissa
  }
}
