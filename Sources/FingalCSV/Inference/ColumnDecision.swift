package import Fingal

/// The type and text format that fit all values of a column, and the reason in words for `--dry-run`.
package struct ColumnDecision: Equatable, Sendable {
  package var type: ScalarType
  package var nullable: Bool
  package var format: NumberFormat?
  /// Texts of special values, as metadata: `csv.nan`, `csv.inf`, `csv.null`, `csv.true`, `csv.false`.
  package var spellings: [String: String] = [:]
  /// The texts of an enumeration, in their order.
  package var labels: [String] = []
  package var reason: String

  package static func == (a: ColumnDecision, b: ColumnDecision) -> Bool {
    a.type == b.type && a.nullable == b.nullable && a.format == b.format && a.spellings == b.spellings
      && a.labels == b.labels
  }
}

extension ColumnFacts {
  /// How NaN, infinity, null and truth were written, where it is not the usual way.
  private func spellings(of type: ScalarType, nullable: Bool) -> [String: String] {
    var spellings: [String: String] = [:]
    if type.isFloat {
      if nans > 0, let nan = nanSpelling.uniform, nan != "nan" { spellings["csv.nan"] = nan }
      if infinities > 0, let infinity = infinitySpelling.uniform, infinity != "inf" { spellings["csv.inf"] = infinity }
    }
    if type == .bool {
      let yes = trueSpelling.uniform
      let no = falseSpelling.uniform
      if booleans == 0 {
        spellings["csv.true"] = "1"
        spellings["csv.false"] = "0"
      } else {
        let upper = yes == "TRUE" || no == "FALSE"
        let title = yes == "True" || no == "False"
        spellings["csv.true"] = yes ?? (upper ? "TRUE" : title ? "True" : "true")
        spellings["csv.false"] = no ?? (upper ? "FALSE" : title ? "False" : "false")
      }
    }
    if nullable, empties == 0 || type == .string, let null = nullSpelling.uniform { spellings["csv.null"] = null }
    return spellings
  }

  /// Chooses type, format and spellings.
  ///
  /// - Parameters:
  ///   - pinned: the type the user asked for.
  ///   - isText: decided by the sample, see `isTextColumn`.
  ///   - emptyType: the type of a column without a value.
  func decision(
    pinned: ScalarType? = nil, isText: Bool, emptyType: ScalarType = .string, withReason: Bool = false
  ) -> ColumnDecision {
    var decision = typeAndFormat(pinned: pinned, isText: isText, emptyType: emptyType, withReason: withReason)
    decision.spellings = spellings(of: decision.type, nullable: decision.nullable)
    return decision
  }

  /// Whether the column holds text, going by a sample of the file: its first value is no number, or at least half of
  /// the values are not. What is no number in any other column is an error, not a reason to turn the column to text.
  var isTextColumn: Bool {
    if firstIsText == true { return true }
    return texts > 0 && 2 * texts >= values
  }

  private func typeAndFormat(
    pinned: ScalarType?, isText: Bool, emptyType: ScalarType, withReason: Bool
  ) -> ColumnDecision {
    let nullable = empties + nullTexts + refused > 0
    if let pinned {
      return ColumnDecision(
        type: pinned, nullable: pinned == .string ? nullTexts > 0 : nullable,
        format: pinned.isFloat ? format(of: pinned) : nil,
        reason: "given by --type")
    }
    func string(_ reason: @autoclosure () -> String) -> ColumnDecision {
      ColumnDecision(type: .string, nullable: nullTexts > 0, format: nil, reason: withReason ? reason() : "")
    }
    if values == 0 {
      return ColumnDecision(
        type: emptyType, nullable: nullTexts > 0 || (emptyType != .string && nullable), format: nil,
        reason: "no cell holds a value")
    }
    if isText {
      if booleans == values && trueSpelling.isMixed == false && falseSpelling.isMixed == false {
        return ColumnDecision(type: .bool, nullable: nullable, format: nil, reason: "all values are true or false")
      }
      return string(numbers > 0 ? "text among numbers" : "text")
    }
    if codes > 0 && decimals + exponents == 0 {
      return string("whole numbers with leading zeros or a plus sign, which a number would lose")
    }
    let floats = decimals + exponents + nans + infinities + minusZeros
    if floats == 0 {
      if hugeIntegers > 0 { return string("integers beyond 64 bits") }
      return integerDecision(nullable, withReason)
    }
    if codes > 0 && (decimals + exponents == 0) { return string("codes beside nan or inf") }
    if beyondFloat64 { return string("values outside the range of float64") }
    if hugeIntegers > 0 || integersLostByFloat64 > 0 {
      return string("decimals beside integers beyond 2^53 that no float holds")
    }
    let type: ScalarType = fitsFloat32 ? .float32 : .float64
    return ColumnDecision(
      type: type, nullable: nullable, format: format(of: type), reason: withReason ? floatReason(type) : "")
  }

