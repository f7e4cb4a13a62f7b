import FingalCSV
import FingalKernels
import Testing

private func parse(_ text: String, point: UInt8 = 0x2E) -> DecimalText? {
  unsafe Array(text.utf8).withUnsafeBytes { unsafe DecimalText($0, point: point) }
}
private func float32(_ text: String) -> Float? {
  unsafe Array(text.utf8).withUnsafeBytes { unsafe NumberText.float32($0) }
}
private func float64(_ text: String) -> Double? {
  unsafe Array(text.utf8).withUnsafeBytes { unsafe NumberText.float64($0) }
}
private func int64(_ text: String) -> Int64? { unsafe Array(text.utf8).withUnsafeBytes { unsafe NumberText.int64($0) } }
private func uint64(_ text: String) -> UInt64? {
  unsafe Array(text.utf8).withUnsafeBytes { unsafe NumberText.uint64($0) }
}

@Suite struct DecimalTextTests {
  struct Spelt: Sendable, CustomTestStringConvertible {
    var text: String
    var mantissa: UInt64
    var exponent: Int32
    var digits: Int32
    var decimals: Int32
    var spelling: DecimalText.Spelling
    var testDescription: String { text }
    init(
      _ text: String, _ mantissa: UInt64, _ exponent: Int32, _ digits: Int32, _ decimals: Int32,
      _ s: DecimalText.Spelling
    ) {
      (self.text, self.mantissa, self.exponent) = (text, mantissa, exponent)
      (self.digits, self.decimals, self.spelling) = (digits, decimals, s)
    }
  }

  @Test(arguments: [
    Spelt("0", 0, 0, 0, 0, []),
    Spelt("-0", 0, 0, 0, 0, .negative),
    Spelt("0.00", 0, -2, 0, 2, .point),
    Spelt("7153368.0", 71_533_680, -1, 8, 1, .point),
    Spelt("+3.27496837", 327_496_837, -8, 9, 8, [.plus, .point]),
    Spelt("0.00120", 120, -5, 3, 5, .point),
    Spelt("007", 7, 0, 1, 0, .leadingZeros),
    Spelt("-007.50", 750, -2, 3, 2, [.leadingZeros, .point, .negative]),
    Spelt("00", 0, 0, 0, 0, .leadingZeros),
    Spelt(".5", 5, -1, 1, 1, [.point, .bareFraction]),
    Spelt("5.", 5, 0, 1, 0, .point),
    Spelt("1e-07", 1, -7, 1, 0, .exponent),
    Spelt("6.02E+23", 602, 21, 3, 2, [.point, .exponent]),
    Spelt("9999999999999999999", 9_999_999_999_999_999_999, 0, 19, 0, []),
    Spelt("18446744073709551615", .max, 0, 20, 0, []),
    Spelt("18446744073709551616", 1_844_674_407_370_955_161, 1, 20, 0, .truncated),
    Spelt("10000000000000000000000", 10_000_000_000_000_000_000, 3, 23, 0, []),
    Spelt("0.12345678901234567890123", 1_234_567_890_123_456_789, -19, 23, 23, [.point, .truncated]),
    Spelt("1e-9223372036854775809", 1, -1_000_000_000, 1, 0, .exponent),
    Spelt("0e99999999999999999999", 0, 1_000_000_000, 0, 0, .exponent),
    Spelt("1e2147483648", 1, 1_000_000_000, 1, 0, .exponent),
  ])
  func spelling(of expected: Spelt) throws {
    let found = try #require(parse(expected.text))
    #expect(found.mantissa == expected.mantissa)
    #expect(found.exponent == expected.exponent)
    #expect(found.digits == expected.digits)
    #expect(found.decimals == expected.decimals)
    #expect(found.spelling == expected.spelling)
  }

  @Test(arguments: ["nan", "NaN", "NAN", "-nan", "+NaN"])
  func notANumber(text: String) throws {
    #expect(try #require(float64(text)).isNaN)
    #expect(try #require(float32(text)).isNaN)
    #expect(parse(text)?.isInteger == false)
  }

  @Test(arguments: ["inf", "Inf", "INF", "+inf", "infinity", "Infinity", "-inf", "-Infinity"])
  func infinite(text: String) throws {
    #expect(float64(text) == (text.hasPrefix("-") ? -Double.infinity : .infinity))
    #expect(float32(text) == (text.hasPrefix("-") ? -Float.infinity : .infinity))
    #expect(parse(text)?.int64 == nil)
  }

