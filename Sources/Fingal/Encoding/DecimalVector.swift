/// The encoder's workspace for one vector of decimal floats: digits, and which values have none.
@safe
struct DecimalVector<Value: DecimalFloat> {
  typealias Word = Value.Word

  /// How one vector would be stored; `bytes` is what it would take, the header apart.
  struct Plan {
    var exponent: Int
    var frame: PackedVectors.Frame<Word>
    var bytes: Int
  }

  private let memory: AlignedBytes
  private let digits: UnsafeMutablePointer<Word>
  private let deltas: UnsafeMutablePointer<Word>
  private let positions: UnsafeMutablePointer<UInt16>
  private let bad: UnsafeMutablePointer<UInt8>
  private var exponentOfDigits: Int?

  init() {
    let length = PackedVectors.vectorLength
    memory = AlignedBytes(capacity: length * (2 * MemoryLayout<Word>.size + 3))
    unsafe digits = memory.base.assumingMemoryBound(to: Word.self)
    unsafe deltas = digits + length
    unsafe positions = UnsafeMutableRawPointer(deltas + length).assumingMemoryBound(to: UInt16.self)
    unsafe bad = UnsafeMutableRawPointer(positions + length).assumingMemoryBound(to: UInt8.self)
  }

  /// What a vector takes with this exponent.
  mutating func measure(_ values: UnsafePointer<Value>, count: Int, exponent: Int) -> Plan {
    let found = unsafe Value.encode(values, count: count, exponent: exponent, digits: digits, bad: bad)
    exponentOfDigits = exponent
    if found > 0 {
      // Values without digits borrow those of one that has some, so that they do not widen the frame.
      var first = 0
      while first < count, unsafe bad[first] == 1 { first += 1 }
      if first < count {
        let filler = unsafe digits[first]
        for i in 0..<count where unsafe bad[i] == 1 { unsafe digits[i] = filler }
      }
    }
    let frame = unsafe PackedVectors.chooseFrame(digits, count: count, flip: 1 << (Word.bitWidth - 1))
    return Plan(exponent: exponent, frame: frame, bytes: frame.bytes + found * (MemoryLayout<Word>.size + 2))
  }

  /// Appends a vector as planned.
  mutating func append(_ values: UnsafePointer<Value>, count: Int, _ plan: Plan, into output: AlignedBytes) {
    if exponentOfDigits != plan.exponent { _ = unsafe measure(values, count: count, exponent: plan.exponent) }
    let outside = unsafe Word.frame(
      digits, count: count, base: plan.frame.base, mask: plan.frame.mask, deltas: deltas, exceptions: positions)
    // Outside the frame, or without digits: both are exceptions.
    for i in 0..<outside { unsafe bad[Int(positions[i])] = 1 }
    var found = 0
    for i in 0..<count {
      unsafe positions[found] = UInt16(truncatingIfNeeded: i)
      found &+= unsafe Int(bad[i])
    }
    exponentOfDigits = nil
    output.append(Int8(plan.exponent))
    output.append(plan.frame.base)
    output.append(UInt8(plan.frame.width))
    output.append(UInt16(found))
    for i in 0..<found { unsafe deltas[Int(positions[i])] = 0 }
    let packed = unsafe output.extend(by: PackedVectors.packedBytes(count: count, width: plan.frame.width))
    unsafe Word.pack(deltas, count: count, width: plan.frame.width, into: packed)
    unsafe output.append(UnsafeRawBufferPointer(start: positions, count: found * 2))
    for i in 0..<found { unsafe output.append(values[Int(positions[i])]) }
  }
}

/// Which decimal exponents a page's values need, seen on a sample of them.
enum DecimalSample {
  /// Candidates that are tried on every vector, most promising first; empty if decimals do not pay.
  static func exponents<Value: DecimalFloat>(
    _ values: UnsafePointer<Value>, count: Int, limit: Int, _ vector: inout DecimalVector<Value>
  ) -> [Int] {
    if count == 0 { return [] }
    // Values from all over the page, at equal distances.
    let length = min(count, PackedVectors.vectorLength)
    let sample = unsafe [Value](unsafeUninitializedCapacity: length) { buffer, initialized in
      for i in 0..<length { unsafe buffer.initializeElement(at: i, to: values[i * count / length]) }
      initialized = length
    }
    var needed = [Bool](repeating: false, count: ALPEncoding.exponents.count)
    var none = 0
    let stride = max(1, length / 64)
    var i = 0
    var seen = 0
    while i < length {
      if let exponent = neededExponent(sample[i]) {
        needed[exponent - ALPEncoding.exponents.lowerBound] = true
      } else {
        none += 1
      }
      seen += 1
      i += stride
    }
    if none * 2 > seen { return [] }
    var plans: [(exponent: Int, bytes: Int)] = []
    unsafe sample.withUnsafeBufferPointer { buffer in
      for exponent in ALPEncoding.exponents where needed[exponent - ALPEncoding.exponents.lowerBound] {
        let plan = unsafe vector.measure(buffer.baseAddress!, count: length, exponent: exponent)
        plans.append((exponent, plan.bytes))
      }
    }
    plans.sort { ($0.bytes, $0.exponent) < ($1.bytes, $1.exponent) }
    guard let best = plans.first, best.bytes * count / length < limit else { return [] }
    return plans.prefix(3).filter { $0.bytes <= best.bytes + best.bytes / 4 }.map(\.exponent)
  }

  /// The smallest exponent at which a value comes back bit for bit, negative for integers that end in zeros.
  static func neededExponent<Value: DecimalFloat>(_ value: Value) -> Int? {
    var digits: Value.Word = 0
    var bad: UInt8 = 0
    var value = value
    let size = abs(Double(value))
    var power = 1.0
    for exponent in 0...ALPEncoding.exponents.upperBound {
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
}
