public import Fingal
public import FingalFeed

/// Trains a net on events for some epochs.
///
/// While an epoch's validation runs, the feed of the next epoch already reads. With the same data, options, seed and
/// number of threads all numbers come out the same, bit for bit.
public final class Fit {
  public struct Options: Sendable, Equatable {
    public var epochs: Int
    /// Of the order of events, and of the draw when classes are balanced. The trainer has its own for the weights.
    public var seed: UInt64
    public var feed: FeedOptions
    public var shuffle: Shuffle

    public init(epochs: Int = 10, seed: UInt64 = 1, feed: FeedOptions = .init(), shuffle: Shuffle = .window) {
      self.epochs = epochs
      self.seed = seed
      self.feed = feed
      self.shuffle = shuffle
    }
  }

  /// How far an epoch has come, for a progress bar.
  public struct Progress: Sendable {
    public var epoch: Int
    public var events: Int
    public var of: Int
    public var seconds: Double
  }

  public let trainer: Trainer
  public let options: Options
  private let selection: EventSelection
  private let image: ImageDescription
  /// Keeps decoded events from epoch to epoch, for a global shuffle: it would read every block again and again.
  private let reader: ImageReader?
  /// What became of the hits in the first epoch.
  public private(set) var tally = ImageTally()

  /// - Throws: `usage` if the net's input is not the image, or an option is out of range.
  public init(
    _ trainer: Trainer, _ selection: EventSelection, image: ImageDescription, options: Options
  ) throws(FingalError) {
    if options.epochs < 1 { throw FingalError(.usage, "\(options.epochs) epochs; there must be at least 1") }
    try options.feed.validate()
    if options.feed.batch > trainer.batch {
      throw FingalError(.usage, "minibatches of \(options.feed.batch) for a trainer of \(trainer.batch)")
    }
    try Self.requireMatch(trainer.net, selection.dataSet.imageShape(image), image)
    self.trainer = trainer
    self.selection = selection
    self.image = image
    self.options = options
    if options.shuffle == .global {
      reader = try ImageReader(selection, image: image, options: options.feed)
    } else {
      reader = nil
    }
  }

  /// Fails if a net does not take images of a shape: its input must be the shape, or the shape with one channel.
  ///
  /// - Throws: `usage`.
  public static func requireMatch(
    _ net: NetDescription, _ shape: [Int], _ image: ImageDescription
  ) throws(FingalError) {
    if net.inputShape == shape || net.inputShape == [1] + shape { return }
    func text(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: "×") }
    throw FingalError(
      .usage, "net '\(net.name)' takes \(text(net.inputShape)), but the images '\(image)' are \(text(shape))",
      advice: "use the image that the net was made for")
  }

  /// Trains all epochs.
  ///
  /// - Parameters:
  ///   - progress: called after each minibatch.
  ///   - report: called after each epoch, with its validation.
  /// - Throws: what reading, the trainer and the two functions throw.
  public func run(
    progress: (Progress) -> Void = { _ in }, report: (EpochReport) throws(FingalError) -> Void
  ) throws(FingalError) {
    var feed = try trainingFeed(epoch: 0)
    for epoch in 0..<options.epochs {
      var result = try train(feed, epoch: epoch, progress)
      if epoch == 0 { tally = feed.tally }
      if epoch + 1 < options.epochs { feed = try trainingFeed(epoch: epoch + 1) }
      if selection.counts(.validation).total > 0 {
        let validating = try BatchFeed(
          selection, image: image, part: .validation, order: .file, options: options.feed, reader: reader)
        result.validation = try ScoredEvents(trainer, validating).evaluation(balanced: options.feed.balance)
      }
      try report(result)
    }
  }

  private func trainingFeed(epoch: Int) throws(FingalError) -> BatchFeed {
    try BatchFeed(
      selection, image: image, part: .training, order: options.shuffle.order(seed: options.seed, epoch: epoch),
      options: options.feed, reader: reader)
  }

  private func train(
    _ feed: BatchFeed, epoch: Int, _ progress: (Progress) -> Void
  ) throws(FingalError) -> EpochReport {
    var losses = 0.0
    var correct = 0
    var events = 0
    let start = monotonicSeconds()
    while let minibatch = try feed.next() {
      let loss = try unsafe trainer.step(
        images: minibatch.images, labels: minibatch.labels, weights: nil, count: minibatch.count)
      losses += Double(loss) * Double(minibatch.count)
      correct += trainer.correctInStep
      events += minibatch.count
      progress(Progress(epoch: epoch + 1, events: events, of: feed.eventCount, seconds: monotonicSeconds() - start))
    }
    let count = Double(max(events, 1))
    return EpochReport(
      epoch: epoch + 1, loss: losses / count, accuracy: Double(correct) / count, validation: nil, events: events,
      seconds: monotonicSeconds() - start, waitSeconds: feed.waitSeconds)
  }
}
