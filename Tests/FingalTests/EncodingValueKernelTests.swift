import Fingal
import FingalKernels
import Testing

/// The loops of `fingal_values.h` beside what they mean.
@Suite struct EncodingValueKernelTests {
  @Test(arguments: [0, 1, 7, 31, 32, 33, 1000]) func bounds(count: Int) {
    let seed = UInt64(count)
    var generator = SeededGenerator(seed: seed)
    let special: [Double] = [.nan, .infinity, -.infinity, -0.0, 0]
    for rare in [2, 10, 100_000] {
      let values = (0..<count).map { _ in
        Int.random(in: 0..<rare, using: &generator) == 0
          ? special.randomElement(using: &generator)! : Double.random(in: -9...9, using: &generator)
      }
      let numbers = values.filter { !$0.isNaN }
      var (low, high, nans) = (0.0, 0.0, -1)
      unsafe fingal_bounds64f(values, count, &low, &high, &nans)
      #expect(nans == count - numbers.count, "seed \(seed)")
      #expect(numbers.isEmpty ? low > high : low == numbers.min() && high == numbers.max(), "seed \(seed)")
      var (low32, high32) = (Float(0), Float(0))
      unsafe fingal_bounds32f(values.map { Float($0) }, count, &low32, &high32, &nans)
      #expect(nans == count - numbers.count, "seed \(seed)")
      #expect(numbers.isEmpty ? low32 > high32 : low32 == Float(numbers.min()!) && high32 == Float(numbers.max()!))
    }
  }

  @Test(arguments: [1, 5, 63, 64, 65, 999], [2, 20, 1000]) func nonZeros(count: Int, rare: Int) {
    let seed = UInt64(count * rare)
    var generator = SeededGenerator(seed: seed)
    let row = (0..<count).map { _ in
      Int.random(in: 0..<rare, using: &generator) == 0 ? UInt16.random(in: 1...9, using: &generator) : 0
    }
    let places = (0..<count).filter { row[$0] != 0 }
    #expect(unsafe fingal_count_zeros16(row, count) == count - places.count)
    var gaps = [UInt32](repeating: 99, count: places.count + 1)
    var found = [UInt16](repeating: 99, count: places.count + 1)
    #expect(unsafe fingal_nonzeros16(row, count, &gaps, &found) == places.count)
    #expect(Array(found[..<places.count]) == places.map { row[$0] }, "seed \(seed)")
    var before = -1
    for (i, place) in places.enumerated() {
      #expect(Int(gaps[i]) == place - before - 1, "seed \(seed)")
      before = place
    }
    for length in [count, count - 1] {
      var back = [UInt16](repeating: 0, count: count)
      let inside = unsafe fingal_scatter(gaps, 4, found, 2, places.count, &back, length)
      #expect(inside == places.allSatisfy { $0 < length })
      if inside { #expect(back == row, "seed \(seed)") }
    }
  }

  @Test(arguments: [1, 2, 100, 257]) func distinct(kinds: Int) {
    let seed = UInt64(kinds)
    var generator = SeededGenerator(seed: seed)
    let pool = (0..<kinds).map { _ in UInt64.random(in: 0 ... .max, using: &generator) }
    let values = (0..<3000).map { _ in pool.randomElement(using: &generator)! }
    var order: [UInt64] = []
    for value in values where !order.contains(value) { order.append(value) }
    var slots = [UInt32](repeating: 0, count: 1024)
    var distinct = [UInt64](repeating: 0, count: 400)
    var indices = [UInt32](repeating: 0, count: values.count)
    #expect(unsafe fingal_distinct64(values, values.count, &slots, 10, 399, &distinct, &indices) == order.count)
    #expect(Array(distinct[..<order.count]) == order, "seed \(seed)")
    #expect(indices.map { order[Int($0)] } == values, "seed \(seed)")
    var back = [UInt64](repeating: 0, count: values.count)
    #expect(unsafe fingal_gather(indices, 4, values.count, distinct, 8, order.count, &back))
    #expect(back == values, "seed \(seed)")
    #expect(!(unsafe fingal_gather(indices, 4, values.count, distinct, 8, order.count - 1, &back)))
    if kinds > 1 {
      slots = [UInt32](repeating: 0, count: 1024)
      #expect(
        unsafe fingal_distinct64(values, values.count, &slots, 10, order.count - 1, &distinct, &indices)
          == order.count)
    }
  }
}
