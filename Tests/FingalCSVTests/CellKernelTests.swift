import FingalCSV
import FingalKernels
import Testing

/// The loops of `fingal_cells.h` beside `DecimalText`, which reads one number at a time.
@Suite struct CellKernelTests {
  /// Texts as CSV files have them, and as they should not.
  private static func texts(_ count: Int, _ random: inout SplitMix, point: String) -> [String] {
    (0..<count).map { _ in
      func digits(_ range: ClosedRange<Int>) -> String {
        (0..<Int.random(in: range, using: &random)).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
      }
      let sign = ["", "", "", "-", "+"].randomElement(using: &random)!
      switch Int.random(in: 0..<12, using: &random) {
      case 0:
        return ["", ".", "-", "+", "+.", "-.", "0", "-0", "00", "-00", "+0", "0.", ".0", "-.0", "1."].randomElement(
          using: &random)!
      case 1:
        return ["nan", "inf", "1e5", "1.5e-3", "abc", "1.2.3", "1,2", "--1", "1-", " 1", "1 ", "0x1F", "1/2", "1:2"]
          .randomElement(using: &random)!
      case 2: return sign + digits(1...20)
      case 3: return "0" + digits(0...16)
      case 4: return sign + "0" + point + digits(0...16)
      case 5, 6: return sign + digits(1...5)
      case 7: return sign + digits(0...2) + point + "0000" + digits(0...6)
      default: return sign + digits(0...6) + point + digits(0...8)
      }
    }
  }

  private struct Found {
    var mantissas: [UInt64]
    var decimals: [UInt8]
    var digits: [UInt8]
    var kinds: [UInt8]
    var facts = fingal_cell_facts()
    var floats: [Float]
    var doubles: [Double]
    var integers: [Int64]
    var odd = 0

    init(_ texts: [String], point: UInt8, fast: Bool) {
      let count = texts.count
      mantissas = Array(repeating: 9, count: count)
      (decimals, digits, kinds) = (mantissas.map { _ in 9 }, mantissas.map { _ in 9 }, mantissas.map { _ in 9 })
      floats = Array(repeating: 9, count: count)
      doubles = Array(repeating: 9, count: count)
      integers = Array(repeating: 9, count: count)
      // One text after another, with what reading beyond the end of one may see.
      var bytes: [UInt8] = []
      var starts: [Int] = []
      for text in texts {
        starts.append(bytes.count)
        bytes += Array(text.utf8) + [0x2C]
      }
      bytes += Array("7.7777777777777777777777".utf8)
      let lengths = texts.map { UInt32($0.utf8.count) }
      let scratch = UnsafeMutablePointer<Double>.allocate(capacity: count)
      defer { unsafe scratch.deallocate() }
      unsafe bytes.withUnsafeBufferPointer { bytes in
        let places = unsafe starts.map { unsafe bytes.baseAddress! + $0 as UnsafePointer<UInt8>? }
        unsafe mantissas.withUnsafeMutableBufferPointer { mantissas in
          unsafe decimals.withUnsafeMutableBufferPointer { decimals in
            unsafe digits.withUnsafeMutableBufferPointer { digits in
              unsafe kinds.withUnsafeMutableBufferPointer { kinds in
                var cells = unsafe fingal_cells(
                  mantissas: mantissas.baseAddress, decimals: decimals.baseAddress, digits: digits.baseAddress,
                  kinds: kinds.baseAddress, values: scratch)
                odd =
                  unsafe fast
                  ? fingal_read_cells(places, lengths, count, point, &cells)
                  : fingal_read_cells_plainly(places, lengths, count, point, &cells)
                unsafe fingal_cells_note(&cells, count, 1, &facts)
                unsafe fingal_cells_to_float32(&cells, count, &floats)
                unsafe fingal_cells_to_float64(&cells, count, &doubles)
                unsafe fingal_cells_to_int64(&cells, count, &integers)
              }
            }
          }
        }
      }
    }
  }

