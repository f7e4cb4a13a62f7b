/// ALP (`FORMAT.md §6.5`): floats that came from decimal text, as the integers of their digits. A value is
/// digits × 10^−exponent with one exponent a vector; values that would not come back bit for bit (NaN, ±∞, −0, more
/// digits than the others) are exceptions.
///
/// After A. Afroozeh, L. Kuffó, P. Boncz, "ALP: Adaptive Lossless floating-Point Compression", SIGMOD 2024. Unlike there,
/// one exact power of ten divides in binary64, so that every decimal of 15 digits (7 in `float32`) decodes correctly
/// rounded: the paper's product of two inexact factors loses 3–24 % of `float32` decimals to exceptions.
enum ALPEncoding {
  static let exponents = -22...22

  // MARK: Encoding

  /// Nil where decimals do not pay: for integers, and for floats that, by a sample, would take `limit` bytes or more.
  static func encode(_ page: NumberPage, limit: Int) -> AlignedBytes? {
    switch page.type {
    case .float32: encode(Float.self, page, limit)
    case .float64: encode(Double.self, page, limit)
    default: nil
    }
  }

  private static func encode<Value: DecimalFloat>(_: Value.Type, _ page: NumberPage, _ limit: Int) -> AlignedBytes? {
    let values = unsafe page.start.assumingMemoryBound(to: Value.self)
    var vector = DecimalVector<Value>()
    let exponents = unsafe DecimalSample.exponents(values, count: page.count, limit: limit, &vector)
    if exponents.isEmpty { return nil }
    let output = unsafe AlignedBytes(capacity: page.bytes.count / 2)
    var start = 0
    while start < page.count {
      let length = min(PackedVectors.vectorLength, page.count - start)
      let input = unsafe values + start
      var best = unsafe vector.measure(input, count: length, exponent: exponents[0])
      for exponent in exponents.dropFirst() {
        let other = unsafe vector.measure(input, count: length, exponent: exponent)
        if other.bytes < best.bytes { best = other }
      }
      unsafe vector.append(input, count: length, best, into: output)
      start += length
    }
    return output
  }

  // MARK: Decoding

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
    let digits = AlignedBytes(capacity: PackedVectors.vectorLength * MemoryLayout<Value>.size)
    let words = unsafe digits.base.assumingMemoryBound(to: Value.Word.self)
    var start = 0
    while start < target.count {
      let length = min(PackedVectors.vectorLength, target.count - start)
      let output = unsafe target.start.assumingMemoryBound(to: Value.self) + start
      let exponent = Int(try reader.read(Int8.self, "vector header"))
      guard exponents.contains(exponent) else { throw damagedPage("a decimal exponent of \(exponent)") }
      let base = try reader.read(Value.Word.self, "vector header")
      let width = Int(try reader.read(UInt8.self, "vector header"))
      let exceptions = Int(try reader.read(UInt16.self, "vector header"))
      try unsafe PackedVectors.unpack(&reader, count: length, width: width, base: base, into: words)
      unsafe Value.decode(words, count: length, exponent: exponent, base: base, width: width, into: output)
      try unsafe PackedVectors.patch(
        &reader, exceptions, count: length, into: target.bits(Value.Word.self) + start)
      start += length
    }
    withExtendedLifetime(digits) {}
  }
}
