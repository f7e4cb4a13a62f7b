import Fingal
import FingalKernels
import Testing

/// The readable twin of the decimal kernels: `FORMAT.md` "ALP" word for word.
enum DecimalTwin {
  static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]

  static func value(_ digits: Int64, exponent: Int) -> Double {
    exponent >= 0 ? Double(digits) / powers[exponent] : Double(digits) * powers[-exponent]
  }

  static func digits(_ value: Double, exponent: Int, limit: Double) -> Int64? {
    let scaled = exponent >= 0 ? value * powers[exponent] : value / powers[-exponent]
    return abs(scaled) <= limit ? Int64(scaled.rounded(.toNearestOrEven)) : nil
  }
}

@Suite struct EncodingDecimalTests {
  @Test(arguments: -22...22) func decode64(exponent: Int) {
    let seed = UInt64(exponent + 100)
    var generator = SeededGenerator(seed: seed)
    var digits = (0..<1003).map { _ in
      Int64.random(in: .min ... .max, using: &generator) >> Int64.random(in: 0...63, using: &generator)
    }
    digits += [.min, .max, 0, -1, 1, 1 << 53, (1 << 53) + 1, -(1 << 53) - 1, 1 << 32, (1 << 32) - 1, -1 << 32]
    var out = [Double](repeating: 0, count: digits.count)
    unsafe fingal_decimal_decode64(digits, digits.count, CInt(exponent), &out)
    #expect(
      out.map(\.bitPattern) == digits.map { DecimalTwin.value($0, exponent: exponent).bitPattern }, "seed \(seed)")
  }

  @Test(arguments: -22...22) func decode32(exponent: Int) {
    let seed = UInt64(exponent + 200)
    var generator = SeededGenerator(seed: seed)
    let digits = (0..<1003).map { _ in
      Int32.random(in: .min ... .max, using: &generator) >> Int32.random(in: 0...31, using: &generator)
    }
    var out = [Float](repeating: 0, count: digits.count)
    unsafe fingal_decimal_decode32(digits, digits.count, CInt(exponent), &out)
    let expected = digits.map { Float(DecimalTwin.value(Int64($0), exponent: exponent)) }
    #expect(out.map(\.bitPattern) == expected.map(\.bitPattern), "seed \(seed)")
  }

  /// The short way through binary32 gives the same bits: the claim in `fingal_decimal.h`.
  @Test(arguments: 0...10) func smallDigits(exponent: Int) {
    let seed = UInt64(exponent + 300)
    var generator = SeededGenerator(seed: seed)
    var digits = (0..<50_000).map { _ in Int32.random(in: -(1 << 24)...1 << 24, using: &generator) }
    digits += [-(1 << 24), 1 << 24, 0, 1, -1]
    var short = [Float](repeating: 0, count: digits.count)
    var long = short
    unsafe fingal_decimal_decode32_small(digits, digits.count, CInt(exponent), &short)
    unsafe fingal_decimal_decode32(digits, digits.count, CInt(exponent), &long)
    #expect(short.map(\.bitPattern) == long.map(\.bitPattern), "seed \(seed)")
  }

  @Test(arguments: [-22, -12, -1, 0, 1, 3, 7, 14, 22]) func encode(exponent: Int) {
    let seed = UInt64(exponent + 400)
    var generator = SeededGenerator(seed: seed)
    var values: [Double] = [
      0, -0.0, .nan, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 0.5,
    ]
    for _ in 0..<1000 {
      values.append(
        Double(Int.random(in: -99_999_999...99_999_999, using: &generator))
          / DecimalTwin.powers[Int.random(in: 0...9, using: &generator)])
    }
    var digits = [Int64](repeating: 7, count: values.count)
    var bad = [UInt8](repeating: 7, count: values.count)
    let found = unsafe fingal_decimal_encode64(values, values.count, CInt(exponent), &digits, &bad)
    #expect(found == bad.count { $0 == 1 })
    for i in values.indices {
      let expected = DecimalTwin.digits(values[i], exponent: exponent, limit: 0x1p51).flatMap {
        DecimalTwin.value($0, exponent: exponent).bitPattern == values[i].bitPattern ? $0 : nil
      }
      #expect(digits[i] == expected ?? 0 && bad[i] == (expected == nil ? 1 : 0), "\(values[i]), seed \(seed)")
    }
    let floats = values.map { Float($0) }
    var digits32 = [Int32](repeating: 7, count: values.count)
    _ = unsafe fingal_decimal_encode32(floats, floats.count, CInt(exponent), &digits32, &bad)
    for i in floats.indices {
      let expected = DecimalTwin.digits(Double(floats[i]), exponent: exponent, limit: 2_147_483_647).flatMap {
        Float(DecimalTwin.value($0, exponent: exponent)).bitPattern == floats[i].bitPattern ? Int32($0) : nil
      }
      #expect(digits32[i] == expected ?? 0 && bad[i] == (expected == nil ? 1 : 0), "\(floats[i]), seed \(seed)")
    }
  }

  /// What a CSV with four decimals holds comes back from its digits alone, without exceptions.
  @Test func decimalsOfTextAreALP() throws {
    var generator = SeededGenerator(seed: 6)
    let options = EncodingOptions(codec: .only(.none))
    let texts = (0..<32_768).map { _ in
      let digits = Int.random(in: 0..<100_000, using: &generator)
      let decimals = "\(digits % 10_000)"
      return "\(digits / 10_000)." + String(repeating: "0", count: 4 - decimals.count) + decimals
    }
    let single = try roundTrip(ColumnValues(texts.map { Float($0)! }), options: options)
    #expect(single.encoding == .alp)
    #expect(single.stored.count == 32 * (8 + 17 * 128))
    let double = try roundTrip(ColumnValues(texts.map { Double($0)! }), options: options)
    #expect(double.encoding == .alp)
    #expect(double.stored.count == 32 * (12 + 17 * 128))
  }

  @Test func roundThousandsLoseTheirZeros() throws {
    let values = ColumnValues((0..<4096).map { Double($0 % 50) * 1e15 })
    let page = try roundTrip(values, options: EncodingOptions(encoding: .alp, codec: .only(.none)))
    #expect(page.encoding == .alp)
    #expect(page.stored.count == 4 * (12 + 6 * 128))
  }
}
