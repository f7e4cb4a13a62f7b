import Fingal
import FingalKernels
import Testing

/// The readable twin of the decimal kernels: `FORMAT.md` "ALP" and "DECIMAL" word for word.
enum DecimalTwin {
  static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]

  static func value(_ digits: Int64, exponent: Int) -> Double {
    exponent >= 0 ? Double(digits) / powers[exponent] : Double(digits) * powers[-exponent]
  }

  /// Nil where the power of ten is outside the format.
  static func value(rank: Int64, significant: Int, firstExponent: Int) -> Double? {
    if rank == 0 { return 0 }
    let smallest = Int64(powers[significant - 1])
    let size = Int64(9) * smallest
    if rank == .min { return nil }
    let (decade, offset) = (abs(rank) - 1).quotientAndRemainder(dividingBy: size)
    if decade > 22 - firstExponent { return nil }
    let value = value(smallest + offset, exponent: -(firstExponent + Int(decade)))
    return rank < 0 ? -value : value
  }

  static func digits(_ value: Double, exponent: Int, limit: Double) -> Int64? {
    let scaled = exponent >= 0 ? value * powers[exponent] : value / powers[-exponent]
    return abs(scaled) <= limit ? Int64(scaled.rounded(.toNearestOrEven)) : nil
  }
}

/// The table of specials that the kernels take.
private func specials(_ first: Int64, _ bits: [UInt64]) -> fingal_specials {
  var table = fingal_specials()
  table.first = UInt64(bitPattern: first)
  table.count = UInt64(bits.count)
  unsafe withUnsafeMutableBytes(of: &table.bits) { buffer in
    for (i, pattern) in bits.enumerated() {
      unsafe buffer.storeBytes(of: pattern, toByteOffset: i * 8, as: UInt64.self)
    }
  }
  return table
}

@Suite struct EncodingDecimalTests {
  /// None, one, several: a loop of its own each.
  static let patterns: [[UInt64]] = [
    [], [0x7FC0_0001], [0x7FC0_0000, 0x8000_0000, 0x7F80_0000, 0xFF80_0000], (0..<16).map { 0x1234 + $0 },
  ]

  @Test(arguments: -22...22, patterns) func decode64(exponent: Int, patterns: [UInt64]) {
    let seed = UInt64(exponent + 100)
    var generator = SeededGenerator(seed: seed)
    var digits = (0..<2503).map { _ in
      Int64.random(in: .min ... .max, using: &generator) >> Int64.random(in: 0...63, using: &generator)
    }
    digits += [.min, .max, 0, -1, 1, 1 << 53, (1 << 53) + 1, -(1 << 53) - 1, 1 << 32, (1 << 32) - 1, -1 << 32]
    let first = Int64.random(in: -20...20, using: &generator)
    var table = specials(first, patterns)
    var words = digits.map { UInt64(bitPattern: $0) }
    unsafe fingal_alp_decode64(&words, words.count, CInt(exponent), &table)
    let expected = digits.map { d in
      first <= d && d < first + Int64(patterns.count)
        ? patterns[Int(d - first)] : DecimalTwin.value(d, exponent: exponent).bitPattern
    }
    #expect(words == expected, "seed \(seed)")
  }

  @Test(arguments: -22...22, patterns) func decode32(exponent: Int, patterns: [UInt64]) {
    let seed = UInt64(exponent + 200)
    var generator = SeededGenerator(seed: seed)
    // Blocks of large digits, and blocks of digits so small that binary32 suffices; both sides of its border.
    var digits = (0..<2048).map { _ in
      Int32.random(in: .min ... .max, using: &generator) >> Int32.random(in: 0...31, using: &generator)
    }
    digits += (0..<5000).map { _ in Int32.random(in: -(1 << 24)..<1 << 24, using: &generator) }
    digits += [-(1 << 24), 1 << 24, 0, 1, -1, .min, .max]
    let first = Int32.random(in: -20...20, using: &generator)
    var table = specials(Int64(first), patterns)
    var words = digits.map { UInt32(bitPattern: $0) }
    unsafe fingal_alp_decode32(&words, words.count, CInt(exponent), &table)
    let expected = digits.map { d in
      first <= d && d < first + Int32(patterns.count)
        ? UInt32(patterns[Int(d - first)]) : Float(DecimalTwin.value(Int64(d), exponent: exponent)).bitPattern
    }
    #expect(words == expected, "seed \(seed)")
  }

