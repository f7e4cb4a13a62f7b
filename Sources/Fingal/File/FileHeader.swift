/// The first 64 bytes of a file (`FORMAT.md §2.2`).
package struct FileHeader: Sendable, Equatable {
  package static let length = 64
  /// `\x89FGL\r\n\x1A\n`: a byte above 127, a carriage return, a line feed and an end-of-file mark, so that a transfer
  /// in text mode is noticed at once, as with PNG.
  package static let magic: [UInt8] = [0x89, 0x46, 0x47, 0x4C, 0x0D, 0x0A, 0x1A, 0x0A]
  package static let major: UInt16 = 1
  package static let minor: UInt16 = 0

  package var major: UInt16 = Self.major
  package var minor: UInt16 = Self.minor
  /// Features a reader must know; unknown bits are refused.
  package var requiredFeatures: UInt64 = 0
  /// Features a reader may ignore.
  package var optionalFeatures: UInt64 = 0
  package var schemaLength: Int
  package var schemaChecksum: UInt64

  package init(schema: [UInt8]) {
    schemaLength = schema.count
    schemaChecksum = Checksum.of(schema, seed: Checksum.schema)
  }

  package var encoded: [UInt8] {
    var bytes = Self.magic
    bytes.appendLittleEndian(major)
    bytes.appendLittleEndian(minor)
    bytes.appendLittleEndian(UInt32(0))
    bytes.appendLittleEndian(requiredFeatures)
    bytes.appendLittleEndian(optionalFeatures)
    bytes.appendLittleEndian(UInt64(schemaLength))
    bytes.appendLittleEndian(schemaChecksum)
    bytes.appendLittleEndian(UInt64(0))
    bytes.appendLittleEndian(Checksum.of(bytes, seed: Checksum.header))
    return bytes
  }

  /// - Throws: `notFingal` if the magic is another's; `damaged` if it was changed by a text-mode transfer or the checksum
  ///   differs; `unsupported` for a newer version or an unknown required feature.
  package init(decoding bytes: [UInt8]) throws(FingalError) {
    guard bytes.count >= Self.length, Array(bytes[0..<8]) == Self.magic else { throw Self.foreign(bytes) }
    var reader = FieldReader(bytes)
    _ = reader.skip(8)
    major = reader.integer(UInt16.self)!
    minor = reader.integer(UInt16.self)!
    let reserved = reader.integer(UInt32.self)!
    requiredFeatures = reader.integer(UInt64.self)!
    optionalFeatures = reader.integer(UInt64.self)!
    let length = reader.integer(UInt64.self)!
    schemaChecksum = reader.integer(UInt64.self)!
    let reserved2 = reader.integer(UInt64.self)!
    let checksum = reader.integer(UInt64.self)!
    guard checksum == Checksum.of(Array(bytes[0..<56]), seed: Checksum.header) else {
      throw FingalError(.damaged, "the header's checksum differs", byte: 0, advice: "restore the file from a copy")
    }
    guard major > 0 else {
      throw FingalError(
        .unsupported, "the file was written by a pre-release of fingal, in format \(major).\(minor)",
        advice: "convert the source again")
    }
    guard major == Self.major, minor <= Self.minor else {
      throw FingalError(
        .unsupported, "the file is of format version \(major).\(minor); this program reads \(Self.major).\(Self.minor)",
        advice: "use a newer fingal")
    }
    guard requiredFeatures == 0 else {
      throw FingalError(
        .unsupported, "the file needs feature bits 0x\(String(requiredFeatures, radix: 16)), unknown to this program",
        advice: "use a newer fingal")
    }
    guard reserved == 0, reserved2 == 0 else {
      throw FingalError(.damaged, "reserved bytes of the header are not zero", byte: 0)
    }
    guard length <= UInt64(SchemaLimits.schemaBytes) else {
      throw FingalError(
        .limit, "the schema is said to have \(length) bytes; at most \(SchemaLimits.schemaBytes) are read")
    }
    schemaLength = Int(length)
  }

  private static func foreign(_ bytes: [UInt8]) -> FingalError {
    if bytes.isEmpty { return FingalError(.notFingal, "the file is empty, not a Fingal file") }
    if bytes.starts(with: [0x89, 0x46, 0x47, 0x4C]) {
      if bytes.count < length, magic.starts(with: bytes.prefix(8)) {
        return FingalError(.truncated, "the file ends inside its header", advice: "copy it again from the source")
      }
      return FingalError(
        .damaged, "the file was changed by a transfer in text mode, or its first bytes are damaged", byte: 0,
        advice: "copy it again in binary mode")
    }
    return FingalError(
      .notFingal, "not a Fingal file", advice: "make one with `fingal convert INPUT.csv -o OUTPUT.fingal`")
  }
}
