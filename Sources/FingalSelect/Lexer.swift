internal import Fingal

/// Cuts the text into tokens. Works on UTF-8 bytes; any byte from 0x80 on may be part of a name.
struct Lexer {
  private let text: [UInt8]
  private var position = 0

  init(_ text: [UInt8]) { self.text = text }

  /// All tokens, the last of which is `end`.
  static func tokens(of text: [UInt8]) throws(FingalError) -> [Token] {
    var lexer = Lexer(text)
    var tokens: [Token] = []
    while true {
      let token = try lexer.next()
      tokens.append(token)
      if token.kind == .end { return tokens }
    }
  }

  private func byte(_ ahead: Int = 0) -> UInt8? {
    position + ahead < text.count ? text[position + ahead] : nil
  }

  private mutating func next() throws(FingalError) -> Token {
    while let byte = byte(), byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
    let start = position
    guard let first = byte() else { return Token(kind: .end, range: start..<start) }
    let kind: Token.Kind
    if isDigit(first) || (first == UInt8(ascii: ".") && byte(1).map(isDigit) == true) {
      kind = try number()
    } else if first == UInt8(ascii: "'") || first == UInt8(ascii: "\"") {
      kind = .string(try quoted(by: first, what: "text"))
    } else if isNameStart(first) || first == UInt8(ascii: "`") {
      kind = try name()
    } else {
      kind = .symbol(try symbol(first))
    }
    return Token(kind: kind, range: start..<position)
  }

  private mutating func number() throws(FingalError) -> Token.Kind {
    let start = position
    var isWhole = true
    while let byte = byte(), isDigit(byte) { position += 1 }
    if byte() == UInt8(ascii: ".") {
      isWhole = false
      position += 1
      while let byte = byte(), isDigit(byte) { position += 1 }
    }
    if let mark = byte(), mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") {
      let sign = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-") ? 1 : 0
      if byte(1 + sign).map(isDigit) == true {
        isWhole = false
        position += 1 + sign
        while let byte = byte(), isDigit(byte) { position += 1 }
      }
    }
    if let byte = byte(), isNameStart(byte) || isDigit(byte) || byte == UInt8(ascii: ".") {
      throw fault(
        "a number runs into '\(Character(Unicode.Scalar(byte)))'", at: position, in: text,
        advice: "put names that begin with a digit in backquotes")
    }
    // `Double` wants a digit on both sides of the point.
    var digits: [UInt8] = []
    var previous: UInt8 = 0
    for byte in text[start..<position] {
      if byte == UInt8(ascii: "."), !isDigit(previous) { digits.append(UInt8(ascii: "0")) }
      if previous == UInt8(ascii: "."), !isDigit(byte) { digits.append(UInt8(ascii: "0")) }
      digits.append(byte)
      previous = byte
    }
    if previous == UInt8(ascii: ".") { digits.append(UInt8(ascii: "0")) }
    let word = String(decoding: digits, as: UTF8.self)
    guard let value = Double(word), value.isFinite else {
      throw fault("the number \(word) does not fit a float64", at: start, in: text)
    }
    var whole = isWhole ? Int128(word) : nil
    if !isWhole, abs(value) < 0x1p62, value == value.rounded(.towardZero) { whole = Int128(value) }
    return .number(value, whole: whole)
  }

  /// A quoted text; the quote itself is written twice.
  private mutating func quoted(by quote: UInt8, what: String) throws(FingalError) -> String {
    let start = position
    position += 1
    var bytes: [UInt8] = []
    while let byte = byte() {
      position += 1
      if byte != quote {
        bytes.append(byte)
      } else if self.byte() == quote {
        bytes.append(quote)
        position += 1
      } else {
        return String(decoding: bytes, as: UTF8.self)
      }
    }
    throw fault("the \(what) that begins here is not closed", at: start, in: text)
  }

  private mutating func name() throws(FingalError) -> Token.Kind {
    var path = ""
    var isQuoted = false
    while true {
      if byte() == UInt8(ascii: "`") {
        path += try quoted(by: UInt8(ascii: "`"), what: "name")
        isQuoted = true
      } else {
        let start = position
        while let byte = byte(), isNameStart(byte) || isDigit(byte) { position += 1 }
        path += String(decoding: text[start..<position], as: UTF8.self)
      }
      guard byte() == UInt8(ascii: "."), let after = byte(1), isNameStart(after) || after == UInt8(ascii: "`") else {
        return .name(path, quoted: isQuoted)
      }
      path += "."
      position += 1
    }
  }

  private mutating func symbol(_ first: UInt8) throws(FingalError) -> Token.Symbol {
    if let second = byte(1), let symbol = Token.Symbol(rawValue: String(decoding: [first, second], as: UTF8.self)) {
      position += 2
      return symbol
    }
    let word = String(decoding: [first], as: UTF8.self)
    if let symbol = Token.Symbol(rawValue: word) {
      position += 1
      return symbol
    }
    let advice: [String: String] = [
      "=": "equality is ==", "&": "both conditions is &&", "|": "either condition is ||", "^": "a power is pow(a, b)",
      "~": "the opposite of a condition is !",
    ]
    throw fault("'\(word)' has no meaning here", at: position, in: text, advice: advice[word])
  }

  private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private func isNameStart(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
  }
}
