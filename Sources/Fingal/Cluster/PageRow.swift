/// One row of a cluster's directory: everything a reader knows of a page before it reads it (`FORMAT.md §5.1`).
package struct PageRow: Sendable, Equatable {
  package static let length = 64

  /// Offset of the stored bytes from the start of the cluster.
  package var offset: Int
  package var storedLength: Int
  package var encodedLength: Int
  package var decodedLength: Int
  package var elements: Int
  /// The bytes on disk; an id this version does not know disables the column, not the file.
  package var encoding: UInt8
  package var codec: UInt8
  package var bounds: Bounds?
  package var nanCount: Int
  package var nullCount: Int
  package var checksum: UInt64

  package func append(to bytes: inout [UInt8]) {
    bytes.appendLittleEndian(UInt64(offset))
    bytes.appendLittleEndian(UInt32(storedLength))
    bytes.appendLittleEndian(UInt32(encodedLength))
    bytes.appendLittleEndian(UInt32(decodedLength))
    bytes.appendLittleEndian(UInt32(elements))
    bytes.append(encoding)
    bytes.append(codec)
    bytes.appendLittleEndian(UInt16(bounds == nil ? 0 : 1))
    bytes.appendLittleEndian(UInt32(nanCount))
    bytes.appendLittleEndian(UInt32(nullCount))
    bytes.appendLittleEndian(UInt32(0))
    bytes.appendLittleEndian(checksum)
    let bits = bounds?.bits ?? (minimum: 0, maximum: 0)
    bytes.appendLittleEndian(bits.minimum)
    bytes.appendLittleEndian(bits.maximum)
  }

  /// Nil if the bytes end, a reserved bit is set, or the bounds are none.
  package init?(_ reader: inout FieldReader, type: ScalarType) {
    guard let offset = reader.count(), let stored = reader.integer(UInt32.self),
      let encoded = reader.integer(UInt32.self), let decoded = reader.integer(UInt32.self),
      let elements = reader.integer(UInt32.self), let encoding = reader.integer(UInt8.self),
      let codec = reader.integer(UInt8.self), let flags = reader.integer(UInt16.self),
      let nans = reader.integer(UInt32.self), let nulls = reader.integer(UInt32.self),
      let reserved = reader.integer(UInt32.self), let checksum = reader.integer(UInt64.self),
      let minimum = reader.integer(UInt64.self), let maximum = reader.integer(UInt64.self),
      flags <= 1, reserved == 0
    else { return nil }
    if flags == 1 {
      guard let bounds = Bounds(type, minimum: minimum, maximum: maximum) else { return nil }
      self.bounds = bounds
    } else {
      guard minimum == 0, maximum == 0 else { return nil }
      bounds = nil
    }
    self.offset = offset
    storedLength = Int(stored)
    encodedLength = Int(encoded)
    decodedLength = Int(decoded)
    self.elements = Int(elements)
    self.encoding = encoding
    self.codec = codec
    nanCount = Int(nans)
    nullCount = Int(nulls)
    self.checksum = checksum
  }

  package init(
    offset: Int, page: EncodedPage, decodedLength: Int, elements: Int, nullCount: Int, type: ScalarType,
    checksum: UInt64
  ) {
    self.offset = offset
    storedLength = page.stored.count
    encodedLength = page.encodedLength
    self.decodedLength = decodedLength
    self.elements = elements
    encoding = page.encoding.rawValue
    codec = page.codec.rawValue
    bounds = page.statistics.bounds.flatMap { Bounds(type, minimum: $0.minimum, maximum: $0.maximum) }
    nanCount = page.statistics.nanCount
    self.nullCount = nullCount
    self.checksum = checksum
  }
}
