/// How a delimited text file is written.
package struct Dialect: Sendable, Equatable {
  package enum Separator: Sendable, Equatable {
    /// One byte: comma, tab, semicolon, pipe, or any other ASCII character.
    case byte(UInt8)
    /// Runs of spaces and tabs; those at either end of a line do not count.
    case spaces

    /// As messages and metadata name it.
    package var name: String {
      switch self {
      case .byte(0x2C): "comma"
      case .byte(0x09): "tab"
      case .byte(0x3B): "semicolon"
      case .byte(0x7C): "pipe"
      case .byte(0x20): "space"
      case .byte(let byte): "'\(Character(Unicode.Scalar(byte)))'"
      case .spaces: "spaces"
      }
    }
  }

  package enum LineEnd: String, Sendable {
    /// LF, or CRLF: a CR before an LF is dropped either way, so that a file may mix both.
    case lf, crlf
    /// CR alone, as old Macs wrote.
    case cr

    package var text: String {
      switch self {
      case .lf: "\n"
      case .crlf: "\r\n"
      case .cr: "\r"
      }
    }
  }

  package enum Header: String, Sendable {
    case none
    /// The first record.
    case firstRecord
    /// The last comment line before the first record, as `numpy.savetxt` writes: `# event,x,y`.
    case comment
  }

  package var separator: Separator = .byte(0x2C)
  /// Doubled inside a quoted field. nil: quotes are text like any other.
  package var quote: UInt8? = 0x22
  package var lineEnd: LineEnd = .lf
  /// A line that begins with it is skipped. nil: no comments.
  package var comment: UInt8? = 0x23
  package var header: Header = .firstRecord
  /// Numbers are written `1,5`; never with a comma as separator.
  package var decimalComma = false
  /// Blanks between a separator and a quote are no text: `a, "b"`.
  package var blanksAroundQuotes = false

  package init() {}

  /// The byte that numbers use as decimal point, for `NumberText`.
  package var decimalPoint: UInt8 { decimalComma ? 0x2C : 0x2E }

  /// One line for `--dry-run` and `info`: `separator comma, quote ", line ends LF, comments #, header in the first line`.
  package var summary: String {
    func character(_ byte: UInt8) -> String { String(Character(Unicode.Scalar(byte))) }
    var parts = ["separator \(separator.name)"]
    parts.append(quote.map { "quote \(character($0))" } ?? "no quotes")
    parts.append("line ends \(lineEnd.rawValue.uppercased())")
    if let comment { parts.append("comments \(character(comment))") }
    switch header {
    case .none: parts.append("no header")
    case .firstRecord: parts.append("header in the first line")
    case .comment: parts.append("header in a comment")
    }
    if decimalComma { parts.append("decimal comma") }
    return parts.joined(separator: ", ")
  }
}
