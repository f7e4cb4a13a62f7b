import FingalKernels
import Testing

/// The loops of `fingal_planes.h` beside what they mean.
@Suite struct EncodingPlaneKernelTests {
  static let counts = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 1000, 1023, 1024, 1025]

  private func words<Word: FixedWidthInteger>(_: Word.Type, _ count: Int) -> [Word] {
    var generator = SeededGenerator(seed: UInt64(count))
    return (0..<count).map { _ in Word.random(in: .min ... .max, using: &generator) }
  }

  @Test(arguments: counts) func runningSums(count: Int) {
    func check<Word: FixedWidthInteger>(
      _ type: Word.Type, _ kernel: (UnsafeMutablePointer<Word>, Int, Word) -> Void,
      _ differences: (UnsafePointer<Word>, Int, UnsafeMutablePointer<Word>) -> Void
    ) {
      let values = words(type, count)
      var sum: Word = 77
      let expected = values.map { value in
        sum = sum &+ value
        return sum
      }
      var found = values
      unsafe found.withUnsafeMutableBufferPointer { unsafe kernel($0.baseAddress!, count, 77) }
      #expect(found == expected, "\(type)")
      var back = [Word](repeating: 0, count: count)
      unsafe back.withUnsafeMutableBufferPointer { back in
        unsafe expected.withUnsafeBufferPointer { unsafe differences($0.baseAddress!, count, back.baseAddress!) }
      }
      #expect(Array(back.dropLast()) == Array(values.dropFirst()), "\(type)")
    }
    unsafe check(UInt8.self, { unsafe fingal_running_sum8($0, $1, $2) }, { unsafe fingal_differences8($0, $1, $2) })
    unsafe check(UInt16.self, { unsafe fingal_running_sum16($0, $1, $2) }, { unsafe fingal_differences16($0, $1, $2) })
    unsafe check(UInt32.self, { unsafe fingal_running_sum32($0, $1, $2) }, { unsafe fingal_differences32($0, $1, $2) })
    unsafe check(UInt64.self, { unsafe fingal_running_sum64($0, $1, $2) }, { unsafe fingal_differences64($0, $1, $2) })
  }

  @Test(arguments: counts, [0, 1, 5, 8, 17]) func planes32(count: Int, shift: Int) {
    let values = words(UInt32.self, count)
    let base: UInt32 = 0x8000_1234
    var plane = [UInt8](repeating: 0, count: count)
    unsafe fingal_split_plane32(values, count, base, UInt32(shift), &plane)
    #expect(plane == values.map { UInt8(truncatingIfNeeded: ($0 &- base) >> UInt32(shift)) })
    var low = [UInt32](repeating: 0, count: count)
    unsafe fingal_low_bits32(values, count, base, 0x3FF, &low)
    #expect(low == values.map { ($0 &- base) & 0x3FF })
    var wide = [UInt32](repeating: 0, count: count)
    unsafe fingal_widen_plane32(plane, count, base, &wide)
    #expect(wide == plane.map { base &+ UInt32($0) })
    unsafe fingal_add_plane32(plane, count, UInt32(shift), &wide)
    #expect(wide == plane.map { base &+ UInt32($0) &+ UInt32($0) << UInt32(shift) })
    let other = Array(plane.reversed())
    unsafe fingal_widen_planes32(plane, other, count, base, &wide)
    #expect(wide == zip(plane, other).map { base &+ UInt32($0) &+ UInt32($1) << 8 })
    #expect(unsafe fingal_any_bits(plane, count) == plane.reduce(0, |))
  }

  @Test(arguments: counts) func planes16And64(count: Int) {
    let narrow = words(UInt16.self, count)
    var plane = [UInt8](repeating: 0, count: count)
    unsafe fingal_split_plane16(narrow, count, 3, 8, &plane)
    var wide16 = narrow.map { ($0 &- 3) & 0xFF &+ 3 }
    unsafe fingal_add_plane16(plane, count, 8, &wide16)
    #expect(wide16 == narrow)
    let wide = words(UInt64.self, count)
    var sum = [UInt64](repeating: 5, count: count)
    for shift in stride(from: 0, to: 64, by: 8) {
      unsafe fingal_split_plane64(wide, count, 5, UInt32(shift), &plane)
      unsafe fingal_add_plane64(plane, count, UInt32(shift), &sum)
    }
    #expect(sum == wide)
    let bytes = words(UInt8.self, count)
    unsafe fingal_split_plane8(bytes, count, 9, 0, &plane)
    var back = [UInt8](repeating: 0, count: count)
    unsafe fingal_widen_plane8(plane, count, 9, &back)
    #expect(back == bytes)
  }

  @Test(arguments: counts, [1, 3, 50]) func runs(count: Int, mean: Int) {
    func check<Word: FixedWidthInteger>(
      _ type: Word.Type,
      _ kernels: (
        count: (UnsafePointer<Word>, Int) -> Int,
        find: (UnsafePointer<Word>, Int, UnsafeMutablePointer<Word>, UnsafeMutablePointer<UInt32>) -> Void,
        expand: (UnsafePointer<Word>, UnsafePointer<UInt32>, Int, UnsafeMutablePointer<Word>, Int) -> Void
      )
    ) {
      var generator = SeededGenerator(seed: UInt64(count * mean))
      var values: [Word] = []
      while values.count < count {
        let value = Word.random(in: 0...9, using: &generator)
        values += [Word](repeating: value, count: Int.random(in: 1...2 * mean, using: &generator))
      }
      values.removeLast(values.count - count)
      var expected: [(value: Word, length: UInt32)] = []
      for value in values {
        if let last = expected.last, last.value == value {
          expected[expected.count - 1].length += 1
        } else {
          expected.append((value, 1))
        }
      }
      let runs = unsafe values.withUnsafeBufferPointer { unsafe kernels.count($0.baseAddress!, count) }
      #expect(runs == expected.count, "\(type)")
      var found = [Word](repeating: 0, count: expected.count)
      var lengths = [UInt32](repeating: 0, count: expected.count)
      unsafe kernels.find(values, count, &found, &lengths)
      #expect(found == expected.map(\.value) && lengths == expected.map(\.length), "\(type)")
      #expect(unsafe fingal_check_runs(lengths, runs, count))
      #expect(!(unsafe fingal_check_runs(lengths, runs, count + 1)))
      #expect(!(unsafe fingal_check_runs(lengths + [0], runs + 1, count)))
      var back = [Word](repeating: 0, count: count)
      unsafe kernels.expand(found, lengths, runs, &back, count)
      #expect(back == values, "\(type)")
    }
    unsafe check(
      UInt8.self,
      (
        { unsafe fingal_count_runs8($0, $1) }, { unsafe fingal_find_runs8($0, $1, $2, $3) },
        { unsafe fingal_expand_runs8($0, $1, $2, $3, $4) }
      ))
    unsafe check(
      UInt16.self,
      (
        { unsafe fingal_count_runs16($0, $1) }, { unsafe fingal_find_runs16($0, $1, $2, $3) },
        { unsafe fingal_expand_runs16($0, $1, $2, $3, $4) }
      ))
    unsafe check(
      UInt64.self,
      (
        { unsafe fingal_count_runs64($0, $1) }, { unsafe fingal_find_runs64($0, $1, $2, $3) },
        { unsafe fingal_expand_runs64($0, $1, $2, $3, $4) }
      ))
  }

  @Test func histogram() {
    let bytes = words(UInt8.self, 1003)
    var counts = [UInt32](repeating: 1, count: 256)
    unsafe fingal_histogram(bytes, bytes.count, &counts)
    for byte in 0..<256 { #expect(Int(counts[byte]) == 1 + bytes.count { Int($0) == byte }) }
  }
}
