public import Fingal
import Glibc

/// Counts of events by class and by decision at a score of 0.5.
public struct Confusion: Equatable, Sendable {
  /// Signal called signal, and signal called background.
  public var truePositives = 0
  public var falseNegatives = 0
  /// Background called background, and background called signal.
  public var trueNegatives = 0
  public var falsePositives = 0

  public var events: Int { truePositives + falseNegatives + trueNegatives + falsePositives }
  /// Share of events called what they are; 0 of no events.
  public var accuracy: Double { events == 0 ? 0 : Double(truePositives + trueNegatives) / Double(events) }
}

/// What a set of scored events says about a net.
public struct Metrics: Equatable, Sendable {
  /// Mean binary cross-entropy, probabilities kept 1e-7 away from 0 and 1 as in Keras.
  public let loss: Double
  public let confusion: Confusion
  /// The curve and the AUC; nil if all events are of one class.
  public let roc: ROC?

  public var events: Int { confusion.events }
  public var accuracy: Double { confusion.accuracy }
  public var auc: Double? { roc?.auc }

  /// - Parameters:
  ///   - scores: probabilities of signal, 0 to 1.
  ///   - labels: one a score, above 0.5 for signal.
  /// - Throws: `usage` if the counts differ or there are no events; `badInput` if a score is NaN.
  public init(scores: [Float], labels: [Float]) throws(FingalError) {
    try Self.check(scores: scores, labels: labels)
    guard !scores.isEmpty else { throw FingalError(.usage, "there are no events to measure on") }
    var confusion = Confusion()
    var total = 0.0
    for (score, label) in zip(scores, labels) {
      switch (label > 0.5, score >= 0.5) {
      case (true, true): confusion.truePositives += 1
      case (true, false): confusion.falseNegatives += 1
      case (false, false): confusion.trueNegatives += 1
      case (false, true): confusion.falsePositives += 1
      }
      let probability = min(max(Double(score), 1e-7), 1 - 1e-7)
      total -= label > 0.5 ? log(probability) : log1p(-probability)
    }
    self.confusion = confusion
    loss = total / Double(scores.count)
    let signal = confusion.truePositives + confusion.falseNegatives
    roc = signal == 0 || signal == scores.count ? nil : try ROC(scores: scores, labels: labels)
  }

  static func check(scores: [Float], labels: [Float]) throws(FingalError) {
    guard scores.count == labels.count else {
      throw FingalError(.usage, "\(scores.count) scores for \(labels.count) labels")
    }
    if let event = scores.firstIndex(where: \.isNaN) {
      throw FingalError(
        .badInput, "the score of event \(event) is NaN",
        advice: "look for NaN or infinite values in the input or the weights")
    }
  }
}
