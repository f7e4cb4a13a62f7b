/// Random numbers as a function of a key and a counter: no state to carry, any of them at any time, the same on every
/// machine. The function is the finaliser of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
/// generators, OOPSLA 2014).
package struct CounterGenerator: Sendable {
  private static let golden: UInt64 = 0x9E37_79B9_7F4A_7C15
  private let key: UInt64

  /// - Parameter words: what the numbers belong to, such as seed, epoch and purpose.
  package init(_ words: UInt64...) {
    var key: UInt64 = 0
    for word in words { key = Self.mix(key ^ word) &+ Self.golden }
    self.key = key
  }

  @inline(__always)
  package static func mix(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// The number at a place of the sequence.
  @inline(__always)
  package func callAsFunction(_ counter: UInt64) -> UInt64 { Self.mix(key &+ (counter &+ 1) &* Self.golden) }

  /// A number below `bound`: the upper half of a product, whose bias of bound / 2^64 no sample can show.
  @inline(__always)
  package func callAsFunction(_ counter: UInt64, below bound: Int) -> Int {
    Int(self(counter).multipliedFullWidth(by: UInt64(bound)).high)
  }
}
