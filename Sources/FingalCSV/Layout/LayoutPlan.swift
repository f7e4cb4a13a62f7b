/// How the lines of a file make events.
package enum LayoutKind: String, Sendable, CaseIterable {
  /// One line a hit; consecutive lines of one key are an event.
  case hits
  /// One line an event.
  case rows
  /// One line an event, with lists inside cells.
  case cells
}

/// Which field each column of the CSV goes to.
package struct LayoutPlan: Sendable {
  package enum Source: Sendable, Equatable {
    /// One value an event.
    case event(column: Int)
    /// Hits layout: one value a line.
    case element(column: Int)
    /// One value an event made of consecutive columns.
    case tensor(columns: Range<Int>, shape: [Int], pattern: ColumnPattern?)
    /// Cells layout: a list an event.
    case list(column: Int, style: ListStyle)

    package var firstColumn: Int {
      switch self {
      case .event(let column), .element(let column), .list(let column, _): column
      case .tensor(let columns, _, _): columns.lowerBound
      }
    }
  }

  package struct PlannedField: Sendable {
    package var name: String
    package var collection: String?
    package var source: Source
    package var path: String { collection.map { "\($0).\(name)" } ?? name }
  }

  package var kind: LayoutKind
  /// Why it was chosen, for `--dry-run`.
  package var reason: String
  /// Hits layout: the columns whose change begins an event.
  package var keyColumns: [Int] = []
  /// Hits layout: the keys do not increase, so each must be remembered.
  package var remembersKeys = false
  package var collections: [String] = []
  package var fields: [PlannedField] = []
}
