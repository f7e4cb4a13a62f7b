internal import Glibc

/// CONST (`FORMAT.md §6.2`): all values of the page have the same bits, and one of them is stored.
enum ConstEncoding {
  /// Nil if the values differ, or there are none.
  static func encode(_ page: NumberPage) -> AlignedBytes? {
    let width = page.type.byteWidth
    let bytes = unsafe page.bytes
    // A run of equal values is one that equals itself shifted by one value.
    guard page.count > 0, unsafe memcmp(page.start, page.start + width, bytes.count - width) == 0 else { return nil }
    let output = AlignedBytes(capacity: width)
    unsafe output.append(UnsafeRawBufferPointer(start: page.start, count: width))
    return output
  }

  static func decode(_ reader: inout ByteReader, into target: NumberTarget) throws(FingalError) {
    if target.count == 0 { throw damagedPage("a CONST page without values") }
    switch target.type.byteWidth {
    case 1: try fill(reader.read(UInt8.self, "value"), target)
    case 2: try fill(reader.read(UInt16.self, "value"), target)
    case 4: try fill(reader.read(UInt32.self, "value"), target)
    default: try fill(reader.read(UInt64.self, "value"), target)
    }
  }

  private static func fill<Bits: PackedWord>(_ value: Bits, _ target: NumberTarget) {
    unsafe target.bits(Bits.self).update(repeating: value, count: target.count)
  }

  static func encode(_ page: StringPage) -> AlignedBytes? {
    guard page.count > 0 else { return nil }
    let first = page.lengths[0]
    guard page.lengths.allSatisfy({ $0 == first }) else { return nil }
    let length = Int(first)
    let utf8 = unsafe page.utf8
    guard unsafe length == 0 || memcmp(utf8.baseAddress!, utf8.baseAddress! + length, utf8.count - length) == 0
    else { return nil }
    let output = AlignedBytes(capacity: length)
    unsafe output.append(UnsafeRawBufferPointer(rebasing: utf8[0..<length]))
    return output
  }

  /// - Parameter utf8Length: bytes of all strings, from the directory: it bounds what a few bytes can blow up to.
  static func decode(
    _ reader: inout ByteReader, strings count: Int, utf8Length: Int, into output: ColumnValues
  ) throws(FingalError) {
    if count == 0 { throw damagedPage("a CONST page without values") }
    let value = unsafe reader.rest()
    let (total, overflow) = value.count.multipliedReportingOverflow(by: count)
    guard !overflow, total == utf8Length else {
      throw damagedPage("\(count) strings of \(value.count) bytes are not \(utf8Length) bytes")
    }
    try unsafe checkUTF8(value)
    for _ in 0..<count { unsafe output.append(utf8: value) }
  }
}
