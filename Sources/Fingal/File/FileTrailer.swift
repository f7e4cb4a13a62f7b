/// The last 64 bytes of a file: where the footer is (`FORMAT.md §8.2`).
package struct FileTrailer: Sendable, Equatable {
  package static let length = 64
  /// The magic backwards.
  package static let magic: [UInt8] = [0x0A, 0x1A, 0x0A, 0x0D, 0x4C, 0x47, 0x46, 0x89]

  package var footerOffset: Int
  package var footerLength: Int
  package var footerChecksum: UInt64
  package var fileLength: Int
  package var eventCount: Int

  package init(footer: [UInt8], at offset: Int, eventCount: Int) {
    footerOffset = offset
    footerLength = footer.count
    footerChecksum = Checksum.of(footer, seed: Checksum.footer)
    fileLength = offset + roundUp(footer.count, to: 64) + Self.length
    self.eventCount = eventCount
  }

  package var encoded: [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendLittleEndian(UInt64(footerOffset))
    bytes.appendLittleEndian(UInt64(footerLength))
    bytes.appendLittleEndian(footerChecksum)
    bytes.appendLittleEndian(UInt64(fileLength))
    bytes.appendLittleEndian(UInt64(eventCount))
    bytes.appendLittleEndian(UInt64(0))
    bytes.appendLittleEndian(Checksum.of(bytes, seed: Checksum.trailer))
    return bytes + Self.magic
  }

  /// - Parameters:
  ///   - bytes: the last 64 bytes.
  ///   - size: the file's size.
  /// - Throws: `truncated` if there is no trailer; `damaged` if it does not hold; `limit` if it counts more events than
  ///   a file may have.
  package init(decoding bytes: [UInt8], fileSize size: Int) throws(FingalError) {
    precondition(bytes.count == Self.length)
    var reader = FieldReader(bytes)
    let fields = reader.array(7)!
    let checksumHolds = fields[6] == Checksum.of(Array(bytes[0..<48]), seed: Checksum.trailer)
    let magicHolds = Array(bytes[56...]) == Self.magic
    if !magicHolds && !checksumHolds {
      throw Self.missing(fileSize: size)
    }
    guard magicHolds, checksumHolds, fields[5] == 0 else {
      throw FingalError(
        .damaged, "the trailer is damaged", byte: size - Self.length, advice: "restore the file from a copy")
    }
    guard fields[3] == UInt64(size) else {
      throw FingalError(
        .damaged, "the file has \(size) bytes but says it has \(fields[3])", advice: "restore the file from a copy")
    }
    guard fields[4] < UInt64(ClusterLimits.fileEvents) else {
      throw FingalError(
        .limit, "the trailer counts \(fields[4]) events; a file holds at most \(ClusterLimits.fileEvents - 1)",
        byte: size - Self.length)
    }
    guard fields[1] % 8 == 0 else {
      throw FingalError(
        .damaged, "the trailer gives a footer of \(fields[1]) bytes, which is no multiple of 8",
        byte: size - Self.length)
    }
    guard let offset = Int(exactly: fields[0]), let length = Int(exactly: fields[1]), offset % 64 == 0,
      offset >= FileHeader.length, length <= size, offset <= size - Self.length - length,
      roundUp(length, to: 64) == size - Self.length - offset
    else {
      throw FingalError(.damaged, "the trailer points outside the file", byte: size - Self.length)
    }
    footerOffset = offset
    footerLength = length
    footerChecksum = fields[2]
    fileLength = size
    eventCount = Int(fields[4])
  }

  /// The error of a file without a trailer.
  static func missing(fileSize size: Int) -> FingalError {
    FingalError(
      .truncated, "the file has no end: its writer was stopped or is at work, or the copy is incomplete", byte: size,
      advice: "copy it again, or recover what is there with `fingal salvage`")
  }
}
