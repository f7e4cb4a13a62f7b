internal import FingalKernels

/// DICT (`FORMAT.md §6.7`): each distinct value once, then indices. Values are told apart by their bits, so that −0 and
/// every NaN come back. The dictionary belongs to its page; its values and the indices are pages inside.
enum DictionaryEncoding {
  private static let level = Encoding.dictionary.level

  // MARK: Encoding

  /// Nil where a dictionary would not take fewer bytes than the guide's limit.
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
    let width = MemoryLayout<Bits>.size
    let words = AlignedBytes(capacity: page.count * 4)
    let indices = unsafe words.base.assumingMemoryBound(to: UInt32.self)
    // A few first: most columns that have no small dictionary show it in their first values.
    let sampled = 2048
    if guide.isChoosing && page.count > sampled {
      let seen = unsafe distinct(values, count: sampled, limit: sampled, indices).count / width
      if seen * 10 > sampled * 9 { return nil }
      let bits = Int.bitWidth - (seen - 1).leadingZeroBitCount
      if bits * page.count / 8 + seen * width / 2 >= guide.limit { return nil }
    }

    let most = page.count / 2 + 1
    let dictionary = unsafe distinct(values, count: page.count, limit: most, indices)
    if dictionary.count / width > most { return nil }
    let entries = unsafe NumberPage(
      dictionary.base, count: dictionary.count / width, type: page.type, rowLength: 1)
    let output = AlignedBytes(capacity: page.count)
    output.append(UInt32(entries.count))
    guide.child(entries, into: output)
    unsafe writeIndices(indices, count: page.count, distinct: entries.count, &guide, into: output)
    withExtendedLifetime((words, dictionary)) {}
    return output
  }

  private static func writeIndices(
    _ indices: UnsafePointer<UInt32>, count: Int, distinct: Int, _ guide: inout EncodingGuide,
    into output: AlignedBytes
  ) {
    let width = IndexWidth(distinct: distinct)
    let words = unsafe width.narrowed(indices, count: count)
    unsafe guide.child(NumberPage(words.base, count: count, type: width.type, rowLength: 1), into: output)
    withExtendedLifetime(words) {}
  }

  /// The distinct values in the order of their first appearance, and the index of each value; one value more than
  /// `limit` if there are too many.
  private static func distinct<Bits: PackedWord>(
    _ values: UnsafePointer<Bits>, count: Int, limit: Int, _ indices: UnsafeMutablePointer<UInt32>
  ) -> AlignedBytes {
    let bits = Int.bitWidth - (limit * 2).leadingZeroBitCount
    let slots = AlignedBytes(capacity: 4 << bits)
    unsafe slots.base.initializeMemory(as: UInt8.self, repeating: 0, count: 4 << bits)
    let width = MemoryLayout<Bits>.size
    let distinct = AlignedBytes(capacity: (limit + 1) * width)
    let found = unsafe Bits.distinct(
      values, count: count, slots: slots.base.assumingMemoryBound(to: UInt32.self), bits: bits, limit: limit,
      distinct: distinct.base.assumingMemoryBound(to: Bits.self), indices: indices)
    _ = unsafe distinct.extend(by: found * width)
    withExtendedLifetime(slots) {}
    return distinct
  }

  static func encode(_ page: StringPage, _ guide: inout EncodingGuide) -> AlignedBytes? {
    if page.count == 0 { return nil }
    var distinct = DistinctStrings(expecting: 64)
    var indices = [UInt32](repeating: 0, count: page.count)
    var start = 0
    for i in 0..<page.count {
      let end = start + Int(page.lengths[i])
      indices[i] = unsafe distinct.insert(UnsafeRawBufferPointer(rebasing: page.utf8[start..<end]))
      start = end
      if distinct.count * 2 > page.count + 1 || distinct.utf8.count > guide.limit { return nil }
    }
    let output = AlignedBytes(capacity: page.count)
    let dictionary = unsafe StringPage(lengths: distinct.lengths, utf8: distinct.utf8.bytes)
    output.append(UInt32(distinct.count))
    ChildPage.write(dictionary, into: output)
    unsafe indices.withUnsafeBufferPointer {
      unsafe writeIndices($0.baseAddress!, count: $0.count, distinct: distinct.count, &guide, into: output)
    }
    return output
  }

  // MARK: Decoding

  static func decode(_ reader: inout ByteReader, into target: NumberTarget) throws(FingalError) {
    let width = target.type.byteWidth
    let distinct = try readCount(&reader, of: target.count)
    let dictionary = AlignedBytes(capacity: distinct * width)
    try unsafe ChildPage.read(
      &reader, into: NumberTarget(dictionary.base, count: distinct, type: target.type, rowLength: 1), below: level)
    let (indices, indexWidth) = try readIndices(&reader, count: target.count, distinct: distinct)
    let inside = unsafe fingal_gather(
      indices.base, UInt32(indexWidth.bytes), target.count, dictionary.base, UInt32(width), distinct, target.start)
    if !inside { throw damagedPage("an index beyond its dictionary of \(distinct)") }
    withExtendedLifetime((dictionary, indices)) {}
  }

  /// Every entry is used at least once; this also bounds the memory for the dictionary.
  private static func readCount(_ reader: inout ByteReader, of count: Int) throws(FingalError) -> Int {
    let distinct = Int(try reader.read(UInt32.self, "dictionary header"))
    guard distinct > 0, distinct <= count else { throw damagedPage("a dictionary of \(distinct) for \(count) values") }
    return distinct
  }

  private static func readIndices(
    _ reader: inout ByteReader, count: Int, distinct: Int
  ) throws(FingalError) -> (AlignedBytes, IndexWidth) {
    let width = IndexWidth(distinct: distinct)
    let indices = AlignedBytes(capacity: count * width.bytes)
    try unsafe ChildPage.read(
      &reader, into: NumberTarget(indices.base, count: count, type: width.type, rowLength: 1), below: level)
    return (indices, width)
  }

  /// - Parameter utf8Length: bytes of all strings, from the directory.
  static func decode(
    _ reader: inout ByteReader, strings count: Int, utf8Length: Int, into output: ColumnValues
  ) throws(FingalError) {
    let distinct = try readCount(&reader, of: count)
    let dictionary = ColumnValues(.string, reserving: distinct)
    try ChildPage.read(&reader, strings: distinct, utf8Length: utf8Length, into: dictionary)
    let (indices, indexWidth) = try readIndices(&reader, count: count, distinct: distinct)
    // Index i becomes the value i: gathered as numbers, so that one loop checks them all.
    let identity = AlignedBytes(capacity: distinct * 4)
    for i in 0..<distinct { identity.append(UInt32(i)) }
    let entries = AlignedBytes(capacity: count * 4)
    let entry = unsafe entries.base.assumingMemoryBound(to: UInt32.self)
    let inside = unsafe fingal_gather(
      indices.base, UInt32(indexWidth.bytes), count, identity.base, 4, distinct, entry)
    if !inside { throw damagedPage("an index beyond its dictionary of \(distinct)") }
    var total = 0
    for i in 0..<count {
      let value = unsafe dictionary.utf8(Int(entry[i]))
      total += value.count
      // Compared before the copy: a few bytes cannot blow up to more than the directory declares.
      guard total <= utf8Length else { throw damagedPage("its strings are longer than declared") }
      unsafe output.append(utf8: value)
    }
    withExtendedLifetime((identity, indices, entries)) {}
    guard total == utf8Length else {
      throw damagedPage("its strings have \(total) bytes, the directory says \(utf8Length)")
    }
  }
}
