internal import FingalKernels
package import Fingal

/// Reads a text as blocks of complete records, in bounded memory.
///
/// Blank lines are skipped wherever they are, in a one-column file too (such a file cannot say "empty" unless it writes
/// `""`), and so are comment lines. A last line without line end is a record. Rows may be ragged.
package final class RecordReader {
  /// The names a file gives its columns.
  package struct HeaderRow: Sendable, Equatable {
    package var names: [String]
    /// Which names were written in quotes.
    package var quoted: [Bool]
    /// The line as it stands in the file, without its line end.
    package var text: [UInt8]
    /// Physical line, from 1.
    package var line: Int
  }

  package let file: String
  package let dialect: Dialect
  /// nil if the dialect says that there is none.
  package private(set) var header: HeaderRow?
  /// Comment lines before the first record, without their line ends, a header in a comment not among them.
  package private(set) var preamble: [String] = []
  /// Comment lines met so far.
  package private(set) var commentLines = 0
  /// Those among them that stand behind the first record or header, and the first one's line.
  package private(set) var looseComments = 0
  package private(set) var firstLooseComment: Int?
  /// Comment lines of the preamble that are still ahead.
  private var preambleLeft = 0
  /// Blank lines met so far.
  package private(set) var blankLines = 0
  /// Those among them that stand between records (a header is one).
  package private(set) var innerBlankLines = BlankLines()
  /// Blank lines since the last record: nobody knows yet whether another one follows.
  private var trailingBlanks = BlankLines()
  private var hasRecords = false
  /// Records handed out so far.
  package private(set) var recordsRead = 0

  private let source: any ByteSource
  private let blockSize: Int
  private let recordLimit: Int
  private let checksUTF8 = true
  private var tail: [UInt8] = []
  private var tailLine = 1
  private var ended = false
  /// The block that held the header, to be handed out first.
  private var pending: RecordBlock?

  /// Opens the text and reads its header.
  ///
  /// - Parameters:
  ///   - dialect: nil to detect it from the text's first MiB.
  ///   - blockSize: bytes of text of a block, aimed at.
  ///   - recordLimit: the longest record; a guard against a quote that is never closed.
  /// - Throws: `badInput` for text that cannot be split into records.
  package init(
    _ input: TextInput, dialect: Dialect? = nil, blockSize: Int = 1 << 20, recordLimit: Int = 64 << 20
  ) throws(FingalError) {
    precondition(blockSize > 0 && recordLimit >= 16 && recordLimit <= 256 << 20)
    file = input.file
    source = input.source
    let dialect = dialect ?? DialectDetector.detect(input.prefix, isAll: input.prefixIsAll)
    self.dialect = dialect
    self.blockSize = max(16, blockSize)
    self.recordLimit = recordLimit
    (preamble, header) = DialectDetector.readPreamble(input.prefix, dialect)
    preambleLeft = preamble.count + (dialect.header == .comment && header != nil ? 1 : 0)
    if dialect.header == .firstRecord { try readHeader() }
  }

  private func readHeader() throws(FingalError) {
    guard let block = try nextBlock(reusing: nil) else { return }
    let count = block.fieldCount(0)
    header = HeaderRow(
      names: (0..<count).map { unsafe String(decoding: block.field(0, $0), as: UTF8.self) },
      quoted: (0..<count).map { block.wasQuoted(0, $0) }, text: unsafe Array(block.text(of: 0)), line: block.line(of: 0)
    )
    block.takeFirst()
    recordsRead -= 1
    block.firstRecord = 0
    pending = block
  }

  /// The next block, nil at the end. A block is never empty.
  ///
  /// - Parameter block: one of this reader's that the caller is done with, to be filled again.
  /// - Throws: `badInput` naming line and field: an unclosed quote, text after a closing quote, invalid UTF-8; `limit`
  ///   for a record that is too long; what the source throws.
  package func next(reusing block: RecordBlock? = nil) throws(FingalError) -> RecordBlock? {
    if let first = pending {
      pending = nil
      if first.recordCount > 0 { return first }
      return try nextBlock(reusing: first)
    }
    return try nextBlock(reusing: block)
  }

  private func nextBlock(reusing old: RecordBlock?) throws(FingalError) -> RecordBlock? {
    let block = old ?? RecordBlock(file: file, capacity: blockSize)
    while true {
      if ended && tail.isEmpty { return nil }
      unsafe tail.withUnsafeBytes { bytes in
        unsafe block.begin(with: bytes, line: tailLine, record: recordsRead, preamble: preambleLeft)
      }
      block.apply(dialect)
      var target = max(blockSize, tail.count)
      while true {
        try fill(block, to: target)
        let status = block.index(atEnd: ended)
        let found = block.progressed
        if status == CInt(FINGAL_CSV_UNCLOSED) || status == CInt(FINGAL_CSV_AFTER_QUOTE) {
          throw fault(status, in: block)
        }
        if found || ended { break }
        if block.textCount >= recordLimit { throw tooLong(block, insideQuote: status == CInt(FINGAL_CSV_MORE)) }
        target = min(recordLimit, block.textCount * 2)
      }
      unsafe tail = Array(block.tail)
      tailLine = block.tailLine
      commentLines += block.comments
      looseComments += max(0, block.comments - preambleLeft)
      firstLooseComment = firstLooseComment ?? block.firstLooseComment
      preambleLeft = max(0, preambleLeft - block.comments)
      countBlanks(block)
      try checkUTF8(block)
      block.seal(quote: dialect.quote ?? 0)
      if block.recordCount > 0 {
        recordsRead += block.recordCount
        return block
      }
    }
  }

  private func countBlanks(_ block: RecordBlock) {
    blankLines += block.blanks
    // Asked of the scan: the block is not sealed yet.
    if block.progressedRecords {
      if hasRecords {
        innerBlankLines += trailingBlanks
        innerBlankLines += block.blanksBefore
      }
      innerBlankLines += block.blanksBetween
      trailingBlanks = BlankLines()
      hasRecords = true
    }
    trailingBlanks += block.blanksBehind
  }

  private func fill(_ block: RecordBlock, to target: Int) throws(FingalError) {
    block.reserve(text: target)
    while !ended && block.textCount < target {
      if try block.fill(from: source) == 0 { ended = true }
    }
  }

  // MARK: Faults

  private func fault(_ status: CInt, in block: RecordBlock) -> FingalError {
    let column = block.openColumn
    if status == CInt(FINGAL_CSV_UNCLOSED) {
      return FingalError(
        .badInput, "a quote opens here and is never closed", file: file,
        line: block.place(of: block.position).line, column: column, advice: "close it, or double it inside quotes")
    }
    return FingalError(
      .badInput, "text after a closing quote", file: file, line: block.place(of: block.errorPosition).line,
      column: column, advice: "double a quote that is part of the text")
  }

  private func tooLong(_ block: RecordBlock, insideQuote: Bool) -> FingalError {
    let column = block.openColumn
    let line = insideQuote ? block.place(of: block.position).line : block.tailLine
    return FingalError(
      .limit, "a record is longer than \(recordLimit) bytes", file: file, line: line,
      column: insideQuote ? column : nil,
      advice: insideQuote ? "is the quote that opens here ever closed?" : "is this a text file with line ends?")
  }

  private func checkUTF8(_ block: RecordBlock) throws(FingalError) {
    let bytes = unsafe block.completeText
    let valid = unsafe fingal_utf8_valid_prefix(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    if valid == bytes.count { return }
    let place = block.place(of: valid)
    let byte = unsafe String(bytes[valid], radix: 16)
    throw FingalError(
      .badInput, "byte 0x\(byte) is not valid UTF-8", file: file, line: place.line, column: place.column,
      advice: "convert the file, or pass --encoding latin-1")
  }
}
