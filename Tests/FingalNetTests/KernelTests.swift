import FingalDNN
import FingalNet
import Testing

/// The vector loops against their readable twins. Lengths around multiples of the vector width.
@Suite struct KernelTests {
  private func numbers(_ count: Int, stream: Int) -> [Float] {
    let random = CounterRandom(seed: 61, stream: stream)
    return (0..<count).map { Float(2 * random.uniform($0) - 1) }
  }

  @Test(arguments: [0, 1, 15, 16, 17, 63, 1000])
  func add(count: Int) {
    var sum = numbers(count, stream: 0)
    let addend = numbers(count, stream: 1)
    let expected = zip(sum, addend).map { $0 + $1 }
    unsafe fdnn_add(&sum, addend, count)
    #expect(sum == expected)
  }

  /// The twin in double precision: the kernel may fuse multiplications with additions, so that the last digit differs.
  @Test(arguments: [0, 1, 15, 16, 17, 63, 1000])
  func adam(count: Int) {
    var weights = numbers(count, stream: 0)
    let gradient = numbers(count, stream: 1)
    var first = numbers(count, stream: 2)
    var second = numbers(count, stream: 3).map { abs($0) }
    var expected: [(weight: Double, first: Double, second: Double)] = []
    for index in 0..<count {
      let g = Double(gradient[index])
      let m = Double(first[index]) + (g - Double(first[index])) * (1 - Double(Float(0.9)))
      let v = Double(second[index]) + (g * g - Double(second[index])) * (1 - Double(Float(0.999)))
      expected.append((Double(weights[index]) - 0.01 * m / (v.squareRoot() + 1e-7), m, v))
    }
    unsafe fdnn_adam(&weights, gradient, &first, &second, count, 0.01, 0.9, 0.999, 1e-7)
    for index in 0..<count {
      #expect(abs(Double(weights[index]) - expected[index].weight) < 3e-7)
      #expect(abs(Double(first[index]) - expected[index].first) < 3e-7)
      #expect(abs(Double(second[index]) - expected[index].second) < 3e-7)
    }
  }

  /// What padding of blocked layouts relies on: zero stays zero.
  @Test func adamLeavesZerosAlone() {
    var weights = [Float](repeating: 0, count: 40)
    var first = weights
    var second = weights
    let gradient = weights
    for _ in 0..<3 { unsafe fdnn_adam(&weights, gradient, &first, &second, 40, 0.01, 0.9, 0.999, 1e-7) }
    #expect(weights == gradient)
    #expect(first == gradient)
    #expect(second == gradient)
  }

  @Test(arguments: [1, 15, 16, 17, 63, 1000])
  func allBelow(count: Int) {
    let values = numbers(count, stream: 4)
    #expect(unsafe fdnn_all_below(values, count, .infinity) == 1)
    #expect(unsafe fdnn_all_below(values, count, 1) == 1)
    for place in Set([0, count / 2, count - 1]) {
      for bad in [Float.nan, .infinity, -.infinity, .signalingNaN] {
        var damaged = values
        damaged[place] = bad
        #expect(unsafe fdnn_all_below(damaged, count, .infinity) == 0)
      }
      var large = values
      large[place] = -3
      #expect(unsafe fdnn_all_below(large, count, 3) == 0)
      #expect(unsafe fdnn_all_below(large, count, 3.5) == 1)
    }
    #expect(unsafe fdnn_all_below(values, 0, 0) == 1)
  }

  @Test func theLibraryNamesItself() {
    #expect(ComputeLibrary.description.hasPrefix("oneDNN "))
  }
}
