/// Little-endian fields out of untrusted bytes. Every load is checked: reading past the end gives nil, never a trap.
package struct FieldReader {
  private let bytes: [UInt8]
  package private(set) var offset = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package var remaining: Int { bytes.count - offset }

  package mutating func integer<T: FixedWidthInteger & UnsignedInteger>(_: T.Type) -> T? {
    let width = MemoryLayout<T>.size
    guard remaining >= width else { return nil }
    var value: T = 0
    for i in 0..<width { value |= T(bytes[offset + i]) << T(8 * i) }
    offset += width
    return value
  }

  /// A 64-bit field that must be usable as a count or offset.
  package mutating func count() -> Int? { integer(UInt64.self).flatMap { Int(exactly: $0) } }

  package mutating func array(_ count: Int) -> [UInt64]? {
    guard count >= 0, count <= remaining / 8 else { return nil }
    var values: [UInt64] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(integer(UInt64.self)!) }
    return values
  }

  package mutating func bytes(_ count: Int) -> [UInt8]? {
    guard count >= 0, count <= remaining else { return nil }
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  package mutating func skip(_ count: Int) -> Bool {
    guard count >= 0, count <= remaining else { return false }
    offset += count
    return true
  }
}

extension [UInt8] {
  package mutating func appendLittleEndian<T: FixedWidthInteger>(_ value: T) {
    var rest = value
    for _ in 0..<MemoryLayout<T>.size {
      append(UInt8(truncatingIfNeeded: rest))
      rest = MemoryLayout<T>.size == 1 ? 0 : rest >> 8
    }
  }

  /// Appends zeros up to the next multiple of `alignment`.
  package mutating func pad(to alignment: Int) {
    while count % alignment != 0 { append(0) }
  }
}

/// `value` rounded up to a multiple of a power of two.
@inline(__always)
package func roundUp(_ value: Int, to alignment: Int) -> Int { (value + alignment - 1) & ~(alignment - 1) }
