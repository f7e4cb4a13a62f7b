internal import FingalKernels

/// A float type whose decimals ALP stores as integers: `Float` as 32-bit digits, `Double` as 64-bit ones. The
/// requirements are the kernels; `fingal_decimal.h` says what they do.
protocol DecimalFloat: BinaryFloatingPoint, BitwiseCopyable {
  associatedtype Word: PackedWord
  /// The largest digits that the encoder makes.
  static var digitLimit: Double { get }

  static func decode(
    _ digits: UnsafePointer<Word>, count: Int, exponent: Int, base: Word, width: Int,
    into output: UnsafeMutablePointer<Self>)
  static func encode(
    _ values: UnsafePointer<Self>, count: Int, exponent: Int, digits: UnsafeMutablePointer<Word>,
    bad: UnsafeMutablePointer<UInt8>
  ) -> Int
}

extension Float: DecimalFloat {
  typealias Word = UInt32
  static var digitLimit: Double { 2_147_483_647 }

  static func decode(
    _ digits: UnsafePointer<UInt32>, count: Int, exponent: Int, base: UInt32, width: Int,
    into output: UnsafeMutablePointer<Float>
  ) {
    let low = Int(Int32(bitPattern: base))
    let small = unsafe UnsafeRawPointer(digits).assumingMemoryBound(to: Int32.self)
    if (0...10).contains(exponent) && low >= -1 << 24 && width < 26 && low + (1 << width) - 1 <= 1 << 24 {
      unsafe fingal_decimal_decode32_small(small, count, CInt(exponent), output)
    } else {
      unsafe fingal_decimal_decode32(small, count, CInt(exponent), output)
    }
  }

  static func encode(
    _ values: UnsafePointer<Float>, count: Int, exponent: Int, digits: UnsafeMutablePointer<UInt32>,
    bad: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let signed = unsafe UnsafeMutableRawPointer(digits).assumingMemoryBound(to: Int32.self)
    return unsafe fingal_decimal_encode32(values, count, CInt(exponent), signed, bad)
  }
}

extension Double: DecimalFloat {
  typealias Word = UInt64
  static var digitLimit: Double { 0x1p51 }

  static func decode(
    _ digits: UnsafePointer<UInt64>, count: Int, exponent: Int, base: UInt64, width: Int,
    into output: UnsafeMutablePointer<Double>
  ) {
    let signed = unsafe UnsafeRawPointer(digits).assumingMemoryBound(to: Int64.self)
    unsafe fingal_decimal_decode64(signed, count, CInt(exponent), output)
  }

  static func encode(
    _ values: UnsafePointer<Double>, count: Int, exponent: Int, digits: UnsafeMutablePointer<UInt64>,
    bad: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let signed = unsafe UnsafeMutableRawPointer(digits).assumingMemoryBound(to: Int64.self)
    return unsafe fingal_decimal_encode64(values, count, CInt(exponent), signed, bad)
  }
}