  @Test(arguments: [
    "", " ", "+", "-", ".", "-.", "e5", ".e5", "1e", "1e+", "1e-", "1.2.3", "1,5", "--1", "+-1", "1 ", " 1", "1x", "x1",
    "0x10", "1/2", "nano", "in", "infinit", "infinityy", "1e5.0", "1_000", "\u{0}", "1\u{0}", "１",
  ])
  func noNumber(text: String) {
    #expect(parse(text) == nil)
    #expect(float64(text) == nil)
    #expect(float32(text) == nil)
    #expect(int64(text) == nil)
    #expect(uint64(text) == nil)
  }

  @Test func decimalComma() throws {
    #expect(try #require(parse("-1,25", point: 0x2C)).mantissa == 125)
    #expect(parse("1.25", point: 0x2C) == nil)
    let long = "0," + String(repeating: "1234567890", count: 5)
    let value = unsafe Array(long.utf8).withUnsafeBytes { unsafe NumberText.float64($0, point: 0x2C) }
    #expect(value == float64("0." + long.dropFirst(2)))
  }

  @Test func integersAtTheirLimits() {
    #expect(int64("9223372036854775807") == .max)
    #expect(int64("-9223372036854775808") == .min)
    #expect(int64("9223372036854775808") == nil)
    #expect(int64("-9223372036854775809") == nil)
    #expect(int64("99999999999999999999999") == nil)
    #expect(int64("+12") == 12)
    #expect(int64("-0") == 0)
    #expect(int64("000000000000000000000000012") == 12)
    #expect(int64("1.0") == nil)
    #expect(int64("1e3") == nil)
    #expect(uint64("18446744073709551615") == .max)
    #expect(uint64("18446744073709551616") == nil)
    #expect(uint64("-1") == nil)
    #expect(uint64("-0") == 0)
    #expect(uint64("100000000000000000000") == nil)
  }

  @Test func hexadecimal() {
    func hex(_ text: String) -> UInt64? {
      unsafe Array(text.utf8).withUnsafeBytes { unsafe NumberText.hexadecimal($0) }
    }
    #expect(hex("0x1F") == 31)
    #expect(hex("0Xffffffffffffffff") == .max)
    #expect(hex("0x1ffffffffffffffff") == nil)
    #expect(hex("0x") == nil)
    #expect(hex("0xg") == nil)
    #expect(hex("1F") == nil)
    #expect(hex("0x@1") == nil)
  }

  @Test func trimming() {
    func trim(_ text: String) -> String {
      unsafe Array(text.utf8).withUnsafeBytes { unsafe String(decoding: NumberText.trimmed($0), as: UTF8.self) }
    }
    #expect(trim(" \t 12 3\t") == "12 3")
    #expect(trim("   ") == "")
    #expect(trim("") == "")
  }

  // MARK: Rounding

  /// Every entry again, with big integers made here: truncated for positive powers, rounded up for negative ones.
  @Test func tableOfPowersOfFive() {
    let table = unsafe fingal_powers_of_five()!
    for q in 0...308 {
      var big = BigNatural(1)
      for _ in 0..<q { big.multiply(by: 5) }
      let top = big.leading128()
      #expect(unsafe top == (table[2 * (q + 342)], table[2 * (q + 342) + 1]), "5^\(q)")
    }
    // For q < 0 the quotient of a power of two by 5^-q: rounded up to q = -27, truncated below. Truncated means that the
    // power of two lies between its product with 5^-q and that of the next integer.
    for q in -342..<0 {
      let high = unsafe table[2 * (q + 342)]
      let low = unsafe table[2 * (q + 342) + 1]
      let truncated = q < -27 ? UInt128(high) << 64 | UInt128(low) : UInt128(high) << 64 | UInt128(low) - 1
      var product = BigNatural(truncated)
      var next = BigNatural(truncated + 1)
      for _ in 0..<(-q) {
        product.multiply(by: 5)
        next.multiply(by: 5)
      }
      #expect(product.bitCount + 1 == next.bitCount, "5^\(q)")
    }
  }

  static let shapes: [String] = [
    "short", "nine", "seventeen", "nineteen", "long", "exponent", "subnormal", "halfway32", "halfway64", "bits32",
    "bits64",
  ]

  /// The loop-free reader against the plain one: every shape, and texts that are nearly numbers, with any bytes behind.
  @Test(arguments: shapes + ["nearly"])
  func paddedReadingAgrees(shape: String) {
    let seed: UInt64 = 4711
    var random = SplitMix(seed)
    let alphabet = Array("0011223456789..-+eE, naif".utf8)
    for _ in 0..<20_000 {
      var text = [UInt8]()
      if shape == "nearly" {
        for _ in 0..<Int.random(in: 0...18, using: &random) { text.append(alphabet.randomElement(using: &random)!) }
      } else {
        text = Array(Self.make(shape, &random).utf8.prefix(Int.random(in: 1...20, using: &random)))
      }
      let point: UInt8 = Bool.random(using: &random) ? 0x2E : 0x2C
      let rest = (0..<16).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let agree = unsafe (text + rest).withUnsafeBytes { all in
        let field = unsafe UnsafeRawBufferPointer(rebasing: all[0..<text.count])
        return unsafe DecimalText(padded: field, point: point) == DecimalText(field, point: point)
      }
      if !agree {
        Issue.record("seed \(seed): \(String(decoding: text, as: UTF8.self))")
        return
      }
    }
  }

