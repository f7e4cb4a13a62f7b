internal import FingalKernels

/// SPARSE (`FORMAT.md §6.12`): the values that are not zero, and where they are. "Zero" is the pattern of no bits: +0.0,
/// 0, false; −0.0 is a value. A tensor is a row of its own, so that one event can be read without its neighbours; a
/// page of scalars is one row.
enum SparseEncoding {
  private static let level = Encoding.sparse.level

  /// Rows of a page and elements of a row.
  private static func rows(count: Int, rowLength: Int) -> (rows: Int, length: Int) {
    rowLength > 1 ? (count / rowLength, rowLength) : (count == 0 ? 0 : 1, count)
  }

  // MARK: Encoding

  /// Nil where fewer than a quarter of the values are zero.
  static func encode(_ page: NumberPage, _ guide: inout EncodingGuide) -> AlignedBytes? {
    switch page.type.byteWidth {
    case 1: encode(UInt8.self, page, &guide)
    case 2: encode(UInt16.self, page, &guide)
    case 4: encode(UInt32.self, page, &guide)
    default: encode(UInt64.self, page, &guide)
    }
  }

  private static func encode<Bits: PackedWord>(
    _: Bits.Type, _ page: NumberPage, _ guide: inout EncodingGuide
  ) -> AlignedBytes? {
    let values = unsafe page.bits(Bits.self)
    let zeros = unsafe Bits.countZeros(values, count: page.count)
    if page.count == 0 || zeros * 4 < page.count { return nil }

    let (rows, length) = rows(count: page.count, rowLength: page.rowLength)
    let total = page.count - zeros
    let counts = AlignedBytes(capacity: rows * 4)
    // One more than there are: the kernel may write behind the last.
    let gapBytes = AlignedBytes(capacity: (total + 1) * 4)
    let foundBytes = AlignedBytes(capacity: (total + 1) * MemoryLayout<Bits>.size)
    let gaps = unsafe gapBytes.base.assumingMemoryBound(to: UInt32.self)
    let found = unsafe foundBytes.base.assumingMemoryBound(to: Bits.self)
    var next = 0
    for row in 0..<rows {
      let count = unsafe Bits.nonZeros(values + row * length, count: length, gaps: gaps + next, found: found + next)
      counts.append(UInt32(count))
      next += count
    }

    let output = AlignedBytes(capacity: total * (MemoryLayout<Bits>.size + 1))
    let gapWidth = IndexWidth(distinct: length)
    let narrow = unsafe gapWidth.narrowed(gaps, count: total)
    unsafe guide.child(NumberPage(counts.base, count: rows, type: .uint32, rowLength: 1), into: output)
    unsafe guide.child(NumberPage(narrow.base, count: total, type: gapWidth.type, rowLength: 1), into: output)
    unsafe guide.child(NumberPage(foundBytes.base, count: total, type: page.type, rowLength: 1), into: output)
    withExtendedLifetime((counts, gapBytes, narrow, foundBytes)) {}
    return output
  }

  // MARK: Decoding

  static func decode(_ reader: inout ByteReader, into target: NumberTarget) throws(FingalError) {
    let (rows, length) = rows(count: target.count, rowLength: target.rowLength)
    let countBytes = AlignedBytes(capacity: rows * 4)
    let counts = unsafe countBytes.base.assumingMemoryBound(to: UInt32.self)
    try unsafe ChildPage.read(
      &reader, into: NumberTarget(counts, count: rows, type: .uint32, rowLength: 1), below: level)
    var total = 0
    for row in 0..<rows {
      let count = unsafe Int(counts[row])
      guard count <= length else { throw damagedPage("\(count) non-zeros in \(length) elements") }
      total += count
    }

    unsafe target.start.initializeMemory(as: UInt8.self, repeating: 0, count: target.byteCount)
    let gapWidth = IndexWidth(distinct: length)
    // Counts, gaps and values together take at most 5 bytes an element beyond the values themselves: `total` was
    // checked to be at most the page's elements.
    let gaps = AlignedBytes(capacity: total * gapWidth.bytes)
    try unsafe ChildPage.read(
      &reader, into: NumberTarget(gaps.base, count: total, type: gapWidth.type, rowLength: 1), below: level)
    let valueBytes = AlignedBytes(capacity: total * target.type.byteWidth)
    let values = unsafe NumberTarget(valueBytes.base, count: total, type: target.type, rowLength: 1)
    try ChildPage.read(&reader, into: values, below: level)

    let width = target.type.byteWidth
    var next = 0
    for row in 0..<rows {
      let count = unsafe Int(counts[row])
      // Gaps make positions strictly increasing by construction; they must only stay inside the row.
      let inside = unsafe fingal_scatter(
        gaps.base + next * gapWidth.bytes, UInt32(gapWidth.bytes), values.start + next * width, UInt32(width), count,
        target.start + row * length * width, length)
      if !inside { throw damagedPage("a non-zero lies outside its row") }
      next += count
    }
    withExtendedLifetime((countBytes, gaps, valueBytes)) {}
  }
}
