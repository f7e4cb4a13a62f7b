import Fingal
internal import Glibc

/// One line a hit: consecutive lines of one key are an event.
final class HitsAssembler: EventAssembler {
  private let counts = ColumnValues(.uint32)
  /// Hits of the event that is still open; nil before the first.
  private var openHits: Int?
  private var keys: EventKeys
  /// Keys turned out not to increase after some had not been remembered: the next pass remembers all.
  private var keysBroke = false
  private var sources: [(file: String, keys: EventKeys.Span?)] = []
  /// Key of the last event of the source before.
  private var lastKey: [[UInt8]] = []
  private var sharedKeyWarnings: [String] = []
  private var previous: RecordBlock?
  private var previousRecord = 0
  /// Event fields that turned out to vary inside an event.
  private var varying = Set<Int>()
  private let elementFields: [Int]
  private let eventFields: [Int]
  /// Event columns other than the key: those whose constancy must be checked.
  private let constantColumns: [Int]
  /// Columns 0..<leading all belong to the event: one comparison of text settles them all.
  private let leading: Int

  override init(plan: LayoutPlan, builders: [FieldBuilder]) {
    var elements: [Int] = []
    var events: [Int] = []
    for (index, field) in plan.fields.enumerated() {
      if case .element = field.source { elements.append(index) } else { events.append(index) }
    }
    elementFields = elements
    eventFields = events
    let eventColumns = Set(events.map { plan.fields[$0].source.firstColumn }).union(plan.keyColumns)
    constantColumns = eventColumns.subtracting(plan.keyColumns).sorted()
    var leading = 0
    while eventColumns.contains(leading) { leading += 1 }
    self.leading = leading == eventColumns.count ? leading : 0
    keys = EventKeys(remembersAll: plan.remembersKeys)
    super.init(plan: plan, builders: builders)
  }

  override func consume(_ block: RecordBlock, _ records: Range<Int>) throws(FingalError) {
    let starts = try boundaries(block, records)
    defer {
      previous = block
      previousRecord = records.upperBound - 1
    }
    if let last = starts.last, valueBytes >= Self.batchBytes || builders[0].decision == nil {
      try process(block, records.lowerBound..<last, starts.dropLast())
      close()
      try flush(events: counts.count, counts: [counts])
      try process(block, last..<records.upperBound, starts.suffix(1))
    } else {
      try process(block, records, starts[...])
    }
  }

  override func begin(_ schema: Schema?) {
    super.begin(schema)
    sources = []
    lastKey = []
    sharedKeyWarnings = []
  }

  override var warnings: [String] { super.warnings + sharedKeyWarnings }

  override func endSource() throws(FingalError) {
    close()
    if let previous {
      compareWithEarlierSources(previous.file)
      sources.append((previous.file, keys.span))
      lastKey = plan.keyColumns.map { unsafe Array(previous.field(previousRecord, $0)) }
    }
    previous = nil
    keys = EventKeys(remembersAll: plan.remembersKeys)
  }

  /// Many programs number the events of every file from 0, so a key that stands in two files is no fault; but nobody
  /// should take the two events for one without a word.
  private func compareWithEarlierSources(_ file: String) {
    guard let own = keys.span else { return }
    for earlier in sources {
      guard let other = earlier.keys, !own.high.lexicographicallyPrecedes(other.low),
        !other.high.lexicographicallyPrecedes(own.low), own.low != other.high
      else { continue }
      func text(_ span: EventKeys.Span) -> String {
        [span.low, span.high].map { $0.map(String.init).joined(separator: ",") }.joined(separator: "…")
      }
      sharedKeyWarnings.append(
        "event keys \(text(own)) of \(file) overlap \(text(other)) of \(earlier.file): events with the same key in"
          + " different files stay apart")
      return
    }
  }

  /// An event whose lines go on in the next file is two events: that is worth a word.
  private func compareWithLastKey(_ block: RecordBlock, _ record: Int) {
    guard let last = sources.last, lastKey == plan.keyColumns.map({ unsafe Array(block.field(record, $0)) }) else {
      return
    }
    sharedKeyWarnings.append(
      "event \(keyText(block, record)) ends \(last.file) and begins \(block.file): it became two events; join the files"
        + " first if it is one")
  }

  override func end() throws(FingalError) {
    close()
    try flush(events: counts.count, counts: [counts])
  }

