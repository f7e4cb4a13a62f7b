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
    // A sample first: most columns that have no small dictionary show it in their first values.
    let sampled = min(page.count, 2048)
    var sample = DistinctValues<Bits>(expecting: sampled)
    for i in 0..<sampled { unsafe sample.insert(values[i]) }
    if page.count > sampled && sample.values.count * 10 > sampled * 9 { return nil }
    if size(page.count, distinct: sample.values.count, width: 1) >= limit { return nil }

    var indices = [UInt32](repeating: 0, count: page.count)
    var distinct = DistinctValues<Bits>(expecting: sample.values.count)
    let most = page.count / 2 + 1
    for i in 0..<page.count {
      indices[i] = unsafe distinct.insert(values[i])
      if distinct.values.count > most { return nil }
    }
    let output = AlignedBytes(capacity: page.count)
    unsafe distinct.values.withUnsafeBufferPointer { dictionary in
      let inner = unsafe NumberPage(
        UnsafeRawPointer(dictionary.baseAddress!), count: dictionary.count, type: page.type, rowLength: 1)
      let best = EncodingChoice.smallest(inner, among: Self.inner)
      append(best, count: inner.count, into: output)
    }
    appendIndices(indices, distinct: distinct.values.count, into: output)
    return output
  }

  /// A lower bound of what a dictionary takes, for a decision before the work.
  private static func size(_ count: Int, distinct: Int, width: Int) -> Int {
    let bits = Int.bitWidth - max(0, distinct - 1).leadingZeroBitCount
    return count * bits / 8 / 2 + distinct * width
  }

  private static func append(_ inner: EncodingChoice.Candidate, count: Int, into output: AlignedBytes) {
    output.append(UInt32(count))
    output.append(inner.encoding.rawValue)
    output.append(UInt32(inner.bytes.count))
    unsafe output.append(inner.bytes.bytes)
  }

  private static func appendIndices(_ indices: [UInt32], distinct: Int, into output: AlignedBytes) {
    switch IndexWidth(distinct: distinct) {
    case .one: appendIndices(indices.map { UInt8(truncatingIfNeeded: $0) }, into: output)
    case .two: appendIndices(indices.map { UInt16(truncatingIfNeeded: $0) }, into: output)
    case .four: appendIndices(indices, into: output)
    }
  }

  private static func appendIndices<Index: PackedWord>(_ indices: [Index], into output: AlignedBytes) {
    unsafe indices.withUnsafeBufferPointer {
      unsafe PackedVectors.encode($0.baseAddress!, count: $0.count, flip: 0, into: output)
    }
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
    appendIndices(indices, distinct: distinct.count, into: output)
    return output
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
    let (distinct, encoding, bytes) = try unsafe header(&reader, count: target.count)
    let dictionary = AlignedBytes(capacity: distinct * target.type.byteWidth)
    var inner = unsafe ByteReader(bytes)
    try unsafe PageCoder.decodeNumbers(
      encoding, &inner, into: NumberTarget(dictionary.base, count: distinct, type: target.type, rowLength: 1))
    try inner.finish()
    let values = unsafe UnsafePointer(dictionary.base.assumingMemoryBound(to: Bits.self))
    let output = unsafe target.bits(Bits.self)
    switch IndexWidth(distinct: distinct) {
    case .one: try unsafe gather(UInt8.self, &reader, values, distinct, target.count, output)
    case .two: try unsafe gather(UInt16.self, &reader, values, distinct, target.count, output)
    case .four: try unsafe gather(UInt32.self, &reader, values, distinct, target.count, output)
    }
    withExtendedLifetime(dictionary) {}
  }

  private static func gather<Index: PackedWord, Bits: PackedWord>(
    _: Index.Type, _ reader: inout ByteReader, _ dictionary: UnsafePointer<Bits>, _ distinct: Int, _ count: Int,
    _ output: UnsafeMutablePointer<Bits>
  ) throws(FingalError) {
    unsafe try indices(Index.self, &reader, distinct, count) { start, length, indices in
      let out = unsafe output + start
      for i in 0..<length { unsafe out[i] = dictionary[Int(truncatingIfNeeded: indices[i])] }
    }
  }

  /// Reads the indices a vector at a time and hands on those that were checked to lie inside the dictionary.
  @inline(__always)
  private static func indices<Index: PackedWord>(
    _: Index.Type, _ reader: inout ByteReader, _ distinct: Int, _ count: Int,
    _ body: (_ start: Int, _ length: Int, UnsafeMutablePointer<Index>) -> Void
  ) throws(FingalError) {
    let memory = AlignedBytes(capacity: PackedVectors.vectorLength * MemoryLayout<Index>.size)
    let indices = unsafe memory.base.assumingMemoryBound(to: Index.self)
    var start = 0
    while start < count {
      let length = min(PackedVectors.vectorLength, count - start)
      try unsafe PackedVectors.decode(&reader, count: length, into: indices)
      var highest: Index = 0
      for i in 0..<length { unsafe highest = max(highest, indices[i]) }
      guard Int(highest) < distinct else { throw damagedPage("index \(highest) into a dictionary of \(distinct)") }
      unsafe body(start, length, indices)
      start += length
    }
    withExtendedLifetime(memory) {}
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
    var total = 0
    let append = { (index: Int) in
      let value = unsafe dictionary.utf8(index)
      total += value.count
      // The sum is compared with the directory's below; what exceeds it is not copied.
      if total <= utf8Length { unsafe output.append(utf8: value) }
    }
    switch IndexWidth(distinct: distinct) {
    case .one:
      unsafe try indices(UInt8.self, &reader, distinct, count) { _, n, at in
        for i in 0..<n { unsafe append(Int(at[i])) }
      }
    case .two:
      unsafe try indices(UInt16.self, &reader, distinct, count) { _, n, at in
        for i in 0..<n { unsafe append(Int(at[i])) }
      }
    case .four:
      unsafe try indices(UInt32.self, &reader, distinct, count) { _, n, at in
        for i in 0..<n { unsafe append(Int(at[i])) }
      }
    }
    guard total == utf8Length else {
      throw damagedPage("its strings have \(total) bytes, the directory says \(utf8Length)")
    }
  }
}

/// Bytes of an index: the fewest that can count the dictionary.
private enum IndexWidth {
  case one, two, four

  init(distinct: Int) { self = distinct <= 1 << 8 ? .one : distinct <= 1 << 16 ? .two : .four }
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
