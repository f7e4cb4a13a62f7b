public import Fingal

/// How well scores separate signal from background, in the numbers that people compare.
public struct Evaluation: Sendable, Equatable, Codable {
  /// Events of each class.
  public let signal: Int
  public let background: Int
  /// Mean binary cross-entropy.
  public let loss: Double
  /// Share of events called what they are at a score of 0.5.
  public let accuracy: Double
  /// Nil if there are events of one class only.
  public let auc: Double?
  /// Background events for each one that passes where 90 % of the signal does; nil without a curve or if none passes.
  public let rejectionAt90: Double?
  /// Whether loss and accuracy give both classes the same weight, however many events they have. The AUC does so anyway.
  public let isBalanced: Bool

  /// - Parameters:
  ///   - scores: probabilities of signal, 0 to 1.
  ///   - labels: one a score, above 0.5 for signal.
  ///   - balanced: takes the mean over the classes of the mean over their events.
  /// - Throws: `usage` if there are no events; `badInput` if a score is NaN.
  public init(scores: [Float], labels: [Float], balanced: Bool) throws(FingalError) {
    let whole = try Metrics(scores: scores, labels: labels)
    signal = whole.confusion.truePositives + whole.confusion.falseNegatives
    background = whole.events - signal
    auc = whole.auc
    let rejection = whole.roc?.backgroundRejection(signalEfficiency: 0.9)
    rejectionAt90 = rejection.flatMap { $0.isFinite ? $0 : nil }
    isBalanced = balanced
    guard balanced, signal > 0, background > 0 else {
      loss = whole.loss
      accuracy = whole.accuracy
      return
    }
    var losses = 0.0
    var accuracies = 0.0
    for isSignal in [true, false] {
      var ofClass: (scores: [Float], labels: [Float]) = ([], [])
      for (score, label) in zip(scores, labels) where (label > 0.5) == isSignal {
        ofClass.scores.append(score)
        ofClass.labels.append(label)
      }
      let metrics = try Metrics(scores: ofClass.scores, labels: ofClass.labels)
      losses += metrics.loss
      accuracies += metrics.accuracy
    }
    loss = losses / 2
    accuracy = accuracies / 2
  }
}
