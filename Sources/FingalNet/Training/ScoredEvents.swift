public import Fingal
public import FingalFeed

/// Scores of the events of a pass, 20 bytes an event.
public struct ScoredEvents: Sendable {
  /// Probabilities of signal.
  public private(set) var scores: [Float] = []
  /// 1 for signal, 0 for background.
  public private(set) var labels: [Float] = []
  /// The file of the data set, and the number of the event in it.
  public private(set) var files: [Int32] = []
  public private(set) var events: [Int] = []
  /// Time the network waited for data, in seconds.
  public private(set) var waitSeconds = 0.0
  /// What became of the hits.
  public private(set) var tally = ImageTally()

  public var count: Int { scores.count }

  /// Runs a net over all events of a feed.
  ///
  /// - Throws: what reading throws; `badInput` if a score is not a number.
  public init(_ trainer: Trainer, _ feed: BatchFeed) throws(FingalError) {
    scores.reserveCapacity(feed.eventCount)
    labels.reserveCapacity(feed.eventCount)
    var ofBatch: [Float] = []
    while let minibatch = try feed.next() {
      ofBatch.removeAll(keepingCapacity: true)
      ofBatch.append(contentsOf: repeatElement(0, count: minibatch.count))
      try unsafe ofBatch.withUnsafeMutableBufferPointer { (buffer) throws(FingalError) in
        try unsafe trainer.predict(images: minibatch.images, count: minibatch.count, into: buffer.baseAddress!)
      }
      for event in 0..<minibatch.count {
        let origin = minibatch.origin(of: event)
        guard ofBatch[event].isFinite else {
          throw FingalError(
            .badInput, "the score of an event is not a number", events: origin.event..<origin.event + 1,
            advice: "look for infinite values in its hits, or in the weights of the model")
        }
        scores.append(ofBatch[event])
        labels.append(minibatch.isSignal(event) ? 1 : 0)
        files.append(Int32(origin.file))
        events.append(origin.event)
      }
    }
    waitSeconds = feed.waitSeconds
    tally = feed.tally
  }

  public func evaluation(balanced: Bool) throws(FingalError) -> Evaluation {
    try Evaluation(scores: scores, labels: labels, balanced: balanced)
  }
}
