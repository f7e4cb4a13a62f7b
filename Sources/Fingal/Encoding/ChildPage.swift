/// A page inside the bytes of another encoding (`FORMAT.md §6.5`): u8 encoding, u32 length, the encoded bytes. How many
/// elements it has and of which type, its place says. There is no codec.
enum ChildPage {
  /// Appends the elements as the encoded page that suits them best among those of a level below `level`. An encoder
  /// that is driven by a recipe calls `EncodingGuide.child` instead, so that the choice is not made again for each page.
  ///
  /// - Returns: whether something of it is compressed already, so that a codec hardly finds more.
  @discardableResult
  static func write(
    _ page: NumberPage, below level: Int, _ options: EncodingOptions, into output: AlignedBytes
  ) -> Bool {
    let trial = EncodingChoice.best(page, among: Encoding.below(level), options)
    append(trial.candidate, into: output)
    return trial.hasCompressed
  }

  /// Strings inside DICT: PLAIN or FOR, whichever is smaller.
  static func write(_ page: StringPage, into output: AlignedBytes) {
    append(page.smallest, into: output)
  }

  private static let strings: Set<Encoding> = [.plain, .frameOfReference]

  static func append(_ child: EncodingChoice.Candidate, into output: AlignedBytes) {
    output.append(child.encoding.rawValue)
    output.append(UInt32(child.bytes.count))
    unsafe output.append(child.bytes.bytes)
  }

  /// Reads a child that fills `target`.
  ///
  /// - Throws: `damaged` unless its level is below `level` and its bytes give exactly the elements; `unsupported` for an
  ///   encoding that this release does not know.
  static func read(_ reader: inout ByteReader, into target: NumberTarget, below level: Int) throws(FingalError) {
    var (encoding, bytes) = try header(&reader)
    guard encoding.level < level else { throw damagedPage("\(encoding.name) inside another encoding") }
    if target.count == 0 && encoding != .plain { throw damagedPage("no values, but not PLAIN") }
    try PageCoder.decodeNumbers(encoding, &bytes, into: target)
    try bytes.finish()
  }

  /// Reads `count` strings of at most `utf8Length` bytes together.
  static func read(
    _ reader: inout ByteReader, strings count: Int, utf8Length: Int, into output: ColumnValues
  ) throws(FingalError) {
    var (encoding, bytes) = try header(&reader)
    guard strings.contains(encoding) else { throw damagedPage("\(encoding.name) inside another encoding") }
    try PageCoder.decodeStrings(encoding, &bytes, count: count, utf8Length: utf8Length, into: output)
    try bytes.finish()
  }

  private static func header(_ reader: inout ByteReader) throws(FingalError) -> (Encoding, ByteReader) {
    let id = try reader.read(UInt8.self, "inner encoding")
    guard let encoding = Encoding(rawValue: id) else {
      throw FingalError(.unsupported, "encoding \(id) inside a page", advice: "a newer release of Fingal may read it")
    }
    let length = Int(try reader.read(UInt32.self, "length of an inner page"))
    let bytes = try unsafe reader.take(length, "inner page")
    return unsafe (encoding, ByteReader(UnsafeRawBufferPointer(start: bytes, count: length)))
  }
}
