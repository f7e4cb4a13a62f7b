internal import Glibc

/// Compares fields of neighbouring records, also across the border of two blocks.
enum Neighbours {
  @inline(__always)
  static func sameField(_ a: RecordBlock, _ recordA: Int, _ b: RecordBlock, _ recordB: Int, _ column: Int) -> Bool {
    let left = unsafe a.field(recordA, column)
    let right = unsafe b.field(recordB, column)
    return unsafe same(left, right)
  }

  @inline(__always)
  static func same(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    if left.count != right.count { return false }
    if left.count == 0 { return true }
    return unsafe memcmp(left.baseAddress!, right.baseAddress!, left.count) == 0
  }

  static func sameFields(
    _ a: RecordBlock, _ recordA: Int, _ b: RecordBlock, _ recordB: Int, _ columns: [Int]
  ) -> Bool {
    for column in columns where !sameField(a, recordA, b, recordB, column) { return false }
    return true
  }
}

/// Remembers the key of every event and the line it began on, so that a key that comes back is caught: 16 bytes an event
/// and some room to grow. Keys are kept as 64-bit hashes.
struct EventKeys {
  private var hashes: [UInt64] = []
  private var lines: [Int] = []
  private var count = 0
  private var mask = 0

  init() { grow(to: 1024) }

  /// Adds a key; returns the line of the same key if it was there already.
  mutating func insert(_ hash: UInt64, line: Int) -> Int? {
    if count * 3 > mask * 2 { grow(to: (mask + 1) * 2) }
    let key = hash == 0 ? 1 : hash
    var slot = Int(truncatingIfNeeded: key) & mask
    while hashes[slot] != 0 {
      if hashes[slot] == key { return lines[slot] }
      slot = (slot + 1) & mask
    }
    hashes[slot] = key
    lines[slot] = line
    count += 1
    return nil
  }

  private mutating func grow(to size: Int) {
    let oldHashes = hashes
    let oldLines = lines
    hashes = [UInt64](repeating: 0, count: size)
    lines = [Int](repeating: 0, count: size)
    mask = size - 1
    for (index, key) in oldHashes.enumerated() where key != 0 {
      var slot = Int(truncatingIfNeeded: key) & mask
      while hashes[slot] != 0 { slot = (slot + 1) & mask }
      hashes[slot] = key
      lines[slot] = oldLines[index]
    }
  }

  /// Hash of the key fields of a record: bytes mixed eight at a time with the finaliser of MurmurHash3 (A. Appleby),
  /// the length of each field included.
  static func hash(_ block: RecordBlock, _ record: Int, _ columns: [Int]) -> UInt64 {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    for column in columns {
      let bytes = unsafe block.field(record, column)
      state = mix(state ^ UInt64(bytes.count))
      var index = 0
      while index < bytes.count {
        var word: UInt64 = 0
        let end = min(bytes.count, index + 8)
        while index < end {
          word = unsafe word << 8 | UInt64(bytes[index])
          index += 1
        }
        state = mix(state ^ word)
      }
    }
    return state
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var x = value
    x = (x ^ (x >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    x = (x ^ (x >> 33)) &* 0xC4CE_B9FE_1A85_EC53
    return x ^ (x >> 33)
  }
}
