internal import Fingal

/// What a directory or footer knows of a column (or of the elements of each event) for a run of events.
struct ColumnFacts {
  var type: ScalarType
  /// Of the values that are no NaN, null slots counting as zero; nil if unknown, or if there are none.
  var bounds: Bounds?
  /// Whether there may be values that are numbers: with bounds, or where nothing is known.
  var hasNumbers: Bool
  var mayBeNaN: Bool
  var mayBeNull: Bool

  /// Nothing but the type is known.
  init(unknown field: Schema.Field) {
    type = field.type
    bounds = nil
    hasNumbers = true
    mayBeNaN = field.type.isFloat
    mayBeNull = field.nullable
  }

  /// From a cluster's bounds in the footer: of a numeric scalar field, whose clusters have at least one event.
  init(cluster bounds: Bounds?, field: Schema.Field) {
    self.init(unknown: field)
    self.bounds = bounds
    hasNumbers = bounds != nil
  }

  /// From the row of the page that holds the run.
  init(page row: PageRow, field: Schema.Field) {
    type = field.type
    bounds = row.bounds
    hasNumbers = row.bounds != nil
    mayBeNaN = row.nanCount > 0
    // Damaged or forged counts must not make a null vanish from a column that may have them.
    mayBeNull = field.nullable && row.nullCount > 0
  }

  func possible(exact: Bool) -> Possible {
    if type == .string { return .strings }
    if type == .bool {
      var flags = PossibleConditions.either
      if case .unsigned(let range) = bounds {
        flags = PossibleConditions(canBeTrue: range.upperBound > 0, canBeFalse: range.lowerBound == 0)
      } else if !hasNumbers {
        flags = PossibleConditions(canBeTrue: false, canBeFalse: false)
      }
      flags.mayBeNull = mayBeNull
      return .conditions(flags)
    }
    if type.isFloat {
      var result = PossibleDoubles(low: -.infinity, high: .infinity)
      if case .float(let range) = bounds { result = PossibleDoubles(low: range.lowerBound, high: range.upperBound) }
      result.hasNumbers = hasNumbers
      result.mayBeNaN = mayBeNaN
      result.mayBeNull = mayBeNull
      return .doubles(result)
    }
    var result: PossibleWholes
    switch bounds {
    case .signed(let range): result = PossibleWholes(low: Int128(range.lowerBound), high: Int128(range.upperBound))
    case .unsigned(let range): result = PossibleWholes(low: Int128(range.lowerBound), high: Int128(range.upperBound))
    case .float, nil:
      let bits = type.byteWidth * 8
      result =
        type.isSigned
        ? PossibleWholes(low: -(1 << (bits - 1)), high: 1 << (bits - 1) - 1)
        : PossibleWholes(low: 0, high: 1 << bits - 1)
    }
    result.hasNumbers = hasNumbers
    result.mayBeNull = mayBeNull
    return exact ? .wholes(result) : .doubles(Possible.wholes(result).doubles)
  }
}
