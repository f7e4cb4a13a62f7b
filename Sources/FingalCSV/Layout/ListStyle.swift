/// How a list is written inside one cell: `[1, 2]`, `1;2;3`, `(1 2 3)`.
package struct ListStyle: Equatable, Sendable {
  /// `[` or `(`; nil for none.
  package var open: UInt8?
  package var close: UInt8?
  /// The byte between elements; a blank stands for any run of blanks.
  package var separator: UInt8
  /// What stands between two elements, for export: the separator and perhaps a blank.
  package var glue: String

  // MARK: As metadata

  /// `[, ]`, `;`, `( )`: bracket, glue, bracket.
  package var code: String {
    (open.map { String(UnicodeScalar($0)) } ?? "") + glue + (close.map { String(UnicodeScalar($0)) } ?? "")
  }

  package init?(code: String) {
    var bytes = Array(code.utf8)[...]
    if let first = bytes.first, first == 0x5B || first == 0x28 {
      open = first
      close = first == 0x5B ? 0x5D : 0x29
      guard bytes.last == close, bytes.count >= 2 else { return nil }
      bytes = bytes.dropFirst().dropLast()
    }
    guard let separator = bytes.first(where: { $0 != 0x20 }) ?? bytes.first else { return nil }
    self.separator = separator
    glue = String(decoding: bytes, as: UTF8.self)
  }

  init(open: UInt8?, separator: UInt8, glue: String) {
    self.open = open
    close = open.map { $0 == 0x5B ? 0x5D : 0x29 }
    self.separator = separator
    self.glue = glue
  }

  // MARK: Recognising

  /// What a cell says about the style of its column.
  enum Evidence: Equatable {
    /// Empty: fits any style.
    case nothing
    /// Brackets around at most one element: the separator is still open.
    case brackets(UInt8)
    case list(ListStyle)
    /// A single number without brackets: fits a list without brackets.
    case number
    case other
  }

  static func evidence(_ cell: UnsafeRawBufferPointer, point: UInt8, separatorOfFile: Dialect.Separator) -> Evidence {
    let text = unsafe NumberText.trimmed(cell)
    if text.count == 0 { return .nothing }
    if unsafe DecimalText(text, point: point) != nil { return .number }
    var inside = unsafe text
    var open: UInt8?
    let first = unsafe text[0]
    if first == 0x5B || first == 0x28 {
      guard text.count >= 2, unsafe text[text.count - 1] == (first == 0x5B ? 0x5D : 0x29) else { return .other }
      open = first
      unsafe inside = NumberText.trimmed(UnsafeRawBufferPointer(rebasing: text[1..<text.count - 1]))
      if inside.count == 0 { return .brackets(first) }
      if unsafe DecimalText(inside, point: point) != nil { return .brackets(first) }
    }
    var separator: UInt8 = 0x20
    for candidate in [0x3B, 0x2C, 0x7C] as [UInt8] where unsafe inside.contains(candidate) {
      separator = candidate
      break
    }
    // Without brackets a comma is more likely a decimal comma or text.
    if open == nil && separator == 0x2C { return .other }
    let draft = ListStyle(open: open, separator: separator, glue: "")
    var slices: [UnsafeRawBufferPointer] = unsafe []
    guard unsafe draft.split(cell, into: &slices) != nil, unsafe slices.count > 1 else { return .other }
    for i in unsafe slices.indices where unsafe DecimalText(slices[i], point: point) == nil { return .other }
    // The text between the first two elements.
    let firstEnd = unsafe slices[0].baseAddress! + slices[0].count
    var gap = unsafe slices[1].baseAddress! - firstEnd
    if separator == 0x20 { gap = 1 }
    let glue = unsafe String(decoding: UnsafeRawBufferPointer(start: firstEnd, count: gap), as: UTF8.self)
    return .list(ListStyle(open: open, separator: separator, glue: separator == 0x20 ? " " : glue))
  }

  // MARK: Splitting

  /// Appends the elements of a cell, trimmed. Returns how many, or nil if the brackets are not right.
  func split(_ cell: UnsafeRawBufferPointer, into slices: inout [UnsafeRawBufferPointer]) -> Int? {
    guard let base = cell.baseAddress else { return 0 }
    var p = 0
    var end = cell.count
    while unsafe p < end && cell[p] <= 0x20 { p &+= 1 }
    while unsafe end > p && cell[end &- 1] <= 0x20 { end &-= 1 }
    if p == end { return 0 }
    if let open {
      guard unsafe cell[p] == open && end - p >= 2 && cell[end - 1] == close! else { return nil }
      p &+= 1
      end &-= 1
      while unsafe p < end && cell[p] <= 0x20 { p &+= 1 }
      while unsafe end > p && cell[end &- 1] <= 0x20 { end &-= 1 }
      if p == end { return 0 }
    }
    var count = 0
    if separator == 0x20 {
      while p < end {
        let start = p
        while unsafe p < end && cell[p] > 0x20 { p &+= 1 }
        unsafe slices.append(UnsafeRawBufferPointer(start: base + start, count: p &- start))
        count &+= 1
        while unsafe p < end && cell[p] <= 0x20 { p &+= 1 }
      }
      return count
    }
    while true {
      var start = p
      while unsafe p < end && cell[p] != separator { p &+= 1 }
      var stop = p
      while unsafe start < stop && cell[start] <= 0x20 { start &+= 1 }
      while unsafe stop > start && cell[stop &- 1] <= 0x20 { stop &-= 1 }
      unsafe slices.append(UnsafeRawBufferPointer(start: base + start, count: stop &- start))
      count &+= 1
      if p >= end { return count }
      p &+= 1
    }
  }
}
