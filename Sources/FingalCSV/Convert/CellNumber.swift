import Fingal

/// A number type that cells are stored as.
protocol CellNumber: ColumnElement {
  /// The value of a whole number; nil if it does not fit.
  static func from(integer number: DecimalText) -> Self?
  /// The low bits of a whole number, and whether they are all of it.
  static func narrowed(_ value: Int64) -> (value: Self, isExact: Bool)
  /// The value of a number with point or exponent, NaN or infinity, of which `value` is the nearest float64; nil if the
  /// type has no fractions, or its range does not reach so far: a finite number never becomes infinite, nor one that is
  /// not zero zero.
  static func from(_ number: DecimalText, _ value: Double, _ text: UnsafeRawBufferPointer, point: UInt8) -> Self?
}

extension CellNumber where Self: FixedWidthInteger {
  @inline(__always)
  static func narrowed(_ value: Int64) -> (value: Self, isExact: Bool) {
    let narrow = Self(truncatingIfNeeded: value)
    return (narrow, Int64(truncatingIfNeeded: narrow) == value && (Self.isSigned || value >= 0))
  }

  @inline(__always)
  static func from(integer number: DecimalText) -> Self? {
    if number.exponent != 0 || number.isTruncated { return nil }
    if number.isNegative {
      if number.mantissa > 1 << 63 { return nil }
      return Self(exactly: Int64(truncatingIfNeeded: 0 &- number.mantissa))
    }
    return Self(exactly: number.mantissa)
  }

  @inline(__always)
  static func from(_ number: DecimalText, _ value: Double, _ text: UnsafeRawBufferPointer, point: UInt8) -> Self? {
    nil
  }
}

extension Int8: CellNumber {}
extension Int16: CellNumber {}
extension Int32: CellNumber {}
extension Int64: CellNumber {}
extension UInt8: CellNumber {}
extension UInt16: CellNumber {}
extension UInt32: CellNumber {}
extension UInt64: CellNumber {}

extension Float: CellNumber {
  static func narrowed(_ value: Int64) -> (value: Float, isExact: Bool) { (Float(value), Float(exactly: value) != nil) }

  /// Only if it is exact: others are left to the digits, or to another type.
  @inline(__always)
  static func from(integer number: DecimalText) -> Float? {
    if number.exponent == 0, let value = Float(exactly: number.mantissa) {
      return number.isNegative ? -value : value
    }
    return nil
  }

  @inline(__always)
  static func from(_ number: DecimalText, _ value: Double, _ text: UnsafeRawBufferPointer, point: UInt8) -> Float? {
    // A double exactly half-way between two floats may itself be rounded: only the digits can tell. Below the normal
    // range floats are further apart, so that half-way has other bits.
    if value.bitPattern & 0x1FFF_FFFF == 0x1000_0000 || !(value.magnitude >= Double(Float.leastNormalMagnitude)) {
      let nearest = unsafe number.float32(text, point: point)
      return nearest == 0 && number.digits > 0 ? nil : nearest
    }
    let nearest = Float(value)
    return nearest.isInfinite && number.isFinite ? nil : nearest
  }
}

extension Double: CellNumber {
  static func narrowed(_ value: Int64) -> (value: Double, isExact: Bool) {
    (Double(value), Double(exactly: value) != nil)
  }

  @inline(__always)
  static func from(integer number: DecimalText) -> Double? {
    if number.exponent == 0, let value = Double(exactly: number.mantissa) {
      return number.isNegative ? -value : value
    }
    return nil
  }

  @inline(__always)
  static func from(_ number: DecimalText, _ value: Double, _ text: UnsafeRawBufferPointer, point: UInt8) -> Double? {
    if value == 0 && number.digits > 0 || value.isInfinite && number.isFinite { return nil }
    return value
  }
}
