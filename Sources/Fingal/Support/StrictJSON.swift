/// A check of JSON before a decoder sees it: what RFC 8259 allows and `FORMAT.md §3.1` demands beyond it, and no more.
///
/// Decoders are lenient, each in its own way: about commas before a bracket, numbers such as `01`, escapes that do not
/// exist, and most about keys that nobody asks for. Two readers would then disagree about which files are sound. So the
/// bytes are judged here, all of them alike, and decoded afterwards.
///
/// Nothing recurses: what is open is a list of at most `maximumDepth`, whatever the bytes say.
package struct StrictJSON {
  package struct Fault: Error, Equatable {
    package var what: String
    /// Counted from the first byte of the text.
    package var byte: Int

    package init(what: String, byte: Int) {
      self.what = what
      self.byte = byte
    }
  }

  /// Objects and arrays within each other.
  package static let maximumDepth = 64

  private struct Container {
    var isObject: Bool
    /// As texts, so that keys are told apart as names are: by canonical equivalence, which is what dictionaries go by.
    var keys: Set<String> = []
    /// Of the value at hand.
    var key = ""
  }

  private let bytes: [UInt8]
  private let wholeNumbers: [String]
  private var place = 0
  private var open: [Container] = []

  /// - Parameters:
  ///   - bytes: one value, with white space around it at most.
  ///   - wholeNumbers: the keys that lead to numbers that must be integers written as such: `["fields", "shape"]`.
  package static func check(_ bytes: [UInt8], wholeNumbersIn wholeNumbers: [String] = []) throws(Fault) {
    do {
      _ = try UTF8Span(validating: bytes.span)
    } catch {
      throw Fault(what: "bytes that are not UTF-8", byte: error.byteOffsets.lowerBound)
    }
    var json = StrictJSON(bytes, wholeNumbers)
    try json.document()
  }

  private init(_ bytes: [UInt8], _ wholeNumbers: [String]) {
    self.bytes = bytes
    self.wholeNumbers = wholeNumbers
  }

  private mutating func document() throws(Fault) {
    try value()
    // No copy of a container: with one, each key would copy the set of all before it.
    while !open.isEmpty {
      let isObject = open[open.count - 1].isObject
      skipSpace()
      if take(UInt8(ascii: isObject ? "}" : "]")) {
        open.removeLast()
      } else if take(UInt8(ascii: ",")) {
        if isObject { try key() }
        try value()
      } else {
        throw fault("neither a comma nor the end of the \(isObject ? "object" : "array")")
      }
    }
    skipSpace()
    if place < bytes.count { throw fault("something behind the value") }
  }

  /// A value that has no parts, or the beginning of one that has, up to its first part.
  private mutating func value() throws(Fault) {
    while true {
      skipSpace()
      guard let byte = next else { throw fault("no value where one must be") }
      switch byte {
      case UInt8(ascii: "{"):
        try begin(isObject: true)
        if take(UInt8(ascii: "}")) {
          open.removeLast()
          return
        }
        try key()
      case UInt8(ascii: "["):
        try begin(isObject: false)
        if take(UInt8(ascii: "]")) {
          open.removeLast()
          return
        }
      case UInt8(ascii: "\""):
        _ = try string(keeping: false)
        return
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
      case UInt8(ascii: "t"): return try word("true")
      case UInt8(ascii: "f"): return try word("false")
      case UInt8(ascii: "n"): return try word("null")
      default: throw fault("no value where one must be")
      }
    }
  }

  private mutating func begin(isObject: Bool) throws(Fault) {
    guard open.count < Self.maximumDepth else { throw fault("more than \(Self.maximumDepth) levels") }
    open.append(Container(isObject: isObject))
    place += 1
    skipSpace()
  }

  /// A key with its colon.
  private mutating func key() throws(Fault) {
    skipSpace()
    let start = place
    guard next == UInt8(ascii: "\"") else { throw fault("no key where one must be") }
    let text = try string(keeping: true)
    guard open[open.count - 1].keys.insert(text).inserted else { throw Fault(what: "a key twice", byte: start) }
    open[open.count - 1].key = text
    skipSpace()
    guard take(UInt8(ascii: ":")) else { throw fault("a key without a colon") }
  }

  // MARK: Values without parts

  /// - Parameter keeping: whether the text is wanted; else it is only checked.
  private mutating func string(keeping: Bool) throws(Fault) -> String {
    var text: [UInt8] = []
    place += 1
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        place += 1
        return keeping ? String(decoding: text, as: UTF8.self) : ""
      case UInt8(ascii: "\\"):
        let scalar = try escape()
        if keeping { text += Array(String(Character(scalar)).utf8) }
      case 0..<0x20: throw fault("a control character in a text")
      default:
        if keeping { text.append(byte) }
        place += 1
      }
    }
    throw fault("a text without an end")
  }

  private mutating func escape() throws(Fault) -> Unicode.Scalar {
    let start = place
    place += 1
    guard let byte = next else { throw fault("a text without an end") }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw Fault(what: "an escape that does not exist", byte: start)
    }
    let unit = try hexadecimal(start)
    if let scalar = Unicode.Scalar(unit) { return scalar }
    let half = Fault(what: "half of a surrogate pair", byte: start)
    guard unit < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw half }
    let low = try hexadecimal(start)
    guard (0xDC00..<0xE000).contains(low), let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + low - 0xDC00)
    else { throw half }
    return scalar
  }

  private mutating func hexadecimal(_ start: Int) throws(Fault) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw Fault(what: "an escape that does not exist", byte: start)
      }
      unit = unit << 4 | UInt32(digit)
      place += 1
    }
    return unit
  }

  private mutating func number() throws(Fault) {
    let start = place
    let malformed = Fault(what: "a number in a form that does not exist", byte: start)
    _ = take(UInt8(ascii: "-"))
    // No zero before another digit: what follows the zero is then no part of the number.
    if !take(UInt8(ascii: "0")), !digits() { throw malformed }
    var isWhole = true
    if take(UInt8(ascii: ".")) {
      isWhole = false
      guard digits() else { throw malformed }
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isWhole = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      guard digits() else { throw malformed }
    }
    if !isWhole, !wholeNumbers.isEmpty, open.filter(\.isObject).map(\.key) == wholeNumbers {
      throw Fault(what: "an integer with a fraction or an exponent", byte: start)
    }
  }

  /// Takes digits; false if there are none.
  private mutating func digits() -> Bool {
    let start = place
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { place += 1 }
    return place > start
  }

  private mutating func word(_ word: StaticString) throws(Fault) {
    let start = place
    for byte in word.description.utf8 {
      guard take(byte) else { throw Fault(what: "no value where one must be", byte: start) }
    }
  }

  // MARK: Bytes

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    place += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
  }

  private func fault(_ what: String) -> Fault { Fault(what: what, byte: place) }
}
