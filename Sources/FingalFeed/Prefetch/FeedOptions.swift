public import Fingal

/// How a feed reads.
public struct FeedOptions: Sendable, Equatable {
  /// Events of a minibatch.
  public var batch: Int
  /// Minibatches that may lie ready while the network computes.
  public var prefetch: Int
  /// Events of a block, the unit that is read and permuted. Smaller mixes better, larger reads faster.
  public var blockEvents: Int
  /// Events in the window that is shuffled as a whole, rounded to blocks. Two windows are in memory, as lists of hits of
  /// 8 bytes each: 20 MB for 4,096 events of 300 hits.
  public var windowEvents: Int
  public var scale: PixelScale
  /// Draws the larger class down to the size of the smaller one, anew each epoch. Only in shuffled passes.
  public var balance: Bool

  public init(
    batch: Int = 128, prefetch: Int = 4, blockEvents: Int = 256, windowEvents: Int = 4096, scale: PixelScale = .none,
    balance: Bool = false
  ) {
    self.batch = batch
    self.prefetch = prefetch
    self.blockEvents = blockEvents
    self.windowEvents = windowEvents
    self.scale = scale
    self.balance = balance
  }

  /// - Throws: `usage` naming the option that is out of range.
  public func validate() throws(FingalError) {
    for (name, value, limit) in [
      ("minibatch", batch, 1 << 16), ("prefetch", prefetch, 1 << 10), ("block of events", blockEvents, 1 << 24),
      ("window of events", windowEvents, 1 << 24),
    ] where value < 1 || value > limit {
      throw FingalError(.usage, "a \(name) of \(value) is not from 1 to \(limit)")
    }
  }
}

/// In which order a pass goes through the events.
public enum FeedOrder: Sendable, Equatable {
  /// As they stand in the files.
  case file
  /// Blocks permuted by a Feistel network, then events shuffled inside a window of blocks. A function of the two
  /// numbers, the files and the options alone: the same on every machine, whatever the threads.
  case shuffled(seed: UInt64, epoch: Int)
}
