internal import FingalKernels

/// RLE (`FORMAT.md §6.8`): the values of runs of equal ones, and how long the runs are.
enum RunLengthEncoding {
  private static let level = Encoding.runLength.level

  /// Nil where runs are shorter than two values on average.
  static func encode(_ page: NumberPage, _ guide: inout EncodingGuide) -> AlignedBytes? {
    switch page.type.byteWidth {
    case 1: encode(UInt8.self, page, &guide)
    case 2: encode(UInt16.self, page, &guide)
    case 4: encode(UInt32.self, page, &guide)
    default: encode(UInt64.self, page, &guide)
    }
  }

  private static func encode<Word: PlaneWord>(
    _: Word.Type, _ page: NumberPage, _ guide: inout EncodingGuide
  ) -> AlignedBytes? {
    if page.count < 2 { return nil }
    let values = unsafe page.bits(Word.self)
    let runs = unsafe Word.countRuns(values, count: page.count)
    if runs * 2 > page.count { return nil }
    let found = AlignedBytes(capacity: runs * MemoryLayout<Word>.size)
    let lengths = AlignedBytes(capacity: runs * 4)
    unsafe Word.findRuns(
      values, count: page.count, found: found.base.assumingMemoryBound(to: Word.self),
      lengths: lengths.base.assumingMemoryBound(to: UInt32.self))
    let output = AlignedBytes(capacity: runs * 4)
    output.append(UInt32(runs))
    unsafe guide.child(NumberPage(found.base, count: runs, type: page.type, rowLength: 1), into: output)
    unsafe guide.child(NumberPage(lengths.base, count: runs, type: .uint32, rowLength: 1), into: output)
    withExtendedLifetime((found, lengths)) {}
    return output
  }

  static func decode(_ reader: inout ByteReader, into target: NumberTarget) throws(FingalError) {
    let runs = Int(try reader.read(UInt32.self, "number of runs"))
    // Runs are not empty; this also bounds the memory for them.
    guard runs > 0, runs <= target.count else { throw damagedPage("\(runs) runs of \(target.count) values") }
    let found = AlignedBytes(capacity: runs * target.type.byteWidth)
    try unsafe ChildPage.read(
      &reader, into: NumberTarget(found.base, count: runs, type: target.type, rowLength: 1), below: level)
    let memory = AlignedBytes(capacity: runs * 4)
    let lengths = unsafe memory.base.assumingMemoryBound(to: UInt32.self)
    try unsafe ChildPage.read(
      &reader, into: NumberTarget(memory.base, count: runs, type: .uint32, rowLength: 1), below: level)
    guard unsafe fingal_check_runs(lengths, runs, target.count) else {
      throw damagedPage("its runs are not \(target.count) values")
    }
    switch target.type.byteWidth {
    case 1: unsafe expand(UInt8.self, found, lengths, runs, target)
    case 2: unsafe expand(UInt16.self, found, lengths, runs, target)
    case 4: unsafe expand(UInt32.self, found, lengths, runs, target)
    default: unsafe expand(UInt64.self, found, lengths, runs, target)
    }
    withExtendedLifetime((found, memory)) {}
  }

  private static func expand<Word: PlaneWord>(
    _: Word.Type, _ found: AlignedBytes, _ lengths: UnsafePointer<UInt32>, _ runs: Int, _ target: NumberTarget
  ) {
    unsafe Word.expandRuns(
      found.base.assumingMemoryBound(to: Word.self), lengths, runs: runs, into: target.bits(Word.self),
      count: target.count)
  }
}
