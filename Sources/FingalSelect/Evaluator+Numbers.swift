internal import Fingal
internal import Glibc

extension Evaluator {
  func arithmetic(_ kind: Arithmetic, _ left: Vector, _ right: Vector, exact: Bool) -> Vector {
    var valid = both(left.valid, right.valid)
    if exact {
      // The checker has bounded the bits, so none of these overflows.
      let (a, b) = (left.wholes(), right.wholes())
      let values: Values<Int128>
      switch kind {
      case .add: values = a.combined(with: b) { $0 + $1 }
      case .subtract: values = a.combined(with: b) { $0 - $1 }
      case .multiply: values = a.combined(with: b) { $0 * $1 }
      case .remainder:
        // A remainder by zero is no whole number: null, where floating point has NaN.
        valid = both(valid, b.map { $0 != 0 })
        values = a.combined(with: b) { $1 == 0 ? 0 : $0 % $1 }
      case .divide: preconditionFailure("a quotient is not whole")
      }
      return Vector(content: .wholes(values), valid: valid)
    }
    let (a, b) = (left.doubles(), right.doubles())
    let values =
      switch kind {
      case .add: a.combined(with: b) { $0 + $1 }
      case .subtract: a.combined(with: b) { $0 - $1 }
      case .multiply: a.combined(with: b) { $0 * $1 }
      case .divide: a.combined(with: b) { $0 / $1 }
      case .remainder: a.combined(with: b) { fmod($0, $1) }
      }
    return Vector(content: .doubles(values), valid: valid)
  }

  func apply(_ function: UnaryFunction, _ values: Values<Double>) -> Values<Double> {
    switch function {
    case .abs: values.map { $0.magnitude }
    case .sqrt: values.map { $0.squareRoot() }
    case .log: values.map { log($0) }
    case .log10: values.map { log10($0) }
    case .exp: values.map { exp($0) }
    case .sin: values.map { sin($0) }
    case .cos: values.map { cos($0) }
    case .tan: values.map { tan($0) }
    case .sinh: values.map { sinh($0) }
    case .cosh: values.map { cosh($0) }
    case .tanh: values.map { tanh($0) }
    case .floor: values.map { $0.rounded(.down) }
    case .ceil: values.map { $0.rounded(.up) }
    case .round: values.map { $0.rounded() }
    }
  }

  /// `min(a, b, …)` and `max(a, b, …)`, value by value; null where any operand is.
  func extreme(_ operands: [Vector], exact: Bool, smallest: Bool) -> Vector {
    var valid = operands[0].valid
    for operand in operands.dropFirst() { valid = both(valid, operand.valid) }
    if exact {
      var result = operands[0].wholes()
      for operand in operands.dropFirst() {
        let next = operand.wholes()
        result = smallest ? result.combined(with: next) { min($0, $1) } : result.combined(with: next) { max($0, $1) }
      }
      return Vector(content: .wholes(result), valid: valid)
    }
    var result = operands[0].doubles()
    for operand in operands.dropFirst() {
      let next = operand.doubles()
      result =
        smallest
        ? result.combined(with: next) { $0 < $1 || $0.isNaN ? $0 : $1 }
        : result.combined(with: next) { $0 > $1 || $0.isNaN ? $0 : $1 }
    }
    return Vector(content: .doubles(result), valid: valid)
  }

  // MARK: Over the elements of each event

  /// - Parameter counts: elements of each event.
  func aggregate(_ kind: Aggregate, _ operands: [Vector], _ counts: [Int], exact: Bool) -> Vector {
    let total = counts.reduce(0, +)
    // Elements that take part: selected by the condition and not null.
    var chosen: Values<Bool>? = operands.count == 2 ? operands[1].conditionValues() : nil
    if kind == .count, case .conditions = operands[0].content {
      // Those for which it is true; a null is not.
      chosen = both(chosen, operands[0].conditionValues())
    } else if kind != .any, kind != .all {
      chosen = both(chosen, operands[0].valid)
    }
    let selected = chosen?.expanded(total)
    switch kind {
    case .count:
      return fold(counts, selected, from: 0.0, exact: exact) { sum, _ in sum += 1 }
    case .any, .all:
      let holds = operands[0].conditions(count: total)
      var result: [Bool] = []
      result.reserveCapacity(counts.count)
      var first = 0
      for count in counts {
        var found = false
        // all(c) is: none is chosen that does not hold.
        for i in first..<first + count where (selected?[i] ?? true) && holds[i] == (kind == .any) {
          found = true
          break
        }
        result.append(found == (kind == .any))
        first += count
      }
      return Vector(content: .conditions(.vector(result)))
    case .sum:
      let values = operands[0].doubles().expanded(total)
      return fold(counts, selected, from: 0.0, exact: false) { sum, i in sum += values[i] }
    case .mean:
      let values = operands[0].doubles().expanded(total)
      let sums = fold(counts, selected, from: 0.0, exact: false) { sum, i in sum += values[i] }
      let numbers = fold(counts, selected, from: 0.0, exact: false) { sum, _ in sum += 1 }.doubles()
      return Vector(
        content: .doubles(sums.doubles().combined(with: numbers) { $1 > 0 ? $0 / $1 : 0 }),
        valid: numbers.map { $0 > 0 })
    case .min, .max:
      let isSmaller = kind == .min
      if exact {
        let values = operands[0].wholes().expanded(total)
        return pick(values, counts, selected) {
          isSmaller ? $0 < $1 : $0 > $1
        } wrap: {
          .wholes(.vector($0))
        }
      }
      let values = operands[0].doubles().expanded(total)
      return pick(values, counts, selected) {
        isSmaller ? $0 < $1 || $1.isNaN : $0 > $1 || $1.isNaN
      } wrap: {
        .doubles(.vector($0))
      }
    }
  }

  private func fold(
    _ counts: [Int], _ selected: [Bool]?, from start: Double, exact: Bool, _ body: (inout Double, Int) -> Void
  ) -> Vector {
    var result: [Double] = []
    result.reserveCapacity(counts.count)
    var first = 0
    for count in counts {
      var value = start
      if let selected {
        for i in first..<first + count where selected[i] { body(&value, i) }
      } else {
        for i in first..<first + count { body(&value, i) }
      }
      result.append(value)
      first += count
    }
    if exact { return Vector(content: .wholes(.vector(result.map { Int128($0) }))) }
    return Vector(content: .doubles(.vector(result)))
  }

  private func pick<T: ExpressibleByIntegerLiteral>(
    _ values: [T], _ counts: [Int], _ selected: [Bool]?, isBetter: (T, T) -> Bool, wrap: ([T]) -> Vector.Content
  ) -> Vector {
    var result: [T] = []
    var valid: [Bool] = []
    result.reserveCapacity(counts.count)
    valid.reserveCapacity(counts.count)
    var first = 0
    for count in counts {
      var best: T?
      for i in first..<first + count where selected?[i] ?? true {
        if let current = best { if isBetter(values[i], current) { best = values[i] } } else { best = values[i] }
      }
      result.append(best ?? 0)
      valid.append(best != nil)
      first += count
    }
    return Vector(content: wrap(result), valid: .vector(valid))
  }
}
