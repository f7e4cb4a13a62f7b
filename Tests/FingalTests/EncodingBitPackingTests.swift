import Fingal
import FingalKernels
import Testing

/// The readable twins of the bit-packing kernels: `FORMAT.md` "Bit packing" word for word, one bit at a time.
enum BitPackingTwin {
  /// Word rows of `values`, `width` bits each.
  static func pack<Word: FixedWidthInteger & UnsignedInteger>(_ values: [Word], width: Int) -> [Word] {
    let lanes = 1024 / Word.bitWidth
    let rows = values.count / lanes
    var words = [Word](repeating: 0, count: (rows * width + Word.bitWidth - 1) / Word.bitWidth * lanes)
    for i in values.indices {
      let (row, lane) = (i / lanes, i % lanes)
      for bit in 0..<width where values[i] >> bit & 1 == 1 {
        let place = row * width + bit
        words[place / Word.bitWidth * lanes + lane] |= 1 << (place % Word.bitWidth)
      }
    }
    return words
  }

  static func unpack<Word: FixedWidthInteger & UnsignedInteger>(
    _ words: [Word], rows: Int, width: Int, base: Word
  ) -> [Word] {
    let lanes = 1024 / Word.bitWidth
    return (0..<rows * lanes).map { i in
      let (row, lane) = (i / lanes, i % lanes)
      var value: Word = 0
      for bit in 0..<width {
        let place = row * width + bit
        value |= (words[place / Word.bitWidth * lanes + lane] >> (place % Word.bitWidth) & 1) << bit
      }
      return value &+ base
    }
  }
}

@Suite struct EncodingBitPackingTests {
  typealias Unpack<Word> = (UnsafeRawPointer?, UInt32, UInt32, Word, UnsafeMutablePointer<Word>?) -> Void
  typealias Pack<Word> = (UnsafePointer<Word>?, UInt32, UInt32, UnsafeMutableRawPointer?) -> Void

  @Test(arguments: 0...8) func bytes(width: Int) { unsafe compare(UInt8.self, width, fingal_unpack8, fingal_pack8) }
  @Test(arguments: 0...16) func words16(width: Int) {
    unsafe compare(UInt16.self, width, fingal_unpack16, fingal_pack16)
  }
  @Test(arguments: 0...32) func words32(width: Int) {
    unsafe compare(UInt32.self, width, fingal_unpack32, fingal_pack32)
  }
  @Test(arguments: 0...64) func words64(width: Int) {
    unsafe compare(UInt64.self, width, fingal_unpack64, fingal_pack64)
  }

  private func compare<Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _: Word.Type, _ width: Int, _ unpack: Unpack<Word>, _ pack: Pack<Word>
  ) {
    let lanes = 1024 / Word.bitWidth
    let seed = UInt64(Word.bitWidth * 1000 + width)
    var generator = SeededGenerator(seed: seed)
    let mask: Word = width == 0 ? 0 : .max >> (Word.bitWidth - width)
    for rows in [1, 2, 3, Word.bitWidth - 1, Word.bitWidth] {
      let values = (0..<rows * lanes).map { _ in Word.random(in: 0 ... .max, using: &generator) & mask }
      let base = Word.random(in: 0 ... .max, using: &generator)
      let expected = BitPackingTwin.pack(values, width: width)

      var packed = [Word](repeating: .max, count: expected.count)
      unsafe pack(values, UInt32(rows), UInt32(width), &packed)
      #expect(packed == expected, "pack, width \(width), \(rows) rows, seed \(seed)")

      // At an odd address, as pages are.
      var bytes: [UInt8] = [0xEE]
      unsafe expected.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
      var unpacked = [Word](repeating: 0, count: rows * lanes)
      unsafe bytes.withUnsafeBytes { buffer in
        unsafe unpack(buffer.baseAddress! + 1, UInt32(rows), UInt32(width), base, &unpacked)
      }
      #expect(unpacked == values.map { $0 &+ base }, "unpack, width \(width), \(rows) rows, seed \(seed)")
      #expect(unpacked == BitPackingTwin.unpack(expected, rows: rows, width: width, base: base))
    }
  }

  @Test(arguments: [1, 7, 1000, 1024]) func encoderKernels(count: Int) {
    let seed = UInt64(count)
    var generator = SeededGenerator(seed: seed)
    for shift in [0, 1, 7, 20, 31] {
      let values = (0..<count).map { _ in UInt32.random(in: 0 ... .max, using: &generator) >> shift }
      let signed = values.map { Int32(bitPattern: $0) }
      var low: UInt32 = 0
      var high: UInt32 = 0
      unsafe fingal_range32(values, count, 0, &low, &high)
      #expect(low == values.min() && high == values.max(), "seed \(seed)")
      unsafe fingal_range32(values, count, 1 << 31, &low, &high)
      #expect(Int32(bitPattern: low) == signed.min() && Int32(bitPattern: high) == signed.max(), "seed \(seed)")

      var widthsLow = [UInt32](repeating: 0, count: 65)
      var widthsHigh = [UInt32](repeating: 0, count: 65)
      unsafe fingal_widths32(values, count, low, high, &widthsLow, &widthsHigh)
      for bits in 0...64 {
        #expect(Int(widthsLow[bits]) == values.count { 32 - ($0 &- low).leadingZeroBitCount == bits })
        #expect(Int(widthsHigh[bits]) == values.count { 32 - (high &- $0).leadingZeroBitCount == bits })
      }

      let base = values[count / 2]
      let mask = UInt32.max >> 9
      var deltas = [UInt32](repeating: 9, count: count)
      var exceptions = [UInt16](repeating: 0, count: count)
      let found = unsafe fingal_frame32(values, count, base, mask, &deltas, &exceptions)
      let outside = (0..<count).filter { values[$0] &- base > mask }
      #expect(exceptions[..<found].map(Int.init) == outside, "seed \(seed)")
      #expect(deltas == values.map { $0 &- base > mask ? 0 : $0 &- base }, "seed \(seed)")
    }
  }
}
