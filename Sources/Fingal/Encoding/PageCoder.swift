/// Values to bytes and back, one page at a time: the meeting point of encodings and codecs. Dispatch happens here, per
/// page; the loops behind it know their type.
package enum PageCoder {
  /// Encodes the elements `range` of a column as one page. The result depends on the values and options alone, and takes
  /// no more bytes than PLAIN.
  ///
  /// - Parameters:
  ///   - rowLength: elements of one value; `range` is a multiple of it.
  ///   - recipe: what was chosen for the cluster; nil to choose for this page. Strings have none.
  package static func encode(
    _ values: ColumnValues, _ range: Range<Int>, rowLength: Int, recipe: PageRecipe?, options: EncodingOptions
  ) -> EncodedPage {
    if values.type == .string { return StringPage(values, range).encode(options) }
    let page = numberPage(values, range, rowLength: rowLength)
    return (recipe ?? PageRecipe.choose([page], options)).encode(page, options)
  }

  /// Encodes a page on its own.
  package static func encode(
    _ values: ColumnValues, _ range: Range<Int>, rowLength: Int, options: EncodingOptions
  ) -> EncodedPage {
    encode(values, range, rowLength: rowLength, recipe: nil, options: options)
  }

  /// Chooses how the pages of one stream of a cluster are encoded; nil for strings.
  package static func recipe(
    _ values: ColumnValues, pages: [Range<Int>], rowLength: Int, options: EncodingOptions
  ) -> PageRecipe? {
    if values.type == .string { return nil }
    return PageRecipe.choose(pages.map { numberPage(values, $0, rowLength: rowLength) }, options)
  }

  private static func numberPage(_ values: ColumnValues, _ range: Range<Int>, rowLength: Int) -> NumberPage {
    precondition(range.lowerBound >= 0 && range.upperBound <= values.count, "range outside the column")
    precondition(rowLength > 0 && range.count % rowLength == 0, "a page holds whole values")
    let start = unsafe values.storage.base + range.lowerBound * values.type.byteWidth
    return unsafe NumberPage(start, count: range.count, type: values.type, rowLength: rowLength)
  }

  /// Decodes a page whose checksum has been verified and appends its values to `output`.
  ///
  /// - Throws: `damaged` if the bytes do not decode to exactly what the description says; `output` then holds what it
  ///   held before or more, and must be thrown away.
  package static func decode(
    _ stored: UnsafeRawBufferPointer, _ page: PageDescription, into output: ColumnValues
  ) throws(FingalError) {
    if page.codec != .none && page.encoding == .plain && page.type != .string {
      try check(page, storedLength: stored.count)
      // Straight into the column: fewer bytes than it takes would leave the rest as memory happened to be.
      guard page.encodedLength == page.decodedLength else {
        throw damagedPage("\(page.encodedLength) bytes of PLAIN values, the directory says \(page.decodedLength)")
      }
      let target = unsafe output.extend(by: page.elements)
      try unsafe page.codec.decompress(
        stored, into: UnsafeMutableRawBufferPointer(start: target, count: page.encodedLength))
      return try unsafe checkBooleans(target, page)
    }
    try unsafe withEncodedBytes(stored, page) { (encoded) throws(FingalError) in
      try unsafe decodeEncoded(encoded, page, into: output)
    }
  }

  /// Undoes the codec of a page and hands on the encoded bytes, for the call.
  ///
  /// - Throws: `damaged` if the description is impossible or the codec gives another length; what `body` throws.
  static func withEncodedBytes<Result>(
    _ stored: UnsafeRawBufferPointer, _ page: PageDescription,
    _ body: (UnsafeRawBufferPointer) throws(FingalError) -> Result
  ) throws(FingalError) -> Result {
    try check(page, storedLength: stored.count)
    if page.codec == .none { return try unsafe body(stored) }
    let encoded = AlignedBytes(capacity: page.encodedLength)
    let target = unsafe UnsafeMutableRawBufferPointer(
      start: encoded.extend(by: page.encodedLength), count: page.encodedLength)
    try unsafe page.codec.decompress(stored, into: target)
    defer { withExtendedLifetime(encoded) {} }
    return try unsafe body(encoded.bytes)
  }

  /// The lengths of a directory row may be forged: nothing is allocated before they fit each other.
  private static func check(_ page: PageDescription, storedLength: Int) throws(FingalError) {
    let (numberBytes, overflow) = page.elements.multipliedReportingOverflow(by: max(4, page.type.byteWidth))
    guard page.elements >= 0, !overflow, page.rowLength > 0, page.elements % page.rowLength == 0,
      page.type == .string
        ? page.decodedLength >= numberBytes : page.decodedLength == page.elements * page.type.byteWidth
    else { throw damagedPage("\(page.elements) values of \(page.type) do not take \(page.decodedLength) bytes") }
    guard page.encodedLength >= 0, page.encodedLength <= page.decodedLength else {
      throw damagedPage("\(page.encodedLength) encoded bytes for \(page.decodedLength) decoded ones")
    }
    guard page.codec == .none ? storedLength == page.encodedLength : storedLength < page.encodedLength else {
      throw damagedPage("\(storedLength) stored bytes for \(page.encodedLength) encoded ones")
    }
    if page.elements == 0 && page.encoding != .plain { throw damagedPage("no values, but not PLAIN") }
  }

  private static func decodeEncoded(
    _ encoded: UnsafeRawBufferPointer, _ page: PageDescription, into output: ColumnValues
  ) throws(FingalError) {
    var reader = unsafe ByteReader(encoded)
    if page.type == .string {
      let before = output.storage.count
      let utf8Length = page.decodedLength - 4 * page.elements
      try decodeStrings(page.encoding, &reader, count: page.elements, utf8Length: utf8Length, into: output)
      guard output.storage.count - before == utf8Length else {
        throw damagedPage("its strings have \(output.storage.count - before) bytes, the directory says \(utf8Length)")
      }
    } else {
      let target = unsafe NumberTarget(
        output.extend(by: page.elements), count: page.elements, type: page.type, rowLength: page.rowLength)
      try decodeNumbers(page.encoding, &reader, into: target)
      try unsafe checkBooleans(target.start, page)
    }
    try reader.finish()
  }

  /// One encoding of numbers; also called for the values inside SPARSE and the dictionary inside DICT.
  static func decodeNumbers(
    _ encoding: Encoding, _ reader: inout ByteReader, into target: NumberTarget
  ) throws(FingalError) {
    switch encoding {
    case .plain: try PlainEncoding.decode(&reader, into: target)
    case .const: try ConstEncoding.decode(&reader, into: target)
    case .frameOfReference: try FrameOfReferenceEncoding.decode(&reader, into: target)
    case .alp: try ALPEncoding.decode(&reader, into: target)
    case .dictionary: try DictionaryEncoding.decode(&reader, into: target)
    case .sparse: try SparseEncoding.decode(&reader, into: target)
    case .delta: try DeltaEncoding.decode(&reader, into: target)
    case .runLength: try RunLengthEncoding.decode(&reader, into: target)
    case .byteSplit: try ByteSplitEncoding.decode(&reader, into: target)
    case .alpRightDigits: try ALPRDEncoding.decode(&reader, into: target)
    case .decimal: try DecimalEncoding.decode(&reader, into: target)
    case .lookup: throw damagedPage("it is LOOKUP, but page 0 of its column is not")
    }
  }

  static func decodeStrings(
    _ encoding: Encoding, _ reader: inout ByteReader, count: Int, utf8Length: Int, into output: ColumnValues
  ) throws(FingalError) {
    switch encoding {
    case .plain: try PlainEncoding.decode(&reader, strings: count, into: output)
    case .const: try ConstEncoding.decode(&reader, strings: count, utf8Length: utf8Length, into: output)
    case .frameOfReference: try FrameOfReferenceEncoding.decode(&reader, strings: count, into: output)
    case .dictionary:
      try DictionaryEncoding.decode(&reader, strings: count, utf8Length: utf8Length, into: output)
    case .delta, .runLength, .byteSplit, .alp, .alpRightDigits, .sparse, .decimal, .lookup:
      throw damagedPage("strings are not encoded as \(encoding.name)")
    }
  }

  /// `bool` values are 0 or 1 and nothing else, or cuts would see values that compare with neither.
  private static func checkBooleans(_ start: UnsafeMutableRawPointer, _ page: PageDescription) throws(FingalError) {
    guard page.type == .bool else { return }
    if page.elements == 0 { return }
    let seen = unsafe UInt8.range(start.assumingMemoryBound(to: UInt8.self), count: page.elements, flip: 0).maximum
    if seen > 1 { throw damagedPage("a bool is neither 0 nor 1") }
  }
}
