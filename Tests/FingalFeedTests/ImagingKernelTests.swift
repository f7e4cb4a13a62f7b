import FingalKernels
import Testing

/// The kernels of images against readable loops, bit for bit.
@Suite struct ImagingKernelTests {
  /// A range with bins: whole numbers, halves, a third, huge ones, and one whose upper edge rounding reaches.
  struct Axis: CustomTestStringConvertible {
    var low: Double
    var high: Double
    var bins: Int
    var testDescription: String { "\(low)..\(high):\(bins)" }

    static let all: [Axis] = [
      .init(low: 1, high: 29, bins: 28), .init(low: -7.5, high: 7.5, bins: 15), .init(low: -7, high: 7, bins: 12),
      .init(low: 0.1, high: 0.7, bins: 3), .init(low: -1e300, high: 1e300, bins: 1000),
      .init(low: 0, high: 1, bins: 49), .init(low: -128, high: 128, bins: 256), .init(low: 5, high: 6, bins: 1),
    ]

    /// What one hit becomes.
    func twin(_ x: Double, _ pixel: Int32) -> Int32 {
      guard x >= low, x < high, pixel >= 0 else { return -1 }
      return pixel * Int32(bins) + min(Int32((x - low) * (Double(bins) / (high - low))), Int32(bins) - 1)
    }
  }

  private typealias Kernel<T> = (
    UnsafePointer<T>?, Int, Double, Double, Double, Int32, UnsafeMutablePointer<Int32>?
  ) -> Void

