internal import Fingal

/// What the values of a node may be for some run of events, known from bounds alone: always a superset of what they
/// are. Everything here errs on the side of "may be".
enum Possible {
  case doubles(PossibleDoubles)
  case wholes(PossibleWholes)
  case conditions(PossibleConditions)
  /// Texts, of which nothing is known.
  case strings
  case collection

  /// As float64, as `Vector.doubles()` converts.
  var doubles: PossibleDoubles {
    switch self {
    case .doubles(let values): return values
    case .wholes(let values):
      // Rounding to nearest keeps the order, so the bounds stay bounds.
      var result = PossibleDoubles(low: Double(values.low), high: Double(values.high))
      result.hasNumbers = values.hasNumbers
      result.mayBeNull = values.mayBeNull
      return result
    case .conditions(let flags): return Possible.wholes(flags.wholes).doubles
    case .strings, .collection: return .anything
    }
  }

  /// As whole numbers; nil where they are none.
  var wholes: PossibleWholes? {
    switch self {
    case .wholes(let values): values
    case .conditions(let flags): flags.wholes
    case .doubles, .strings, .collection: nil
    }
  }

  /// As conditions: a null does not hold.
  var conditions: PossibleConditions {
    guard case .conditions(var flags) = self else { return .either }
    if flags.mayBeNull { flags.canBeFalse = true }
    flags.mayBeNull = false
    return flags
  }

  var mayBeNull: Bool {
    switch self {
    case .doubles(let values): values.mayBeNull
    case .wholes(let values): values.mayBeNull
    case .conditions(let values): values.mayBeNull
    case .strings: true
    case .collection: false
    }
  }
}

/// Numbers in float64.
struct PossibleDoubles {
  /// Bounds of all values that are numbers; infinities are numbers here.
  var low: Double
  var high: Double
  /// Whether any value may be a number at all.
  var hasNumbers = true
  var mayBeNaN = false
  var mayBeNull = false

  static let anything = PossibleDoubles(low: -.infinity, high: .infinity, mayBeNaN: true, mayBeNull: true)

  init(low: Double, high: Double, mayBeNaN: Bool = false, mayBeNull: Bool = false) {
    // A bound that is NaN came from infinities that cancel: nothing is known then.
    if low.isNaN || high.isNaN {
      (self.low, self.high) = (-.infinity, .infinity)
      self.mayBeNaN = true
    } else {
      (self.low, self.high) = (low, high)
      self.mayBeNaN = mayBeNaN
    }
    self.mayBeNull = mayBeNull
  }

  var isFinite: Bool { low.isFinite && high.isFinite }
  var containsZero: Bool { low <= 0 && high >= 0 }
  /// The largest magnitude.
  var magnitude: Double { Swift.max(low.magnitude, high.magnitude) }

  /// The bounds moved apart by a few units in the last place: for functions that the mathematical library rounds as it
  /// likes.
  func loosened() -> PossibleDoubles {
    var copy = self
    copy.low = low - low.magnitude * 4e-15 - .leastNonzeroMagnitude
    copy.high = high + high.magnitude * 4e-15 + .leastNonzeroMagnitude
    return copy
  }
}

/// Numbers in 128-bit integers.
struct PossibleWholes {
  var low: Int128
  var high: Int128
  var hasNumbers = true
  var mayBeNull = false
}

/// Conditions; neither flag set means that there are no values.
struct PossibleConditions: Equatable {
  var canBeTrue: Bool
  var canBeFalse: Bool
  /// Of a column of type bool only: what comparisons make has no nulls.
  var mayBeNull = false

  static let either = PossibleConditions(canBeTrue: true, canBeFalse: true)

  var wholes: PossibleWholes {
    PossibleWholes(
      low: canBeFalse || mayBeNull ? 0 : 1, high: canBeTrue ? 1 : 0, hasNumbers: canBeTrue || canBeFalse,
      mayBeNull: mayBeNull)
  }
}
