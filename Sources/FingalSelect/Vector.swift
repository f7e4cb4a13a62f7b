internal import Fingal

/// Values of one node for all events (or elements) of a batch; constants are kept as one value.
enum Values<T> {
  case constant(T)
  case vector([T])

  func expanded(_ count: Int) -> [T] {
    switch self {
    case .constant(let value): Array(repeating: value, count: count)
    case .vector(let values): values
    }
  }

  @inline(__always)
  func map<R>(_ body: (T) -> R) -> Values<R> {
    switch self {
    case .constant(let value): .constant(body(value))
    case .vector(let values): .vector(values.map(body))
    }
  }

  @inline(__always)
  func combined<U, R>(with other: Values<U>, _ body: (T, U) -> R) -> Values<R> {
    switch (self, other) {
    case (.constant(let a), .constant(let b)): return .constant(body(a, b))
    case (.constant(let a), .vector(let right)): return .vector(right.map { body(a, $0) })
    case (.vector(let left), .constant(let b)): return .vector(left.map { body($0, b) })
    case (.vector(let left), .vector(let right)):
      precondition(left.count == right.count)
      var result: [R] = []
      result.reserveCapacity(left.count)
      for i in left.indices { result.append(body(left[i], right[i])) }
      return .vector(result)
    }
  }

  /// Each event's value for each of its elements.
  func spread(over counts: [Int], total: Int) -> Values<T> {
    guard case .vector(let values) = self else { return self }
    var result: [T] = []
    result.reserveCapacity(total)
    for (value, count) in zip(values, counts) { result.append(contentsOf: repeatElement(value, count: count)) }
    return .vector(result)
  }
}

/// What a node evaluates to.
struct Vector {
  enum Content {
    case doubles(Values<Double>)
    case wholes(Values<Int128>)
    case conditions(Values<Bool>)
    case strings(Values<[UInt8]>)
    /// The name of a collection: no values.
    case collection
  }

  var content: Content
  /// Where the values are there (true) and where they are null; nil if none is null. Conditions have no nulls.
  var valid: Values<Bool>?

  func doubles() -> Values<Double> {
    switch content {
    case .doubles(let values): values
    case .wholes(let values): values.map { Double($0) }
    case .conditions(let values): values.map { $0 ? 1 : 0 }
    case .strings, .collection: preconditionFailure("not a number")
    }
  }

  func wholes() -> Values<Int128> {
    switch content {
    case .wholes(let values): values
    case .conditions(let values): values.map { $0 ? 1 : 0 }
    case .doubles, .strings, .collection: preconditionFailure("not a whole number")
    }
  }

  /// As conditions: a null does not hold.
  func conditionValues() -> Values<Bool> {
    guard case .conditions(let values) = content else { preconditionFailure("not a condition") }
    guard let valid else { return values }
    return values.combined(with: valid) { $0 && $1 }
  }

  func conditions(count: Int) -> [Bool] { conditionValues().expanded(count) }

  func doublesWithNaN(count: Int) -> [Double] {
    guard let valid else { return doubles().expanded(count) }
    return doubles().combined(with: valid) { $1 ? $0 : .nan }.expanded(count)
  }

  func spread(over counts: [Int], total: Int) -> Vector {
    let content: Content =
      switch content {
      case .doubles(let values): .doubles(values.spread(over: counts, total: total))
      case .wholes(let values): .wholes(values.spread(over: counts, total: total))
      case .conditions(let values): .conditions(values.spread(over: counts, total: total))
      case .strings(let values): .strings(values.spread(over: counts, total: total))
      case .collection: .collection
      }
    return Vector(content: content, valid: valid?.spread(over: counts, total: total))
  }
}

/// True where both are.
func both(_ a: Values<Bool>?, _ b: Values<Bool>?) -> Values<Bool>? {
  guard let a else { return b }
  guard let b else { return a }
  return a.combined(with: b) { $0 && $1 }
}
