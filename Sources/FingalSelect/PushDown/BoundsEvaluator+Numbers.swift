internal import Fingal
internal import Glibc

/// Interval arithmetic. The evaluator computes in float64 and rounds to nearest, which keeps order; so for functions
/// that rise or fall throughout, the function of a bound is a bound, rounding included.
extension BoundsEvaluator {
  static func arithmetic(_ kind: Arithmetic, _ a: PossibleWholes, _ b: PossibleWholes) -> Possible {
    var result = a
    result.hasNumbers = a.hasNumbers && b.hasNumbers
    result.mayBeNull = a.mayBeNull || b.mayBeNull
    switch kind {
    case .add:
      (result.low, result.high) = bounds([
        a.low.addingReportingOverflow(b.low), a.high.addingReportingOverflow(b.high),
      ])
    case .subtract:
      (result.low, result.high) = bounds([
        a.low.subtractingReportingOverflow(b.high), a.high.subtractingReportingOverflow(b.low),
      ])
    case .multiply:
      (result.low, result.high) = bounds([
        a.low.multipliedReportingOverflow(by: b.low), a.low.multipliedReportingOverflow(by: b.high),
        a.high.multipliedReportingOverflow(by: b.low), a.high.multipliedReportingOverflow(by: b.high),
      ])
    case .remainder:
      if b.low <= 0, b.high >= 0 { result.mayBeNull = true }
      // Below the divisor, no further from zero than the dividend, and of its sign.
      let divisor = Int128(max(b.low.magnitude, b.high.magnitude))
      let reach = max(0, divisor - 1)
      result.low = a.low < 0 ? max(a.low, -reach) : 0
      result.high = a.high > 0 ? min(a.high, reach) : 0
    case .divide: return .doubles(arithmetic(kind, Possible.wholes(a).doubles, Possible.wholes(b).doubles))
    }
    return .wholes(result)
  }

  /// The smallest and the largest of some results; everything, if one of them does not fit.
  private static func bounds(_ ends: [(partialValue: Int128, overflow: Bool)]) -> (Int128, Int128) {
    var (low, high) = (Int128.max, -Int128.max)
    for end in ends {
      if end.overflow || end.partialValue == .min {
        return (PossibleWholes.everything.lowerBound, PossibleWholes.everything.upperBound)
      }
      (low, high) = (min(low, end.partialValue), max(high, end.partialValue))
    }
    return (low, high)
  }

