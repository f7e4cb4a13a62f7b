import Fingal
internal import FingalKernels

/// What the values of one column have been so far: enough to choose its type and text format, however many values there
/// were. Every member only grows (counts, extremes, flags), so facts do not depend on the order of the values, and
/// the facts of two parts of a file join to those of the whole.
struct ColumnFacts {
  private let scratch = AlignedBytes()

  /// - Parameter point: the decimal point of the texts.
  init(point: UInt8 = 0x2E) { self.point = point }

  // MARK: Counts by kind
  var empties = 0
  /// Cells that are one of the user's `--null` texts.
  var nullTexts = 0
  var integers = 0
  var decimals = 0
  var exponents = 0
  var nans = 0
  var infinities = 0
  /// Cells that are no number and no null.
  var texts = 0
  /// Texts that became nulls because the user asked for that.
  var refused = 0
  /// Texts among them that are `true` or `false` in the spelling of `trueFalse`.
  var booleans = 0

  // MARK: Integers
  var largestPositive: UInt64 = 0
  var largestNegative: UInt64 = 0
  /// Integers with more digits than 64 bits hold.
  var hugeIntegers = 0
  /// Integers of two digits or more that begin with 0, or begin with `+`: codes whose text a number would lose.
  var codes = 0
  /// Integers that the nearest float32 or float64 is not equal to.
  var integersLostByFloat32 = 0
  var integersLostByFloat64 = 0
  /// `-0` without a point.
  var minusZeros = 0

  // MARK: Floats
  /// Most significant digits of a value, without trailing zeros.
  var mostDigits = 0
  /// Largest |float32(x) − x| · 10^−leading over all values: what limits the digits that float32 keeps.
  var roundingError = 0.0
  /// Largest |float32(x) − x|: the same for a fixed number of decimals.
  var absoluteError = 0.0
  /// A value outside the normal range of float32.
  var beyondFloat32 = false
  /// A finite number that float64 would make infinite, or one that is not zero that it would make zero.
  var beyondFloat64 = false
  var fewestDecimals = Int.max
  var mostDecimals = 0
  /// Digits after the point in the exponent form.
  var fewestExponentDecimals = Int.max
  var mostExponentDecimals = 0
  /// Decimals with exactly one 0 after the point: `5.0`.
  var pointZeros = 0
  /// Extremes of the decimal exponent of values written without and with an exponent.
  var highestPlain = Int.min
  var lowestLargeExponent = Int.max
  /// A value whose digits are not the fewest that give its float64 again.
  var hasNotShortest = false
  /// A value that its float64, printed with as many digits as were written, does not give again.
  var losesOwnDigits = false
  /// A value with digits that no format brings back from a float64.
  var hasRounded = false
  /// Most digits N with which `%.Ng` gives every value again that has no more than N. Values of up to 15 digits
  /// count only while `examinesShort`.
  var keptByFloat64 = LongDigits.all
  /// Values of up to 15 digits are looked at too: they come back from the shortest form in any case, so it matters only
  /// where that is not the format.
  var examinesShort = true
  /// The format values of this pass will be exported with; nil if that is not to be checked.
  var exported: NumberFormat?
  /// Values with digits that no format brings back from a float64, in this pass.
  var roundedValues = 0
  /// Values that `exported` spells with other digits, though their float64 has them, in this pass.
  var respelledValues = 0
  /// Integers with leading zeros or a plus sign in this pass.
  var codesInPass = 0
  let point: UInt8
  var blanks = 0

  // MARK: Spellings, kept while they are uniform
  var nanSpelling = Spelling()
  var infinitySpelling = Spelling()
  var nullSpelling = Spelling()
  var trueSpelling = Spelling()
  var falseSpelling = Spelling()

  /// The first value that is not empty decides whether this is a column of numbers or of text.
  var firstIsText: Bool?
  /// The first text in a column that began with numbers.
  var firstText: OddCell?

  /// A cell worth naming in a message.
  struct OddCell: Equatable {
    var file: String
    var line: Int
    var column: Int
    var text: String
  }

  /// One text, as long as all are the same.
  struct Spelling: Equatable {
    private(set) var text: String?
    private(set) var isMixed = false
    private var length = -1

    @inline(__always)
    mutating func note(_ bytes: UnsafeRawBufferPointer) {
      if isMixed { return }
      if length == bytes.count, let text, unsafe text.utf8.elementsEqual(bytes) { return }
      if text == nil {
        unsafe text = String(decoding: bytes, as: UTF8.self)
        length = bytes.count
      } else {
        isMixed = true
      }
    }

    /// The one spelling, or nil if there were none or several.
    var uniform: String? { isMixed ? nil : text }
  }

