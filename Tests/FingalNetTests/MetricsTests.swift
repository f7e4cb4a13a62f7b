import Fingal
import FingalNet
import Glibc
import Testing

@Suite struct MetricsTests {
  /// All pairs of a signal and a background event, ties counted half.
  private func bruteForceAUC(_ scores: [Float], _ labels: [Float]) -> Double {
    var wins = 0.0
    var pairs = 0.0
    for (signal, signalLabel) in zip(scores, labels) where signalLabel > 0.5 {
      for (background, backgroundLabel) in zip(scores, labels) where backgroundLabel <= 0.5 {
        pairs += 1
        wins += signal > background ? 1 : signal == background ? 0.5 : 0
      }
    }
    return wins / pairs
  }

  /// `levels` distinct scores: few make many ties.
  @Test(arguments: [1, 2, 5, 20, 100_000], [2, 3, 50, 301])
  func aucEqualsBruteForce(levels: Int, events: Int) throws {
    let random = CounterRandom(seed: UInt64(levels), stream: events)
    let labels = (0..<events).map { Float($0 < 2 ? $0 : Int(2 * random.uniform(3 * $0))) }
    let scores = labels.indices.map { index in
      let raw = 0.7 * random.uniform(3 * index + 1) + 0.3 * Double(labels[index]) * random.uniform(3 * index + 2)
      return Float((raw * Double(levels)).rounded(.down) / Double(levels))
    }
    let roc = try ROC(scores: scores, labels: labels)
    #expect(abs(roc.auc - bruteForceAUC(scores, labels)) < 1e-12)
    #expect(roc.points.count == Set(scores).count)
    #expect(roc.points.last?.signalEfficiency == 1)
    #expect(roc.points.last?.backgroundEfficiency == 1)
  }

  @Test func knownCurves() throws {
    #expect(try ROC(scores: [0.9, 0.8, 0.2, 0.1], labels: [1, 1, 0, 0]).auc == 1)
    #expect(try ROC(scores: [0.9, 0.8, 0.2, 0.1], labels: [0, 0, 1, 1]).auc == 0)
    #expect(try ROC(scores: [0.5, 0.5, 0.5], labels: [1, 0, 0]).auc == 0.5)
    #expect(try ROC(scores: [0.1, 0.4, 0.35, 0.8], labels: [0, 0, 1, 1]).auc == 0.75)
  }

  @Test func rejectionAtAnEfficiency() throws {
    // Signal 9 8 7 3, background 8 6 5 2 1 0 in tenths.
    let roc = try ROC(
      scores: [0.9, 0.8, 0.7, 0.3, 0.8, 0.6, 0.5, 0.2, 0.1, 0], labels: [1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    #expect(roc.backgroundRejection(signalEfficiency: 0.25) == .infinity)
    #expect(roc.backgroundRejection(signalEfficiency: 0.5) == 6)
    #expect(roc.backgroundRejection(signalEfficiency: 0.75) == 6)
    #expect(roc.backgroundRejection(signalEfficiency: 0.76) == 2)
    #expect(roc.backgroundRejection(signalEfficiency: 1) == 2)
    #expect(roc.workingPoint(signalEfficiency: 0.5).threshold == 0.8)
  }

  @Test func confusionAccuracyAndLoss() throws {
    let metrics = try Metrics(scores: [0.9, 0.5, 0.4, 0.6, 0.1, 1], labels: [1, 1, 1, 0, 0, 1])
    #expect(metrics.confusion.truePositives == 3)
    #expect(metrics.confusion.falseNegatives == 1)
    #expect(metrics.confusion.falsePositives == 1)
    #expect(metrics.confusion.trueNegatives == 1)
    #expect(metrics.events == 6)
    #expect(metrics.accuracy == 4.0 / 6)
    let expected = -(log(0.9) + log(0.5) + log(0.4) + log(0.4) + log(0.9) + log(1 - 1e-7)) / 6
    #expect(abs(metrics.loss - expected) < 1e-7)
    #expect(metrics.auc == 6.0 / 8)
  }

  @Test func oneClassHasNoAUC() throws {
    let metrics = try Metrics(scores: [0.9, 0.5], labels: [1, 1])
    #expect(metrics.auc == nil)
    #expect(metrics.accuracy == 1)
    let error = #expect(throws: FingalError.self) { _ = try ROC(scores: [0.9, 0.5], labels: [0, 0]) }
    #expect(
      error?.message == "the AUC needs events of both classes: there are 0 of signal and 2 of background")
  }

  @Test func badScoresAreRefused() {
    let nan = #expect(throws: FingalError.self) { _ = try Metrics(scores: [0.9, .nan], labels: [1, 0]) }
    #expect(nan?.message == "the score of event 1 is NaN")
    let counts = #expect(throws: FingalError.self) { _ = try Metrics(scores: [0.9], labels: [1, 0]) }
    #expect(counts?.message == "1 scores for 2 labels")
    #expect(throws: FingalError.self) { _ = try Metrics(scores: [], labels: []) }
  }
}
