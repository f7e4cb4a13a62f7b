public import Fingal
public import FingalFeed

/// Events a second of the feed alone, of the network alone, and of both together: shows which of the two waits.
public struct Throughput: Sendable, Equatable, Codable {
  /// Reading, decoding and imaging, with nobody to wait for.
  public var feed: Double
  /// Training steps on one minibatch that lies in memory.
  public var network: Double
  /// Training as `fit` does it.
  public var both: Double
  /// Share of that time in which the network waited for data.
  public var waitShare: Double

  /// Measures each of the three for at least `seconds`, after a warm-up. The trainer's weights change.
  ///
  /// - Throws: what reading and training throw.
  public init(
    _ trainer: Trainer, _ selection: EventSelection, image: ImageDescription, options: FeedOptions, seed: UInt64,
    seconds: Double
  ) throws(FingalError) {
    var epoch = 0
    func nextFeed() throws(FingalError) -> BatchFeed {
      epoch += 1
      return try BatchFeed(
        selection, image: image, part: .training, order: .shuffled(seed: seed, epoch: epoch), options: options)
    }

    // The feed alone, in whole passes: the first window of a pass is part of its cost.
    var events = 0
    var start = monotonicSeconds()
    var elapsed = 0.0
    repeat {
      let feed = try nextFeed()
      while let minibatch = try feed.next() { events += minibatch.count }
      elapsed = monotonicSeconds() - start
    } while elapsed < seconds
    feed = Double(events) / elapsed

    // The network alone.
    let still = try nextFeed()
    guard let minibatch = try still.next() else { throw FingalError(.usage, "there are no training events") }
    func step(_ minibatch: Minibatch) throws(FingalError) {
      try unsafe trainer.step(
        images: minibatch.images, labels: minibatch.labels, weights: nil, count: minibatch.count)
    }
    for _ in 0..<3 { try step(minibatch) }
    events = 0
    start = monotonicSeconds()
    repeat {
      try step(minibatch)
      events += minibatch.count
      elapsed = monotonicSeconds() - start
    } while elapsed < seconds
    network = Double(events) / elapsed

    // Both.
    events = 0
    var waited = 0.0
    start = monotonicSeconds()
    repeat {
      let feed = try nextFeed()
      while let minibatch = try feed.next() {
        try step(minibatch)
        events += minibatch.count
      }
      waited += feed.waitSeconds
      elapsed = monotonicSeconds() - start
    } while elapsed < seconds
    both = Double(events) / elapsed
    waitShare = waited / elapsed
  }
}
