/// The one error type of the library: what is wrong, where, and what to do next.
///
/// `description` is one line in the form compilers use, so that editors can jump to it:
///
///     hits.csv:1234:7: expected a number in column 'rechit_energy', found "abc"; fix the line or pass --on-error skip
///     run12.fingal: damaged page of column 'hits.energy', events 4096..<8192: checksum differs; restore the file from a copy
public struct FingalError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of fault it is. The command line turns `usage` and `missingFile` into exit code 2, the rest into 1.
  public enum Code: String, Sendable {
    /// The call is at fault: an option that does not fit, an unknown column name, an expression with an error in it.
    case usage
    /// A file that was named does not exist or cannot be opened for reading.
    case missingFile
    /// Reading or writing failed: disk full, permission, a device error.
    case inputOutput
    /// Text input (CSV) is not what it must be: ragged row, bad number, unclosed quote.
    case badInput
    /// The file is not a Fingal file at all.
    case notFingal
    /// The file ends before it should: its writer was killed, or a copy was cut short.
    case truncated
    /// Bytes of the file are not what was written: a checksum differs or an invariant does not hold.
    case damaged
    /// The file uses a feature, version, encoding or codec that this library does not know.
    case unsupported
    /// A schema that is not allowed: duplicate names, unknown types, too many fields.
    case invalidSchema
    /// A cap of the format or of an option is exceeded.
    case limit
  }

  public var code: Code
  /// What is wrong, in the user's terms, without the location.
  public var message: String
  /// The file, as the user named it.
  public var file: String?
  /// Line of a text file, from 1.
  public var line: Int?
  /// Field (CSV column) of the line, from 1.
  public var column: Int?
  /// Byte offset in a binary file, from 0.
  public var byte: Int?
  /// Events concerned, counted over the whole file from 0.
  public var events: Range<Int>?
  /// What to do next.
  public var advice: String?

  public init(
    _ code: Code, _ message: String, file: String? = nil, line: Int? = nil, column: Int? = nil, byte: Int? = nil,
    events: Range<Int>? = nil, advice: String? = nil
  ) {
    self.code = code
    self.message = message
    self.file = file
    self.line = line
    self.column = column
    self.byte = byte
    self.events = events
    self.advice = advice
  }

  public var description: String {
    var text = ""
    if let file {
      text += file
      if let line { text += ":\(line)" }
      if line != nil, let column { text += ":\(column)" }
      text += ": "
    } else if let line {
      text += "line \(line)" + (column.map { ", column \($0)" } ?? "") + ": "
    }
    text += message
    if let events { text += " (events \(events.lowerBound)..<\(events.upperBound))" }
    if let byte { text += " at byte \(byte)" }
    if let advice { text += "; \(advice)" }
    return Self.oneLine(text)
  }

  /// Names and cells may hold line ends and other control characters: escaped, so that an error stays one line.
  private static func oneLine(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) { return text }
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x09: out += "\\t"
      case 0x0A: out += "\\n"
      case 0x0D: out += "\\r"
      case 0..<0x20, 0x7F: out += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  /// The same error with the file named, if it did not name one yet.
  public func naming(file: String) -> FingalError {
    var copy = self
    if copy.file == nil { copy.file = file }
    return copy
  }

  /// The same error with the events named, if it did not name any yet.
  public func naming(events: Range<Int>) -> FingalError {
    var copy = self
    if copy.events == nil { copy.events = events }
    return copy
  }
}
