/// A table for a terminal: columns as wide as their widest cell, numbers to the right.
///
///     column        type     stored  ratio
///     hits.energy   float32  1.2 MB  1.56×
struct TextTable {
  enum Alignment { case left, right }

  private let titles: [String]
  private let alignments: [Alignment]
  private var rows: [[String]] = []
  var indent = ""

  init(_ columns: [(title: String, alignment: Alignment)]) {
    titles = columns.map { printable($0.title) }
    alignments = columns.map(\.alignment)
  }

  mutating func append(_ row: [String]) {
    precondition(row.count == titles.count, "a row of \(row.count) cells in a table of \(titles.count) columns")
    rows.append(row.map(printable))
  }

  var isEmpty: Bool { rows.isEmpty }

  /// The lines of the table, title first.
  var lines: [String] {
    var widths = titles.map(displayWidth)
    for row in rows {
      for (index, cell) in row.enumerated() { widths[index] = max(widths[index], displayWidth(cell)) }
    }
    return ([titles] + rows).map { row in
      var line = indent
      for (index, cell) in row.enumerated() {
        if index > 0 { line += "  " }
        let padding = String(repeating: " ", count: widths[index] - displayWidth(cell))
        line += alignments[index] == .right ? padding + cell : cell + padding
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}

/// Columns that a text takes on a terminal: one a character, which holds for all that the tables print.
func displayWidth(_ text: String) -> Int { text.count }