  var numbers: Int { integers + decimals + exponents + nans + infinities }
  var values: Int { numbers + texts }
}

// MARK: - Noting values

extension ColumnFacts {
  /// - Parameter trimmed: blanks around the text were cut off.
  @inline(__always)
  mutating func noteInteger(_ number: DecimalText, trimmed: Bool) {
    integers &+= 1
    if number.isNegative {
      if number.mantissa > largestNegative { largestNegative = number.mantissa }
      if number.mantissa == 0 { minusZeros &+= 1 }
    } else if number.mantissa > largestPositive {
      largestPositive = number.mantissa
    }
    if number.mantissa > 1 << 24 { noteLargeInteger(number.mantissa) }
    if trimmed || number.digits > 19 || !number.spelling.isDisjoint(with: [.plus, .leadingZeros]) {
      noteOddInteger(number, trimmed)
    }
  }

  /// Beyond 2^24 not every integer is a float32, beyond 2^53 not every one a float64; but those that were printed from
  /// one are.
  @inline(never)
  private mutating func noteLargeInteger(_ magnitude: UInt64) {
    if Float(exactly: magnitude) == nil { integersLostByFloat32 += 1 }
    guard let value = Double(exactly: magnitude) else {
      integersLostByFloat64 += 1
      return
    }
    if magnitude > 1 << 53 {
      let shortest = DecimalText.printed(value, .shortest, scratch: scratch)
      if shortest.strippedMantissa != DecimalText.stripped(magnitude) {
        noteNotShortest()
        if exported == .shortest || exported == .shortestWithPoint { respelledValues += 1 }
      }
    }
  }

  @inline(never)
  private mutating func noteOddInteger(_ number: DecimalText, _ trimmed: Bool) {
    if number.isTruncated || number.exponent != 0 { hugeIntegers += 1 }
    if !number.spelling.isDisjoint(with: [.plus, .leadingZeros]) {
      codes += 1
      codesInPass += 1
    }
    if trimmed { blanks += 1 }
  }

  /// Notes a decimal or a number with an exponent, given its value as the nearest double.
  ///
  /// - Parameter tracksFloat32: whether it is still open if float32 will do.
  @inline(__always)
  mutating func noteFloat(
    _ number: DecimalText, _ value: Double, _ text: UnsafeRawBufferPointer, trimmed: Bool, tracksFloat32: Bool
  ) {
    let digits = Int(number.digits)
    let places = Int(number.decimals)
    if number.spelling.contains(.exponent) {
      noteExponent(number)
    } else {
      decimals &+= 1
      if places < fewestDecimals { fewestDecimals = places }
      if places > mostDecimals { mostDecimals = places }
      if digits > 0 {
        if number.leading > highestPlain { highestPlain = number.leading }
      }
      // `5.0`: Python's way.
      if unsafe places == 1 && text[text.count &- 1] == 0x30 {
        pointZeros &+= 1
      }
    }
    if digits > mostDigits { noteDigits(number) }
    if trimmed { blanks &+= 1 }
    if digits >= 16 || (digits > 0 && !value.isNormal) {
      unsafe noteLong(number, value, text)
    } else if examinesShort && digits > 0 {
      noteShort(number, value)
    }
    if tracksFloat32 && digits > 0 {
      let magnitude = abs(value)
      let error = abs(Double(Float(magnitude)) - magnitude)
      if error > absoluteError { absoluteError = error }
      let relative = error * PowersOfTen.double(-number.leading)
      if !(relative <= roundingError) { noteError(relative, number, magnitude) }
      if !(magnitude >= Double(Float.leastNormalMagnitude)) { beyondFloat32 = true }
    }
  }

  /// The error of a value rounded to float32 is the largest so far. An error within a hair of half a digit is decided by
  /// printing, because a text of nine digits printed from a float32 is off by up to exactly that.
  @inline(never)
  private mutating func noteError(_ relative: Double, _ number: DecimalText, _ magnitude: Double) {
    if !(magnitude <= Double(Float.greatestFiniteMagnitude)) {
      beyondFloat32 = true
      return
    }
    for kept in 7...9 {
      let scaled = relative * PowersOfTen.double(kept - 1)
      if abs(scaled - 0.5) < 1e-6 && number.digits <= kept {
        let printed = DecimalText.printed(
          Double(Float(magnitude)), .scientific(decimals: kept - 1), scratch: scratch)
        if printed.strippedMantissa == number.strippedMantissa && printed.leading == number.leading {
          // It does come back with this many digits: count it as just below the border.
          roundingError = max(roundingError, (0.5 - 1e-6) * PowersOfTen.double(1 - kept))
          return
        }
      }
    }
    roundingError = max(roundingError, relative)
  }

