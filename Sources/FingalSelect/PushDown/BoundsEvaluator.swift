internal import Fingal

/// Runs the nodes of a condition over bounds instead of values: can it hold for any event of a run, can it fail?
///
/// The same loop as `Evaluator`, and the same rules about nulls and NaN. Values of the event and of its elements need
/// no spreading: what holds for all of the events holds for each of their elements.
struct BoundsEvaluator {
  let nodes: [BoundNode]
  /// What is known of a column.
  let facts: (String) -> ColumnFacts
  /// How many elements each event may have.
  let counts: (Level) -> ClosedRange<Int>

  func run() -> PossibleConditions {
    var results: [Possible] = []
    results.reserveCapacity(nodes.count)
    for node in nodes {
      let operands = node.children.map { results[$0] }
      if case .aggregate(let kind) = node.operation {
        // Not that of the condition, which may be of a collection around: hits that select samples.
        let level = nodes[node.children[0]].level
        results.append(aggregate(kind, operands, counts(level), node))
      } else {
        results.append(value(of: node, operands))
      }
    }
    return results[nodes.count - 1].conditions
  }

  private func value(of node: BoundNode, _ operands: [Possible]) -> Possible {
    switch node.operation {
    case .number(let value, let whole):
      if node.isExact, let whole { return .wholes(PossibleWholes(low: whole, high: whole)) }
      return .doubles(PossibleDoubles(low: value, high: value))
    case .string: return .strings
    case .boolean(let value): return .conditions(PossibleConditions(canBeTrue: value, canBeFalse: !value))
    case .collection: return .collection
    case .column(let path): return node.type == .string ? .strings : facts(path).possible(exact: node.isExact)
    case .not:
      let operand = operands[0].conditions
      return .conditions(PossibleConditions(canBeTrue: operand.canBeFalse, canBeFalse: operand.canBeTrue))
    case .and:
      let all = operands.map(\.conditions)
      return .conditions(
        PossibleConditions(
          canBeTrue: all.allSatisfy { $0.canBeTrue }, canBeFalse: all.contains { $0.canBeFalse }))
    case .or:
      let all = operands.map(\.conditions)
      return .conditions(
        PossibleConditions(
          canBeTrue: all.contains { $0.canBeTrue }, canBeFalse: all.allSatisfy { $0.canBeFalse }))
    case .comparison(let kinds): return .conditions(compare(operands, kinds, exact: node.isExact))
    case .negate:
      if node.isExact, var values = operands[0].wholes {
        (values.low, values.high) = (-values.high, -values.low)
        return .wholes(values)
      }
      var values = operands[0].doubles
      values.setBounds(-values.high, -values.low)
      return .doubles(values)
    case .arithmetic(let kind):
      if node.isExact, let a = operands[0].wholes, let b = operands[1].wholes { return Self.arithmetic(kind, a, b) }
      return .doubles(Self.arithmetic(kind, operands[0].doubles, operands[1].doubles))
    case .unary(let function):
      if function == .abs, node.isExact, var values = operands[0].wholes {
        let ends = (values.low.magnitude, values.high.magnitude)
        let reach = Int128(max(ends.0, ends.1))
        values.low = values.low <= 0 && values.high >= 0 ? 0 : Int128(min(ends.0, ends.1))
        values.high = reach
        return .wholes(values)
      }
      return .doubles(Self.apply(function, operands[0].doubles))
    case .binary(let function): return .doubles(Self.apply(function, operands[0].doubles, operands[1].doubles))
    case .smallest: return extreme(operands, exact: node.isExact, smallest: true)
    case .largest: return extreme(operands, exact: node.isExact, smallest: false)
    case .aggregate: preconditionFailure("handled by run()")
    }
  }

  /// `min(a, b, …)`, `max(a, b, …)`: NaN where any operand is.
  private func extreme(_ operands: [Possible], exact: Bool, smallest: Bool) -> Possible {
    let wholes = operands.compactMap(\.wholes)
    if exact, wholes.count == operands.count {
      var result = wholes[0]
      for next in wholes.dropFirst() {
        result.low = smallest ? min(result.low, next.low) : max(result.low, next.low)
        result.high = smallest ? min(result.high, next.high) : max(result.high, next.high)
        result.hasNumbers = result.hasNumbers && next.hasNumbers
        result.mayBeNull = result.mayBeNull || next.mayBeNull
      }
      return .wholes(result)
    }
    let values = operands.map(\.doubles)
    var result = values[0]
    for next in values.dropFirst() {
      result.setBounds(
        smallest ? min(result.low, next.low) : max(result.low, next.low),
        smallest ? min(result.high, next.high) : max(result.high, next.high))
      result.hasNumbers = result.hasNumbers && next.hasNumbers
      result.mayBeNaN = result.mayBeNaN || next.mayBeNaN
      result.mayBeNull = result.mayBeNull || next.mayBeNull
    }
    return .doubles(result)
  }

  // MARK: Comparisons

  private func compare(_ operands: [Possible], _ kinds: [Comparison], exact: Bool) -> PossibleConditions {
    var result = PossibleConditions(canBeTrue: true, canBeFalse: false)
    var left = operands[0]
    for (kind, right) in zip(kinds, operands.dropFirst()) {
      let pair: PossibleConditions
      if exact, let a = left.wholes, let b = right.wholes {
        let mayBeNull = a.mayBeNull || b.mayBeNull
        pair = Self.compare(
          (a.low, a.high), kind, (b.low, b.high), numbers: a.hasNumbers && b.hasNumbers, nan: false, null: mayBeNull)
      } else if case .strings = left {
        pair = .either
      } else {
        let (a, b) = (left.doubles, right.doubles)
        pair = Self.compare(
          (a.low, a.high), kind, (b.low, b.high), numbers: a.hasNumbers && b.hasNumbers,
          nan: a.mayBeNaN || b.mayBeNaN, null: a.mayBeNull || b.mayBeNull)
      }
      result.canBeTrue = result.canBeTrue && pair.canBeTrue
      result.canBeFalse = result.canBeFalse || pair.canBeFalse
      left = right
    }
    return result
  }

  /// - Parameters:
  ///   - numbers: both sides may be numbers; `nan`: either may be NaN; `null`: either may be null.
  private static func compare<T: Comparable>(
    _ a: (low: T, high: T), _ kind: Comparison, _ b: (low: T, high: T), numbers: Bool, nan: Bool, null: Bool
  ) -> PossibleConditions {
    var canBeTrue = false
    var canBeFalse = false
    if numbers {
      let overlap = a.low <= b.high && b.low <= a.high
      let same = a.low == a.high && b.low == b.high && a.low == b.low
      switch kind {
      case .less: (canBeTrue, canBeFalse) = (a.low < b.high, a.high >= b.low)
      case .lessOrEqual: (canBeTrue, canBeFalse) = (a.low <= b.high, a.high > b.low)
      case .greater: (canBeTrue, canBeFalse) = (a.high > b.low, a.low <= b.high)
      case .greaterOrEqual: (canBeTrue, canBeFalse) = (a.high >= b.low, a.low < b.high)
      case .equal: (canBeTrue, canBeFalse) = (overlap, !same)
      case .unequal: (canBeTrue, canBeFalse) = (!same, overlap)
      }
    }
    if nan {
      // NaN differs from everything, and compares in no other way.
      if kind == .unequal { canBeTrue = true } else { canBeFalse = true }
    }
    return PossibleConditions(canBeTrue: canBeTrue, canBeFalse: canBeFalse || null)
  }
}
