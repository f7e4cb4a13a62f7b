/// Which decimals a page's values are, seen on a sample of them.
enum DecimalSample {
  /// Values at equal distances from all over a page, its ends included in turn.
  static func take<Value: DecimalFloat>(_ values: UnsafePointer<Value>, count: Int, _ most: Int) -> [Value] {
    let length = min(count, most)
    if length == 0 { return [] }
    return unsafe [Value](unsafeUninitializedCapacity: length) { buffer, initialized in
      for i in 0..<length { unsafe buffer.initializeElement(at: i, to: values[i * count / length]) }
      initialized = length
    }
  }

  static let exponents = -22...22

  /// ALP's exponent that stores the sample in the fewest bytes; nil if decimals do not pay.
  static func exponent<Value: DecimalFloat>(_ values: UnsafePointer<Value>, count: Int) -> Int? {
    unsafe best(values, count: count, needs: neededExponent) { .digits(exponent: $0) }
  }

  /// DECIMAL's number of significant digits, likewise.
  static func significantDigits<Value: DecimalFloat>(_ values: UnsafePointer<Value>, count: Int) -> Int? {
    unsafe best(values, count: count, needs: neededDigits) { .ranks(significant: $0) }
  }

  /// Asks some values what they need, and tries each answer on more of them.
  private static func best<Value: DecimalFloat>(
    _ values: UnsafePointer<Value>, count: Int, needs: (Value) -> Int?, form: (Int) -> DecimalPage<Value>.Form
  ) -> Int? {
    var answers: Set<Int> = []
    var none = 0
    var asked = 0
    for value in unsafe take(values, count: count, 64) where value.isFinite && !(value == 0 && value.sign == .minus) {
      asked += 1
      if let needed = needs(value) { answers.insert(needed) } else { none += 1 }
    }
    if none * 2 > asked { return nil }
    let sample = unsafe take(values, count: count, PackedVectors.vectorLength)
    var best: (answer: Int, bytes: Int)?
    unsafe sample.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      var page = unsafe DecimalPage<Value>(start, count: buffer.count)
      for answer in answers.sorted() where page.fill(form(answer)) {
        let bytes = page.estimate()
        if bytes < best?.bytes ?? .max { best = (answer, bytes) }
      }
    }
    guard let best, best.bytes < sample.count * MemoryLayout<Value>.size else { return nil }
    return best.answer
  }

  /// The smallest exponent at which a value comes back bit for bit, negative for integers that end in zeros.
  static func neededExponent<Value: DecimalFloat>(_ value: Value) -> Int? {
    var digits: Value.Word = 0
    var bad: UInt8 = 0
    var value = value
    let size = abs(Double(value))
    var power = 1.0
    for exponent in 0...exponents.upperBound {
      if !(size * power <= Value.digitLimit) { break }
      power *= 10
      if unsafe Value.encode(&value, count: 1, exponent: exponent, digits: &digits, bad: &bad) > 0 { continue }
      if exponent > 0 || digits == 0 { return exponent }
      var trailing = 0
      var signed = Int64(truncatingIfNeeded: digits)
      if Value.Word.bitWidth == 32 { signed = Int64(Int32(truncatingIfNeeded: signed)) }
      while signed % 10 == 0 && trailing < 22 {
        signed /= 10
        trailing += 1
      }
      return -trailing
    }
    // Beyond the digits that exponent 0 can hold, but round: 3e15 in `float64`, 2e10 in `float32`.
    if size <= Value.digitLimit || size.isInfinite { return nil }
    for exponent in 1...22
    where unsafe Value.encode(&value, count: 1, exponent: -exponent, digits: &digits, bad: &bad) == 0 {
      return -exponent
    }
    return nil
  }

  /// The fewest significant digits that give a value bit for bit.
  static func neededDigits<Value: DecimalFloat>(_ value: Value) -> Int? {
    var rank: Value.Word = 0
    var bad: UInt8 = 0
    var value = value
    for significant in 1...Value.mostDigits
    where unsafe Value.encode(&value, count: 1, significant: significant, ranks: &rank, bad: &bad).bad == 0 {
      return significant
    }
    return nil
  }

  /// 10^n, which the caller knows to fit.
  static func power<Word: FixedWidthInteger>(_ n: Int) -> Word {
    var power: Word = 1
    for _ in 0..<n { power *= 10 }
    return power
  }
}
