import FoundationEssentials

/// Declared loss: how finely the values of a field are kept. Never in force unless a field's metadata says so.
///
/// The rule stands in the metadata of the field under the key `precision`, with its bound, so that whoever reads the
/// file knows what its values are worth (`FORMAT.md`, Design notes):
///
///     {"kind":"bits","parameter":"10","relative":0.00048828125}
///     {"absolute":0.0005,"kind":"step","parameter":"0.001"}
///
/// `EventWriter` rounds the values of such a field when they are appended, and refuses one that would come to lie
/// farther away than the bound. Values that have been rounded before stay what they are. NaN and ±∞ are kept as they are.
///
/// **Bits.** Floats are rounded to the nearest with so many bits of the mantissa (the leading one not counted), ties to
/// even. The error is at most 2^−(bits+1) of the value; below the smallest normal number, of that. What would round to
/// infinity becomes the largest finite number instead, which is nearer than the bound.
///
/// **Step.** Numbers are rounded to the nearest multiple of a decimal number, ties to the even multiple. The error is
/// at most step / 2, which is what `absolute` says, and for floats one unit in the last place of the value besides (in
/// the type of the column, of the value as it was given), which it does not say: a multiple of 0.001 is none in binary,
/// but the float that the text of the multiple means, so that it is stored and printed as that decimal. Floats of more
/// than 2^51 steps stay as they are, and so do integers whose nearest multiple their type cannot hold. Zero is +0.
public struct Precision: Sendable, Equatable {
  public enum Rule: Sendable, Equatable {
    /// Bits of the mantissa.
    case bits(Int)
    /// Multiples of digits × 10^−exponent.
    case step(digits: Int64, exponent: Int)
  }

  public let rule: Rule
  /// The rule's number as it was given.
  public let parameter: String

  /// What a field's metadata calls it.
  public static let metadataKey = "precision"

  /// Keeps so many bits of the mantissa of floats: 1 to 22 for `float32`, to 51 for `float64`.
  public static func bits(_ count: Int) -> Precision { Precision(rule: .bits(count), parameter: String(count)) }

  /// Keeps multiples of a decimal number above 0, such as "0.001", "5e-4" or "25": at most 15 digits, 10^−22 to 10^22.
  ///
  /// - Throws: `usage` if the text is no such number.
  public static func step(_ text: String) throws(FingalError) -> Precision {
    guard let (digits, exponent) = decimal(text) else {
      throw FingalError(
        .usage, "'\(text)' is no step", advice: "give a decimal number above 0 of at most 15 digits, such as 0.001")
    }
    return Precision(rule: .step(digits: digits, exponent: exponent), parameter: text)
  }

  /// What the command line takes: a number of bits, or `step:` and a decimal number.
  ///
  /// - Throws: `usage`.
  public init(_ text: String) throws(FingalError) {
    if text.hasPrefix("step:") {
      self = try .step(String(text.dropFirst(5)))
    } else if let bits = Int(text), bits > 0 {
      self = .bits(bits)
    } else {
      throw FingalError(.usage, "'\(text)' is no precision", advice: "give a number of bits, or step:0.001")
    }
  }

  private init(rule: Rule, parameter: String) {
    self.rule = rule
    self.parameter = parameter
  }

  // MARK: Bound

  /// The most that a value changes by: in its own unit, or as a part of it. An absolute bound of floats is without the
  /// final rounding to their type, one unit in the last place of the value.
  public enum Bound: Sendable, Equatable {
    case absolute(Double)
    case relative(Double)
  }

  public var bound: Bound {
    switch rule {
    case .bits(let count): .relative(Double(sign: .plus, exponent: -count - 1, significand: 1))
    case .step: .absolute(stepSize / 2)
    }
  }

  /// The step as the nearest `float64`; 0 for bits.
  var stepSize: Double {
    switch rule {
    case .bits: 0
    case .step(let digits, let exponent): Self.scaled(Double(digits), exponent)
    }
  }

  /// Checks that values of a type can be kept like this.
  ///
  /// - Throws: `usage` with the type and what would do.
  public func check(_ type: ScalarType) throws(FingalError) {
    switch rule {
    case .bits(let count):
      guard type.isFloat else {
        throw FingalError(
          .usage, "bits of a mantissa cannot be kept of values of type \(type.rawValue)",
          advice: "use step:X for whole numbers")
      }
      let most = type == .float32 ? 22 : 51
      guard (1...most).contains(count) else {
        throw FingalError(
          .usage, "\(count) bits of a \(type.rawValue) cannot be kept", advice: "choose from 1 to \(most)")
      }
    case .step(let digits, let exponent):
      if type.isFloat { return }
      guard type.isInteger else {
        throw FingalError(.usage, "values of type \(type.rawValue) have no precision")
      }
      guard exponent <= 0, Self.wholeStep(digits, exponent) != nil else {
        throw FingalError(
          .usage, "a step of \(parameter) for values of type \(type.rawValue)", advice: "choose a whole number")
      }
    }
  }

