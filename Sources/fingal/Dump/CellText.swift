import Fingal

/// The values of a piece of a column as text, one cell a value. The type is looked at once a piece, not once a value.
struct CellText {
  /// How a format writes what is no plain number.
  enum Style {
    /// Strings as they are with control characters escaped, an empty one as `""`; `nan`, `inf`; null as `null`.
    case text
    /// Strings quoted and escaped; `"NaN"`, `"Infinity"`, `"-Infinity"`, since JSON has no such numbers; `null`.
    case json
    /// Strings quoted where RFC 4180 asks for it; `nan`, `inf`, `-inf`; an empty cell for null.
    case csv
  }

  private(set) var bytes: [UInt8] = []
  /// Where each cell lies in `bytes`.
  private(set) var cells: [Range<Int>] = []

  /// Replaces the contents by the cells of a range of a column.
  ///
  /// - Parameter labels: the texts of an enumeration.
  mutating func fill(_ column: ColumnValues, _ range: Range<Int>, labels: [String] = [], style: Style) {
    bytes.removeAll(keepingCapacity: true)
    cells.removeAll(keepingCapacity: true)
    cells.reserveCapacity(range.count)
    switch column.type {
    case .bool: numbers(column, range, UInt8.self, style) { $1.append(contentsOf: ($0 == 0 ? "false" : "true").utf8) }
    case .int8: numbers(column, range, Int8.self, style) { appendInteger($0, to: &$1) }
    case .int16: numbers(column, range, Int16.self, style) { appendInteger($0, to: &$1) }
    case .int32: numbers(column, range, Int32.self, style) { appendInteger($0, to: &$1) }
    case .int64: numbers(column, range, Int64.self, style) { appendInteger($0, to: &$1) }
    case .uint8: numbers(column, range, UInt8.self, style) { appendInteger($0, to: &$1) }
    case .uint16: numbers(column, range, UInt16.self, style) { appendInteger($0, to: &$1) }
    case .uint32: numbers(column, range, UInt32.self, style) { appendInteger($0, to: &$1) }
    case .uint64: numbers(column, range, UInt64.self, style) { appendInteger($0, to: &$1) }
    case .float32:
      numbers(column, range, Float.self, style) { value, out in
        if value == 0 { return out.append(contentsOf: (value.sign == .minus ? "-0.0" : "0").utf8) }
        out.append(contentsOf: (value.isFinite ? Numbers.shortest(value) : Self.special(Double(value), style)).utf8)
      }
    case .float64:
      numbers(column, range, Double.self, style) { value, out in
        if value == 0 { return out.append(contentsOf: (value.sign == .minus ? "-0.0" : "0").utf8) }
        out.append(contentsOf: (value.isFinite ? Numbers.shortest(value) : Self.special(value, style)).utf8)
      }
    case .string: strings(column, range, style) { column.string(at: $0) }
    case .enumeration:
      let indices = column.values(as: UInt16.self)
      strings(column, range, style) { labels[Int(indices[$0])] }
    }
  }

  /// The bytes of one cell.
  func cell(_ index: Int) -> ArraySlice<UInt8> { bytes[cells[index]] }

  func string(_ index: Int) -> String { String(decoding: cell(index), as: UTF8.self) }

  private mutating func numbers<T: ColumnElement>(
    _ column: ColumnValues, _ range: Range<Int>, _: T.Type, _ style: Style, _ append: (T, inout [UInt8]) -> Void
  ) {
    let values = column.values(as: T.self)
    let hasNulls = column.nullCount > 0
    for index in range {
      let start = bytes.count
      if hasNulls, column.isNull(index) {
        bytes.append(contentsOf: Self.null(style))
      } else {
        append(values[index], &bytes)
      }
      cells.append(start..<bytes.count)
    }
  }

  private mutating func strings(
    _ column: ColumnValues, _ range: Range<Int>, _ style: Style, _ text: (Int) -> String
  ) {
    for index in range {
      let start = bytes.count
      if column.isNull(index) {
        bytes.append(contentsOf: Self.null(style))
      } else {
        let string = text(index)
        switch style {
        case .json: appendJSONString(string, to: &bytes)
        case .csv: appendCSVCell(string, to: &bytes)
        case .text:
          // A newline inside a value would break the table; an empty text would look like a missing one.
          bytes.append(contentsOf: (string.isEmpty ? "\"\"" : printable(string)).utf8)
        }
      }
      cells.append(start..<bytes.count)
    }
  }

  private static func null(_ style: Style) -> [UInt8] { style == .csv ? [] : Array("null".utf8) }

  private static func special(_ value: Double, _ style: Style) -> String {
    switch style {
    case .json: value.isNaN ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\""
    case .text, .csv: value.isNaN ? "nan" : value > 0 ? "inf" : "-inf"
    }
  }
}

/// Appends an integer in decimal: the digits come last first, so they go through a small buffer.
func appendInteger(_ value: some FixedWidthInteger, to out: inout [UInt8]) {
  if value < 0 { out.append(UInt8(ascii: "-")) }
  var rest = UInt64(value.magnitude)
  if rest < 10 { return out.append(UInt8(ascii: "0") + UInt8(rest)) }
  var digits: [20 of UInt8] = .init(repeating: 0)
  var count = 0
  while rest > 0 {
    digits[count] = UInt8(ascii: "0") + UInt8(rest % 10)
    rest /= 10
    count += 1
  }
  while count > 0 {
    count -= 1
    out.append(digits[count])
  }
}

/// Appends a text as a CSV cell: quoted where it holds a comma, a quote, a line end, or is empty (an empty cell is null).
func appendCSVCell(_ text: String, to out: inout [UInt8]) {
  let quote = UInt8(ascii: "\"")
  let needsQuotes = text.isEmpty || text.utf8.contains { $0 == quote || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
  if !needsQuotes {
    out.append(contentsOf: text.utf8)
    return
  }
  out.append(quote)
  for byte in text.utf8 {
    if byte == quote { out.append(quote) }
    out.append(byte)
  }
  out.append(quote)
}
