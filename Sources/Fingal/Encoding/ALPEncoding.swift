/// ALP (`FORMAT.md §6.10`): floats that came from decimal text, as the integers of their digits. A value is
/// digits × 10^−exponent with one exponent a page; values that would not come back bit for bit (NaN, ±∞, −0, more
/// digits than the others) are specials if there are many, exceptions if there are few.
///
/// After A. Afroozeh, L. Kuffó, P. Boncz, "ALP: Adaptive Lossless floating-Point Compression", SIGMOD 2024. Unlike there,
/// one exact power of ten divides in binary64, so that every decimal of 15 digits (7 in `float32`) decodes correctly
/// rounded: the paper's product of two inexact factors loses 3–24 % of `float32` decimals to exceptions.
enum ALPEncoding {
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
    guard let exponent = unsafe DecimalSample.exponent(values, count: page.count) else { return nil }
    var decimals = unsafe DecimalPage<Value>(values, count: page.count)
    guard decimals.fill(.digits(exponent: exponent)) else { return nil }
    let output = unsafe AlignedBytes(capacity: page.bytes.count / 2)
    output.append(Int8(exponent))
    return decimals.write(&guide, into: output) ? output : nil
  }

  static func decode(_ reader: inout ByteReader, into target: NumberTarget) throws(FingalError) {
    switch target.type {
    case .float32: try decode(Float.self, &reader, target)
    case .float64: try decode(Double.self, &reader, target)
    default: throw damagedPage("ALP values of type \(target.type)")
    }
  }

  private static func decode<Value: DecimalFloat>(
    _: Value.Type, _ reader: inout ByteReader, _ target: NumberTarget
  ) throws(FingalError) {
    let exponent = Int(try reader.read(Int8.self, "exponent"))
    guard DecimalSample.exponents.contains(exponent) else { throw damagedPage("a decimal exponent of \(exponent)") }
    let specials = try SpecialValues<Value>.read(&reader)
    let exceptions = try ExceptionBlock<Value.Word>(&reader, elements: target.count)
    // The digits are unpacked where the values go, and become them in place.
    let words = unsafe target.bits(Value.Word.self)
    try unsafe ChildPage.read(
      &reader, into: NumberTarget(target.start, count: target.count, type: Value.digitType, rowLength: 1),
      below: Encoding.alp.level)
    unsafe Value.decode(digits: words, count: target.count, exponent: exponent, specials)
    for i in 0..<exceptions.count { unsafe words[exceptions.position(i)] = exceptions.word(i) }
  }
}