  /// Numbers of several shapes against the C library, whose rounding is correct.
  @Test(arguments: shapes)
  func agreesWithTheCLibrary(shape: String) {
    let seed: UInt64 = 20_240_607
    var random = SplitMix(seed)
    for _ in 0..<5_000 {
      let text = Self.make(shape, &random)
      let expected64 = unsafe text.withCString { unsafe fingal_text_to_double($0) }
      let expected32 = unsafe text.withCString { unsafe fingal_text_to_float($0) }
      if float64(text)?.bitPattern != expected64.bitPattern || float32(text)?.bitPattern != expected32.bitPattern {
        Issue.record("seed \(seed): \(text) gave \(float64(text) as Any), \(float32(text) as Any)")
        return
      }
    }
  }

  private static func make(_ shape: String, _ random: inout SplitMix) -> String {
    func digits(_ count: Int) -> String {
      String((0..<count).map { _ in Character(Unicode.Scalar(UInt8.random(in: 0x30...0x39, using: &random))) })
    }
    let sign = Bool.random(using: &random) ? "-" : ""
    switch shape {
    case "short":
      return sign + digits(Int.random(in: 1...4, using: &random)) + "." + digits(Int.random(in: 0...4, using: &random))
    case "nine": return sign + digits(1) + "." + digits(8)
    case "seventeen": return sign + digits(3) + "." + digits(14) + "e\(Int.random(in: -30...30, using: &random))"
    case "nineteen": return sign + digits(19) + "e\(Int.random(in: -60...60, using: &random))"
    case "long":
      return sign + digits(Int.random(in: 20...60, using: &random)) + "."
        + digits(Int.random(in: 0...900, using: &random))
    case "exponent": return sign + digits(17) + "e\(Int.random(in: -380...320, using: &random))"
    case "subnormal":
      return sign + "0." + digits(12)
        + (Bool.random(using: &random)
          ? "e-\(Int.random(in: 36...46, using: &random))" : "e-\(Int.random(in: 305...325, using: &random))")
    case "halfway32":
      // The middle between two neighbours, exactly, and now and then a digit far behind it.
      let low = Float(bitPattern: UInt32.random(in: 0x0080_0000...0x7F00_0000, using: &random))
      let middle = (Double(low) + Double(low.nextUp)) / 2
      return sign + exact(middle) + (Bool.random(using: &random) ? "" : "0000000000000000000000001")
    case "halfway64":
      let whole = UInt64.random(in: 1 << 52..<1 << 53, using: &random)
      return sign + "\(whole)" + [".5", ".50000000000000000000000000001", ".49999999999999999999999999999999"]
        .randomElement(using: &random)!
    case "bits32": return Float(bitPattern: UInt32.random(in: 0..<0x7F80_0000, using: &random)).description
    default: return Double(bitPattern: UInt64.random(in: 0..<0x7FF0 << 48, using: &random)).description
    }
  }

  private static func exact(_ value: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 1200)
    let length = unsafe fingal_format_double(&buffer, 1200, CChar(0x66), 300, value)
    return String(decoding: buffer[0..<Int(length)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// As much of big integers as the table needs: little-endian words.
private struct BigNatural {
  var words: [UInt64]
  init(_ value: UInt128) { words = [UInt64(truncatingIfNeeded: value), UInt64(truncatingIfNeeded: value >> 64)] }

  mutating func multiply(by factor: UInt64) {
    var carry: UInt64 = 0
    for i in words.indices {
      let (high, low) = words[i].multipliedFullWidth(by: factor)
      let (sum, over) = low.addingReportingOverflow(carry)
      words[i] = sum
      carry = high + (over ? 1 : 0)
    }
    if carry > 0 { words.append(carry) }
  }

  var bitCount: Int {
    guard let top = words.lastIndex(where: { $0 != 0 }) else { return 0 }
    return top * 64 + 64 - words[top].leadingZeroBitCount
  }
  func bit(_ at: Int) -> Bool { at >= 0 && words[at / 64] >> UInt64(at % 64) & 1 == 1 }

  func leading128() -> (UInt64, UInt64) {
    var high: UInt64 = 0
    var low: UInt64 = 0
    for i in 0..<128 {
      high = high << 1 | low >> 63
      low = low << 1 | (bit(bitCount - 1 - i) ? 1 : 0)
    }
    return (high, low)
  }
}
