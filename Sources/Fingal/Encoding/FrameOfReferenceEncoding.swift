/// FOR (`FORMAT.md §6.4`): integers as small differences from a base, bit-packed, with exceptions for outliers. Floats
/// go through it as bit patterns, which pays where they share an exponent.
enum FrameOfReferenceEncoding {
  static func encode(_ page: NumberPage) -> AlignedBytes {
    switch page.type.byteWidth {
    case 1: encode(UInt8.self, page)
    case 2: encode(UInt16.self, page)
    case 4: encode(UInt32.self, page)
    default: encode(UInt64.self, page)
    }
  }

  private static func encode<Word: PackedWord>(_: Word.Type, _ page: NumberPage) -> AlignedBytes {
    let output = unsafe AlignedBytes(capacity: page.bytes.count / 2)
    unsafe PackedVectors.encode(
      page.bits(Word.self), count: page.count, flip: page.type.isSigned ? 1 << (Word.bitWidth - 1) : 0, into: output)
    return output
  }

  static func decode(_ reader: inout ByteReader, into target: NumberTarget) throws(FingalError) {
    switch target.type.byteWidth {
    case 1: try unsafe PackedVectors.decode(&reader, count: target.count, into: target.bits(UInt8.self))
    case 2: try unsafe PackedVectors.decode(&reader, count: target.count, into: target.bits(UInt16.self))
    case 4: try unsafe PackedVectors.decode(&reader, count: target.count, into: target.bits(UInt32.self))
    default: try unsafe PackedVectors.decode(&reader, count: target.count, into: target.bits(UInt64.self))
    }
  }

  /// Strings: their lengths as vectors of `uint32`, then the UTF-8 bytes of all.
  static func encode(_ page: StringPage) -> AlignedBytes {
    let output = AlignedBytes(capacity: page.decodedLength)
    unsafe page.lengths.withUnsafeBufferPointer { lengths in
      guard let start = lengths.baseAddress else { return }
      unsafe PackedVectors.encode(start, count: lengths.count, flip: 0, into: output)
    }
    unsafe output.append(page.utf8)
    return output
  }

  static func decode(_ reader: inout ByteReader, strings count: Int, into output: ColumnValues) throws(FingalError) {
    let lengths = AlignedBytes(capacity: count * 4)
    let start = unsafe lengths.extend(by: count * 4).assumingMemoryBound(to: UInt32.self)
    try unsafe PackedVectors.decode(&reader, count: count, into: start)
    let utf8 = unsafe reader.rest()
    try unsafe output.append(strings: count, utf8: utf8) { i in unsafe start[i] }
    // `start` points into `lengths`.
    withExtendedLifetime(lengths) {}
  }
}
