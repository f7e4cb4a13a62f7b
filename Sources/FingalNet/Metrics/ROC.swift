public import Fingal

/// How signal and background separate as the threshold on the score moves (receiver operating characteristic).
public struct ROC: Equatable, Sendable {
  /// What passes a cut `score >= threshold`.
  public struct Point: Equatable, Sendable {
    public var threshold: Float
    /// Share of the signal events that pass, 0 to 1.
    public var signalEfficiency: Double
    /// Share of the background events that pass, 0 to 1.
    public var backgroundEfficiency: Double
  }

  public let signalEvents: Int
  public let backgroundEvents: Int
  /// One point a distinct score, from the tightest cut to the loosest, which passes everything.
  public let points: [Point]
  /// The area under the curve: the probability that a signal event scores higher than a background event, where equal
  /// scores count half. Exact: it is the Mann–Whitney statistic over the number of pairs, counted in integers.
  public let auc: Double

  /// - Parameters:
  ///   - scores: higher is more like signal; any range.
  ///   - labels: one a score, above 0.5 for signal.
  /// - Throws: `usage` if the counts differ or one class has no events; `badInput` if a score is NaN.
  /// - Complexity: O(n log n).
  public init(scores: [Float], labels: [Float]) throws(FingalError) {
    try Metrics.check(scores: scores, labels: labels)
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    let signal = labels.reduce(0) { $0 + ($1 > 0.5 ? 1 : 0) }
    let background = labels.count - signal
    guard signal > 0 && background > 0 else {
      throw FingalError(
        .usage, "the AUC needs events of both classes: there are \(signal) of signal and \(background) of background")
    }
    var points: [Point] = []
    var passedSignal = 0
    var passedBackground = 0
    var doubledPairs = 0
    var group = order[...]
    while let first = group.first {
      let score = scores[first]
      var tiedSignal = 0
      var tiedBackground = 0
      while let event = group.first, scores[event] == score {
        if labels[event] > 0.5 { tiedSignal += 1 } else { tiedBackground += 1 }
        group.removeFirst()
      }
      doubledPairs += tiedBackground * (2 * passedSignal + tiedSignal)
      passedSignal += tiedSignal
      passedBackground += tiedBackground
      points.append(
        Point(
          threshold: score, signalEfficiency: Double(passedSignal) / Double(signal),
          backgroundEfficiency: Double(passedBackground) / Double(background)))
    }
    signalEvents = signal
    backgroundEvents = background
    self.points = points
    auc = Double(doubledPairs) / Double(2 * signal * background)
  }

  /// The tightest cut that keeps at least this share of the signal.
  ///
  /// - Parameter signalEfficiency: 0 to 1; what is above 1 counts as 1.
  public func workingPoint(signalEfficiency: Double) -> Point {
    // Efficiencies grow along the points, and the last is 1.
    var low = 0
    var high = points.count - 1
    while low < high {
      let middle = (low + high) / 2
      if points[middle].signalEfficiency >= signalEfficiency { high = middle } else { low = middle + 1 }
    }
    return points[low]
  }

  /// Background events for each one that passes, at the tightest cut that keeps at least this share of the signal; infinite
  /// if none passes.
  public func backgroundRejection(signalEfficiency: Double) -> Double {
    1 / workingPoint(signalEfficiency: signalEfficiency).backgroundEfficiency
  }
}
