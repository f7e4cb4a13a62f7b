/// The type of one value of a column. The raw value is its name in the schema (`FORMAT.md §3`).
public enum ScalarType: String, Sendable, CaseIterable, Codable {
  case bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64, string
  /// One of the texts that the field lists as its `labels`, stored as the index (from 0) of that text.
  case enumeration = "enum"

  /// Bytes of one decoded value; a string has none of its own (its bytes lie apart).
  public var byteWidth: Int {
    switch self {
    case .bool, .int8, .uint8: 1
    case .int16, .uint16, .enumeration: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    case .string: 0
    }
  }

  public var isFloat: Bool { self == .float32 || self == .float64 }
  public var isSigned: Bool { self == .int8 || self == .int16 || self == .int32 || self == .int64 }
  /// Whether it is one of the eight integer types (`bool` is not).
  public var isInteger: Bool { isSigned || self == .uint8 || self == .uint16 || self == .uint32 || self == .uint64 }
  /// Whether its values are stored as numbers: integers, floats, `bool` (as 0 and 1) and enumerations (as indices).
  public var isNumeric: Bool { self != .string }
}

/// A Swift type whose values a column stores as they are, little-endian. Besides the type of its own name, `UInt8`
/// stands for the 0 and 1 of `bool`, and `UInt16` for the indices of an enumeration.
public protocol ColumnElement: BitwiseCopyable, Sendable {
  static var scalarType: ScalarType { get }
}

extension ColumnElement {
  /// Whether the values of a column of that type are of this Swift type.
  @inlinable @inline(__always)
  public static func represents(_ type: ScalarType) -> Bool {
    type == scalarType || (type == .bool && scalarType == .uint8) || (type == .enumeration && scalarType == .uint16)
  }
}

extension Int8: ColumnElement { public static var scalarType: ScalarType { .int8 } }
extension Int16: ColumnElement { public static var scalarType: ScalarType { .int16 } }
extension Int32: ColumnElement { public static var scalarType: ScalarType { .int32 } }
extension Int64: ColumnElement { public static var scalarType: ScalarType { .int64 } }
extension UInt8: ColumnElement { public static var scalarType: ScalarType { .uint8 } }
extension UInt16: ColumnElement { public static var scalarType: ScalarType { .uint16 } }
extension UInt32: ColumnElement { public static var scalarType: ScalarType { .uint32 } }
extension UInt64: ColumnElement { public static var scalarType: ScalarType { .uint64 } }
extension Float: ColumnElement { public static var scalarType: ScalarType { .float32 } }
extension Double: ColumnElement { public static var scalarType: ScalarType { .float64 } }
