extension EventFile {
  /// Header and schema of a file: all that can be known of one without an end.
  package struct Front: Sendable {
    package var header: FileHeader
    package var schema: Schema
    /// Where the first cluster begins: behind the schema's padding.
    package var firstCluster: Int

    /// - Throws: as `EventFile.init(opening:)`, without naming the file.
    package init(_ file: PosixFile) throws(FingalError) {
      let size = try file.size()
      header = try FileHeader(decoding: file.read(min(size, FileHeader.length), at: 0))
      guard header.schemaLength <= size - FileHeader.length else {
        throw FingalError(
          .truncated, "the file ends inside its schema", byte: size, advice: "copy it again from the source")
      }
      let json = try file.read(header.schemaLength, at: FileHeader.length)
      guard Checksum.of(json, seed: Checksum.schema) == header.schemaChecksum else {
        throw FingalError(
          .damaged, "the schema's checksum differs", byte: FileHeader.length, advice: "restore the file from a copy")
      }
      guard let text = String(validating: json, as: UTF8.self), json.first == UInt8(ascii: "{"), !json.contains(0)
      else {
        throw FingalError(.invalidSchema, "the schema is no JSON object in UTF-8", byte: FileHeader.length)
      }
      do throws(FingalError) {
        schema = try Schema(json: text)
      } catch {
        var located = error
        located.byte = error.byte.map { FileHeader.length + $0 }
        throw located
      }
      firstCluster = roundUp(FileHeader.length + header.schemaLength, to: 64)
    }
  }

  /// Reads what the end of a file says.
  ///
  /// - Throws: `truncated` if there is no end, `damaged` if it does not hold.
  static func end(
    of file: PosixFile, _ front: Front, size: Int
  ) throws(FingalError) -> (footer: FileFooter, range: Range<Int>) {
    guard size >= front.firstCluster + FileTrailer.length else { throw FileTrailer.missing(fileSize: size) }
    let trailer = try FileTrailer(
      decoding: file.read(FileTrailer.length, at: size - FileTrailer.length), fileSize: size)
    guard trailer.footerOffset >= front.firstCluster else {
      throw FingalError(.damaged, "the trailer points into the schema", byte: size - FileTrailer.length)
    }
    let bytes = try file.read(trailer.footerLength, at: trailer.footerOffset)
    guard Checksum.of(bytes, seed: Checksum.footer) == trailer.footerChecksum else {
      throw FingalError(
        .damaged, "the footer's checksum differs", byte: trailer.footerOffset,
        advice: "restore the file from a copy, or recover the events with `fingal salvage`")
    }
    let footer = try FileFooter(
      decoding: bytes, schema: front.schema, firstCluster: front.firstCluster, end: trailer.footerOffset)
    guard footer.eventCount == trailer.eventCount else {
      throw FingalError(.damaged, "footer and trailer disagree about the number of events")
    }
    return (footer, trailer.footerOffset..<trailer.footerOffset + trailer.footerLength)
  }
}
