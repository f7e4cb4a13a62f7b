public import Fingal

/// How a feed reads.
public struct FeedOptions: Sendable, Equatable {
  /// Events of a minibatch.
  public var batch: Int
  /// Minibatches that may lie ready while the network computes.
  public var prefetch: Int
  /// Events of a block, the unit that is read and permuted. Smaller mixes better, larger reads faster.
  public var blockEvents: Int
  /// Events in the window that is shuffled as a whole, rounded to blocks. Two windows are in memory, as lists of lit
  /// pixels of 6 or 8 bytes each: 16 MB for 4,096 events of 300 hits.
  public var windowEvents: Int
  public var scale: PixelScale
  /// Draws the larger class down to the size of the smaller one, anew each epoch. Only in shuffled passes.
  public var balance: Bool
  /// Bytes that the lists of lit pixels may take: of both windows, or of what a global shuffle keeps. Windows of few
  /// large events become smaller, so that this decides about the order of `shuffled` passes where it binds
  /// (`spec/LOADER.md` §5); the order of global ones never depends on it.
  public var memory: Int
  /// Threads that read and draw, the one of the feed among them. No result depends on it.
  public var threads: Int

  /// 1 GiB.
  public static let defaultMemory = 1 << 30

  public init(
    batch: Int = 128, prefetch: Int = 4, blockEvents: Int = 256, windowEvents: Int = 4096, scale: PixelScale = .none,
    balance: Bool = false, memory: Int = FeedOptions.defaultMemory, threads: Int = 1
  ) {
    self.batch = batch
    self.prefetch = prefetch
    self.blockEvents = blockEvents
    self.windowEvents = windowEvents
    self.scale = scale
    self.balance = balance
    self.memory = memory
    self.threads = threads
  }

  /// - Throws: `usage` naming the option that is out of range.
  public func validate() throws(FingalError) {
    for (name, value, limit) in [
      ("minibatch", batch, 1 << 16), ("prefetch", prefetch, 1 << 10), ("block of events", blockEvents, 1 << 24),
      ("window of events", windowEvents, 1 << 24), ("number of bytes to keep", memory, 1 << 50),
      ("number of reading threads", threads, 256),
    ] where value < 1 || value > limit {
      throw FingalError(.usage, "a \(name) of \(value) is not from 1 to \(limit)")
    }
  }
}

/// In which order a pass goes through the events. Both shuffles are functions of the two numbers, the files and the options
/// alone (`spec/LOADER.md`): the same on every machine, whatever the threads.
public enum FeedOrder: Sendable, Equatable {
  /// As they stand in the files.
  case file
  /// Blocks permuted by a Feistel network, then events shuffled inside a window of blocks. Every block is read once, in
  /// bounded memory.
  case shuffled(seed: UInt64, epoch: Int)
  /// All events of the pass in a random order. Where their lists of lit pixels fit into `FeedOptions.memory`, every block
  /// is read once; else as many events as fit are looked for at a time, and the files are read once for each such part.
  case global(seed: UInt64, epoch: Int)
}

/// The two shuffles, as options name them.
public enum Shuffle: String, Sendable, CaseIterable {
  /// `FeedOrder.shuffled`.
  case window
  /// `FeedOrder.global`.
  case global

  public func order(seed: UInt64, epoch: Int) -> FeedOrder {
    switch self {
    case .window: .shuffled(seed: seed, epoch: epoch)
    case .global: .global(seed: seed, epoch: epoch)
    }
  }
}
