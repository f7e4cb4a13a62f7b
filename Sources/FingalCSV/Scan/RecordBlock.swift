package import Fingal
internal import FingalKernels

/// A run of complete records with the place of every field: what a reader yields and a converter works on.
///
/// Records and columns count from 0 within the block. Fields are views of the block's own memory: unquoted, with doubled
/// quotes collapsed, valid until the block is handed back to the reader or freed. A block may travel to another thread;
/// one thread at a time may use it.
@safe
package final class RecordBlock: @unchecked Sendable {
  /// The file, as the user named it.
  package let file: String
  /// Number of records of the file before this block, the header not counted.
  package internal(set) var firstRecord = 0
  package private(set) var recordCount = 0

  /// Text, then the collapsed forms of fields with doubled quotes.
  private(set) var text: UnsafeMutableRawPointer
  private var textCapacity: Int
  /// Bytes of text; the collapsed forms follow.
  private(set) var textCount = 0
  private var scan = unsafe fingal_csv_scan()
  /// Physical line, from 1, of the block's first byte.
  var firstLine = 1
  /// Records at the front that are not the caller's: the header.
  private var skipped = 0

  // Copies of what the scan found, where field access wants them.
  private var starts: UnsafeMutablePointer<UInt32>
  private var ends: UnsafeMutablePointer<UInt32>
  private var recordFields: UnsafeMutablePointer<UInt32>

  /// Readable bytes behind the text that the scanner needs.
  private static let slack = 64

  init(file: String, capacity: Int) {
    self.file = file
    textCapacity = capacity
    unsafe text = .allocate(byteCount: capacity + Self.slack, alignment: 64)
    unsafe (text + capacity).initializeMemory(as: UInt8.self, repeating: 0, count: Self.slack)
    let fields = 4096
    let records = 1024
    unsafe starts = .allocate(capacity: fields)
    unsafe ends = .allocate(capacity: fields)
    // Entry -1 is 0, so that record 0 needs no special case.
    unsafe recordFields = .allocate(capacity: records + 1) + 1
    unsafe recordFields[-1] = 0
    unsafe scan.starts = starts
    unsafe scan.ends = ends
    unsafe scan.field_capacity = fields
    unsafe scan.record_fields = recordFields
    unsafe scan.record_starts = .allocate(capacity: records)
    unsafe scan.record_text_ends = .allocate(capacity: records)
    unsafe scan.record_lines = .allocate(capacity: records)
    unsafe scan.record_capacity = records
  }

  deinit {
    unsafe text.deallocate()
    unsafe starts.deallocate()
    unsafe ends.deallocate()
    unsafe (recordFields - 1).deallocate()
    unsafe scan.record_starts.deallocate()
    unsafe scan.record_text_ends.deallocate()
    unsafe scan.record_lines.deallocate()
  }

  // MARK: Access

  @inline(__always)
  private func fields(of record: Int) -> Range<Int> {
    precondition(record >= 0 && record < recordCount, "record outside the block")
    let at = record &+ skipped
    return unsafe Range(uncheckedBounds: (Int(recordFields[at &- 1]), Int(recordFields[at])))
  }

  /// Fields of one record. Rows may be ragged: whether that is an error is the caller's to say.
  @inline(__always)
  package func fieldCount(_ record: Int) -> Int { fields(of: record).count }

  /// The bytes of a field, without quotes. `column` must be below `fieldCount(record)`.
  @inline(__always)
  package func field(_ record: Int, _ column: Int) -> UnsafeRawBufferPointer {
    let range = fields(of: record)
    precondition(column >= 0 && column < range.count, "column outside the record")
    let at = range.lowerBound &+ column
    let start = unsafe Int(starts[at])
    let end = unsafe Int(ends[at] & ~FINGAL_CSV_QUOTED)
    return unsafe UnsafeRawBufferPointer(start: text + start, count: end &- start)
  }

  /// Where all fields lie, without the checks that a class costs at each access: for loops over many cells. Valid while
  /// the block is alive and not refilled.
  @safe
  struct FieldTable {
    fileprivate let text: UnsafeMutableRawPointer
    fileprivate let starts: UnsafeMutablePointer<UInt32>
    fileprivate let ends: UnsafeMutablePointer<UInt32>
    /// Entry `record` is the end of that record's fields; entry -1 is valid.
    fileprivate let recordEnds: UnsafeMutablePointer<UInt32>
    fileprivate let recordCount: Int

    /// Index of a field; `column` is checked against the record.
    @inline(__always)
    func index(_ record: Int, _ column: Int) -> Int {
      precondition(record >= 0 && record < recordCount, "record outside the block")
      let at = unsafe Int(recordEnds[record &- 1]) &+ column
      precondition(column >= 0 && at < (unsafe Int(recordEnds[record])), "column outside the record")
      return at
    }

    /// Neighbouring fields of one record, from one that `index` gave on.
    @inline(__always)
    func run(at index: Int, count: Int) -> FieldRun {
      unsafe FieldRun(
        text: UnsafePointer(text.assumingMemoryBound(to: UInt8.self)), starts: starts + index, ends: ends + index,
        count: count)
    }

    /// The bytes of the field at an index that `index` gave, or that follows one in the same record.
    @inline(__always)
    func field(at index: Int) -> UnsafeRawBufferPointer {
      let start = unsafe Int(starts[index])
      let end = unsafe Int(ends[index] & ~FINGAL_CSV_QUOTED)
      return unsafe UnsafeRawBufferPointer(start: text + start, count: end &- start)
    }
  }

  /// Neighbouring fields of one record, for kernels; as long as the block is not filled again.
  @safe
  struct FieldRun {
    let text: UnsafePointer<UInt8>
    let starts: UnsafePointer<UInt32>
    /// The highest bit says that the field was in quotes.
    let ends: UnsafePointer<UInt32>
    let count: Int

    @inline(__always)
    func field(_ index: Int) -> UnsafeRawBufferPointer {
      let start = unsafe Int(starts[index])
      return unsafe UnsafeRawBufferPointer(
        start: text + start, count: Int(ends[index] & ~FINGAL_CSV_QUOTED) &- start)
    }
  }

  var fieldTable: FieldTable {
    unsafe FieldTable(
      text: text, starts: starts, ends: ends, recordEnds: recordFields + skipped, recordCount: recordCount)
  }

  /// Whether the field was written in quotes: tells `""` from nothing.
  @inline(__always)
  package func wasQuoted(_ record: Int, _ column: Int) -> Bool {
    let range = fields(of: record)
    precondition(column >= 0 && column < range.count, "column outside the record")
    return unsafe ends[range.lowerBound &+ column] & FINGAL_CSV_QUOTED != 0
  }

  /// Physical line, from 1, on which the record begins; line ends inside quotes count.
  package func line(of record: Int) -> Int {
    precondition(record >= 0 && record < recordCount, "record outside the block")
    return unsafe firstLine + Int(scan.record_lines[record + skipped])
  }

  /// The record as it stands in the file (transcoded to UTF-8), without its line end.
  package func text(of record: Int) -> UnsafeRawBufferPointer {
    precondition(record >= 0 && record < recordCount, "record outside the block")
    return unsafe rawText(record + skipped)
  }

  private func rawText(_ at: Int) -> UnsafeRawBufferPointer {
    let start = unsafe Int(scan.record_starts[at])
    return unsafe UnsafeRawBufferPointer(start: text + start, count: Int(scan.record_text_ends[at]) - start)
  }

  /// A `badInput` error that names file, line and field. `column` counts from 0 here, from 1 in the message.
  package func error(
    _ message: String, record: Int, column: Int? = nil, advice: String? = nil
  ) -> FingalError {
    FingalError(
      .badInput, message, file: file, line: line(of: record), column: column.map { $0 + 1 }, advice: advice)
  }

  // MARK: Filling, by the reader

  // What the reader asks about the scan, so that the C struct stays in this file.

  /// Whether any line was complete.
  var progressed: Bool { unsafe scan.records > 0 || scan.comments > 0 || blanks > 0 }
  var progressedRecords: Bool { unsafe scan.records > 0 }
  var comments: Int { unsafe scan.comments }
  var blanks: Int { blanksBefore.count + blanksBetween.count + blanksBehind.count }
  /// Blank lines before the first record, between records, and behind the last one (all, if there is none).
  var blanksBefore: BlankLines {
    unsafe BlankLines(count: scan.blanks_before.count, firstLine: firstLine + Int(scan.blanks_before.line))
  }
  var blanksBetween: BlankLines {
    unsafe BlankLines(count: scan.blanks_between.count, firstLine: firstLine + Int(scan.blanks_between.line))
  }
  var blanksBehind: BlankLines {
    unsafe BlankLines(count: scan.blanks_behind.count, firstLine: firstLine + Int(scan.blanks_behind.line))
  }
  /// Physical line of the first comment that is not part of the preamble; nil if there is none.
  var firstLooseComment: Int? { unsafe scan.comments > scan.preamble ? firstLine + Int(scan.comment_line) : nil }
  var position: Int { unsafe scan.position }
  var errorPosition: Int { unsafe scan.error_position }
  /// Field, from 1, at which the scan of an unfinished record stands.
  var openColumn: Int { unsafe scan.fields - scan.record_first_field + 1 }

  func apply(_ dialect: Dialect) {
    switch dialect.separator {
    case .byte(let byte):
      unsafe scan.separator = byte
      unsafe scan.second_separator = byte
      unsafe scan.space_runs = 0
    case .spaces:
      unsafe scan.separator = 0x20
      unsafe scan.second_separator = 0x09
      unsafe scan.space_runs = 1
    }
    unsafe scan.terminator = dialect.lineEnd == .cr ? 0x0D : 0x0A
    unsafe scan.has_quote = dialect.quote == nil ? 0 : 1
    unsafe scan.quote = dialect.quote ?? 0
    unsafe scan.has_comment = dialect.comment == nil ? 0 : 1
    unsafe scan.comment = dialect.comment ?? 0
    unsafe scan.loose_quotes = dialect.blanksAroundQuotes ? 1 : 0
  }

  /// Free bytes for text.
  var room: Int { textCapacity - textCount }

  /// Empties the block and starts its text with `tail`.
  func begin(with tail: UnsafeRawBufferPointer, line: Int, record: Int, preamble: Int = 0) {
    unsafe scan.preamble = preamble
    unsafe scan.comment_line = 0
    textCount = 0
    recordCount = 0
    skipped = 0
    firstLine = line
    firstRecord = record
    unsafe scan.at_end = 0
    unsafe scan.position = 0
    unsafe scan.field_start = 0
    unsafe scan.record_start = 0
    unsafe scan.fields = 0
    unsafe scan.records = 0
    unsafe scan.record_first_field = 0
    unsafe scan.line = 0
    unsafe scan.record_line = 0
    unsafe scan.comments = 0
    unsafe scan.blanks_before = .init()
    unsafe scan.blanks_between = .init()
    unsafe scan.blanks_behind = .init()
    unsafe scan.escaped = 0
    reserve(text: tail.count)
    if let start = tail.baseAddress {
      unsafe text.copyMemory(from: start, byteCount: tail.count)
      textCount = tail.count
    }
  }

  func reserve(text wanted: Int) {
    if wanted <= textCapacity { return }
    let capacity = max(wanted, textCapacity * 2)
    let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity + Self.slack, alignment: 64)
    unsafe larger.copyMemory(from: text, byteCount: textCount)
    unsafe (larger + capacity).initializeMemory(as: UInt8.self, repeating: 0, count: Self.slack)
    unsafe text.deallocate()
    unsafe text = larger
    textCapacity = capacity
  }

  /// Reads once into the free space. Returns the bytes read, 0 at the end of the source.
  func fill(from source: any ByteSource) throws(FingalError) -> Int {
    let got = try unsafe source.read(into: UnsafeMutableRawBufferPointer(start: text + textCount, count: room))
    textCount += got
    return got
  }

  /// Finds the fields of the text so far.
  func index(atEnd: Bool) -> CInt {
    unsafe scan.bytes = UnsafePointer(text.assumingMemoryBound(to: UInt8.self))
    unsafe scan.count = textCount
    unsafe scan.at_end = atEnd ? 1 : 0
    while true {
      let status = unsafe fingal_csv_index(&scan)
      if status != CInt(FINGAL_CSV_FULL) { return status }
      growArrays()
    }
  }

  private func growArrays() {
    func grown(_ old: UnsafeMutablePointer<UInt32>, _ count: Int, _ capacity: Int) -> UnsafeMutablePointer<UInt32> {
      let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity)
      unsafe larger.update(from: old, count: count)
      unsafe old.deallocate()
      return unsafe larger
    }
    if unsafe scan.fields + 66 > scan.field_capacity {
      let capacity = unsafe scan.field_capacity * 2
      unsafe starts = grown(starts, scan.fields, capacity)
      unsafe ends = grown(ends, scan.fields, capacity)
      unsafe scan.starts = starts
      unsafe scan.ends = ends
      unsafe scan.field_capacity = capacity
    }
    if unsafe scan.records + 66 > scan.record_capacity {
      let capacity = unsafe scan.record_capacity * 2
      unsafe recordFields = grown(recordFields - 1, scan.records + 1, capacity + 1) + 1
      unsafe scan.record_fields = recordFields
      unsafe scan.record_starts = grown(scan.record_starts, scan.records, capacity)
      unsafe scan.record_text_ends = grown(scan.record_text_ends, scan.records, capacity)
      unsafe scan.record_lines = grown(scan.record_lines, scan.records, capacity)
      unsafe scan.record_capacity = capacity
    }
  }

  /// Ends the block after its last complete record and collapses doubled quotes.
  func seal(quote: UInt8) {
    recordCount = unsafe scan.records
    if unsafe scan.escaped > 0 { collapse(quote: quote) }
  }

  /// Bytes after the last complete record: the next block begins with them.
  var tail: UnsafeRawBufferPointer {
    let from = unsafe min(scan.record_start, textCount)
    return unsafe UnsafeRawBufferPointer(start: text + from, count: textCount - from)
  }

  /// Physical line of the first byte of `tail`.
  var tailLine: Int { unsafe firstLine + Int(scan.record_line) }

  /// Bytes of the text that belong to complete records.
  var completeText: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: text, count: min(scan.record_start, textCount))
  }

  /// Writes the collapsed form of each field with doubled quotes behind the text, which itself stays as it was read.
  private func collapse(quote: UInt8) {
    let complete = unsafe scan.record_first_field
    var extra = textCount
    for at in 0..<complete where unsafe starts[at] & FINGAL_CSV_ESCAPED != 0 {
      let start = unsafe Int(starts[at] & ~FINGAL_CSV_ESCAPED)
      let end = unsafe Int(ends[at] & ~FINGAL_CSV_QUOTED)
      if extra + end - start > textCapacity {
        let textOnly = textCount
        textCount = extra
        reserve(text: extra + end - start)
        textCount = textOnly
      }
      var to = extra
      var from = start
      while from < end {
        let byte = unsafe text.load(fromByteOffset: from, as: UInt8.self)
        unsafe text.storeBytes(of: byte, toByteOffset: to, as: UInt8.self)
        to += 1
        from += byte == quote ? 2 : 1
      }
      unsafe starts[at] = UInt32(extra)
      unsafe ends[at] = UInt32(to) | FINGAL_CSV_QUOTED
      extra = to
    }
  }

  /// Takes the first record out of the block: the reader's, when it is the header.
  func takeFirst() { skipped = 1; recordCount -= 1 }

  /// Line, and field from 1, of a byte of the text.
  func place(of offset: Int) -> (line: Int, column: Int) {
    var line = firstLine
    for at in 0..<min(offset, textCount)
    where unsafe text.load(fromByteOffset: at, as: UInt8.self) == scan.terminator {
      line += 1
    }
    var column = 1
    let records = unsafe scan.records
    for record in 0..<records {
      let from = unsafe Int(scan.record_starts[record])
      let to = unsafe Int(scan.record_text_ends[record])
      guard from <= offset && offset <= to else { continue }
      let fields = unsafe Int(recordFields[record - 1])..<Int(recordFields[record])
      for (number, at) in fields.enumerated() where unsafe Int(starts[at] & ~FINGAL_CSV_ESCAPED) <= offset {
        column = number + 1
      }
      return (line, column)
    }
    let open = unsafe scan.record_first_field..<scan.fields
    for (number, at) in open.enumerated()
    where unsafe Int(starts[at] & ~FINGAL_CSV_ESCAPED) <= offset {
      column = number + 2
    }
    return (line, column)
  }
}
