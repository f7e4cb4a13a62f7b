public import Fingal

/// One pass over events as minibatches of images, made by a thread of its own while the caller computes.
///
///     let feed = try BatchFeed(selection, image: image, part: .training, order: .shuffled(seed: 7, epoch: 0))
///     while let minibatch = try feed.next() { … }
///
/// Images exist only in the `prefetch + 1` minibatches of the ring: there is no dense copy of the data set, on disk or in
/// memory. One thread at a time may call `next()`. Letting go of a feed stops its thread.
public final class BatchFeed {
  /// The shape of an image, outermost axis first.
  public let shape: [Int]
  /// Events of the pass.
  public let eventCount: Int
  private let ring: MinibatchRing
  private let thread: WorkerThread
  private var current: MinibatchSlot?

  /// Starts to read at once.
  ///
  /// - Parameters:
  ///   - reader: keeps decoded blocks from pass to pass: give the feeds of all epochs the same one, made from the same
  ///     selection, image and scale, and from the second epoch on nothing is read again if its budget holds all events.
  ///     Nil for a reader of this pass alone.
  /// - Throws: `usage` if the image does not fit a file, an option is out of range, or the reader is for something else.
  public init(
    _ selection: EventSelection, image: ImageDescription, part: EventSelection.Part, order: FeedOrder,
    options: FeedOptions = .init(), reader: ImageReader? = nil
  ) throws(FingalError) {
    try options.validate()
    shape = try selection.dataSet.imageShape(image)
    let pixels = shape.reduce(1, *)
    // 8 GiB in the ring are a slip of the finger: a minibatch that large does not train any better.
    guard pixels * options.batch * (options.prefetch + 1) <= 1 << 31 else {
      throw FingalError(
        .usage,
        "\(options.prefetch + 1) minibatches of \(options.batch) images of \(pixels) pixels would take more than 8 GiB",
        advice: "use smaller minibatches or fewer of them")
    }
    try reader?.requireMatch(selection, image, options)
    let own: ImageReader
    if let reader { own = reader } else { own = try ImageReader(selection, image: image, options: options) }
    let producer = FeedProducer(
      try FeedPlan(
        selection, part: part, order: order, options: options, reader: own, sharesCache: reader != nil), options)
    eventCount = producer.eventCount
    let ring = MinibatchRing(prefetch: options.prefetch, capacity: options.batch, shape: shape)
    self.ring = ring
    let thread = WorkerThread {
      var producer = producer
      do throws(FingalError) {
        try producer.run(ring)
        ring.finish(producer.tally, nil)
      } catch {
        ring.finish(producer.tally, error)
      }
    }
    guard let thread else { throw FingalError(.inputOutput, "the system has no thread left to read with") }
    self.thread = thread
  }

  deinit {
    ring.cancel()
    thread.join()
  }

  /// The next minibatch, or nil at the end of the pass (or after `cancel()`). It invalidates the one before.
  ///
  /// - Throws: what reading threw in the thread.
  public func next() throws(FingalError) -> Minibatch? {
    let used = current
    current = nil
    switch ring.next(recycling: used) {
    case .failure(let error): throw error
    case .success(nil): return nil
    case .success(let slot?):
      current = slot
      return Minibatch(slot: slot)
    }
  }

  /// Ends the pass: `next()` gives nil from now on. May be called from any thread, any number of times.
  public func cancel() { ring.cancel() }

  /// Time that `next()` had to wait for data, in seconds.
  public var waitSeconds: Double { ring.waitSeconds }

  /// What became of the hits; complete once `next()` has given nil.
  public var tally: ImageTally { ring.imageTally }

  /// Fails if no hit of the selected events falls into an image: an axis that does not fit the data, such as a range
  /// in mm for coordinates in cm, would train on nothing.
  ///
  /// - Throws: `usage`.
  public static func requireHits(_ selection: EventSelection, image: ImageDescription) throws(FingalError) {
    let options = FeedOptions()
    var producer = FeedProducer(
      try FeedPlan(
        selection, part: .all, order: .file, options: options,
        reader: ImageReader(selection, image: image, options: options), sharesCache: false), options)
    if try producer.findsHitInside() { return }
    let tally = producer.tally
    let what = tally.hits == 0 ? "the selected events have no hits" : "none of \(tally.hits) hits lies inside the image"
    throw FingalError(
      .usage, "image '\(image)': \(what)", advice: "look at the columns' ranges with `fingal columns`")
  }
}