  private func close() {
    if let hits = openHits { counts.append(UInt32(hits)) }
    openHits = nil
  }

  private func process(_ block: RecordBlock, _ records: Range<Int>, _ starts: ArraySlice<Int>) throws(FingalError) {
    var from = records.lowerBound
    for start in starts {
      if let hits = openHits { openHits = hits + (start - from) }
      close()
      openHits = 0
      from = start
    }
    openHits = (openHits ?? 0) + (records.upperBound - from)
    if records.isEmpty && openHits == 0 { openHits = nil }
    for index in eventFields {
      let column = plan.fields[index].source.firstColumn
      try builders[index].read(PickedCells(block, column, starts), in: block)
      // Once its place is known to be wrong, all its cells count for its type.
      if varying.contains(column) { try builders[index].note(ColumnCells(block, column, records), block) }
    }
    for index in elementFields {
      try builders[index].read(ColumnCells(block, plan.fields[index].source.firstColumn, records), in: block)
    }
  }

  // MARK: Where events begin

  private func boundaries(_ block: RecordBlock, _ records: Range<Int>) throws(FingalError) -> [Int] {
    var starts: [Int] = []
    let table = block.fieldTable
    var lastTable = previous?.fieldTable
    var lastBlock = previous
    var lastRecord = previousRecord
    for record in records {
      var begins = true
      if let last = lastBlock, let before = lastTable {
        if leading > 0, sameLeading(before, lastRecord, table, record) {
          begins = false
        } else {
          begins = !Neighbours.sameFields(last, lastRecord, block, record, plan.keyColumns)
          if !begins { findVarying(last, lastRecord, block, record) }
        }
      }
      if begins {
        starts.append(record)
        if lastBlock == nil { compareWithLastKey(block, record) }
        if let first = keys.insert(block, record, plan.keyColumns, line: block.line(of: record)) {
          throw keyReturns(block, record, first)
        }
        if keys.isIncomplete { keysBroke = true }
      }
      if record == records.lowerBound {
        lastBlock = block
        lastTable = table
      }
      lastRecord = record
    }
    return starts
  }

  /// Whether the text of all event columns, which stand first in the line, is the same.
  @inline(__always)
  private func sameLeading(
    _ a: RecordBlock.FieldTable, _ i: Int, _ b: RecordBlock.FieldTable, _ j: Int
  ) -> Bool {
    let firstA = unsafe a.field(at: a.index(i, 0))
    let firstB = unsafe b.field(at: b.index(j, 0))
    let lastA = unsafe a.field(at: a.index(i, leading &- 1))
    let lastB = unsafe b.field(at: b.index(j, leading &- 1))
    guard let startA = firstA.baseAddress, let startB = firstB.baseAddress, let endA = lastA.baseAddress,
      let endB = lastB.baseAddress
    else { return false }
    let countA = unsafe endA - startA + lastA.count
    let countB = unsafe endB - startB + lastB.count
    // Fields with doubled quotes lie elsewhere: then the slower way decides.
    return unsafe countA == countB && countA >= 0 && countA < 4096 && memcmp(startA, startB, countA) == 0
  }

  private func findVarying(_ a: RecordBlock, _ i: Int, _ b: RecordBlock, _ j: Int) {
    for column in constantColumns where !Neighbours.sameField(a, i, b, j, column) {
      if varying.insert(column).inserted { emit = nil }
    }
  }

  private func keyText(_ block: RecordBlock, _ record: Int) -> String {
    plan.keyColumns.map { column in
      let field = plan.fields.first { $0.source.firstColumn == column }?.name ?? "column \(column + 1)"
      return unsafe "\(field)=\(String(decoding: block.field(record, column), as: UTF8.self))"
    }.joined(separator: ", ")
  }

  private func keyReturns(_ block: RecordBlock, _ record: Int, _ first: Int) -> FingalError {
    block.error(
      "event \(keyText(block, record)) comes back here after other events; it first began on line \(first)",
      record: record, column: plan.keyColumns[0],
      advice: "sort the file by event, or name a key that tells the events apart with --event-key")
  }

  override var isStale: Bool { keysBroke || !varying.isEmpty || super.isStale }

  override func advise(_ detector: inout LayoutDetector) {
    super.advise(&detector)
    detector.varying.formUnion(varying)
    if keysBroke { detector.remembersKeys = true }
  }
}