  private func integerDecision(_ nullable: Bool, _ withReason: Bool) -> ColumnDecision {
    let low = withReason && largestNegative > 0 ? "-\(largestNegative)" : "0"
    let range = withReason ? "integers within \(low)...\(largestPositive)" : ""
    func decision(_ type: ScalarType) -> ColumnDecision {
      ColumnDecision(type: type, nullable: nullable, format: nil, reason: range)
    }
    if largestPositive <= UInt64(Int32.max) && largestNegative <= UInt64(Int32.max) + 1 { return decision(.int32) }
    if largestPositive <= UInt64(Int64.max) && largestNegative <= UInt64(Int64.max) + 1 { return decision(.int64) }
    if largestNegative == 0 { return decision(.uint64) }
    return ColumnDecision(
      type: .string, nullable: nullTexts > 0, format: nil, reason: range + ", which fit no 64-bit type")
  }

  var largestInteger: UInt64 { max(largestPositive, largestNegative) }

  private var integerDigits: Int { PowersOfTen.digits(of: largestInteger) }

  /// Most significant digits a text of this column has, integers included.
  private var columnDigits: Int { max(mostDigits, integerDigits) }

  /// Significant digits that every value of the column keeps as float32.
  private var digitsKeptByFloat32: Int {
    var kept = 9
    while kept > 6 && roundingError * PowersOfTen.double(kept - 1) >= 0.5 { kept -= 1 }
    return kept
  }

  /// All decimals have the same number of digits after the point, and nothing else is there.
  private var fixedDecimals: Int? {
    decimals > 0 && exponents == 0 && integers == 0 && fewestDecimals == mostDecimals && mostDecimals > 0
      ? mostDecimals : nil
  }

  /// Every value comes back from float32 with the text it had.
  private var fitsFloat32: Bool {
    if beyondFloat32 || hasRounded || integersLostByFloat32 > 0 { return false }
    // With a fixed number of digits, zeros at the end are digits too.
    if let decimals = fixedDecimals {
      return absoluteError * PowersOfTen.double(decimals) < 0.499
        || decimals + max(highestPlain + 1, 0) <= digitsKeptByFloat32
    }
    if let decimals = scientificDecimals {
      return roundingError * PowersOfTen.double(decimals) < 0.499 || decimals < digitsKeptByFloat32
    }
    return columnDigits <= digitsKeptByFloat32
  }

  private func floatReason(_ type: ScalarType) -> String {
    if decimals + exponents == 0 {
      return type == .float32
        ? "integers with nan, inf or -0" : "integers beyond float32, with nan, inf or -0"
    }
    let digits = "decimals of up to \(columnDigits) digits"
    if type == .float32 { return digits + "; every text comes back from float32" }
    if beyondFloat32 { return digits + "; values outside the range of float32" }
    return digits + "; float32 keeps \(digitsKeptByFloat32)"
  }

  // MARK: Format

  /// All values are in the exponent form with the same number of digits.
  private var scientificDecimals: Int? {
    decimals == 0 && integers == 0 && exponents > 0 && fewestExponentDecimals == mostExponentDecimals
      ? mostExponentDecimals : nil
  }

  private func format(of type: ScalarType) -> NumberFormat {
    // Zeros that fill up to a fixed number of digits may be more than a float64 has: the shortest form has them right.
    if type == .float32 || !losesOwnDigits || hasNotShortest {
      if let decimals = fixedDecimals, decimals <= LongDigits.all { return .fixed(decimals: decimals) }
      if let decimals = scientificDecimals, decimals <= LongDigits.all { return .scientific(decimals: decimals) }
    }
    let shortest = integers == 0 && pointZeros > 0 ? NumberFormat.shortestWithPoint : .shortest
    let plain = max(highestPlain, integers > 0 ? integerDigits - 1 : 0)
    let digits = max(columnDigits, plain + 1, 1)
    if type == .float64 && hasNotShortest {
      // One number of digits for all values, if there is one that brings all of them back.
      if digits <= keptByFloat64 { return .general(digits: digits) }
      if columnDigits <= keptByFloat64 { return .general(digits: columnDigits) }
      return shortest
    }
    // Up to here the digits are those that suffice: 15 of a float64, 6 of a float32, or the shortest of 16 and 17.
    if shortest == .shortestWithPoint { return shortest }
    if (type == .float64 || columnDigits <= 6) && lowestLargeExponent >= 16 { return .shortest }
    return digits <= (type == .float32 ? digitsKeptByFloat32 : 15) ? .general(digits: digits) : .shortest
  }
}
