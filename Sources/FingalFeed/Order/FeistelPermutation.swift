/// A permutation of `0..<count` in constant memory: six rounds of a balanced Feistel network over the next power of
/// four, walked along its cycles until the result is below `count` (fewer than four steps on average).
package struct FeistelPermutation: Sendable {
  package let count: Int
  private let halfBits: UInt64
  private let round: CounterGenerator

  package init(count: Int, key: CounterGenerator) {
    precondition(count >= 0)
    self.count = count
    let bits = count > 1 ? Int.bitWidth - (count - 1).leadingZeroBitCount : 1
    halfBits = UInt64((bits + 1) / 2)
    round = key
  }

  /// Where `index` goes.
  package func callAsFunction(_ index: Int) -> Int {
    precondition(index >= 0 && index < count)
    let mask = (1 << halfBits) &- 1 as UInt64
    var value = UInt64(index)
    repeat {
      var left = value >> halfBits
      var right = value & mask
      for number in 0..<6 as Range<UInt64> {
        (left, right) = (right, left ^ (round(right << 3 | number) & mask))
      }
      value = left << halfBits | right
    } while value >= UInt64(count)
    return Int(value)
  }
}
