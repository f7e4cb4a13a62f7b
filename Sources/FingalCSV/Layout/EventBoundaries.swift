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

/// Remembers the keys of a file's events and the lines they began on, so that a key that comes back is caught.
///
/// Whole numbers that only increase cannot come back: of those only the first few are remembered, in case the order
/// breaks. If it breaks later, `isIncomplete` tells that the file must be read again with every key remembered.
/// Remembered keys are 64-bit hashes: 12 bytes an event and room to grow.
package struct EventKeys {
  /// The smallest and the largest key, compared column by column.
  struct Span: Equatable {
    var low: [Int]
    var high: [Int]
  }

  /// Keys remembered while they increase.
  package static let orderedLimit = 1 << 18

  private var hashes: [UInt64] = []
  private var lines: [UInt32] = []
  private var count = 0
  private var mask = 0
  private var isIncreasing: Bool
  private var forgotten = 0
  private var key: [Int] = []
  private var allWhole = true
  private var ends = Span(low: [], high: [])

  /// A key was out of order after some had not been remembered: later answers mean nothing.
  private(set) var isIncomplete = false

  /// - Parameter remembersAll: the keys are known not to increase.
  init(remembersAll: Bool) {
    isIncreasing = !remembersAll
    grow(to: 1024)
  }

  /// nil if a key was no whole number, or there was none.
  var span: Span? { allWhole && !ends.low.isEmpty ? ends : nil }

  /// Adds the key of a record that begins an event; returns the line of the same key if it was there already.
  mutating func insert(_ block: RecordBlock, _ record: Int, _ columns: [Int], line: Int) -> Int? {
    let follows = takesPlace(block, record, columns)
    if isIncreasing && !follows {
      isIncreasing = false
      isIncomplete = forgotten > 0
    }
    if isIncomplete { return nil }
    if isIncreasing && count >= Self.orderedLimit {
      forgotten += 1
      return nil
    }
    return insert(Self.hash(block, record, columns), line: line)
  }

  /// Widens the span by a key; whether the key is beyond all before it.
  private mutating func takesPlace(_ block: RecordBlock, _ record: Int, _ columns: [Int]) -> Bool {
    guard allWhole else { return false }
    key.removeAll(keepingCapacity: true)
    for column in columns {
      guard let number = unsafe Self.wholeNumber(block.field(record, column)) else {
        allWhole = false
        return false
      }
      key.append(number)
    }
    if ends.low.isEmpty {
      ends = Span(low: key, high: key)
      return true
    }
    if ends.high.lexicographicallyPrecedes(key) {
      swap(&ends.high, &key)
      return true
    }
    if key.lexicographicallyPrecedes(ends.low) { ends.low = key }
    return false
  }

  /// Digits without a sign, blanks or leading zeros, so that equal numbers are equal texts.
  private static func wholeNumber(_ text: UnsafeRawBufferPointer) -> Int? {
    guard text.count > 0, text.count <= 18, unsafe text.count == 1 || text[0] != 0x30 else { return nil }
    var value = 0
    for index in 0..<text.count {
      let digit = unsafe text[index] &- 0x30
      guard digit < 10 else { return nil }
      value = value * 10 + Int(digit)
    }
    return value
  }

  private mutating func insert(_ hash: UInt64, line: Int) -> Int? {
    if count * 3 > mask * 2 { grow(to: (mask + 1) * 2) }
    let key = hash == 0 ? 1 : hash
    var slot = Int(truncatingIfNeeded: key) & mask
    while hashes[slot] != 0 {
      if hashes[slot] == key { return Int(lines[slot]) }
      slot = (slot + 1) & mask
    }
    hashes[slot] = key
    lines[slot] = UInt32(clamping: line)
    count += 1
    return nil
  }

  private mutating func grow(to size: Int) {
    let oldHashes = hashes
    let oldLines = lines
    hashes = [UInt64](repeating: 0, count: size)
    lines = [UInt32](repeating: 0, count: size)
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
