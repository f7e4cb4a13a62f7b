/// How a feed reads.
public struct FeedOptions: Sendable, Equatable {
  /// Events of a minibatch.
  public var batch: Int
  /// Minibatches that may lie ready while the network computes.
  public var prefetch: Int
  /// Events of a block, the unit that is read and permuted. Smaller mixes better, larger reads faster.
  public var blockEvents: Int
  /// Blocks in the window whose events are shuffled among each other. Two windows are in memory, as lists of hits.
  public var windowBlocks: Int
  public var scale: PixelScale
  /// Draws the larger class down to the size of the smaller one, anew each epoch. Only in shuffled passes.
  public var balance: Bool

  public init(
    batch: Int = 128, prefetch: Int = 4, blockEvents: Int = 256, windowBlocks: Int = 32, scale: PixelScale = .none,
    balance: Bool = false
  ) {
    self.batch = batch
    self.prefetch = prefetch
    self.blockEvents = blockEvents
    self.windowBlocks = windowBlocks
    self.scale = scale
    self.balance = balance
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
