internal import FingalKernels

/// Decimal to binary floating point, correctly rounded (to nearest, ties to even).
///
/// Three ways, the cheapest that is certain: exact arithmetic where digits and power of ten are both exact in the type
/// (W. D. Clinger, "How to read floating point numbers accurately", 1990); the product with a 128-bit power of five
/// (D. Lemire, "Number parsing at a gigabyte per second", 2021; the proof that it never needs a fallback: N. Mushtak and
/// D. Lemire, 2023); and for more than 19 digits whose rounding the first 19 do not decide, the C library.
extension DecimalText {
  /// The float64 nearest to the number. `text` is what was read, needed for numbers of more than 19 digits.
  @inline(__always)
  package func float64(_ text: UnsafeRawBufferPointer, point: UInt8 = 0x2E) -> Double {
    if mantissa <= 1 << 53 && exponent >= -22 && exponent <= 22
      && spelling.isDisjoint(with: [.truncated, .nan, .infinity])
    {
      let power = unsafe fingal_powers_of_ten()[Int(exponent.magnitude)]
      let value = exponent < 0 ? Double(mantissa) / power : Double(mantissa) * power
      return isNegative ? -value : value
    }
    return unsafe slowFloat64(text, point: point)
  }

  /// The float32 nearest to the number, rounded once, from the decimal digits.
  @inline(__always)
  package func float32(_ text: UnsafeRawBufferPointer, point: UInt8 = 0x2E) -> Float {
    if mantissa <= 1 << 24 && exponent >= -10 && exponent <= 10
      && spelling.isDisjoint(with: [.truncated, .nan, .infinity])
    {
      let power = unsafe Float(fingal_powers_of_ten()[Int(exponent.magnitude)])
      let value = exponent < 0 ? Float(mantissa) / power : Float(mantissa) * power
      return isNegative ? -value : value
    }
    return unsafe slowFloat32(text, point: point)
  }

  @inline(never)
  private func slowFloat64(_ text: UnsafeRawBufferPointer, point: UInt8) -> Double {
    let sign: UInt64 = isNegative ? 1 << 63 : 0
    if isNaN { return Double.nan }
    if isInfinite { return isNegative ? -Double.infinity : Double.infinity }
    let bits = nearestBits(mantissa, exponent, .float64)
    if isTruncated && bits != nearestBits(mantissa &+ 1, exponent, .float64) {
      return unsafe withBoundedCopy(of: text, point: point) { copy in unsafe fingal_text_to_double(copy) }
    }
    return Double(bitPattern: bits | sign)
  }

  @inline(never)
  private func slowFloat32(_ text: UnsafeRawBufferPointer, point: UInt8) -> Float {
    let sign: UInt32 = isNegative ? 1 << 31 : 0
    if isNaN { return Float.nan }
    if isInfinite { return isNegative ? -Float.infinity : Float.infinity }
    let bits = nearestBits(mantissa, exponent, .float32)
    if isTruncated && bits != nearestBits(mantissa &+ 1, exponent, .float32) {
      return unsafe withBoundedCopy(of: text, point: point) { copy in unsafe fingal_text_to_float(copy) }
    }
    return Float(bitPattern: UInt32(truncatingIfNeeded: bits) | sign)
  }
}

/// What rounding must know of a binary format (IEEE 754).
private struct BinaryFormat {
  /// Bits of the significand that are stored.
  let fractionBits: Int
  let minimumExponent: Int
  let infinitePower: Int
  /// Powers of ten between which a product can lie exactly half-way between two values.
  let tiePowers: ClosedRange<Int>
  /// Below: every 64-bit mantissa rounds to zero. Above: every one but zero is infinite.
  let powers: ClosedRange<Int>

  static let float64 = BinaryFormat(
    fractionBits: 52, minimumExponent: -1023, infinitePower: 0x7FF, tiePowers: -4...23, powers: -342...308)
  static let float32 = BinaryFormat(
    fractionBits: 23, minimumExponent: -127, infinitePower: 0xFF, tiePowers: -17...10, powers: -64...38)
}

