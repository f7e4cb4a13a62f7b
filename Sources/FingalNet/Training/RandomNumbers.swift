/// A counter-based generator: number `i` of stream `s` under a seed is a function of the three alone, so that results depend
/// neither on the order of use nor on the number of threads.
///
/// It is SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014) addressed by its counter:
///
///     key    = mix(seed + G · (s + 1))
///     bits   = mix(key + G · (i + 1))          G = 0x9E3779B97F4A7C15, all modulo 2^64
///     number = (bits >> 11) · 2^-53            in [0, 1)
///
/// where mix(z): z = (z xor z >> 30) · 0xBF58476D1CE4E5B9; z = (z xor z >> 27) · 0x94D049BB133111EB; z xor z >> 31.
package struct CounterRandom: Sendable {
  private let key: UInt64

  package init(seed: UInt64, stream: Int) {
    key = Self.mix(seed &+ Self.gamma &* (UInt64(stream) &+ 1))
  }

  package func bits(_ index: Int) -> UInt64 { Self.mix(key &+ Self.gamma &* (UInt64(index) &+ 1)) }

  /// In [0, 1), a multiple of 2^-53.
  package func uniform(_ index: Int) -> Double { Double(bits(index) >> 11) * 0x1p-53 }

  private static let gamma: UInt64 = 0x9E37_79B9_7F4A_7C15

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
