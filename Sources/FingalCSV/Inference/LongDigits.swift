import Fingal
internal import FingalKernels

/// How the digits of a decimal number compare with those of its nearest float64.
///
/// Up to 15 digits always come back from a float64 in its shortest form. Of more digits some texts do and some do
/// not, and which format brings them back differs: that of `repr`, `%.17g`, or as many digits as were written. Printing
/// every value to find out would cost more than reading it, so the difference of text and float64 is calculated, with
/// about 100 bits, and only what lies within a hair of a border is printed.
struct LongDigits: Equatable {
  /// As many digits as were written, printed from the float64, are the digits that were written.
  var keepsOwn: Bool
  /// The fewest digits that give the float64 again are the digits of the text.
  var isShortest: Bool
  /// Most significant digits N for which `%.Ng` gives the number again (if it has no more than N).
  var kept: Int

  /// More digits than any format is chosen with.
  static let all = 100

  /// - Parameters:
  ///   - number: a finite number, not zero.
  ///   - value: the float64 nearest to it, finite.
  ///   - text: what was read.
  init(
    _ number: DecimalText, _ value: Double, _ text: UnsafeRawBufferPointer, point: UInt8, scratch: AlignedBytes
  ) {
    if let calculated = Self.calculated(number, abs(value)) {
      self = calculated
    } else {
      self = unsafe Self.printed(number, abs(value), text, point, scratch)
    }
  }

  private init(keepsOwn: Bool, isShortest: Bool, kept: Int) {
    self.keepsOwn = keepsOwn
    self.isShortest = isShortest
    self.kept = kept
  }

  // MARK: Calculated

  /// `value − number` in units of the last digit of the mantissa; nil where that is not certain to 10^-9.
  static func error(_ number: DecimalText, _ value: Double) -> (units: Double, unitsOfOne: Double)? {
    let tens = -Int(number.exponent)
    guard !number.isTruncated, value.isNormal, tens >= -270, tens <= 300 else { return nil }
    let (high, low) = powerOfTen(tens)
    let product = value * high
    guard product < 1.8e19, number.mantissa < 18_000_000_000_000_000_000 else { return nil }
    let rest = (-product).addingProduct(value, high) + value * low
    let whole = product.rounded(.down)
    let difference = Int64(truncatingIfNeeded: UInt64(whole) &- number.mantissa)
    return (Double(difference) + ((product - whole) + rest), high)
  }

  /// 10^tens as a sum of two doubles.
  private static func powerOfTen(_ tens: Int) -> (high: Double, low: Double) {
    let high = PowersOfTen.double(tens)
    if tens >= 0 && tens <= PowersOfTen.exactLimit { return (high, 0) }
    // The table has the leading 128 bits; those after the first 53 make the second double.
    let table = unsafe fingal_powers_of_five()!
    let entry = 2 * (tens + 342)
    let bits = unsafe UInt128(table[entry]) << 64 | UInt128(table[entry + 1])
    let leading = UInt128(high.significandBitPattern | 1 << 52) << 75
    let rest = Int128(truncatingIfNeeded: bits &- leading)
    return (high, Double(rest) * 0x1p-75 * high.ulp)
  }

  private static let hair = 1e-6

  private static func calculated(_ number: DecimalText, _ value: Double) -> LongDigits? {
    guard let (units, unitsOfOne) = error(number, value) else { return nil }
    let held = PowersOfTen.digits(of: number.mantissa)
    let size = abs(units)
    let own = size * PowersOfTen.double(Int(number.digits) - held)
    if abs(own - 0.5) < hair { return nil }

    var significant = held
    var rest = number.mantissa
    var unit = 1.0
    while rest % 10 == 0 {
      rest /= 10
      significant -= 1
      unit *= 10
    }
    var isShortest = significant <= 15
    if significant == 16 || significant == 17 {
      // It must be the nearest with so many digits, and both numbers with one digit less must be other float64s.
      let nearest = size / unit
      let halfGap = value.ulp / 2 * unitsOfOne / unit
      let last = Double(rest % 10)
      let below = abs(units / unit + last)
      let above = abs(units / unit - (10 - last))
      // The gap below a power of two is half of that above.
      if value.significandBitPattern == 0 || abs(nearest - 0.5) < hair || abs(below - halfGap) < hair
        || abs(above - halfGap) < hair
      {
        return nil
      }
      isShortest = nearest < 0.5 && below > halfGap && above > halfGap
    }
    return LongDigits(keepsOwn: own < 0.5, isShortest: isShortest, kept: kept(held, size))
  }

  private static func kept(_ held: Int, _ size: Double) -> Int {
    if size == 0 { return all }
    var kept = held
    var scaled = size
    while scaled >= 0.5 {
      scaled /= 10
      kept -= 1
    }
    while scaled * 10 < 0.5 - hair && kept < held + 25 {
      scaled *= 10
      kept += 1
    }
    return min(kept, all)
  }

  /// Most digits N for which `%.Ng` gives a number of few digits again; nil if that is not known.
  static func kept(_ number: DecimalText, _ value: Double) -> Int? {
    error(number, abs(value)).map { kept(PowersOfTen.digits(of: number.mantissa), abs($0.units)) }
  }

  // MARK: Printed

  private static func printed(
    _ number: DecimalText, _ value: Double, _ text: UnsafeRawBufferPointer, _ point: UInt8, _ scratch: AlignedBytes
  ) -> LongDigits {
    let wanted = unsafe Digits(text, point: point)
    func gives(_ format: NumberFormat) -> Bool {
      scratch.removeAll()
      defer { scratch.removeAll() }
      NumberWriter.append(value, format, to: scratch)
      return unsafe Digits(scratch.bytes, point: 0x2E) == wanted
    }
    func gives(_ digits: Int) -> Bool { gives(.scientific(decimals: digits - 1)) }
    var kept = min(wanted.digits.count, all)
    if gives(kept) {
      let limit = min(kept + 8, all)
      while kept < limit && gives(kept + 1) { kept += 1 }
    } else {
      kept -= 1
    }
    return LongDigits(
      keepsOwn: number.digits <= all && gives(Int(number.digits)), isShortest: gives(.shortest), kept: kept)
  }

  /// The significant digits of a text and where they stand.
  private struct Digits: Equatable {
    var digits: [UInt8] = []
    /// Power of ten of the first digit.
    var leading = 0

    init(_ text: UnsafeRawBufferPointer, point: UInt8) {
      var isFraction = false
      var index = 0
      while index < text.count {
        let byte = unsafe text[index]
        index += 1
        if byte | 0x20 == 0x65 { break }
        if byte == point { isFraction = true }
        if byte < 0x30 || byte > 0x39 { continue }
        if digits.isEmpty && byte == 0x30 {
          if isFraction { leading -= 1 }
          continue
        }
        if digits.isEmpty { leading += isFraction ? -1 : 0 } else if !isFraction { leading += 1 }
        digits.append(byte)
      }
      if index < text.count {
        leading += Int(unsafe String(decoding: text[index...], as: UTF8.self)) ?? 0
      }
      while digits.last == 0x30 { digits.removeLast() }
    }
  }
}
