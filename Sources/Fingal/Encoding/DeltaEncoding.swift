/// DELTA (`FORMAT.md §6.6`): the first value, and the difference of each other to the one before it. It pays where values
/// climb, as cells along the layers of an event do: then differences are small, whatever the values.
enum DeltaEncoding {
  private static let level = Encoding.delta.level

  /// Nil for fewer than two values.
  static func encode(_ page: NumberPage, _ guide: inout EncodingGuide) -> AlignedBytes? {
    switch page.type.byteWidth {
    case 1: encode(UInt8.self, .int8, page, &guide)
    case 2: encode(UInt16.self, .int16, page, &guide)
    case 4: encode(UInt32.self, .int32, page, &guide)
    default: encode(UInt64.self, .int64, page, &guide)
    }
  }

  /// Whether differences are shorter than values, by the bits of a few hundred of both.
  static func mayPay(_ page: NumberPage) -> Bool {
    switch page.type.byteWidth {
    case 1: mayPay(UInt8.self, page)
    case 2: mayPay(UInt16.self, page)
    case 4: mayPay(UInt32.self, page)
    default: mayPay(UInt64.self, page)
    }
  }

  private static func mayPay<Word: PlaneWord>(_: Word.Type, _ page: NumberPage) -> Bool {
    if page.count < 2 { return false }
    let values = unsafe page.bits(Word.self)
    let minimum = unsafe WordRange(values, count: page.count).minimum
    var before = unsafe values[0]
    var (differences, lengths) = (0, 0)
    for i in 1..<min(page.count, 512) {
      let value = unsafe values[i]
      let up = value &- before
      differences += Word.bitWidth - min(up, 0 &- up).leadingZeroBitCount
      lengths += Word.bitWidth - (value &- minimum).leadingZeroBitCount
      before = value
    }
    return differences < lengths
  }

  /// - Parameter type: differences go up and down, so that their small ones are near in the signed order.
  private static func encode<Word: PlaneWord>(
    _: Word.Type, _ type: ScalarType, _ page: NumberPage, _ guide: inout EncodingGuide
  ) -> AlignedBytes? {
    if page.count < 2 { return nil }
    let values = unsafe page.bits(Word.self)
    let memory = unsafe AlignedBytes(capacity: page.bytes.count)
    unsafe Word.differences(values, count: page.count, into: memory.base.assumingMemoryBound(to: Word.self))
    let output = unsafe AlignedBytes(capacity: page.bytes.count / 2)
    unsafe output.append(values[0])
    unsafe guide.child(NumberPage(memory.base, count: page.count - 1, type: type, rowLength: 1), into: output)
    withExtendedLifetime(memory) {}
    return output
  }

  static func decode(_ reader: inout ByteReader, into target: NumberTarget) throws(FingalError) {
    if target.count == 0 { throw damagedPage("a DELTA page without values") }
    switch target.type.byteWidth {
    case 1: try decode(UInt8.self, .uint8, &reader, target)
    case 2: try decode(UInt16.self, .uint16, &reader, target)
    case 4: try decode(UInt32.self, .uint32, &reader, target)
    default: try decode(UInt64.self, .uint64, &reader, target)
    }
  }

  /// The differences are decoded into their places, and summed there.
  private static func decode<Word: PlaneWord>(
    _: Word.Type, _ type: ScalarType, _ reader: inout ByteReader, _ target: NumberTarget
  ) throws(FingalError) {
    let values = unsafe target.bits(Word.self)
    let first = try reader.read(Word.self, "first value")
    unsafe values[0] = first
    try unsafe ChildPage.read(
      &reader, into: NumberTarget(values + 1, count: target.count - 1, type: type, rowLength: 1), below: level)
    unsafe Word.runningSum(values + 1, count: target.count - 1, first: first)
  }
}
