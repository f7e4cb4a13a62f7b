/// Powers of ten as constants: integers to 10^19, doubles where they are exact, and beyond that correctly rounded ones
/// for estimates.
enum PowersOfTen {
  nonisolated(unsafe) private static let integerTable: UnsafePointer<UInt64> = {
    let table = UnsafeMutablePointer<UInt64>.allocate(capacity: 21)
    var value: UInt64 = 1
    for i in 0..<20 {
      unsafe table[i] = value
      value = value &* 10
    }
    unsafe table[20] = .max
    return unsafe UnsafePointer(table)
  }()

  /// 10^n for n in 0...19 (20 gives the largest integer).
  @inline(__always)
  static func integers(_ n: Int) -> UInt64 { unsafe integerTable[n] }

  /// Decimal digits of an integer; 0 for 0.
  @inline(__always)
  static func digits(of value: UInt64) -> Int {
    if value == 0 { return 0 }
    // floor(log10(2) · bits) is exact or one too small.
    let guess = ((64 &- value.leadingZeroBitCount) &* 1233) &>> 12
    return guess &+ (value >= integers(guess) ? 1 : 0)
  }

  /// The largest n for which 10^n is a double exactly.
  static let exactLimit = 22

  nonisolated(unsafe) private static let doubleTable: UnsafePointer<Double> = {
    let table = UnsafeMutablePointer<Double>.allocate(capacity: 2 * 330 + 1)
    for n in -330...330 { unsafe table[n + 330] = n < -323 ? 0 : n > 308 ? .infinity : (Double("1e\(n)") ?? 0) }
    return unsafe UnsafePointer(table)
  }()

  /// 10^n, correctly rounded; exact for n in 0...22.
  @inline(__always)
  static func double(_ n: Int) -> Double { unsafe doubleTable[max(-330, min(330, n)) + 330] }
}
