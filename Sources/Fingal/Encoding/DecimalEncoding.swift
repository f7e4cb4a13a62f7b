/// DECIMAL (`FORMAT.md §6.13`): floats that were printed with n significant digits (`%.5g`), as the rank of each among
/// all such decimals in increasing order. Five digits over four decades are 360,000 decimals and take 19 bits, where
/// ALP needs the digits of the largest in the unit of the smallest: 26.
enum DecimalEncoding {
  /// Nil where decimals do not pay: for integers, and for floats that are none by a sample.
  static func encode(_ page: NumberPage, _ guide: inout EncodingGuide) -> AlignedBytes? {
    switch page.type {
    case .float32: encode(Float.self, page, &guide)
    case .float64: encode(Double.self, page, &guide)
    default: nil
    }
  }

  private static func encode<Value: DecimalFloat>(
    _: Value.Type, _ page: NumberPage, _ guide: inout EncodingGuide
  ) -> AlignedBytes? {
    let values = unsafe page.start.assumingMemoryBound(to: Value.self)
    guard let significant = unsafe DecimalSample.significantDigits(values, count: page.count) else { return nil }
    var decimals = unsafe DecimalPage<Value>(values, count: page.count)
    guard decimals.fill(.ranks(significant: significant)) else { return nil }
    let output = unsafe AlignedBytes(capacity: page.bytes.count / 2)
    output.append(UInt8(significant))
    output.append(Int8(decimals.firstExponent))
    return decimals.write(&guide, into: output) ? output : nil
  }

  static func decode(_ reader: inout ByteReader, into target: NumberTarget) throws(FingalError) {
    switch target.type {
    case .float32: try decode(Float.self, &reader, target)
    case .float64: try decode(Double.self, &reader, target)
    default: throw damagedPage("DECIMAL values of type \(target.type)")
    }
  }

  private static func decode<Value: DecimalFloat>(
    _: Value.Type, _ reader: inout ByteReader, _ target: NumberTarget
  ) throws(FingalError) {
    let significant = Int(try reader.read(UInt8.self, "number of digits"))
    guard (1...Value.mostDigits).contains(significant) else { throw damagedPage("decimals of \(significant) digits") }
    let firstExponent = Int(try reader.read(Int8.self, "exponent"))
    guard DecimalSample.exponents.contains(firstExponent) else {
      throw damagedPage("a decimal exponent of \(firstExponent)")
    }
    let specials = try SpecialValues<Value>.read(&reader)
    let exceptions = try ExceptionBlock<Value.Word>(&reader, elements: target.count)
    let words = unsafe target.bits(Value.Word.self)
    try unsafe ChildPage.read(
      &reader, into: NumberTarget(target.start, count: target.count, type: Value.digitType, rowLength: 1),
      below: Encoding.decimal.level)
    guard
      unsafe Value.decode(
        ranks: words, count: target.count, significant: significant, firstExponent: firstExponent, specials)
    else { throw damagedPage("a decimal beyond 10^22") }
    for i in 0..<exceptions.count { unsafe words[exceptions.position(i)] = exceptions.word(i) }
  }
}
