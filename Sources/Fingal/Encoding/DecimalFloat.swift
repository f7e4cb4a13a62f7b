internal import FingalKernels

/// A float type whose decimals are stored as integers: `Float` as 32-bit words, `Double` as 64-bit ones. The
/// requirements are the kernels; `fingal_decimal.h` says what they do.
protocol DecimalFloat: BinaryFloatingPoint, BitwiseCopyable, Sendable {
  associatedtype Word: PackedWord
  /// The integer type of digits and ranks.
  static var digitType: ScalarType { get }
  /// The largest digits that the encoder of ALP makes.
  static var digitLimit: Double { get }
  /// The most significant digits of DECIMAL.
  static var mostDigits: Int { get }

  var bits: Word { get }

  static func decode(
    digits: UnsafeMutablePointer<Word>, count: Int, exponent: Int, _ specials: SpecialValues<Self>)
  static func decode(
    ranks: UnsafeMutablePointer<Word>, count: Int, significant: Int, firstExponent: Int,
    _ specials: SpecialValues<Self>
  ) -> Bool
  static func encode(
    _ values: UnsafePointer<Self>, count: Int, exponent: Int, digits: UnsafeMutablePointer<Word>,
    bad: UnsafeMutablePointer<UInt8>
  ) -> Int
  static func encode(
    _ values: UnsafePointer<Self>, count: Int, significant: Int, ranks: UnsafeMutablePointer<Word>,
    bad: UnsafeMutablePointer<UInt8>
  ) -> (bad: Int, lowest: Int)
  static func shift(ranks: UnsafeMutablePointer<Word>, count: Int, bad: UnsafePointer<UInt8>, by: Word)
  static func join(
    _ words: UnsafeMutablePointer<Word>, codes: UnsafePointer<UInt8>, count: Int, lefts: UnsafePointer<UInt16>,
    right: Int)
  static func split(
    _ words: UnsafePointer<Word>, count: Int, right: Int, table: UnsafePointer<UInt8>,
    codes: UnsafeMutablePointer<UInt8>, rights: UnsafeMutablePointer<Word>, exceptions: UnsafeMutablePointer<UInt32>
  ) -> Int
}

extension Float: DecimalFloat {
  typealias Word = UInt32
  static var digitType: ScalarType { .int32 }
  static var digitLimit: Double { 2_147_483_647 }
  static var mostDigits: Int { 7 }

  var bits: UInt32 { bitPattern }

  static func decode(
    digits: UnsafeMutablePointer<UInt32>, count: Int, exponent: Int, _ specials: SpecialValues<Float>
  ) {
    var table = specials.kernelTable
    unsafe fingal_alp_decode32(digits, count, CInt(exponent), &table)
  }

  static func decode(
    ranks: UnsafeMutablePointer<UInt32>, count: Int, significant: Int, firstExponent: Int,
    _ specials: SpecialValues<Float>
  ) -> Bool {
    var table = specials.kernelTable
    return unsafe fingal_rank_decode32(ranks, count, CInt(significant), CInt(firstExponent), &table)
  }

  static func encode(
    _ values: UnsafePointer<Float>, count: Int, exponent: Int, digits: UnsafeMutablePointer<UInt32>,
    bad: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let signed = unsafe UnsafeMutableRawPointer(digits).assumingMemoryBound(to: Int32.self)
    return unsafe fingal_decimal_encode32(values, count, CInt(exponent), signed, bad)
  }

  static func encode(
    _ values: UnsafePointer<Float>, count: Int, significant: Int, ranks: UnsafeMutablePointer<UInt32>,
    bad: UnsafeMutablePointer<UInt8>
  ) -> (bad: Int, lowest: Int) {
    let signed = unsafe UnsafeMutableRawPointer(ranks).assumingMemoryBound(to: Int32.self)
    var lowest: UInt32 = 0
    let found = unsafe fingal_rank_encode32(values, count, CInt(significant), signed, bad, &lowest)
    return (found, Int(lowest))
  }

