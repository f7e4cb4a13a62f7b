internal import Fingal

/// The words of the cut language.
struct Token {
  enum Kind: Equatable {
    /// A number, and its exact value where it is a whole number.
    case number(Double, whole: Int128?)
    case string(String)
    /// A column's path, a collection or a function. `quoted` if any part stood in backquotes.
    case name(String, quoted: Bool)
    case symbol(Symbol)
    case end
  }

  enum Symbol: String {
    case plus = "+"
    case minus = "-"
    case times = "*"
    case over = "/"
    case remainder = "%"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case equal = "=="
    case unequal = "!="
    case and = "&&"
    case or = "||"
    case not = "!"
    case open = "("
    case close = ")"
    case comma = ","
  }

  var kind: Kind
  /// Where it stands, in bytes of the text.
  var range: Range<Int>
}

/// An error of an expression: points at the character and quotes the text, in one line.
func fault(_ message: String, at offset: Int, in text: [UInt8], advice: String? = nil) -> FingalError {
  let character = String(decoding: text[..<min(offset, text.count)], as: UTF8.self).count + 1
  let quoted = String(decoding: text, as: UTF8.self)
  return FingalError(.usage, "\(message), at character \(character) of \"\(quoted)\"", advice: advice)
}
