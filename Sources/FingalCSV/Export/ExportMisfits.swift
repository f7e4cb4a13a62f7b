import Fingal

/// What did not fit the way of writing that metadata of a file ask for. Any program may write any metadata, and events may
/// come from other files than the metadata do (`fingal merge`, `fingal append`): what they say is a wish, the values are
/// not.
package final class ExportMisfits {
  /// For each column of the plan, how many of its numbers the format would have changed: they were written in the
  /// shortest form.
  package private(set) var counts: [Int]
  /// The first column of the plan with a text that needed quotes where the file has none.
  private(set) var unquotable: Int?

  init(columns: Int) { counts = Array(repeating: 0, count: columns) }

  func noteNumber(_ column: Int) { counts[column] += 1 }

  func noteText(_ column: Int) { if unquotable == nil { unquotable = column } }
}

extension CSVExporter {
  /// A line for each column that was not written as its metadata asked for, for people. Complete when `run` has returned.
  package var notes: [String] {
    plan.notes
      + zip(plan.columns, misfits.counts).filter { $1 > 0 }.map { column, count in
        let (numbers, are) = count == 1 ? ("1 number", "is") : ("\(count) numbers", "are")
        return "\(numbers) of column '\(column.path)' \(are) not what the recorded format \(column.format.metadata)"
          + " would print, and \(are) written in the shortest form that reads back"
      }
  }

  /// - Throws: `badInput` if a text was written that would be read as several fields.
  func checkTexts() throws(FingalError) {
    guard let column = misfits.unquotable else { return }
    throw FingalError(
      .badInput,
      "column '\(plan.columns[column].path)' holds the separator, a line end or nothing but blanks, and the recorded CSV has"
        + " no quotes that keep a field together", file: path,
      advice: "leave the column out with --columns, or use `fingal dump --format json`")
  }
}