  // MARK: Ranks

  /// Every decimal of up to five digits in all 45 decades of `float32`, in their order: all blocks of one or two decades.
  /// Then the same with a distant decade in each block, which is the way through the division.
  @Test(arguments: 1...5, [false, true]) func everyDecimalOfFewDigits(significant: Int, mixed: Bool) {
    let size = 9 * Int(DecimalTwin.powers[significant - 1])
    var table = specials(0, [])
    var start = 1
    while start <= 45 * size {
      let end = min(start + 1 << 15, 45 * size + 1)
      for sign in [1, -1] {
        var words = (start..<end).map { UInt32(bitPattern: Int32(sign * $0)) }
        if mixed {
          for i in stride(from: 0, to: words.count, by: 700) {
            words[i] = UInt32(start > 22 * size ? 1 + i % size : 44 * size + 1 + i % size)
          }
        }
        let ranks = words.map { Int64(Int32(bitPattern: $0)) }
        #expect(unsafe fingal_rank_decode32(&words, words.count, CInt(significant), -22, &table))
        var wrong: Int?
        for (i, rank) in ranks.enumerated() {
          let expected = DecimalTwin.value(rank: rank, significant: significant, firstExponent: -22)
          if Float(expected!).bitPattern != words[i] { wrong = wrong ?? Int(rank) }
        }
        #expect(wrong == nil, "rank \(wrong ?? 0)")
      }
      start = end
    }
  }

