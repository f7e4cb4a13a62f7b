/// One column of the CSV: its header as written, and the clean, unique name and unit made from it.
package struct SourceColumn: Equatable, Sendable {
  package let index: Int
  /// As it stands in the file; nil if the file has no header.
  package let header: String?
  package var name: String
  package var unit: String?

  /// Columns from a header row. Blanks around names are dropped, `E [GeV]` gives the name `E` and the unit `GeV`, an
  /// empty name becomes `column3`, a repeated one `x_2`.
  package static func columns(header: [String]) -> [SourceColumn] {
    var taken = Set<String>()
    // Names that are written out win over names that are made up.
    let cleaned = header.map { split($0) }
    for entry in cleaned where !entry.name.isEmpty { taken.insert(entry.name) }
    var used = Set<String>()
    return cleaned.enumerated().map { index, entry in
      var name = entry.name.isEmpty ? "column\(index + 1)" : entry.name
      if used.contains(name) || (entry.name.isEmpty && taken.contains(name)) {
        var number = 2
        while used.contains("\(name)_\(number)") || taken.contains("\(name)_\(number)") { number += 1 }
        name = "\(name)_\(number)"
      }
      used.insert(name)
      return SourceColumn(index: index, header: header[index], name: name, unit: entry.unit)
    }
  }

  /// Columns of a file without a header: `column1`, `column2`, …
  package static func columns(count: Int) -> [SourceColumn] {
    (0..<count).map { SourceColumn(index: $0, header: nil, name: "column\($0 + 1)", unit: nil) }
  }

  private static func split(_ header: String) -> (name: String, unit: String?) {
    let text = clean(header)
    for (open, close) in [("[", "]"), ("(", ")")] as [(Character, Character)] {
      guard text.last == close, let start = text.lastIndex(of: open), start > text.startIndex else { continue }
      let unit = clean(String(text[text.index(after: start)...].dropLast()))
      let name = clean(String(text[..<start]))
      // `E[3]` is an index, `f(x)` a function: only a word after a blank, or in square brackets, is a unit.
      guard !name.isEmpty, !unit.isEmpty, !unit.allSatisfy(\.isNumber), !name.contains(open) else { continue }
      if open == "(" && text[text.index(before: start)] != " " { continue }
      return (name, unit)
    }
    return (text, nil)
  }

  /// Without blanks at the ends and without control characters, which a schema does not allow.
  private static func clean(_ text: String) -> String {
    let printable = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
    var scalars = printable[...]
    while scalars.first == " " { scalars.removeFirst() }
    while scalars.last == " " { scalars.removeLast() }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: scalars)
    return String(result)
  }
}
