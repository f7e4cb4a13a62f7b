/// PLAIN (`FORMAT.md §6.1`): the values one after another, little-endian. Strings: the length of each as `uint32`, then
/// the UTF-8 bytes of all.
enum PlainEncoding {
  static func encode(_ page: NumberPage) -> AlignedBytes {
    let bytes = unsafe page.bytes
    let output = AlignedBytes(capacity: bytes.count)
    unsafe output.append(bytes)
    return output
  }

  static func decode(_ reader: inout ByteReader, into target: NumberTarget) throws(FingalError) {
    let source = try unsafe reader.take(target.byteCount, "values")
    unsafe target.start.copyMemory(from: source, byteCount: target.byteCount)
  }

  static func encode(_ page: StringPage) -> AlignedBytes {
    let output = AlignedBytes(capacity: page.decodedLength)
    for length in page.lengths { output.append(length) }
    unsafe output.append(page.utf8)
    return output
  }

  static func decode(_ reader: inout ByteReader, strings count: Int, into output: ColumnValues) throws(FingalError) {
    let lengths = try unsafe reader.take(count * 4, "string lengths")
    let utf8 = unsafe reader.rest()
    try unsafe output.append(strings: count, utf8: utf8) { i in
      unsafe lengths.loadUnaligned(fromByteOffset: i &* 4, as: UInt32.self)
    }
  }
}
