/// Values to bytes and back, one page at a time: the meeting point of encodings and codecs. Dispatch happens here, per
/// page; the loops behind it know their type.
package enum PageCoder {
  /// Encodes the elements `range` of a column as one page, by the encoding and codec that store the fewest bytes (ties
  /// to the lowest id). The result depends on the values and options alone.
  ///
  /// - Parameter rowLength: elements of one value; `range` is a multiple of it.
  package static func encode(
    _ values: ColumnValues, _ range: Range<Int>, rowLength: Int, options: EncodingOptions
  ) -> EncodedPage {
    precondition(values.type != .string, "placeholder: strings come with the dictionary encoding")
    let width = values.type.byteWidth
    let bytes = unsafe values.storage.bytes[range.lowerBound * width..<range.upperBound * width]
    return unsafe EncodedPage(
      encoding: .plain, codec: .none, stored: Array(bytes), encodedLength: bytes.count, statistics: PageStatistics())
  }

  /// Decodes a page whose checksum has been verified and appends its values to `output`.
  ///
  /// - Throws: `damaged` if the bytes do not decode to exactly what the description says; `output` then holds what it
  ///   held before or more, and must be thrown away.
  package static func decode(
    _ stored: UnsafeRawBufferPointer, _ page: PageDescription, into output: ColumnValues
  ) throws(FingalError) {
    guard page.encoding == .plain, page.codec == .none, stored.count == page.elements * page.type.byteWidth else {
      throw FingalError(.damaged, "a PLAIN page has \(stored.count) bytes for \(page.elements) values")
    }
    let target = unsafe output.extend(by: page.elements)
    if let start = stored.baseAddress { unsafe target.copyMemory(from: start, byteCount: stored.count) }
  }
}
