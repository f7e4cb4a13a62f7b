internal import FingalKernels

/// DICT (`FORMAT.md §6.4`): each distinct value once, then bit-packed indices. Values are told apart by their bits, so
/// that −0 and every NaN come back. The dictionary belongs to its page; its values are encoded in turn.
enum DictionaryEncoding {
  /// How the dictionary itself may be encoded; more would be recursion on input.
  static let inner: Set<Encoding> = [.plain, .frameOfReference, .alp]

  // MARK: Encoding

  /// Nil where a dictionary would not take fewer bytes than `limit`.
  static func encode(_ page: NumberPage, limit: Int) -> AlignedBytes? {
    switch page.type.byteWidth {
    case 1: encode(UInt8.self, page, limit)
    case 2: encode(UInt16.self, page, limit)
    case 4: encode(UInt32.self, page, limit)
    default: encode(UInt64.self, page, limit)
    }
  }

  private static func encode<Bits: PackedWord>(_: Bits.Type, _ page: NumberPage, _ limit: Int) -> AlignedBytes? {
    let values = unsafe page.bits(Bits.self)
    let width = MemoryLayout<Bits>.size
    let words = AlignedBytes(capacity: page.count * 4)
    let indices = unsafe words.base.assumingMemoryBound(to: UInt32.self)
    // A sample first: most columns that have no small dictionary show it in their first values.
    let sampled = min(page.count, 2048)
    let seen = unsafe distinct(values, count: sampled, limit: sampled, indices).count / width
    if page.count > sampled {
      if seen * 10 > sampled * 9 { return nil }
      let packed = AlignedBytes(capacity: sampled * 4)
      unsafe PackedVectors.encodeNarrow(indices, count: sampled, width: IndexWidth(distinct: seen), into: packed)
      if packed.count * page.count / sampled + seen * width / 2 >= limit { return nil }
    }

    let most = page.count / 2 + 1
    let dictionary = unsafe distinct(values, count: page.count, limit: most, indices)
    if dictionary.count / width > most { return nil }
    let entries = unsafe NumberPage(
      dictionary.base, count: dictionary.count / width, type: page.type, rowLength: 1)
    let output = AlignedBytes(capacity: page.count)
    append(EncodingChoice.smallest(entries, among: inner), count: entries.count, into: output)
    unsafe PackedVectors.encodeNarrow(
      indices, count: page.count, width: IndexWidth(distinct: entries.count), into: output)
    withExtendedLifetime((words, dictionary)) {}
    return output
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

  private static func append(_ inner: EncodingChoice.Candidate, count: Int, into output: AlignedBytes) {
    output.append(UInt32(count))
    output.append(inner.encoding.rawValue)
    output.append(UInt32(inner.bytes.count))
    unsafe output.append(inner.bytes.bytes)
  }

  static func encode(_ page: StringPage, limit: Int) -> AlignedBytes? {
    if page.count == 0 { return nil }
    var distinct = DistinctStrings(expecting: 64)
    var indices = [UInt32](repeating: 0, count: page.count)
    var start = 0
    for i in 0..<page.count {
      let end = start + Int(page.lengths[i])
      indices[i] = unsafe distinct.insert(UnsafeRawBufferPointer(rebasing: page.utf8[start..<end]))
      start = end
      if distinct.count * 2 > page.count + 1 || distinct.utf8.count > limit { return nil }
    }
    let output = AlignedBytes(capacity: page.count)
    let dictionary = unsafe StringPage(lengths: distinct.lengths, utf8: distinct.utf8.bytes)
    append(EncodingChoice.smallest(dictionary, among: inner), count: dictionary.count, into: output)
    unsafe indices.withUnsafeBufferPointer {
      unsafe PackedVectors.encodeNarrow(
        $0.baseAddress!, count: $0.count, width: IndexWidth(distinct: distinct.count), into: output)
    }
    return output
  }

  // MARK: Decoding

  static func decode(_ reader: inout ByteReader, into target: NumberTarget) throws(FingalError) {
    let width = target.type.byteWidth
    let (distinct, encoding, bytes) = try unsafe header(&reader, count: target.count)
    let dictionary = AlignedBytes(capacity: distinct * width)
    var inner = unsafe ByteReader(bytes)
    try unsafe PageCoder.decodeNumbers(
      encoding, &inner, into: NumberTarget(dictionary.base, count: distinct, type: target.type, rowLength: 1))
    try inner.finish()

    // A vector at a time: its indices stay in the nearest cache.
    let indexWidth = IndexWidth(distinct: distinct)
    let indices = AlignedBytes(capacity: PackedVectors.vectorLength * 4)
    var start = 0
    while start < target.count {
      let length = min(PackedVectors.vectorLength, target.count - start)
      try unsafe PackedVectors.decode(&reader, count: length, width: indexWidth, into: indices.base)
      let inside = unsafe fingal_gather(
        indices.base, UInt32(indexWidth.bytes), length, dictionary.base, UInt32(width), distinct,
        target.start + start * width)
      if !inside { throw damagedPage("an index beyond its dictionary of \(distinct)") }
      start += length
    }
    withExtendedLifetime((dictionary, indices)) {}
  }

  private static func header(
    _ reader: inout ByteReader, count: Int
  ) throws(FingalError) -> (distinct: Int, Encoding, UnsafeRawBufferPointer) {
    let distinct = Int(try reader.read(UInt32.self, "dictionary header"))
    // Every entry is used at least once; this also bounds the memory for the dictionary.
    guard distinct > 0, distinct <= count else { throw damagedPage("a dictionary of \(distinct) for \(count) values") }
    let encoding = try reader.readInnerEncoding(among: inner)
    let length = Int(try reader.read(UInt32.self, "dictionary header"))
    let bytes = try unsafe reader.take(length, "dictionary")
    return unsafe (distinct, encoding, UnsafeRawBufferPointer(start: bytes, count: length))
  }

  /// - Parameter utf8Length: bytes of all strings, from the directory.
  static func decode(
    _ reader: inout ByteReader, strings count: Int, utf8Length: Int, into output: ColumnValues
  ) throws(FingalError) {
    let (distinct, encoding, bytes) = try unsafe header(&reader, count: count)
    var inner = unsafe ByteReader(bytes)
    let dictionary = ColumnValues(.string, reserving: distinct)
    try PageCoder.decodeStrings(encoding, &inner, count: distinct, utf8Length: utf8Length, into: dictionary)
    try inner.finish()
    // Index i becomes the value i: gathered as numbers, so that one loop checks them all.
    let identity = AlignedBytes(capacity: distinct * 4)
    for i in 0..<distinct { identity.append(UInt32(i)) }
    let indexWidth = IndexWidth(distinct: distinct)
    let indices = AlignedBytes(capacity: PackedVectors.vectorLength * 4)
    let entries = AlignedBytes(capacity: PackedVectors.vectorLength * 4)
    let entry = unsafe entries.base.assumingMemoryBound(to: UInt32.self)
    var total = 0
    var start = 0
    while start < count {
      let length = min(PackedVectors.vectorLength, count - start)
      try unsafe PackedVectors.decode(&reader, count: length, width: indexWidth, into: indices.base)
      let inside = unsafe fingal_gather(
        indices.base, UInt32(indexWidth.bytes), length, identity.base, 4, distinct, entry)
      if !inside { throw damagedPage("an index beyond its dictionary of \(distinct)") }
      for i in 0..<length {
        let value = unsafe dictionary.utf8(Int(entry[i]))
        total += value.count
        // Compared before the copy: a few bytes cannot blow up to more than the directory declares.
        guard total <= utf8Length else { throw damagedPage("its strings are longer than declared") }
        unsafe output.append(utf8: value)
      }
      start += length
    }
    withExtendedLifetime((identity, indices, entries)) {}
    guard total == utf8Length else {
      throw damagedPage("its strings have \(total) bytes, the directory says \(utf8Length)")
    }
  }
}

extension ByteReader {
  /// The encoding of values inside another encoding.
  mutating func readInnerEncoding(among allowed: Set<Encoding>) throws(FingalError) -> Encoding {
    let id = try read(UInt8.self, "inner encoding")
    guard let encoding = Encoding(rawValue: id) else {
      throw FingalError(.unsupported, "encoding \(id) inside a page", advice: "a newer release of Fingal may read it")
    }
    guard allowed.contains(encoding) else { throw damagedPage("\(encoding.name) inside another encoding") }
    return encoding
  }
}
