internal import FingalKernels
internal import Glibc

/// A column that goes one step on where another does not go up (`FORMAT.md §6.14`, form 1): hits sorted by layer, then
/// by cell, have a new layer wherever the number of the cell falls. What is left are differences that are nearly all 0.
enum LookupCarry {
  /// 1 for every element whose key is not above the key before, else 0.
  static func flags(_ keys: NumberPage) -> AlignedBytes {
    let flags = AlignedBytes(capacity: keys.count)
    let bytes = unsafe flags.extend(by: keys.count).assumingMemoryBound(to: UInt8.self)
    let signBit: UInt64 = keys.type.isSigned ? 1 << UInt64(keys.type.byteWidth * 8 - 1) : 0
    unsafe fingal_lookup_carry(keys.start, UInt32(keys.type.byteWidth), signBit, keys.count, bytes)
    return flags
  }

  /// What a page stores: the differences that the key does not explain, as words of the values' type.
  static func residuals(_ values: NumberPage, keys: NumberPage) -> AlignedBytes {
    let flags = flags(keys)
    let length = values.count * values.type.byteWidth
    let residuals = AlignedBytes(capacity: length)
    let target = unsafe residuals.extend(by: length)
    unsafe fingal_lookup_residuals(
      values.start, UInt32(values.type.byteWidth), flags.base.assumingMemoryBound(to: UInt8.self), values.count, target)
    return residuals
  }

  /// The inverse, in place.
  static func accumulate(_ target: NumberTarget, keys: NumberPage) {
    precondition(keys.count == target.count)
    let flags = flags(keys)
    unsafe fingal_lookup_accumulate(
      target.start, UInt32(target.type.byteWidth), flags.base.assumingMemoryBound(to: UInt8.self), target.count)
  }

  /// The key that explains a column best, judged by the entropy of what is left in the first elements; nil if none
  /// leaves less than two thirds of what plain differences leave.
  static func bestKey(for target: Int, among keys: [Int], pages: [NumberPage], count: Int) -> Int? {
    let sampled = min(count, 8192)
    func sample(_ stream: Int) -> NumberPage {
      unsafe NumberPage(pages[stream].start, count: sampled, type: pages[stream].type, rowLength: 1)
    }
    let values = sample(target)
    // Residuals of a constant key with one carry each are the plain differences, shifted by one.
    let none = AlignedBytes(capacity: sampled)
    unsafe none.extend(by: sampled).initializeMemory(as: UInt8.self, repeating: 0, count: sampled)
    let flat = unsafe NumberPage(none.base, count: sampled, type: .uint8, rowLength: 1)
    var limit = entropy(residuals(values, keys: flat), values) * 2 / 3
    var best: Int?
    for key in keys where key != target {
      let bits = entropy(residuals(values, keys: sample(key)), values)
      if bits < limit {
        limit = bits
        best = key
      }
    }
    withExtendedLifetime(none) {}
    return best
  }

  /// Bits an element of the residuals' low bytes; those that need more than a byte count as their width on top.
  private static func entropy(_ residuals: AlignedBytes, _ values: NumberPage) -> Double {
    let width = values.type.byteWidth
    var histogram = [Int](repeating: 0, count: 256)
    var wide = 0
    for i in 0..<values.count {
      let word = unsafe UnsafeRawBufferPointer(start: residuals.base + i * width, count: width)
      let low = unsafe word[0]
      let fill: UInt8 = low >= 128 ? 0xFF : 0
      var isWide = false
      for b in 1..<max(1, width) where unsafe word[b] != fill { isWide = true }
      if isWide { wide += 1 }
      histogram[Int(low)] += 1
    }
    let total = Double(max(1, values.count))
    var bits = Double(wide * width * 8) / total
    for count in histogram where count > 0 {
      let share = Double(count) / total
      bits -= share * log2(share)
    }
    return bits
  }
}
