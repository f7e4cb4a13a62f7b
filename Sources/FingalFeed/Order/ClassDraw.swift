/// Draws the larger class down to the size of the smaller, by selection sampling (Knuth, TAOCP 2, 3.4.2, algorithm S):
/// exactly as many events as wanted, each with the same chance, in one pass and constant memory.
struct ClassDraw: Sendable {
  private let generator: CounterGenerator
  private let thinsSignal: Bool
  private var seen: UInt64 = 0
  private var left: Int
  private var wanted: Int

  /// - Returns: nil if the classes are of equal size, and nothing is to be drawn.
  init?(_ counts: EventSelection.ClassCounts, generator: CounterGenerator) {
    if counts.signal == counts.background { return nil }
    self.generator = generator
    thinsSignal = counts.signal > counts.background
    left = max(counts.signal, counts.background)
    wanted = min(counts.signal, counts.background)
  }

  /// Whether the next event of the pass is taken.
  mutating func takes(isSignal: Bool) -> Bool {
    guard isSignal == thinsSignal else { return true }
    let isTaken = generator(seen, below: left) < wanted
    seen += 1
    left -= 1
    if isTaken { wanted -= 1 }
    return isTaken
  }
}