  /// Fields of a record, zeros mostly, as cells on their own.
  @Test(arguments: 0..<20) func fieldsEqualCells(round: Int) {
    let seed = UInt64(round)
    var random = SplitMix(seed)
    let odd = ["", "00", "000", "0.5", "7", "-0", "12.25", "\"0\"", "0 ", "0.0", "nan", "1234567890123456789"]
    var text: [UInt8] = []
    var starts: [UInt32] = []
    var ends: [UInt32] = []
    let rare = [2, 10, 50, 1000][round % 4]
    let count = 2000
    for i in 0..<count {
      if i > 0 { text += Array([",", ",", ", "][round % 3].utf8) }
      let cell = Int.random(in: 0..<rare, using: &random) == 0 ? odd.randomElement(using: &random)! : "0"
      let isQuoted = cell.hasPrefix("\"")
      starts.append(UInt32(text.count + (isQuoted ? 1 : 0)))
      text += Array(cell.utf8)
      ends.append(isQuoted ? UInt32(text.count - 1) | FINGAL_CSV_QUOTED : UInt32(text.count))
    }
    text += Array(repeating: 0x30, count: 32)
    var (mantissas, decimals, digits, kinds) = (
      [UInt64](repeating: 9, count: 2 * count), [UInt8](repeating: 9, count: 2 * count),
      [UInt8](repeating: 9, count: 2 * count), [UInt8](repeating: 9, count: 2 * count)
    )
    let lengths = zip(starts, ends).map { ($1 & ~FINGAL_CSV_QUOTED) - $0 }
    unsafe text.withUnsafeBufferPointer { text in
      let places = unsafe starts.map { unsafe text.baseAddress! + Int($0) as UnsafePointer<UInt8>? }
      unsafe mantissas.withUnsafeMutableBufferPointer { m in
        unsafe decimals.withUnsafeMutableBufferPointer { d in
          unsafe digits.withUnsafeMutableBufferPointer { g in
            unsafe kinds.withUnsafeMutableBufferPointer { k in
              func cells(_ first: Int) -> fingal_cells {
                unsafe fingal_cells(
                  mantissas: m.baseAddress! + first, decimals: d.baseAddress! + first, digits: g.baseAddress! + first,
                  kinds: k.baseAddress! + first, values: nil)
              }
              var (fields, single) = unsafe (cells(0), cells(count))
              let found = unsafe fingal_read_fields(text.baseAddress, starts, ends, count, 0x2E, &fields)
              #expect(unsafe found == fingal_read_cells_plainly(places, lengths, count, 0x2E, &single))
            }
          }
        }
      }
    }
    #expect(mantissas[..<count] == mantissas[count...] && decimals[..<count] == decimals[count...], "seed \(seed)")
    #expect(digits[..<count] == digits[count...] && kinds[..<count] == kinds[count...], "seed \(seed)")
  }

