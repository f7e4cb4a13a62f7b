import Fingal
import FingalFeed
import FingalNet
import FingalSelect

/// `--by EXPR`: the value of an expression for every event of a data set, 8 bytes an event.
struct Grouping {
  /// More lines than anyone reads: the expression is continuous.
  static let maximumGroups = 200

  private let text: String
  private var values: [[Double]] = []

  /// - Throws: `usage` if the expression does not fit a file.
  init(_ text: String, _ dataSet: DataSet) throws(FingalError) {
    self.text = text
    let expression: Expression
    do throws(FingalError) { expression = try Expression(parsing: text) } catch { throw Self.named(error) }
    for file in dataSet.files {
      let bound: BoundExpression
      do throws(FingalError) { bound = try expression.checked(against: file.schema, expecting: .number) } catch {
        throw Self.named(error).naming(file: file.path)
      }
      var ofFile: [Double] = []
      ofFile.reserveCapacity(file.eventCount)
      let columns = bound.columns.isEmpty ? [file.schema.fields[0].path] : bound.columns
      let batches = try file.batches(columns: columns)
      while let batch = try batches.next() { ofFile += try bound.values(batch) }
      values.append(ofFile)
    }
  }

  private static func named(_ error: FingalError) -> FingalError {
    FingalError(error.code, "--by: \(error.message)", advice: error.advice)
  }

  /// An evaluation for each value, in rising order; NaN and null last, without a value.
  ///
  /// - Throws: `usage` if there are too many values.
  func rows(_ scored: ScoredEvents, balanced: Bool) throws(FingalError) -> [(value: Double?, evaluation: Evaluation)] {
    var groups: [Double?: (scores: [Float], labels: [Float])] = [:]
    for event in 0..<scored.count {
      let value = values[Int(scored.files[event])][scored.events[event]]
      let key: Double? = value.isNaN ? nil : value
      groups[key, default: ([], [])].scores.append(scored.scores[event])
      groups[key]?.labels.append(scored.labels[event])
      if groups.count > Self.maximumGroups {
        throw FingalError(
          .usage, "--by '\(text)' has more than \(Self.maximumGroups) values",
          advice: "make intervals of it, as in 'floor(\(text) / 10) * 10'")
      }
    }
    var rows: [(value: Double?, evaluation: Evaluation)] = []
    for (value, group) in groups.sorted(by: { ($0.key ?? .infinity) < ($1.key ?? .infinity) }) {
      rows.append((value, try Evaluation(scores: group.scores, labels: group.labels, balanced: balanced)))
    }
    return rows
  }
}
