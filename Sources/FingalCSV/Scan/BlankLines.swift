/// Lines of a text that hold nothing, and where the first of them is.
package struct BlankLines: Sendable, Equatable {
  package var count = 0
  /// Counted from 1; means nothing if there are none.
  package var firstLine = 0

  package init(count: Int = 0, firstLine: Int = 0) {
    self.count = count
    self.firstLine = firstLine
  }

  package static func += (sum: inout BlankLines, more: BlankLines) {
    if more.count == 0 { return }
    if sum.count == 0 { sum.firstLine = more.firstLine }
    sum.count += more.count
  }
}