  static func shift(ranks: UnsafeMutablePointer<UInt32>, count: Int, bad: UnsafePointer<UInt8>, by: UInt32) {
    let signed = unsafe UnsafeMutableRawPointer(ranks).assumingMemoryBound(to: Int32.self)
    unsafe fingal_rank_shift32(signed, count, bad, Int32(by))
  }

  static func join(
    _ words: UnsafeMutablePointer<UInt32>, codes: UnsafePointer<UInt8>, count: Int, lefts: UnsafePointer<UInt16>,
    right: Int
  ) {
    unsafe fingal_join32(words, codes, count, lefts, UInt32(right))
  }

  static func split(
    _ words: UnsafePointer<UInt32>, count: Int, right: Int, table: UnsafePointer<UInt8>,
    codes: UnsafeMutablePointer<UInt8>, rights: UnsafeMutablePointer<UInt32>,
    exceptions: UnsafeMutablePointer<UInt32>
  ) -> Int {
    unsafe fingal_split32(words, count, UInt32(right), table, codes, rights, exceptions)
  }
}

extension Double: DecimalFloat {
  typealias Word = UInt64
  static var digitType: ScalarType { .int64 }
  static var digitLimit: Double { 0x1p51 }
  static var mostDigits: Int { 15 }

  var bits: UInt64 { bitPattern }

  static func decode(
    digits: UnsafeMutablePointer<UInt64>, count: Int, exponent: Int, _ specials: SpecialValues<Double>
  ) {
    var table = specials.kernelTable
    unsafe fingal_alp_decode64(digits, count, CInt(exponent), &table)
  }

  static func decode(
    ranks: UnsafeMutablePointer<UInt64>, count: Int, significant: Int, firstExponent: Int,
    _ specials: SpecialValues<Double>
  ) -> Bool {
    var table = specials.kernelTable
    return unsafe fingal_rank_decode64(ranks, count, CInt(significant), CInt(firstExponent), &table)
  }

  static func encode(
    _ values: UnsafePointer<Double>, count: Int, exponent: Int, digits: UnsafeMutablePointer<UInt64>,
    bad: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let signed = unsafe UnsafeMutableRawPointer(digits).assumingMemoryBound(to: Int64.self)
    return unsafe fingal_decimal_encode64(values, count, CInt(exponent), signed, bad)
  }

  static func encode(
    _ values: UnsafePointer<Double>, count: Int, significant: Int, ranks: UnsafeMutablePointer<UInt64>,
    bad: UnsafeMutablePointer<UInt8>
  ) -> (bad: Int, lowest: Int) {
    let signed = unsafe UnsafeMutableRawPointer(ranks).assumingMemoryBound(to: Int64.self)
    var lowest: UInt32 = 0
    let found = unsafe fingal_rank_encode64(values, count, CInt(significant), signed, bad, &lowest)
    return (found, Int(lowest))
  }

  static func shift(ranks: UnsafeMutablePointer<UInt64>, count: Int, bad: UnsafePointer<UInt8>, by: UInt64) {
    let signed = unsafe UnsafeMutableRawPointer(ranks).assumingMemoryBound(to: Int64.self)
    unsafe fingal_rank_shift64(signed, count, bad, Int64(by))
  }

  static func join(
    _ words: UnsafeMutablePointer<UInt64>, codes: UnsafePointer<UInt8>, count: Int, lefts: UnsafePointer<UInt16>,
    right: Int
  ) {
    unsafe fingal_join64(words, codes, count, lefts, UInt32(right))
  }

  static func split(
    _ words: UnsafePointer<UInt64>, count: Int, right: Int, table: UnsafePointer<UInt8>,
    codes: UnsafeMutablePointer<UInt8>, rights: UnsafeMutablePointer<UInt64>,
    exceptions: UnsafeMutablePointer<UInt32>
  ) -> Int {
    unsafe fingal_split64(words, count, UInt32(right), table, codes, rights, exceptions)
  }
}
