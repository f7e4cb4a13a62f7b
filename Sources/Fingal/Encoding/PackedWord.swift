/// The unsigned word as wide as a type's values: encodings that care for bits only (PLAIN, CONST, FOR, DICT, SPARSE)
/// have one generic body over it, and values of any type pass through as bit patterns.
protocol PackedWord: FixedWidthInteger, UnsignedInteger, BitwiseCopyable, Sendable {}

extension UInt8: PackedWord {}
extension UInt16: PackedWord {}
extension UInt32: PackedWord {}
extension UInt64: PackedWord {}
