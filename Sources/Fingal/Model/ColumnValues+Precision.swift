extension ColumnValues {
  /// The values as a field with this precision holds them, in memory of their own.
  ///
  /// - Throws: `badInput` if a value came to lie beyond the bound, which the rules exclude: it is checked all the same.
  func rounded(_ precision: Precision, column: String) throws(FingalError) -> ColumnValues {
    let result = ColumnValues(type)
    result.append(contentsOf: self, 0..<count)
    let failed: Int?
    switch (precision.rule, type) {
    case (.bits(let bits), .float32):
      failed = unsafe Self.round(result.storage.values(Float.self)) { $0.keeping(bits: bits) }
    case (.bits(let bits), .float64):
      failed = unsafe Self.round(result.storage.values(Double.self)) { $0.keeping(bits: bits) }
    case (.step, .float32): failed = unsafe Self.round(result.storage.values(Float.self), StepRounding(precision))
    case (.step, .float64): failed = unsafe Self.round(result.storage.values(Double.self), StepRounding(precision))
    case (.step(let digits, let exponent), _):
      let step = Precision.wholeStep(digits, exponent) ?? 1
      failed =
        switch type {
        case .int8: unsafe Self.round(result.storage.values(Int8.self), step)
        case .int16: unsafe Self.round(result.storage.values(Int16.self), step)
        case .int32: unsafe Self.round(result.storage.values(Int32.self), step)
        case .int64: unsafe Self.round(result.storage.values(Int64.self), step)
        case .uint8: unsafe Self.round(result.storage.values(UInt8.self), step)
        case .uint16: unsafe Self.round(result.storage.values(UInt16.self), step)
        case .uint32: unsafe Self.round(result.storage.values(UInt32.self), step)
        case .uint64: unsafe Self.round(result.storage.values(UInt64.self), step)
        default: nil
        }
    case (.bits, _): failed = nil
    }
    if let failed {
      throw FingalError(
        .badInput,
        "value \(failed) of column '\(column)' would change by more than its precision (\(precision.summary))",
        advice: "leave out the precision of this column")
    }
    return result
  }

  /// Rounds in place; the index of the first value whose change is beyond the bound.
  private static func round<Value: RoundableFloat>(
    _ values: UnsafeMutableBufferPointer<Value>, _ keep: (Value) -> (Value, bound: Double)
  ) -> Int? {
    for i in values.indices {
      let given = unsafe values[i]
      if !given.isFinite { continue }
      let (kept, bound) = keep(given)
      if !(abs(Double(kept) - Double(given)) <= bound) { return i }
      unsafe values[i] = kept
    }
    return nil
  }

  private static func round<Value: RoundableFloat>(
    _ values: UnsafeMutableBufferPointer<Value>, _ step: StepRounding
  ) -> Int? {
    unsafe round(values) { given in
      let kept = Value(step.nearest(Double(given)))
      return (kept.isFinite ? kept : given, step.half + Double(given.ulp))
    }
  }

  private static func round<Value: FixedWidthInteger>(
    _ values: UnsafeMutableBufferPointer<Value>, _ step: UInt64
  ) -> Int? {
    for i in values.indices {
      let given = unsafe values[i]
      let size = UInt64(given.magnitude)
      let rest = size % step
      let below = size - rest
      // Nearest, ties to the even multiple.
      let up = rest > step - rest || (rest == step - rest && below / step % 2 == 1)
      let (above, overflow) = below.addingReportingOverflow(step)
      if up && overflow { continue }
      let nearest = up ? above : below
      guard let kept = signed(nearest, like: given) else { continue }
      let change = max(kept.magnitude, given.magnitude) - min(kept.magnitude, given.magnitude)
      if UInt64(change) > step / 2 { return i }
      unsafe values[i] = kept
    }
    return nil
  }

  /// A magnitude with the sign of a value; nil where the type cannot hold it.
  private static func signed<Value: FixedWidthInteger>(_ magnitude: UInt64, like value: Value) -> Value? {
    if value >= 0 { return Value(exactly: magnitude) }
    return magnitude <= 1 << 63 ? Value(exactly: Int64(truncatingIfNeeded: 0 &- magnitude)) : nil
  }
}

/// Multiples of a decimal step, as the floats that their texts mean.
private struct StepRounding {
  private let digits: Double
  private let power: Double
  private let divides: Bool
  let half: Double

  init(_ precision: Precision) {
    var (digits, exponent) = (Int64(1), 0)
    if case .step(let stepDigits, let stepExponent) = precision.rule { (digits, exponent) = (stepDigits, stepExponent) }
    self.digits = Double(digits)
    power = Precision.scaled(1, -abs(exponent))
    divides = exponent >= 0
    half = precision.stepSize / 2
  }

  /// multiple × digits is exact below 2^53, so that one division or multiplication by an exact power of ten rounds once.
  @inline(__always)
  func nearest(_ value: Double) -> Double {
    let multiple = ((divides ? value * power : value / power) / digits).rounded(.toNearestOrEven)
    let whole = multiple * digits
    if !(abs(whole) <= 0x1p51) { return value }
    if whole == 0 { return 0 }
    return divides ? whole / power : whole * power
  }
}

/// What rounding to bits needs of a float type.
private protocol RoundableFloat: BinaryFloatingPoint {
  func keeping(bits: Int) -> (Self, bound: Double)
}

extension Float: RoundableFloat {
  fileprivate func keeping(bits: Int) -> (Float, bound: Double) {
    let dropped = UInt32(23 - bits)
    let half = UInt32(1) << (dropped - 1)
    // Carries run into the exponent, as they should. To even: a half goes up only where the last kept bit is 1.
    var pattern = bitPattern & 0x7FFF_FFFF
    pattern += half - 1 + (pattern >> dropped & 1)
    pattern &= ~(2 &* half &- 1)
    if pattern >= 0x7F80_0000 { pattern = 0x7F7F_FFFF }
    let kept = Float(bitPattern: pattern | (bitPattern & 0x8000_0000))
    let scale = Swift.max(Double(magnitude), Double(Float.leastNormalMagnitude))
    return (kept, scale * Double(sign: .plus, exponent: -bits - 1, significand: 1))
  }
}

extension Double: RoundableFloat {
  fileprivate func keeping(bits: Int) -> (Double, bound: Double) {
    let dropped = UInt64(52 - bits)
    let half = UInt64(1) << (dropped - 1)
    var pattern = bitPattern & 0x7FFF_FFFF_FFFF_FFFF
    pattern += half - 1 + (pattern >> dropped & 1)
    pattern &= ~(2 &* half &- 1)
    if pattern >= 0x7FF0_0000_0000_0000 { pattern = 0x7FEF_FFFF_FFFF_FFFF }
    let kept = Double(bitPattern: pattern | (bitPattern & 0x8000_0000_0000_0000))
    let scale = Swift.max(magnitude, Double.leastNormalMagnitude)
    return (kept, scale * Double(sign: .plus, exponent: -bits - 1, significand: 1))
  }
}
