/// SPARSE (`FORMAT.md §6.6`): the values that are not zero, and where they are. "Zero" is the pattern of no bits: +0.0,
/// 0, false; −0.0 is a value. A tensor is a row of its own, so that one event can be read without its neighbours; a
/// page of scalars is one row.
enum SparseEncoding {
  /// How the values themselves may be encoded; more would be recursion on input.
  static let inner: Set<Encoding> = [.plain, .const, .frameOfReference, .dictionary, .alp]

  /// Rows of a page and elements of a row.
  private static func rows(count: Int, rowLength: Int) -> (rows: Int, length: Int) {
    rowLength > 1 ? (count / rowLength, rowLength) : (count == 0 ? 0 : 1, count)
  }

  // MARK: Encoding

  /// Nil where fewer than a quarter of the values are zero.
  static func encode(_ page: NumberPage) -> AlignedBytes? {
    switch page.type.byteWidth {
    case 1: encode(UInt8.self, page)
    case 2: encode(UInt16.self, page)
    case 4: encode(UInt32.self, page)
    default: encode(UInt64.self, page)
    }
  }

  private static func encode<Bits: PackedWord>(_: Bits.Type, _ page: NumberPage) -> AlignedBytes? {
    let values = unsafe page.bits(Bits.self)
    var zeros = 0
    for i in 0..<page.count { unsafe zeros &+= values[i] == 0 ? 1 : 0 }
    if page.count == 0 || zeros * 4 < page.count { return nil }

    let (rows, length) = rows(count: page.count, rowLength: page.rowLength)
    var counts: [UInt32] = []
    var gaps: [UInt32] = []
    var nonZeros: [Bits] = []
    counts.reserveCapacity(rows)
    gaps.reserveCapacity(page.count - zeros)
    nonZeros.reserveCapacity(page.count - zeros)
    for row in 0..<rows {
      let start = unsafe values + row * length
      var next = 0
      let before = gaps.count
      for i in 0..<length where unsafe start[i] != 0 {
        gaps.append(UInt32(truncatingIfNeeded: i &- next))
        unsafe nonZeros.append(start[i])
        next = i &+ 1
      }
      counts.append(UInt32(gaps.count - before))
    }

    let output = AlignedBytes(capacity: nonZeros.count * (MemoryLayout<Bits>.size + 1))
    append(counts, into: output)
    switch length {
    case ...(1 << 8): append(gaps.map { UInt8(truncatingIfNeeded: $0) }, into: output)
    case ...(1 << 16): append(gaps.map { UInt16(truncatingIfNeeded: $0) }, into: output)
    default: append(gaps, into: output)
    }
    unsafe nonZeros.withUnsafeBufferPointer { buffer in
      // An empty array may have no address; a page of no values needs none.
      let start = unsafe buffer.baseAddress.map { unsafe UnsafeRawPointer($0) } ?? page.start
      let best = unsafe EncodingChoice.smallest(
        NumberPage(start, count: buffer.count, type: page.type, rowLength: 1), among: inner)
      output.append(best.encoding.rawValue)
      unsafe output.append(best.bytes.bytes)
    }
    return output
  }

  private static func append<Word: PackedWord>(_ words: [Word], into output: AlignedBytes) {
    unsafe words.withUnsafeBufferPointer {
      guard let start = $0.baseAddress else { return }
      unsafe PackedVectors.encode(start, count: $0.count, flip: 0, into: output)
    }
  }

  // MARK: Decoding

  static func decode(_ reader: inout ByteReader, into target: NumberTarget) throws(FingalError) {
    switch target.type.byteWidth {
    case 1: try decode(UInt8.self, &reader, target)
    case 2: try decode(UInt16.self, &reader, target)
    case 4: try decode(UInt32.self, &reader, target)
    default: try decode(UInt64.self, &reader, target)
    }
  }

  private static func decode<Bits: PackedWord>(
    _: Bits.Type, _ reader: inout ByteReader, _ target: NumberTarget
  ) throws(FingalError) {
    let (rows, length) = rows(count: target.count, rowLength: target.rowLength)
    let countBytes = AlignedBytes(capacity: rows * 4)
    let counts = unsafe countBytes.base.assumingMemoryBound(to: UInt32.self)
    try unsafe PackedVectors.decode(&reader, count: rows, into: counts)
    var total = 0
    for row in 0..<rows {
      let count = unsafe Int(counts[row])
      guard count <= length else { throw damagedPage("\(count) non-zeros in \(length) elements") }
      total += count
    }

    unsafe target.start.initializeMemory(as: UInt8.self, repeating: 0, count: target.byteCount)
    switch length {
    case ...(1 << 8): try unsafe decode(UInt8.self, Bits.self, &reader, target, counts, rows, length, total)
    case ...(1 << 16): try unsafe decode(UInt16.self, Bits.self, &reader, target, counts, rows, length, total)
    default: try unsafe decode(UInt32.self, Bits.self, &reader, target, counts, rows, length, total)
    }
    withExtendedLifetime(countBytes) {}
  }

  private static func decode<Gap: PackedWord, Bits: PackedWord>(
    _: Gap.Type, _: Bits.Type, _ reader: inout ByteReader, _ target: NumberTarget, _ counts: UnsafePointer<UInt32>,
    _ rows: Int, _ length: Int, _ total: Int
  ) throws(FingalError) {
    // Together at most 1 + 1/4 times the decoded page, since `total` is at most the page's elements.
    let gapBytes = AlignedBytes(capacity: total * MemoryLayout<Gap>.size)
    let gaps = unsafe gapBytes.base.assumingMemoryBound(to: Gap.self)
    try unsafe PackedVectors.decode(&reader, count: total, into: gaps)

    let encoding = try reader.readInnerEncoding(among: inner)
    let valueBytes = AlignedBytes(capacity: total * MemoryLayout<Bits>.size)
    let values = unsafe NumberTarget(valueBytes.base, count: total, type: target.type, rowLength: 1)
    if total > 0 {
      try PageCoder.decodeNumbers(encoding, &reader, into: values)
    } else if encoding != .plain {
      throw damagedPage("no non-zeros, but not PLAIN")
    }

    let bits = unsafe values.bits(Bits.self)
    let output = unsafe target.bits(Bits.self)
    var next = 0
    for row in 0..<rows {
      let start = unsafe output + row * length
      var position = -1
      for _ in 0..<(unsafe Int(counts[row])) {
        // Gaps make positions strictly increasing by construction; they must only stay inside the row.
        position += unsafe 1 + Int(truncatingIfNeeded: gaps[next])
        guard position < length else { throw damagedPage("a non-zero lies outside its row") }
        unsafe start[position] = bits[next]
        next &+= 1
      }
    }
    withExtendedLifetime((gapBytes, valueBytes)) {}
  }
}