  /// A number of decades in a block, where they begin, digits, specials: all loops of the kernels, against the twin.
  @Test(arguments: 1...15, patterns) func ranks(significant: Int, patterns: [UInt64]) {
    let seed = UInt64(significant * 100 + patterns.count)
    var generator = SeededGenerator(seed: seed)
    let size = Int64(9) * Int64(DecimalTwin.powers[significant - 1])
    for round in 0..<60 {
      let e0 = Int.random(in: -22...22, using: &generator)
      let decades = min([1, 2, 4, 5, 8, 9, 12, 45][round % 8], 23 - e0)
      let skipped = Int.random(in: 0...(23 - e0 - decades), using: &generator)
      var ranks = (0..<1500).map { _ in
        (Int64(skipped) * size + Int64.random(in: 1...size * Int64(decades), using: &generator))
          * (Bool.random(using: &generator) ? 1 : -1)
      }
      for i in stride(from: 0, to: ranks.count, by: 97) { ranks[i] = 0 }
      // The borders of decades, both sides.
      for decade in 0..<decades {
        let border = Int64(skipped + decade) * size
        ranks[2 * decade + 1] = border + 1
        ranks[2 * decade + 2] = -(border + size)
      }
      let first = Int64.random(in: -20...20, using: &generator) + (round % 3 == 0 ? Int64(Int32.min) + 30 : 0)
      if !patterns.isEmpty {
        for i in stride(from: 5, to: 1500, by: 31) { ranks[i] = first + Int64(i % patterns.count) }
      }
      var table = specials(first, patterns)
      func expected(_ rank: Int64) -> Double? {
        DecimalTwin.value(rank: rank, significant: significant, firstExponent: e0)
      }
      func special(_ rank: Int64) -> UInt64? {
        first <= rank && rank < first + Int64(patterns.count) ? patterns[Int(rank - first)] : nil
      }
      if significant <= 7 {
        var words = ranks.map { UInt32(truncatingIfNeeded: $0) }
        #expect(unsafe fingal_rank_decode32(&words, words.count, CInt(significant), CInt(e0), &table))
        let values = ranks.map { special($0).map { UInt32($0) } ?? Float(expected($0)!).bitPattern }
        #expect(words == values, "e0 \(e0), \(decades) decades, seed \(seed)")
      }
      var words = ranks.map { UInt64(bitPattern: $0) }
      #expect(unsafe fingal_rank_decode64(&words, words.count, CInt(significant), CInt(e0), &table))
      #expect(
        words == ranks.map { special($0) ?? expected($0)!.bitPattern }, "e0 \(e0), \(decades) decades, seed \(seed)")
    }
  }

  @Test(arguments: [1, 3, 7], [-22, -3, 0, 22]) func ranksBeyondTheFormat(significant: Int, e0: Int) {
    let size = 9 * Int64(DecimalTwin.powers[significant - 1])
    let largest = size * Int64(23 - e0)
    for bad in [largest + 1, -largest - 1, Int64(Int32.max), Int64(Int32.min)] {
      for place in [0, 1023, 1024, 1500] {
        var words = [UInt32](repeating: UInt32(truncatingIfNeeded: largest), count: 1501)
        var table = specials(0, [])
        #expect(unsafe fingal_rank_decode32(&words, words.count, CInt(significant), CInt(e0), &table))
        words = [UInt32](repeating: UInt32(truncatingIfNeeded: -largest), count: 1501)
        words[place] = UInt32(truncatingIfNeeded: bad)
        #expect(!(unsafe fingal_rank_decode32(&words, words.count, CInt(significant), CInt(e0), &table)))
        var wide = [UInt64](repeating: 1, count: 1501)
        wide[place] = UInt64(bitPattern: bad)
        #expect(!(unsafe fingal_rank_decode64(&wide, wide.count, CInt(significant), CInt(e0), &table)))
      }
    }
  }

  /// What is printed with n digits is found again with n digits, and every rank it gets decodes to its bits.
  @Test(arguments: 1...15) func rankEncode(significant: Int) {
    let seed = UInt64(significant + 500)
    var generator = SeededGenerator(seed: seed)
    var values: [Double] = [
      0, -0.0, .nan, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 1, 10,
    ]
    for exponent in -22...22 {
      let smallest = Int64(DecimalTwin.powers[significant - 1])
      let edges = [smallest, smallest + 1, 10 * smallest - 1]
      for m in edges + (0..<40).map({ _ in Int64.random(in: smallest..<10 * smallest, using: &generator) }) {
        values.append(DecimalTwin.value(m, exponent: exponent) * (Bool.random(using: &generator) ? 1 : -1))
        if m % 10 == 3 { values.append(values.last!.nextUp) }
      }
    }
    var ranks = [Int64](repeating: 7, count: values.count)
    var bad = [UInt8](repeating: 7, count: values.count)
    var lowest: UInt32 = 99
    let found = unsafe fingal_rank_encode64(values, values.count, CInt(significant), &ranks, &bad, &lowest)
    #expect(found == bad.count { $0 == 1 } && lowest == 0)
    check64(values, ranks, bad, significant, -22)
    // Every value that is a decimal of n digits, from 10^(n-1) * 10^-22 on, has a rank.
    let least = DecimalTwin.powers[significant - 1] / 1.000001e22
    for (i, value) in values.enumerated() where bad[i] == 1 && value.isFinite && abs(value) > least {
      let text = unsafe printed(value, significant)
      #expect(Double(text)?.bitPattern != value.bitPattern || abs(value) > 1e37, "\(value), seed \(seed)")
    }
    guard significant <= 7 else { return }
    let floats = values.map { Float($0) }
    var ranks32 = [Int32](repeating: 7, count: values.count)
    let found32 = unsafe fingal_rank_encode32(floats, floats.count, CInt(significant), &ranks32, &bad, &lowest)
    #expect(found32 == bad.count { $0 == 1 })
    for (i, value) in floats.enumerated() {
      let back = DecimalTwin.value(rank: Int64(ranks32[i]), significant: significant, firstExponent: -22)
      #expect(bad[i] == 1 ? ranks32[i] == 0 : Float(back!).bitPattern == value.bitPattern, "\(value), seed \(seed)")
      if bad[i] == 1 && value.isFinite && abs(Double(value)) > least {
        let text = unsafe printed(Double(value), significant)
        #expect(Float(text)?.bitPattern != value.bitPattern || abs(value) > 1e36, "\(value), seed \(seed)")
      }
    }
    // A page whose decades begin later.
    let shift = 3 * 9 * Int32(DecimalTwin.powers[significant - 1])
    let before = ranks32
    bad[20] = 1
    unsafe fingal_rank_shift32(&ranks32, ranks32.count, bad, shift)
    for i in before.indices {
      let r = before[i]
      #expect(ranks32[i] == (bad[i] == 1 || r == 0 ? r : r > 0 ? r - shift : r + shift))
    }
  }

  private func check64(_ values: [Double], _ ranks: [Int64], _ bad: [UInt8], _ significant: Int, _ e0: Int) {
    for (i, value) in values.enumerated() {
      let back = DecimalTwin.value(rank: ranks[i], significant: significant, firstExponent: e0)
      #expect(bad[i] == 1 ? ranks[i] == 0 : back!.bitPattern == value.bitPattern, "\(value), \(significant) digits")
    }
  }

  /// `%.*e` of a value.
  @unsafe private func printed(_ value: Double, _ significant: Int) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    let length = unsafe fingal_format_double(&buffer, 64, CChar(UInt8(ascii: "e")), CInt(significant - 1), value)
    return String(decoding: buffer[..<Int(length)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
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
    #expect(single.stored.count <= 15 + 32 * (7 + 17 * 128))
    let double = try roundTrip(ColumnValues(texts.map { Double($0)! }), options: options)
    #expect(double.encoding == .alp)
    #expect(double.stored.count <= 19 + 32 * (11 + 17 * 128))
  }

  @Test func roundThousandsLoseTheirZeros() throws {
    let values = ColumnValues((0..<4096).map { Double($0 % 50) * 1e15 })
    let page = try roundTrip(values, options: EncodingOptions(encoding: .alp, codec: .only(.none)))
    #expect(page.encoding == .alp)
    #expect(page.stored.count <= 19 + 4 * (11 + 6 * 128))
  }

  /// `%.5g` over four decades: the ranks take 19 bits.
  @Test func significantDigitsAreDECIMAL() throws {
    let values = significantDigits(32_768, seed: 7)
    let options = EncodingOptions(codec: .only(.none))
    let single = try roundTrip(ColumnValues(values.map { Float($0) }), options: options)
    #expect(single.encoding == .decimal)
    #expect(single.stored.count <= 16 + 32 * (7 + 19 * 128))
    let double = try roundTrip(ColumnValues(values), options: options)
    #expect(double.encoding == .decimal)
    #expect(double.stored.count <= 20 + 32 * (11 + 19 * 128))
    let signed = try roundTrip(ColumnValues(values.enumerated().map { $0 % 3 == 0 ? -$1 : $1 }), options: options)
    #expect(signed.encoding == .decimal)
    #expect(signed.stored.count <= 20 + 32 * (11 + 20 * 128))
  }

  private func significantDigits(_ count: Int, seed: UInt64) -> [Double] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      let exponent = Int.random(in: 3...6, using: &generator)
      return Double(Int.random(in: 10_000...99_999, using: &generator)) / DecimalTwin.powers[exponent]
    }
  }

  /// One NaN in twenty, −0 and ±∞ cost the bits of a digit, not an exception; what comes but once is one.
  @Test(arguments: [Encoding.alp, .decimal]) func specialsCostNoExceptions(encoding: Encoding) throws {
    var generator = SeededGenerator(seed: 8)
    let patterns: [Float] = [.nan, -0.0, .infinity, -.infinity, Float(bitPattern: 0x7FC0_1234)]
    let decimals = encoding == .decimal ? significantDigits(32_768, seed: 9) : []
    var values = (0..<32_768).map { i in
      if i % 20 == 7 { return patterns[i % 11 % 5] }
      return encoding == .decimal
        ? Float(decimals[i]) : Float(Double(Int.random(in: 1000..<16_000, using: &generator)) / 1000)
    }
    let options = EncodingOptions(codec: .only(.none))
    let page = try roundTrip(ColumnValues(values), options: options)
    #expect(page.encoding == encoding)
    let width = encoding == .decimal ? 19 : 14
    #expect(page.stored.count <= 16 + 5 * 4 + 32 * (7 + width * 128))
    values[100] = .pi
    values[1] = Float(bitPattern: 0x7FC0_4321)
    values[32_767] = 1e30
    let more = try roundTrip(ColumnValues(values), options: options)
    #expect(more.encoding == encoding)
    #expect(more.stored.count <= page.stored.count + 3 * 8 + 32)
  }

  /// More special patterns than the block takes, and digits so low that there is no room below them.
  @Test func specialsBeyondTheirBlock() throws {
    var values = (0..<8192).map { Float($0 % 1000) / 100 }
    for i in 0..<200 { values[i * 7] = Float(bitPattern: 0x7FC0_0000 + UInt32(i % 20)) }
    let page = try roundTrip(ColumnValues(values), options: EncodingOptions(codec: .only(.none)))
    #expect(page.encoding == .alp)
    #expect(page.stored.count <= 15 + 16 * 4 + 40 * 8 + 8 * (7 + 10 * 128))
    for scale in [Float(1), 100] {
      values = (0..<8192).map { (i: Int) -> Float in i % 30 == 1 ? .nan : Float(-21_474_836 - i % 3 * 2) * scale }
      try roundTrip(ColumnValues(values))
    }
  }

  /// Floats of full precision in a narrow range: the left parts are a few patterns.
  @Test func trueFloatsAreSplit() throws {
    var generator = SeededGenerator(seed: 10)
    let options = EncodingOptions(codec: .only(.none))
    let values = (0..<32_768).map { _ in Double.random(in: 80...100, using: &generator) }
    let double = try roundTrip(ColumnValues(values), options: options)
    #expect(double.encoding == .alpRightDigits)
    #expect(double.stored.count * 8 < values.count * 55)
    var outliers = values
    for i in stride(from: 0, to: values.count, by: 1000) { outliers[i] = Double.random(in: -1...1, using: &generator) }
    outliers[5] = .nan
    let some = try roundTrip(ColumnValues(outliers), options: options)
    #expect(some.encoding == .alpRightDigits && some.stored.count < double.stored.count + 34 * 6 + 100)
    for (name, column) in NumberSamples.columns(.float32, count: 3000, seed: 5) {
      #expect(try forced(column, .alpRightDigits), "\(name)")
    }
    for (name, column) in NumberSamples.columns(.float64, count: 3000, seed: 5) {
      #expect(try forced(column, .alpRightDigits), "\(name)")
    }
  }

  /// Encodes a column by one encoding whatever it costs, and compares. False if the values came back wrong.
  private func forced(_ values: ColumnValues, _ encoding: Encoding) throws -> Bool {
    // A page larger than its values is refused by the directory; a few values in a form with a header are.
    guard let bytes = PageCoder.encoded(values, as: encoding), bytes.count <= values.byteCount else { return true }
    let back = ColumnValues(values.type)
    let description = PageDescription(
      encoding: encoding, codec: .none, encodedLength: bytes.count, decodedLength: values.byteCount,
      elements: values.count, type: values.type, rowLength: 1)
    try decode(bytes, description, into: back)
    return contents(back) == contents(values)
  }

  /// Each encoding of floats on every kind of column, also where another one would be chosen.
  @Test(arguments: [Encoding.alp, .decimal, .alpRightDigits], NumberSamples.counts)
  func everyColumnByEveryEncoding(encoding: Encoding, count: Int) throws {
    for type in [ScalarType.float32, .float64] where count > 0 {
      for (name, column) in NumberSamples.columns(type, count: count, seed: 3) {
        #expect(try forced(column, encoding), "\(name), \(type)")
      }
    }
  }
}
