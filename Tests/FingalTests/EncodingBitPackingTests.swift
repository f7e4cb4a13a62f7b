import Fingal
import FingalKernels
import Testing

/// The readable twin of the bit-packing kernels: `FORMAT.md` "Bit packing" word for word, one bit at a time.
enum BitPackingTwin {
  /// Which bit of the packed bytes holds bit `bit` of value `i` among `count` words of T bits.
  static func place(_ i: Int, bit: Int, count: Int, width: Int, T: Int) -> Int {
    if count < 1024 { return i * width + bit }
    let lanes = 1024 / T
    let (row, lane) = (i / lanes, i % lanes)
    let inLane = row * width + bit
    let word = inLane / T * lanes + lane
    return word * T + inLane % T
  }

  static func pack<Word: FixedWidthInteger & UnsignedInteger>(_ values: [Word], width: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (values.count * width + 7) / 8)
    for i in values.indices {
      for bit in 0..<width where values[i] >> bit & 1 == 1 {
        let place = place(i, bit: bit, count: values.count, width: width, T: Word.bitWidth)
        bytes[place / 8] |= 1 << (place % 8)
      }
    }
    return bytes
  }
}

@Suite struct EncodingBitPackingTests {
  @Test(arguments: 0...8) func words8(width: Int) { unsafe compare(width, kernels8) }
  @Test(arguments: 0...16) func words16(width: Int) { unsafe compare(width, kernels16) }
  @Test(arguments: 0...32) func words32(width: Int) { unsafe compare(width, kernels32) }
  @Test(arguments: 0...64) func words64(width: Int) { unsafe compare(width, kernels64) }

  /// The four kernels of one word size.
  @unsafe struct Kernels<Word> {
    var pack: (UnsafePointer<Word>?, UInt32, UnsafeMutableRawPointer?) -> Void
    var unpack: (UnsafeRawPointer?, UInt32, Word, UnsafeMutablePointer<Word>?) -> Void
    var packShort: (UnsafePointer<Word>?, UInt32, UInt32, UnsafeMutableRawPointer?) -> Void
    var unpackShort: (UnsafeRawPointer?, UInt32, UInt32, Word, UnsafeMutablePointer<Word>?) -> Void
  }
  private var kernels8: Kernels<UInt8> {
    unsafe Kernels<UInt8>(
      pack: fingal_pack8, unpack: fingal_unpack8, packShort: fingal_pack_short8, unpackShort: fingal_unpack_short8)
  }
  private var kernels16: Kernels<UInt16> {
    unsafe Kernels<UInt16>(
      pack: fingal_pack16, unpack: fingal_unpack16, packShort: fingal_pack_short16, unpackShort: fingal_unpack_short16)
  }
  private var kernels32: Kernels<UInt32> {
    unsafe Kernels<UInt32>(
      pack: fingal_pack32, unpack: fingal_unpack32, packShort: fingal_pack_short32, unpackShort: fingal_unpack_short32)
  }
  private var kernels64: Kernels<UInt64> {
    unsafe Kernels<UInt64>(
      pack: fingal_pack64, unpack: fingal_unpack64, packShort: fingal_pack_short64, unpackShort: fingal_unpack_short64)
  }

  private func compare<Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ width: Int, _ kernels: Kernels<Word>
  ) {
    let seed = UInt64(Word.bitWidth * 1000 + width)
    var generator = SeededGenerator(seed: seed)
    let mask: Word = width == 0 ? 0 : .max >> (Word.bitWidth - width)
    for count in [1, 2, 7, 63, 500, 1023, 1024] {
      let values = (0..<count).map { _ in Word.random(in: 0 ... .max, using: &generator) & mask }
      let base = Word.random(in: 0 ... .max, using: &generator)
      let expected = BitPackingTwin.pack(values, width: width)

      // Guards at both ends: a kernel touches its own bytes only. The odd address is as in pages.
      var packed = [UInt8](repeating: 0xEE, count: expected.count + 2)
      unsafe packed.withUnsafeMutableBytes { buffer in
        let start = unsafe buffer.baseAddress! + 1
        if count == 1024 {
          unsafe kernels.pack(values, UInt32(width), start)
        } else {
          unsafe kernels.packShort(values, UInt32(count), UInt32(width), start)
        }
      }
      #expect(packed == [0xEE] + expected + [0xEE], "pack, width \(width), \(count) values, seed \(seed)")

      var unpacked = [Word](repeating: 99, count: count + 1)
      unsafe packed.withUnsafeBytes { buffer in
        let start = unsafe buffer.baseAddress! + 1
        if count == 1024 {
          unsafe kernels.unpack(start, UInt32(width), base, &unpacked)
        } else {
          unsafe kernels.unpackShort(start, UInt32(count), UInt32(width), base, &unpacked)
        }
      }
      #expect(unpacked == values.map { $0 &+ base } + [99], "unpack, width \(width), \(count) values, seed \(seed)")
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

      for bits in [0, 1, 13, 31, 32] {
        let mask: UInt32 = bits == 0 ? 0 : .max >> (32 - bits)
        var (above, below) = (UInt32(0), UInt32(0))
        unsafe fingal_outside32(values, count, low, high, mask, &above, &below)
        #expect(Int(above) == values.count { $0 &- low > mask }, "seed \(seed)")
        #expect(Int(below) == values.count { high &- $0 > mask }, "seed \(seed)")
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