  @inline(never)
  private mutating func noteDigits(_ number: DecimalText) {
    var digits = Int(number.digits)
    if digits <= 19 {
      var mantissa = number.mantissa
      while digits > 0 && mantissa % 10 == 0 {
        mantissa /= 10
        digits -= 1
      }
    }
    mostDigits = max(mostDigits, digits)
  }

  @inline(never)
  private mutating func noteExponent(_ number: DecimalText) {
    exponents += 1
    fewestExponentDecimals = min(fewestExponentDecimals, Int(number.decimals))
    mostExponentDecimals = max(mostExponentDecimals, Int(number.decimals))
    if number.digits > 0 && number.leading >= 0 { lowestLargeExponent = min(lowestLargeExponent, number.leading) }
  }

  /// A number of 16 digits or more, or one beyond the normal range of float64, where there are fewer than 15.
  @inline(never)
  mutating func noteLong(_ number: DecimalText, _ value: Double, _ text: UnsafeRawBufferPointer) {
    if number.digits == 0 { return }
    if value == 0 || value.isInfinite {
      beyondFloat64 = true
      return
    }
    let long = unsafe LongDigits(number, value, text, point: point, scratch: scratch)
    if !long.keepsOwn { losesOwnDigits = true }
    if !long.isShortest { noteNotShortest() }
    if long.kept < keptByFloat64 { keptByFloat64 = long.kept }
    if !long.keepsOwn && !long.isShortest {
      hasRounded = true
      roundedValues += 1
      return
    }
    switch exported {
    case .shortest, .shortestWithPoint: if !long.isShortest { respelledValues += 1 }
    case .fixed, .scientific: if !long.keepsOwn { respelledValues += 1 }
    case .general(let digits): if long.kept < digits { respelledValues += 1 }
    case .integer, nil: break
    }
  }

  private mutating func noteNotShortest() {
    hasNotShortest = true
    examinesShort = true
  }

  @inline(never)
  private mutating func noteShort(_ number: DecimalText, _ value: Double) {
    let kept = LongDigits.kept(number, value) ?? 15
    if kept < keptByFloat64 { keptByFloat64 = kept }
  }

  /// Notes the plain numbers of a chunk: what `noteInteger` and `noteFloat` do for each, `examinesShort` apart.
  mutating func note(_ chunk: CellChunk, tracksFloat32: Bool) {
    let seen = chunk.facts
    integers &+= Int(seen.integers)
    largestPositive = max(largestPositive, seen.largest_positive)
    largestNegative = max(largestNegative, seen.largest_negative)
    minusZeros &+= Int(seen.minus_zeros)
    integersLostByFloat32 += Int(seen.lost_by_float32)
    if seen.decimals == 0 { return }
    decimals &+= Int(seen.decimals)
    fewestDecimals = min(fewestDecimals, Int(seen.fewest_decimals))
    mostDecimals = max(mostDecimals, Int(seen.most_decimals))
    if seen.highest_leading != .min { highestPlain = max(highestPlain, Int(seen.highest_leading)) }
    pointZeros &+= Int(seen.point_zeros)
    if Int(seen.most_digits) > mostDigits {
      for index in 0..<chunk.count where chunk.isDecimal(index) && chunk.digits(index) > mostDigits {
        noteDigits(of: chunk, index)
      }
    }
    if tracksFloat32 {
      absoluteError = max(absoluteError, seen.absolute_error)
      if seen.relative_error > roundingError {
        for index in 0..<chunk.count where chunk.isDecimal(index) && chunk.digits(index) > 0 {
          let relative = chunk.relativeError(index)
          if relative > roundingError { noteError(relative, of: chunk, index) }
        }
      }
    }
  }

  private mutating func noteDigits(of chunk: CellChunk, _ index: Int) {
    if let number = unsafe DecimalText(padded: chunk.text(index), point: point) { noteDigits(number) }
  }

  private mutating func noteError(_ relative: Double, of chunk: CellChunk, _ index: Int) {
    let text = unsafe chunk.text(index)
    guard let number = unsafe DecimalText(padded: text, point: point) else { return }
    noteError(relative, number, abs(unsafe number.float64(text, point: point)))
  }

  /// Begins a pass: facts stay, for the decision rests on them; what is only counted for warnings starts anew.
  mutating func beginPass(_ decision: ColumnDecision) {
    roundedValues = 0
    respelledValues = 0
    codesInPass = 0
    blanks = 0
    exported = decision.type == .float64 ? decision.format : nil
    examinesShort = hasNotShortest
  }
}
