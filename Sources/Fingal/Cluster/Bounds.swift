/// Smallest and largest value of a run of a numeric column, without NaN. They serve to skip, never to answer.
public enum Bounds: Sendable, Equatable {
  case signed(ClosedRange<Int64>)
  case unsigned(ClosedRange<UInt64>)
  case float(ClosedRange<Double>)

  /// From the 8-byte form of the directory; nil if the bits are no bounds of that type (NaN, or out of order).
  package init?(_ type: ScalarType, minimum: UInt64, maximum: UInt64) {
    if type == .string { return nil }
    if type.isFloat {
      let low = Double(bitPattern: minimum)
      let high = Double(bitPattern: maximum)
      // A zero among bounds is +0 (FORMAT.md §5.3): its bits are all 0.
      guard low <= high, low != 0 || minimum == 0, high != 0 || maximum == 0 else { return nil }
      self = .float(low...high)
    } else if type.isSigned {
      let low = Int64(bitPattern: minimum)
      let high = Int64(bitPattern: maximum)
      guard low <= high else { return nil }
      self = .signed(low...high)
    } else {
      guard minimum <= maximum else { return nil }
      self = .unsigned(minimum...maximum)
    }
  }

  /// The 8-byte form of the directory.
  package var bits: (minimum: UInt64, maximum: UInt64) {
    switch self {
    case .signed(let range): (UInt64(bitPattern: range.lowerBound), UInt64(bitPattern: range.upperBound))
    case .unsigned(let range): (range.lowerBound, range.upperBound)
    case .float(let range): (range.lowerBound.bitPattern, range.upperBound.bitPattern)
    }
  }

  /// The bounds of both runs together; both are of one column.
  package func union(_ other: Bounds) -> Bounds {
    switch (self, other) {
    case (.signed(let a), .signed(let b)):
      .signed(min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound))
    case (.unsigned(let a), .unsigned(let b)):
      .unsigned(min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound))
    case (.float(let a), .float(let b)):
      .float(min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound))
    default: preconditionFailure("bounds of different types")
    }
  }
}
