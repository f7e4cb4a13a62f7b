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
  /// Bounds of all values that are numbers; infinities are numbers here. Never NaN, which compares with nothing and
  /// would turn "may be" into "is not".
  private(set) var low: Double
  private(set) var high: Double
  /// Whether any value may be a number at all.
  var hasNumbers = true
  var mayBeNaN = false
  var mayBeNull = false

  static let anything = PossibleDoubles(low: -.infinity, high: .infinity, mayBeNaN: true, mayBeNull: true)

  init(low: Double, high: Double, mayBeNaN: Bool = false, mayBeNull: Bool = false) {
    (self.low, self.high) = (-.infinity, .infinity)
    self.mayBeNaN = mayBeNaN
    self.mayBeNull = mayBeNull
    setBounds(low, high)
  }

  /// The only way to set bounds. One that is NaN came from infinities that cancel: nothing is known then.
  mutating func setBounds(_ low: Double, _ high: Double) {
    if low.isNaN || high.isNaN {
      (self.low, self.high) = (-.infinity, .infinity)
      mayBeNaN = true
    } else {
      (self.low, self.high) = (low, high)
    }
  }

  var isFinite: Bool { low.isFinite && high.isFinite }
  var containsZero: Bool { low <= 0 && high >= 0 }
  /// The largest magnitude.
  var magnitude: Double { Swift.max(low.magnitude, high.magnitude) }

  /// The bounds moved apart by a few units in the last place: for functions that the mathematical library rounds as it
  /// likes. An infinite bound has nothing outside it; next to one that values may fall short of, finite ones lie.
  func loosened() -> PossibleDoubles {
    func moved(_ bound: Double, _ way: Double) -> Double {
      if bound.isInfinite { return bound == way * .infinity ? bound : way * -.greatestFiniteMagnitude }
      return bound + way * (bound.magnitude * 4e-15 + .leastNonzeroMagnitude)
    }
    var copy = self
    copy.setBounds(moved(low, -1), moved(high, 1))
    return copy
  }
}

/// Numbers in 128-bit integers. The bounds of a type may reach farther than its values ever do, so that arithmetic with
/// them may overflow although that with the values does not: then nothing is known.
struct PossibleWholes {
  /// Not the whole range of the type: the negative of each bound is one, too.
  static let everything: ClosedRange<Int128> = -Int128.max...Int128.max

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