  static func arithmetic(_ kind: Arithmetic, _ a: PossibleDoubles, _ b: PossibleDoubles) -> PossibleDoubles {
    var result: PossibleDoubles
    switch kind {
    case .add:
      result = PossibleDoubles(low: a.low + b.low, high: a.high + b.high)
      if (a.low == -.infinity && b.high == .infinity) || (a.high == .infinity && b.low == -.infinity) {
        result.mayBeNaN = true
      }
    case .subtract:
      result = PossibleDoubles(low: a.low - b.high, high: a.high - b.low)
      if (a.low == -.infinity && b.low == -.infinity) || (a.high == .infinity && b.high == .infinity) {
        result.mayBeNaN = true
      }
    case .multiply:
      if a.isFinite && b.isFinite {
        let products = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]
        result = PossibleDoubles(low: products.min()!, high: products.max()!)
      } else {
        result = .anything
      }
    case .divide:
      if a.isFinite && b.isFinite && !b.containsZero {
        let quotients = [a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high]
        result = PossibleDoubles(low: quotients.min()!, high: quotients.max()!)
      } else {
        result = .anything
      }
    case .remainder:
      let reach = min(a.magnitude, b.magnitude)
      result = PossibleDoubles(low: a.low < 0 ? -reach : 0, high: a.high > 0 ? reach : 0)
      result.mayBeNaN = b.containsZero || !a.isFinite
    }
    result.hasNumbers = a.hasNumbers && b.hasNumbers
    result.mayBeNaN = result.mayBeNaN && result.hasNumbers || a.mayBeNaN || b.mayBeNaN
    result.mayBeNull = a.mayBeNull || b.mayBeNull
    return result
  }

  static func apply(_ function: UnaryFunction, _ a: PossibleDoubles) -> PossibleDoubles {
    var result: PossibleDoubles
    var makesNaN = false
    switch function {
    case .abs:
      let ends = (a.low.magnitude, a.high.magnitude)
      result = PossibleDoubles(low: a.containsZero ? 0 : min(ends.0, ends.1), high: max(ends.0, ends.1))
    case .sqrt:
      result = PossibleDoubles(low: max(0, a.low).squareRoot(), high: max(0, a.high).squareRoot())
      makesNaN = a.low < 0
    case .log: (result, makesNaN) = logarithm(a) { log($0) }
    case .log10: (result, makesNaN) = logarithm(a) { log10($0) }
    case .exp: result = PossibleDoubles(low: exp(a.low), high: exp(a.high)).loosened()
    case .sinh: result = PossibleDoubles(low: sinh(a.low), high: sinh(a.high)).loosened()
    case .tanh: result = PossibleDoubles(low: tanh(a.low), high: tanh(a.high)).loosened()
    case .cosh: result = PossibleDoubles(low: 0.999, high: .infinity)
    case .sin, .cos:
      result = PossibleDoubles(low: -1, high: 1).loosened()
      makesNaN = !a.isFinite
    case .tan:
      result = PossibleDoubles(low: -.infinity, high: .infinity)
      makesNaN = !a.isFinite
    case .floor: result = PossibleDoubles(low: a.low.rounded(.down), high: a.high.rounded(.down))
    case .ceil: result = PossibleDoubles(low: a.low.rounded(.up), high: a.high.rounded(.up))
    case .round: result = PossibleDoubles(low: a.low.rounded(), high: a.high.rounded())
    }
    result.hasNumbers = a.hasNumbers
    result.mayBeNaN = a.mayBeNaN || (a.hasNumbers && (makesNaN || result.mayBeNaN))
    result.mayBeNull = a.mayBeNull
    return result
  }

  private static func logarithm(
    _ a: PossibleDoubles, _ function: (Double) -> Double
  ) -> (PossibleDoubles, makesNaN: Bool) {
    let low = a.low > 0 ? function(a.low) : -.infinity
    let high = a.high > 0 ? function(a.high) : -.infinity
    return (PossibleDoubles(low: low, high: high).loosened(), a.low < 0)
  }

  static func apply(_ function: BinaryFunction, _ a: PossibleDoubles, _ b: PossibleDoubles) -> PossibleDoubles {
    var result: PossibleDoubles
    switch function {
    case .pow:
      // pow(NaN, 0) and pow(1, NaN) are 1: even NaN gives numbers.
      result = PossibleDoubles.anything
    case .atan2: result = PossibleDoubles(low: -3.15, high: 3.15, mayBeNaN: a.mayBeNaN || b.mayBeNaN)
    case .hypot: result = PossibleDoubles(low: 0, high: .infinity, mayBeNaN: a.mayBeNaN || b.mayBeNaN)
    }
    result.mayBeNull = a.mayBeNull || b.mayBeNull
    return result
  }

  // MARK: Over the elements of each event

  /// - Parameter counts: the fewest and the most elements that an event has.
  func aggregate(
    _ kind: Aggregate, _ operands: [Possible], _ counts: ClosedRange<Int>, _ node: BoundNode
  ) -> Possible {
    let subject = operands[0]
    let exact = node.isExact
    let selection = operands.count == 2 ? operands[1].conditions : nil
    // How many elements take part.
    var fewest = counts.lowerBound
    var most = counts.upperBound
    if let selection {
      if selection.canBeFalse { fewest = 0 }
      if !selection.canBeTrue { most = 0 }
    }
    if kind != .any, kind != .all, subject.mayBeNull { fewest = 0 }
    if kind == .count, case .conditions = subject {
      // Elements for which it is true.
      let condition = subject.conditions
      if condition.canBeFalse { fewest = 0 }
      if !condition.canBeTrue { most = 0 }
    }
    fewest = min(fewest, most)
    switch kind {
    case .count:
      // Where nothing is known of the counts, at least their type is.
      var reach = Int128(Int.max)
      if case .number(let bits?) = node.type { reach = 1 << Int128(bits) }
      let result = PossibleWholes(low: min(Int128(fewest), reach), high: min(Int128(most), reach))
      return exact ? .wholes(result) : .doubles(Possible.wholes(result).doubles)
    case .any:
      let condition = subject.conditions
      return .conditions(
        PossibleConditions(
          canBeTrue: most > 0 && condition.canBeTrue, canBeFalse: fewest == 0 || condition.canBeFalse))
    case .all:
      let condition = subject.conditions
      return .conditions(
        PossibleConditions(
          canBeTrue: fewest == 0 || condition.canBeTrue, canBeFalse: most > 0 && condition.canBeFalse))
    case .sum: return .doubles(Self.sum(subject.doubles, fewest, most))
    case .mean:
      let values = subject.doubles
      if most == 0 || (!values.hasNumbers && !values.mayBeNaN) { return .doubles(Self.nothing) }
      // Each addition and the division round by at most 2^-53 of the magnitudes they add.
      let slack = values.magnitude * (Double(most) + 4) * 0x1p-52
      var result = PossibleDoubles(low: values.low - slack, high: values.high + slack)
      // A sum that overflows makes an infinite mean of finite values, and infinities may cancel.
      if !values.isFinite || !(values.magnitude * Double(most) < 0x1p1023) { result = .anything }
      result.hasNumbers = values.hasNumbers
      result.mayBeNaN = result.mayBeNaN || values.mayBeNaN
      result.mayBeNull = fewest == 0
      return .doubles(result)
    case .min, .max:
      if exact, var values = subject.wholes {
        if most == 0 { values.hasNumbers = false }
        values.mayBeNull = fewest == 0
        return .wholes(values)
      }
      var values = subject.doubles
      if most == 0 { return .doubles(Self.nothing) }
      values.mayBeNull = fewest == 0
      return .doubles(values)
    }
  }

  /// Always null.
  private static var nothing: PossibleDoubles {
    var result = PossibleDoubles(low: 0, high: 0, mayBeNull: true)
    result.hasNumbers = false
    return result
  }

  private static func sum(_ values: PossibleDoubles, _ fewest: Int, _ most: Int) -> PossibleDoubles {
    if most == 0 { return PossibleDoubles(low: 0, high: 0) }
    var result: PossibleDoubles
    if !values.hasNumbers {
      result = PossibleDoubles(low: 0, high: 0)
      result.hasNumbers = fewest == 0 || !values.mayBeNaN
    } else if !values.isFinite || !(values.magnitude * Double(most) < 0x1p1023) {
      result = PossibleDoubles(low: -.infinity, high: .infinity, mayBeNaN: true)
    } else {
      let low = values.low * Double(values.low < 0 ? most : fewest)
      let high = values.high * Double(values.high > 0 ? most : fewest)
      // Each of at most `most` additions rounds by at most 2^-53 of a partial sum.
      let slack = values.magnitude * Double(most) * (Double(most) + 2) * 0x1p-52
      result = PossibleDoubles(low: low - slack, high: high + slack)
      // Sums of numbers of one sign keep it.
      result.setBounds(
        values.low >= 0 ? max(0, result.low) : result.low, values.high <= 0 ? min(0, result.high) : result.high)
    }
    result.mayBeNaN = result.mayBeNaN || values.mayBeNaN
    return result
  }
}