  private func check<T>(
    _ axis: Axis, _ values: [T], _ double: (T) -> Double, _ kernel: Kernel<T>, _ seed: UInt64
  ) {
    var random = Random(state: seed)
    var pixels: [Int32] = values.map { _ in [-2, -1, 0, 1, 27, 4000].randomElement(using: &random)! }
    let expected = zip(values, pixels).map { axis.twin(double($0), $1) }
    unsafe kernel(
      values, values.count, axis.low, axis.high, Double(axis.bins) / (axis.high - axis.low), Int32(axis.bins), &pixels)
    #expect(pixels == expected, "seed \(seed), \(T.self)")
    if values.count > 100, axis.high - axis.low > 10 { #expect(expected.contains { $0 >= 0 }) }
  }

  private func integers<T: FixedWidthInteger>(_: T.Type, _ count: Int, _ seed: UInt64) -> [T] {
    var random = Random(state: seed)
    return (0..<count).map { number in
      switch number % 4 {
      case 0: T(truncatingIfNeeded: random.next())
      case 1: [T.min, T.max, 0, 1].randomElement(using: &random)!
      default: T(truncatingIfNeeded: Int(random.next() % 40) - 8)
      }
    }
  }

  private func floats<T: BinaryFloatingPoint>(_: T.Type, _ axis: Axis, _ count: Int, _ seed: UInt64) -> [T] {
    var random = Random(state: seed)
    let (low, high) = (T(axis.low), T(axis.high))
    let special: [T] = [
      low, low.nextDown, low.nextUp, high, high.nextDown, high.nextUp, .nan, .infinity, -.infinity, 0, -0.0,
      .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude,
    ]
    return (0..<count).map { number in
      if number % 5 == 0 { return special.randomElement(using: &random)! }
      // On and beside the borders of bins, and anywhere.
      let place = T(axis.low + (axis.high - axis.low) * Double(random.next() % 1000) / 997)
      return number % 5 == 1 ? T(axis.low + Double(random.next() % 60)) : place
    }
  }

  @Test(arguments: Axis.all, [0, 1, 7, 64, 1000])
  func binsEqualTheLoop(_ axis: Axis, _ count: Int) {
    let seed = UInt64(count + 17)
    unsafe check(axis, integers(UInt8.self, count, seed), { Double($0) }, fingal_bin_u8, seed)
    unsafe check(axis, integers(Int8.self, count, seed), { Double($0) }, fingal_bin_i8, seed)
    unsafe check(axis, integers(UInt16.self, count, seed), { Double($0) }, fingal_bin_u16, seed)
    unsafe check(axis, integers(Int16.self, count, seed), { Double($0) }, fingal_bin_i16, seed)
    unsafe check(axis, integers(UInt32.self, count, seed), { Double($0) }, fingal_bin_u32, seed)
    unsafe check(axis, integers(Int32.self, count, seed), { Double($0) }, fingal_bin_i32, seed)
    unsafe check(axis, integers(UInt64.self, count, seed), { Double($0) }, fingal_bin_u64, seed)
    unsafe check(axis, integers(Int64.self, count, seed), { Double($0) }, fingal_bin_i64, seed)
    unsafe check(axis, floats(Float.self, axis, count, seed), { Double($0) }, fingal_bin_f32, seed)
    unsafe check(axis, floats(Double.self, axis, count, seed), { $0 }, fingal_bin_f64, seed)
    guard axis.high - axis.low == Double(axis.bins) else { return }
    let low = Int32(axis.low)
    guard Double(low) == axis.low else { return }
    // One bin a whole number: the loops in integers give the same.
    unsafe check(
      axis, integers(UInt8.self, count, seed), { Double($0) },
      { unsafe fingal_whole_u8($0, $1, low, $5, $6) }, seed)
    unsafe check(
      axis, integers(Int8.self, count, seed), { Double($0) }, { unsafe fingal_whole_i8($0, $1, low, $5, $6) }, seed)
    unsafe check(
      axis, integers(UInt16.self, count, seed), { Double($0) },
      { unsafe fingal_whole_u16($0, $1, low, $5, $6) }, seed)
    unsafe check(
      axis, integers(Int16.self, count, seed), { Double($0) },
      { unsafe fingal_whole_i16($0, $1, low, $5, $6) }, seed)
  }

  @Test func upperEdgeStaysInTheLastBin() {
    // 0.1 + 0.7: (x - low) * perUnit rounds to 3 for a value below the edge.
    let axis = Axis(low: 0.1, high: 0.7, bins: 3)
    let below = axis.high.nextDown
    var pixel: Int32 = 0
    unsafe fingal_bin_f64([below], 1, axis.low, axis.high, 3 / (axis.high - axis.low), 3, &pixel)
    #expect(pixel == 2)
  }

  @Test func hexEqualsTheFormula() {
    var u: [Double] = [.nan, .infinity, 1e300, 0.5, 1000, -1000, 0, 0]
    var v: [Double] = [0, 0, 0, 0, 0, 0, .nan, -0.25]
    for iu in -20...20 {
      for iv in -20...20 {
        u.append(Double(iu))
        v.append(Double(iv))
      }
    }
    var pixels = [Int32](repeating: 0, count: u.count)
    for i in pixels.indices { pixels[i] = Int32(i % 4) - 1 }
    let expected = pixels.indices.map { (i: Int) -> Int32 in
      guard pixels[i] >= 0, u[i] == u[i].rounded(), v[i] == v[i].rounded(), abs(u[i]) < 1000, abs(v[i]) < 1000 else {
        return -1
      }
      let (column, row) = (Int(v[i]) + 7, (2 * Int(u[i]) + Int(v[i]) + 11) / 2)
      return (0..<15).contains(column) && (0..<12).contains(row) ? pixels[i] * 180 + Int32(row * 15 + column) : -1
    }
    unsafe fingal_hex(u, v, u.count, &pixels)
    #expect(pixels == expected)
    #expect(expected.filter { $0 >= 0 }.count > 50)
  }

  /// Sums in the order of the hits, pixels in the order of their first hits, zeros left out.
  @Test(arguments: 0..<20)
  func lightEqualsTheLoop(_ round: Int) {
    let seed = UInt64(round)
    var random = Random(state: seed)
    func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
    let image = [1, 6, 300, 70_000][round % 4]
    let events = below(20)
    let counts = (0..<events).map { _ in UInt32(below(4) == 0 ? 0 : below(90)) }
    let wanted = (0..<events).map { _ in UInt8(below(4) == 0 ? 0 : 1) }
    let hits = counts.reduce(0) { $0 + Int($1) }
    let values: [Float] = (0..<hits).map { _ in
      [0.5, -0.5, 1e-3, 1e8, 0, -0.0, .infinity, -.infinity, 3].randomElement(using: &random)!
    }
    let pixels: [Int32] = (0..<hits).map { _ in Int32(below(image + 2)) - 2 }

    var lists: [[Int: Float]] = []
    var orders: [[Int]] = []
    var tallies: [[Int]] = []
    var hit = 0
    for event in 0..<events {
      var (sums, order, tally): ([Int: Float], [Int], [Int]) = ([:], [], [0, 0, 0])
      for i in hit..<hit + Int(counts[event]) where wanted[event] != 0 {
        tally[0] += 1
        if pixels[i] < 0 {
          tally[pixels[i] == -1 ? 1 : 2] += 1
        } else {
          if sums[Int(pixels[i])] == nil { order.append(Int(pixels[i])) }
          sums[Int(pixels[i]), default: 0] += values[i]
        }
      }
      hit += Int(counts[event])
      orders.append(order.filter { sums[$0] != 0 })
      lists.append(sums)
      tallies.append(tally)
    }

    func check<W: FixedWidthInteger>(_ lit: [W], _ sums: [Float], _ ends: [UInt32], _ tally: [fingal_hit_tally]) {
      var start = 0
      for event in 0..<events {
        let list = start..<Int(ends[event])
        #expect(lit[list].map { Int($0) } == orders[event], "seed \(seed)")
        for i in list {
          let expected = lists[event][Int(lit[i])]!
          #expect(sums[i].bitPattern == expected.bitPattern || (sums[i].isNaN && expected.isNaN), "seed \(seed)")
        }
        let found = tally[event]
        #expect([Int(found.hits), Int(found.outside), Int(found.skipped)] == tallies[event], "seed \(seed)")
        start = list.upperBound
      }
    }
    // What is left of earlier events is smaller than the next number, whatever it is.
    var next: UInt32 = round < 10 ? 1 : 1_000_000
    var places = (0..<image + 2).map { _ in UInt32(below(Int(next))) }
    var sums = [Float](repeating: -1, count: hits + 1)
    var ends = [UInt32](repeating: 0, count: events)
    var tally = [fingal_hit_tally](repeating: fingal_hit_tally(), count: events)
    var wide = [UInt32](repeating: 0, count: hits + 1)
    var length = unsafe fingal_light32(
      pixels, values, counts, wanted, events, &places, &next, &wide, &sums, &ends, &tally)
    #expect(length == Int(ends.last ?? 0))
    check(wide, sums, ends, tally)
    #expect(places.allSatisfy { $0 < next })
    if image <= 1 << 16 {
      var narrow = [UInt16](repeating: 0, count: hits + 1)
      length = unsafe fingal_light16(
        pixels, values, counts, wanted, events, &places, &next, &narrow, &sums, &ends, &tally)
      #expect(length == Int(ends.last ?? 0))
      check(narrow, sums, ends, tally)
      #expect(places.allSatisfy { $0 < next })
    }
  }

  @Test(arguments: [0, 1, 31, 32, 33, 1000])
  func rowsEqualTheLoop(_ count: Int) {
    var random = Random(state: UInt64(count))
    for share in [1, 2, 50, 1_000_000] {
      let row: [Float] = (0..<count).map { _ in
        random.next() % UInt64(share) == 0
          ? [1, -2, .nan, -0.0, .infinity, .leastNonzeroMagnitude].randomElement(using: &random)! : 0
      }
      let expected = row.indices.filter { row[$0] != 0 && !row[$0].isNaN }
      var lit = [UInt32](repeating: 0, count: count + 1)
      var values = [Float](repeating: 0, count: count + 1)
      var tally = fingal_hit_tally()
      let length = unsafe fingal_light_row32(row, count, &lit, &values, &tally)
      #expect(lit[..<length].map { Int($0) } == expected, "\(count), 1 in \(share)")
      #expect(values[..<length].map(\.bitPattern) == expected.map { row[$0].bitPattern })
      #expect(Int(tally.hits) == row.filter { $0 != 0 }.count && Int(tally.skipped) == row.filter(\.isNaN).count)
      var narrow = [UInt16](repeating: 0, count: count + 1)
      #expect(unsafe fingal_light_row16(row, count, &narrow, &values, &tally) == length)
      #expect(narrow[..<length].map { Int($0) } == expected)
      // Drawn, it is the row again, but for what has no value; cleared, it is zero.
      var image = [Float](repeating: 0, count: max(1, count))
      unsafe fingal_draw16(narrow, values, length, &image)
      #expect((0..<count).allSatisfy { image[$0] == (row[$0].isNaN ? 0 : row[$0]) })
      #expect(unsafe fingal_all_zero(image, image.count) == image.allSatisfy { $0 == 0 })
      unsafe fingal_clear16(narrow, length, &image)
      #expect(image.allSatisfy { $0 == 0 })
    }
  }

  @Test func marksEqualTheLoop() {
    let valid = (0..<100).map { UInt8($0 % 3 == 0 ? 0 : 1) }
    var pixels = (0..<100).map { Int32($0) - 2 }
    let before = pixels
    unsafe fingal_mark_nulls(valid, 100, -2, &pixels)
    #expect(pixels == zip(valid, before).map { $0 == 0 ? -2 : $1 })
    let values = (0..<100).map { $0 % 7 == 0 ? Float.nan : Float($0) }
    pixels = before
    unsafe fingal_mark_nans(values, 100, &pixels)
    #expect(pixels == zip(values, before).map { $0.isNaN ? -2 : $1 })
  }
}
