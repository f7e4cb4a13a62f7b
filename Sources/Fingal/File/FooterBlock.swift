/// A footer with its trailer, as it ends a file or, in a file that events were appended to, stands before the clusters
/// that came later (`FORMAT.md §8.4`). It says its own length, so that a walk through the file steps over it.
package struct FooterBlock: Sendable {
  /// Where it lies in the file, from its tag to the end of its trailer.
  package var range: Range<Int>
  package var footer: FileFooter

  /// Reads the block at an offset and checks all of it: tag, lengths, checksums, padding, and that its clusters lie
  /// before it.
  ///
  /// - Parameter limit: where it must end at the latest.
  /// - Throws: `damaged`, with the byte but without the file.
  package init(
    _ file: PosixFile, at offset: Int, limit: Int, schema: Schema, firstCluster: Int
  ) throws(FingalError) {
    func broken(_ what: String) -> FingalError {
      FingalError(.damaged, "the footer of an earlier end of the file \(what)", byte: offset)
    }
    guard limit - offset >= FileFooter.headLength + FileTrailer.length else { throw broken("is cut short") }
    var reader = FieldReader(try file.read(16, at: offset))
    guard reader.bytes(8) == FileFooter.tag, let length = reader.count(), length % 64 == 0,
      length >= FileFooter.headLength + FileTrailer.length, length <= limit - offset
    else { throw broken("has an invalid length") }
    let end = offset + length
    let trailer = try FileTrailer(
      decoding: file.read(FileTrailer.length, at: end - FileTrailer.length), fileSize: end)
    guard trailer.footerOffset == offset else { throw broken("is not the one that its trailer names") }
    let bytes = try file.read(trailer.footerLength, at: offset)
    guard Checksum.of(bytes, seed: Checksum.footer) == trailer.footerChecksum else {
      throw broken("has another checksum")
    }
    let padding = offset + trailer.footerLength..<end - FileTrailer.length
    guard try file.read(padding.count, at: padding.lowerBound).allSatisfy({ $0 == 0 }) else {
      throw broken("has padding that is not zero")
    }
    footer = try FileFooter(decoding: bytes, schema: schema, firstCluster: firstCluster, end: offset)
    guard footer.eventCount == trailer.eventCount else {
      throw broken("disagrees with its trailer about the number of events")
    }
    range = offset..<end
  }
}