  /// digits × 10^−exponent as an integer, if it is one below 2^63.
  static func wholeStep(_ digits: Int64, _ exponent: Int) -> UInt64? {
    guard exponent <= 0, exponent >= -18 else { return nil }
    var step = digits
    for _ in 0..<(-exponent) {
      let (product, overflow) = step.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      step = product
    }
    return UInt64(step)
  }

  // MARK: Metadata

  private struct Document: Codable {
    var absolute: Double?
    var kind: String
    var parameter: String
    var relative: Double?
  }

  /// The value of the key `precision`.
  public var metadata: String {
    var document = Document(absolute: nil, kind: "bits", parameter: parameter, relative: nil)
    if case .step = rule { document.kind = "step" }
    switch bound {
    case .absolute(let bound): document.absolute = bound
    case .relative(let bound): document.relative = bound
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(document) else { preconditionFailure("two texts and a number are JSON") }
    return String(decoding: data, as: UTF8.self)
  }

  /// Nil if the text is not what `metadata` gives.
  public init?(metadata: String) {
    guard let document = try? JSONDecoder().decode(Document.self, from: Data(metadata.utf8)) else { return nil }
    switch document.kind {
    case "bits":
      guard let count = Int(document.parameter), (1...51).contains(count) else { return nil }
      self = .bits(count)
    case "step":
      guard let (digits, exponent) = Self.decimal(document.parameter) else { return nil }
      self.init(rule: .step(digits: digits, exponent: exponent), parameter: document.parameter)
    default: return nil
    }
  }

  /// A few words for tables: "10 bits", "step 0.001".
  public var summary: String {
    switch rule {
    case .bits(let count): "\(count) bits"
    case .step: "step \(parameter)"
    }
  }

  // MARK: Decimals

  static func scaled(_ digits: Double, _ exponent: Int) -> Double {
    var power = 1.0
    for _ in 0..<abs(exponent) { power *= 10 }
    return exponent >= 0 ? digits / power : digits * power
  }

  /// `[digits][.digits][e[±]digits]` as digits × 10^−exponent, without zeros at the end.
  private static func decimal(_ text: String) -> (digits: Int64, exponent: Int)? {
    var mantissa = Array(text.utf8)
    var exponent = 0
    if let mark = mantissa.firstIndex(where: { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }) {
      let tail = String(decoding: mantissa[(mark + 1)...], as: UTF8.self)
      guard let power = Int(tail), abs(power) < 100 else { return nil }
      exponent = -power
      mantissa.removeSubrange(mark...)
    }
    if let point = mantissa.firstIndex(of: UInt8(ascii: ".")) {
      mantissa.remove(at: point)
      exponent += mantissa.count - point
    }
    guard !mantissa.isEmpty, mantissa.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    while mantissa.last == UInt8(ascii: "0") {
      mantissa.removeLast()
      exponent -= 1
    }
    guard let digits = Int64(String(decoding: mantissa, as: UTF8.self)), digits > 0 else { return nil }
    guard digits < 1_000_000_000_000_000, (-22...22).contains(exponent) else { return nil }
    return (digits, exponent)
  }
}

extension Schema.Field {
  /// The loss that is declared for the field; nil for none.
  public var precision: Precision? { metadata[Precision.metadataKey].flatMap(Precision.init(metadata:)) }

  /// Declares that a writer may round the values of this field, and within which bound.
  ///
  /// - Throws: `usage` if values of the field's type cannot be rounded like that.
  public mutating func declare(_ precision: Precision) throws(FingalError) {
    try precision.check(type)
    metadata[Precision.metadataKey] = precision.metadata
  }
}

extension Schema {
  /// The loss that a writer of this schema applies, by field.
  ///
  /// - Throws: `invalidSchema` where the metadata of a field says `precision`, but not how, or what its type cannot have:
  ///   to ignore it would keep a promise to nobody.
  func declaredPrecisions() throws(FingalError) -> [(field: Int, precision: Precision)] {
    var declared: [(field: Int, precision: Precision)] = []
    for (index, field) in fields.enumerated() {
      guard let text = field.metadata[Precision.metadataKey] else { continue }
      guard let precision = field.precision else {
        throw FingalError(
          .invalidSchema, "the precision of field '\(field.path)' is not understood: \(text)",
          advice: "use Schema.Field.declare(_:), or another key for metadata of your own")
      }
      do throws(FingalError) { try precision.check(field.type) } catch {
        throw FingalError(.invalidSchema, "field '\(field.path)': \(error.message)", advice: error.advice)
      }
      declared.append((index, precision))
    }
    return declared
  }
}
