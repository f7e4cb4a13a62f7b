/// A page as it stands on disk, and the facts that the directory keeps about it.
package struct EncodedPage: Sendable {
  package var encoding: Encoding
  package var codec: Codec
  /// The stored bytes: after the encoding and the codec.
  package var stored: [UInt8]
  /// Bytes after the encoding, before the codec: what the codec must give back exactly.
  package var encodedLength: Int
  package var statistics: PageStatistics
}

/// What the reader knows of a page before it decodes it.
package struct PageDescription: Sendable, Equatable {
  package var encoding: Encoding
  package var codec: Codec
  package var encodedLength: Int
  /// Bytes of the decoded values: elements × width; for strings 4 an element plus the UTF-8 bytes.
  package var decodedLength: Int
  package var elements: Int
  package var type: ScalarType
  /// Elements of one value (the product of a tensor's shape); 1 for scalars.
  package var rowLength: Int

  package init(
    encoding: Encoding, codec: Codec, encodedLength: Int, decodedLength: Int, elements: Int, type: ScalarType,
    rowLength: Int
  ) {
    self.encoding = encoding
    self.codec = codec
    self.encodedLength = encodedLength
    self.decodedLength = decodedLength
    self.elements = elements
    self.type = type
    self.rowLength = rowLength
  }
}

/// Bounds of a page's values: they only ever serve to skip pages, never to answer (`FORMAT.md §5.3`).
package struct PageStatistics: Sendable, Equatable {
  /// Smallest and largest value without NaN, as 8 bytes: `int64` for signed integers, `uint64` for unsigned and
  /// `bool`, `float64` bits for floats (−0 is stored as +0). Nil for strings, and where all values are NaN.
  package var bounds: (minimum: UInt64, maximum: UInt64)?
  package var nanCount: Int

  package init(bounds: (minimum: UInt64, maximum: UInt64)? = nil, nanCount: Int = 0) {
    self.bounds = bounds
    self.nanCount = nanCount
  }

  package static func == (a: Self, b: Self) -> Bool {
    a.bounds?.minimum == b.bounds?.minimum && a.bounds?.maximum == b.bounds?.maximum && a.nanCount == b.nanCount
  }
}
