internal import Glibc

/// Numbers each distinct string in the order in which it is first seen: an open hash table that doubles when half full.
struct DistinctStrings {
  private(set) var lengths: [UInt32] = []
  /// The bytes of the distinct strings, one after another.
  let utf8 = AlignedBytes(capacity: 1024)
  private var starts: [Int] = []
  private var hashes: [UInt64] = []
  private var slots: [UInt32]

  var count: Int { lengths.count }

  init(expecting count: Int) {
    slots = [UInt32](repeating: 0, count: 1 << max(8, Int.bitWidth - (count * 2).leadingZeroBitCount))
  }

  mutating func insert(_ string: UnsafeRawBufferPointer) -> UInt32 {
    let hash = unsafe Self.hash(string)
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 {
      let index = Int(slots[slot] - 1)
      if unsafe hashes[index] == hash && equal(index, string) { return UInt32(index) }
      slot = (slot &+ 1) & mask
    }
    starts.append(utf8.count)
    lengths.append(UInt32(string.count))
    hashes.append(hash)
    unsafe utf8.append(string)
    slots[slot] = UInt32(lengths.count)
    if lengths.count * 2 > slots.count { grow() }
    return UInt32(lengths.count - 1)
  }

  private func equal(_ index: Int, _ string: UnsafeRawBufferPointer) -> Bool {
    guard Int(lengths[index]) == string.count else { return false }
    return unsafe string.isEmpty || memcmp(utf8.base + starts[index], string.baseAddress!, string.count) == 0
  }

  /// FNV-1a with a final mix.
  private static func hash(_ string: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for i in 0..<string.count { hash = unsafe (hash ^ UInt64(string[i])) &* 0x100_0000_01B3 }
    return hash ^ (hash >> 29)
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    let mask = slots.count - 1
    for index in hashes.indices {
      var slot = Int(truncatingIfNeeded: hashes[index]) & mask
      while slots[slot] != 0 { slot = (slot &+ 1) & mask }
      slots[slot] = UInt32(index + 1)
    }
  }
}
