/// Decoded blocks within a budget of bytes.
struct BlockCache: Sendable {
  let budget: Int
  private(set) var byteCount = 0
  private var blocks: [SparseBlock?]
  /// Which blocks were asked for since the hand of the clock passed them.
  private var wasUsed: [Bool]
  private var hand = 0

  init(blocks count: Int, budget: Int) {
    self.budget = budget
    blocks = Array(repeating: nil, count: count)
    wasUsed = Array(repeating: false, count: count)
  }

  subscript(index: Int) -> SparseBlock? {
    mutating get {
      guard let block = blocks[index] else { return nil }
      wasUsed[index] = true
      return block
    }
  }

  /// Keeps a block if there is room for it.
  ///
  /// - Parameter evicting: makes room by dropping blocks that were not asked for lately (the clock algorithm). Without
  ///   it what is there stays, which serves whole passes best: each block is asked for once in each.
  mutating func insert(_ block: SparseBlock, at index: Int, evicting: Bool) {
    guard blocks[index] == nil, block.byteCount <= budget else { return }
    if byteCount + block.byteCount > budget {
      guard evicting else { return }
      // Every block that is there is dropped in the second round at the latest.
      while byteCount + block.byteCount > budget {
        if wasUsed[hand] {
          wasUsed[hand] = false
        } else if let old = blocks[hand] {
          byteCount -= old.byteCount
          blocks[hand] = nil
        }
        hand = hand + 1 == blocks.count ? 0 : hand + 1
      }
    }
    blocks[index] = block
    wasUsed[index] = true
    byteCount += block.byteCount
  }
}
