internal import FingalKernels
internal import Glibc

/// The smallest and the spread of a page's words, in the order (signed or unsigned) in which they lie closer together.
struct WordRange<Word: PackedWord> {
  var minimum: Word
  /// Largest less smallest.
  var spread: Word

  init(_ values: UnsafePointer<Word>, count: Int) {
    let unsigned = unsafe Word.range(values, count: count, flip: 0)
    let signed = unsafe Word.range(values, count: count, flip: 1 << (Word.bitWidth - 1))
    (minimum, spread) = (unsigned.minimum, unsigned.maximum &- unsigned.minimum)
    if signed.maximum &- signed.minimum < spread {
      (minimum, spread) = (signed.minimum, signed.maximum &- signed.minimum)
    }
  }

  var width: Int { Word.bitWidth - spread.leadingZeroBitCount }
}

/// Where BYTE_SPLIT cuts: how many low bits are packed, and where the base lies.
struct ByteSplitPlan {
  /// Low bits that are packed.
  var low: Int
  /// The base modulo 2^(low + 8), so that values that are common do not straddle two values of the plane above; −1 for a
  /// base that is the minimum.
  var phase: Int

  /// Base and width for values of a range. The base lies below the minimum by less than 2^(low + 8), unless that would
  /// need more than a word.
  func frame<Word: PackedWord>(_ range: WordRange<Word>) -> (base: Word, width: Int) {
    // A plane is all there is: without a base it can be decompressed into its place.
    if Word.bitWidth == 8 && low == 0 {
      let (top, overflow) = range.minimum.addingReportingOverflow(range.spread)
      return (0, overflow ? 8 : max(1, Word.bitWidth - top.leadingZeroBitCount))
    }
    guard phase >= 0, low + 8 < Word.bitWidth, low + 8 < 63 else { return (range.minimum, range.width) }
    let mask = (Word(1) << (low + 8)) - 1
    let below = (range.minimum &- Word(truncatingIfNeeded: phase)) & mask
    let (spread, overflow) = range.spread.addingReportingOverflow(below)
    if overflow { return (range.minimum, range.width) }
    return (range.minimum &- below, Word.bitWidth - spread.leadingZeroBitCount)
  }

  /// The plan of the least estimated cost: packed bits cost what they are, planes their entropy.
  static func choose<Word: PlaneWord>(
    _ values: UnsafePointer<Word>, count: Int, _ range: WordRange<Word>, _ options: EncodingOptions
  ) -> ByteSplitPlan {
    let stride = (count + sampled - 1) / sampled
    let n = (count + stride - 1) / stride
    return unsafe withUnsafeTemporaryAllocation(of: Word.self, capacity: n) { sample in
      for i in 0..<n { unsafe sample.initializeElement(at: i, to: values[i * stride]) }
      let start = unsafe UnsafePointer(sample.baseAddress!)
      var best = ByteSplitPlan(low: 0, phase: -1)
      var lowest = Double.infinity
      func consider(_ plan: ByteSplitPlan) {
        let cost = unsafe plan.cost(start, count: n, range, options)
        if cost < lowest { (best, lowest) = (plan, cost) }
      }
      let width = range.width
      // More than three planes are worth their time only if all bits are planes.
      for low in max(0, width - 24)...width { consider(ByteSplitPlan(low: low, phase: -1)) }
      if width > 24 { consider(ByteSplitPlan(low: 0, phase: -1)) }
      for low in Set([0, best.low]).sorted() where low + 8 < min(Word.bitWidth, 62) && low < width {
        for quarter in 0..<4 { consider(ByteSplitPlan(low: low, phase: quarter << (low + 6))) }
      }
      return best
    }
  }

  private static let sampled = 4096

  /// Estimated cost of a value, in bytes.
  private func cost<Word: PlaneWord>(
    _ values: UnsafePointer<Word>, count: Int, _ range: WordRange<Word>, _ options: EncodingOptions
  ) -> Double {
    let (base, width) = frame(range)
    let weight = options.bytesPerNanosecond
    var cost = Double(low) / 8 + weight * EncodingCost.merge(bytes: MemoryLayout<Word>.size, low: low)
    let compress = !options.planeCodecs.isEmpty
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { plane in
      var shift = low
      while shift < width {
        unsafe Word.splitPlane(values, count: count, base: base, shift: shift, into: plane.baseAddress!)
        let bytes = unsafe ByteEntropy.bits(plane.baseAddress!, count: count) / 8
        let stored = Int(bytes * Double(count))
        let time = EncodingCost.decompress(.zstd, from: stored, to: count) / Double(count)
        cost += (compress ? min(1, bytes + weight * time) : 1) + weight * EncodingCost.plane
        shift += 8
      }
    }
    return cost
  }
}

/// The entropy of bytes, which is what a Huffman coder comes close to.
enum ByteEntropy {
  /// Bits a byte; with the correction for a small sample by Miller and Madow (1955).
  static func bits(_ bytes: UnsafePointer<UInt8>, count: Int) -> Double {
    unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { counts in
      unsafe counts.initialize(repeating: 0)
      unsafe fingal_histogram(bytes, count, counts.baseAddress!)
      var sum = 0.0
      var kinds = 0
      for i in 0..<256 {
        let n = unsafe Int(counts[i])
        if n == 0 { continue }
        kinds += 1
        sum += n < products.count ? products[n] : Double(n) * log2(Double(n))
      }
      let entropy = log2(Double(count)) - sum / Double(count)
      return min(8, entropy + Double(kinds - 1) / (2 * Double(count) * 0.693_147_180_559_945_3))
    }
  }

  /// n × log2(n).
  private static let products: [Double] = (0...4096).map { $0 == 0 ? 0 : Double($0) * log2(Double($0)) }
}
