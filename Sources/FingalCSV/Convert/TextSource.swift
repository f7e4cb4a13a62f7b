/// Cells of one column handed out one after another. Each kind is a small struct, so that the loops over values are
/// compiled once for each and nothing is decided per value.
protocol TextSource {
  var count: Int { get }
  mutating func next() -> UnsafeRawBufferPointer
  /// The next texts in one go, at most so many, where they lie side by side; nil where they never do.
  mutating func nextRun(_ most: Int) -> RecordBlock.FieldRun?
  /// Where the text number `index` stands, for messages.
  func place(_ index: Int) -> (record: Int, column: Int)
}

extension TextSource {
  mutating func nextRun(_ most: Int) -> RecordBlock.FieldRun? { nil }
}

/// The cells of one column for a run of records.
struct ColumnCells: TextSource {
  private let fields: RecordBlock.FieldTable
  private let column: Int
  private let records: Range<Int>
  private var record: Int

  init(_ block: RecordBlock, _ column: Int, _ records: Range<Int>) {
    fields = block.fieldTable
    self.column = column
    self.records = records
    record = records.lowerBound
  }

  var count: Int { records.count }

  @inline(__always)
  mutating func next() -> UnsafeRawBufferPointer {
    defer { record &+= 1 }
    return unsafe fields.field(at: fields.index(record, column))
  }

  func place(_ index: Int) -> (record: Int, column: Int) { (records.lowerBound + index, column) }
}

/// The cells of one column for some records.
struct PickedCells: TextSource {
  private let fields: RecordBlock.FieldTable
  private let column: Int
  private let picks: ArraySlice<Int>
  private var index: Int

  init(_ block: RecordBlock, _ column: Int, _ picks: ArraySlice<Int>) {
    fields = block.fieldTable
    self.column = column
    self.picks = picks
    index = picks.startIndex
  }

  var count: Int { picks.count }

  @inline(__always)
  mutating func next() -> UnsafeRawBufferPointer {
    defer { index &+= 1 }
    return unsafe fields.field(at: fields.index(picks[index], column))
  }

  func place(_ index: Int) -> (record: Int, column: Int) { (picks[picks.startIndex + index], column) }
}

/// The cells of consecutive columns for a run of records, record by record: the values of a tensor.
struct GridCells: TextSource {
  private let fields: RecordBlock.FieldTable
  private let columns: Range<Int>
  private let records: Range<Int>
  private var record: Int
  /// Index of the next field, and of the first behind the columns.
  private var at = 0
  private var end = 0

  init(_ block: RecordBlock, _ columns: Range<Int>, _ records: Range<Int>) {
    fields = block.fieldTable
    self.columns = columns
    self.records = records
    record = records.lowerBound
  }

  var count: Int { records.count * columns.count }

  @inline(__always)
  mutating func next() -> UnsafeRawBufferPointer {
    if at == end { beginRecord() }
    defer { at &+= 1 }
    return unsafe fields.field(at: at)
  }

  private mutating func beginRecord() {
    at = fields.index(record, columns.lowerBound)
    end = fields.index(record, columns.upperBound &- 1) &+ 1
    record &+= 1
  }

  mutating func nextRun(_ most: Int) -> RecordBlock.FieldRun? {
    // A run ends with its record; short ones are gathered instead.
    if columns.count < 32 { return nil }
    if at == end { beginRecord() }
    let count = min(most, end - at)
    defer { at += count }
    return fields.run(at: at, count: count)
  }

  func place(_ index: Int) -> (record: Int, column: Int) {
    (records.lowerBound + index / columns.count, columns.lowerBound + index % columns.count)
  }
}

/// The elements of list cells, already split: where each begins and ends, and in which record it stands.
@safe
struct ListElements: TextSource {
  let slices: ArraySlice<UnsafeRawBufferPointer>
  let records: ArraySlice<Int>
  let column: Int
  private var index: Int

  init(_ slices: ArraySlice<UnsafeRawBufferPointer>, records: ArraySlice<Int>, column: Int) {
    unsafe self.slices = slices
    self.records = records
    self.column = column
    index = unsafe slices.startIndex
  }

  var count: Int { unsafe slices.count }

  @inline(__always)
  mutating func next() -> UnsafeRawBufferPointer {
    defer { index &+= 1 }
    return unsafe slices[index]
  }

  func place(_ index: Int) -> (record: Int, column: Int) { (records[records.startIndex + index], column) }
}