  @Test(arguments: 0..<30) func equalsOneAfterAnother(round: Int) {
    let seed = UInt64(round)
    var random = SplitMix(seed)
    let comma = round % 3 == 2
    let point: UInt8 = comma ? 0x2C : 0x2E
    let texts = Self.texts(3000, &random, point: comma ? "," : ".")
    let found = Found(texts, point: point, fast: true)
    let twin = Found(texts, point: point, fast: false)
    #expect(found.mantissas == twin.mantissas && found.decimals == twin.decimals, "seed \(seed)")
    #expect(found.digits == twin.digits && found.kinds == twin.kinds && found.odd == twin.odd, "seed \(seed)")

    var expected = fingal_cell_facts()
    (expected.fewest_decimals, expected.highest_leading) = (.max, .min)
    for (i, text) in texts.enumerated() {
      var padded = Array(text.utf8) + [UInt8](repeating: 0x2C, count: 17)
      let number = unsafe padded.withUnsafeMutableBytes { bytes in
        unsafe DecimalText(UnsafeRawBufferPointer(rebasing: bytes[..<text.utf8.count]), point: point)
      }
      if found.kinds[i] == UInt8(FINGAL_CELL_ODD) {
        // Nothing that is plain is left to the caller.
        let isPlain =
          number.map {
            $0.isFinite && !$0.spelling.contains(.exponent) && text.utf8.count <= 16 && $0.digits <= 15
              && ($0.spelling.contains(.point) || $0.spelling.isDisjoint(with: [.plus, .leadingZeros]))
          } ?? false
        #expect(!isPlain, "'\(text)', seed \(seed)")
        #expect(found.doubles[i] == 0 && found.integers[i] == 0)
        continue
      }
      guard let number else {
        Issue.record("'\(text)' is no number, seed \(seed)")
        continue
      }
      #expect(number.mantissa == found.mantissas[i] && number.decimals == Int32(found.decimals[i]), "'\(text)'")
      #expect(number.digits == Int32(found.digits[i]), "'\(text)'")
      let isDecimal = number.spelling.contains(.point)
      let flags = (number.isNegative ? FINGAL_CELL_NEGATIVE : 0) | (isDecimal ? FINGAL_CELL_DECIMAL : 0)
      #expect(found.kinds[i] == UInt8(flags), "'\(text)'")
      let value = unsafe padded.withUnsafeMutableBytes { bytes in
        unsafe number.float64(UnsafeRawBufferPointer(rebasing: bytes[..<text.utf8.count]), point: point)
      }
      #expect(found.doubles[i].bitPattern == value.bitPattern, "'\(text)'")
      #expect(found.floats[i].bitPattern == Float(value).bitPattern, "'\(text)'")
      if isDecimal {
        expected.decimals += 1
        expected.fewest_decimals = min(expected.fewest_decimals, number.decimals)
        expected.most_decimals = max(expected.most_decimals, number.decimals)
        expected.most_digits = max(expected.most_digits, number.digits)
        if number.decimals == 1 && text.hasSuffix("0") { expected.point_zeros += 1 }
        if number.digits > 0 {
          let leading = number.digits - number.decimals - 1
          expected.highest_leading = max(expected.highest_leading, leading)
          let error = abs(Double(Float(abs(value))) - abs(value))
          expected.absolute_error = max(expected.absolute_error, error)
          expected.relative_error = max(expected.relative_error, error * Double("1e\(-leading)")!)
          if value.bitPattern & 0x1FFF_FFFF == 0x1000_0000 { expected.ties += 1 }
        }
      } else {
        #expect(found.integers[i] == number.int64 || text == "-0", "'\(text)'")
        expected.integers += 1
        if number.isNegative {
          expected.largest_negative = max(expected.largest_negative, number.mantissa)
          if number.mantissa == 0 { expected.minus_zeros += 1 }
        } else {
          expected.largest_positive = max(expected.largest_positive, number.mantissa)
        }
        if Float(exactly: number.mantissa) == nil { expected.lost_by_float32 += 1 }
      }
    }
    let facts = found.facts
    #expect(facts.integers == expected.integers && facts.decimals == expected.decimals, "seed \(seed)")
    #expect(facts.integers + facts.decimals + found.odd == texts.count)
    #expect(facts.minus_zeros == expected.minus_zeros && facts.lost_by_float32 == expected.lost_by_float32)
    #expect(facts.point_zeros == expected.point_zeros && facts.ties == expected.ties)
    #expect(facts.largest_positive == expected.largest_positive && facts.largest_negative == expected.largest_negative)
    #expect(facts.fewest_decimals == expected.fewest_decimals && facts.most_decimals == expected.most_decimals)
    #expect(facts.highest_leading == expected.highest_leading && facts.most_digits == expected.most_digits)
    #expect(facts.absolute_error == expected.absolute_error && facts.relative_error == expected.relative_error)
    #expect(expected.integers > 500 && expected.decimals > 500 && found.odd > 300, "seed \(seed)")
  }
}