/// Bits of the value nearest to `digits · 10^power`, by the product with the leading bits of `5^power`.
@inline(__always)
private func nearestBits(_ digits: UInt64, _ power: Int32, _ format: BinaryFormat) -> UInt64 {
  let power = Int(power)
  let infinity = UInt64(format.infinitePower) << UInt64(format.fractionBits)
  if digits == 0 || power < format.powers.lowerBound { return 0 }
  if power > format.powers.upperBound { return infinity }

  let leading = digits.leadingZeroBitCount
  let normalized = digits << UInt64(leading)
  let table = unsafe fingal_powers_of_five()!
  let entry = 2 * (power + 342)
  var (high, low) = unsafe normalized.multipliedFullWidth(by: table[entry])
  let uncertain = UInt64.max >> UInt64(format.fractionBits + 3)
  if high & uncertain == uncertain {
    let more = unsafe normalized.multipliedFullWidth(by: table[entry + 1]).high
    low = low &+ more
    if more > low { high = high &+ 1 }
  }

  let upper = Int(high >> 63)
  let shift = upper + 64 - format.fractionBits - 3
  var significand = high >> UInt64(shift)
  var binaryPower = ((152_170 + 65_536) * power) >> 16 + 63 + upper - leading - format.minimumExponent
  if binaryPower <= 0 {
    // Subnormal, or zero.
    let down = 1 - binaryPower
    if down >= 64 { return 0 }
    significand >>= UInt64(down)
    significand += significand & 1
    significand >>= 1
    // Rounding up may have made it the smallest normal value: the carry lands in the exponent field by itself.
    return significand
  }
  if low <= 1 && format.tiePowers.contains(power) && significand & 3 == 1 && significand << UInt64(shift) == high {
    significand &= ~1  // exactly half-way: to even
  }
  significand += significand & 1
  significand >>= 1
  if significand >= 2 << UInt64(format.fractionBits) {
    significand = 1 << UInt64(format.fractionBits)
    binaryPower += 1
  }
  significand &= ~(1 << UInt64(format.fractionBits))
  if binaryPower >= format.infinitePower { return infinity }
  return UInt64(binaryPower) << UInt64(format.fractionBits) | significand
}

/// Calls `body` with the number as a NUL-terminated text of bounded length: no float64 needs more than 768 significant
/// digits to be rounded, provided that a non-zero rest is not lost; a final `1` stands for that rest.
private func withBoundedCopy<T>(
  of text: UnsafeRawBufferPointer, point: UInt8, _ body: (UnsafePointer<CChar>) -> T
) -> T {
  let limit = 800
  var copy: [CChar] = []
  copy.reserveCapacity(limit + 32)
  var power = 0
  var significant = 0
  var rest = false
  var seenPoint = false
  var index = 0
  while index < text.count {
    let byte = unsafe text[index]
    index += 1
    if byte == 0x2D {
      copy.append(0x2D)
    } else if byte == point {
      seenPoint = true
    } else if byte | 0x20 == 0x65 {
      break
    } else if byte != 0x2B {
      if significant == 0 && byte == 0x30 {
        if seenPoint { power -= 1 }
      } else if significant < limit {
        copy.append(CChar(truncatingIfNeeded: byte))
        significant += 1
        if seenPoint { power -= 1 }
      } else {
        if byte != 0x30 { rest = true }
        if !seenPoint { power += 1 }
      }
    }
  }
  if rest {
    copy.append(0x31)
    power -= 1
  }
  if index < text.count {
    var negative = false
    var written = 0
    while index < text.count {
      let byte = unsafe text[index]
      index += 1
      if byte == 0x2D { negative = true }
      if byte >= 0x30 && byte <= 0x39 && written < 1_000_000_000_000 { written = written * 10 + Int(byte - 0x30) }
    }
    power += negative ? -written : written
  }
  copy.append(0x65)
  for unit in String(max(-100_000, min(100_000, power))).utf8 { copy.append(CChar(truncatingIfNeeded: unit)) }
  copy.append(0)
  return unsafe copy.withUnsafeBufferPointer { buffer in unsafe body(buffer.baseAddress!) }
}
