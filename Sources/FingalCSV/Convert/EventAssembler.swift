import Fingal

/// Turns blocks of records into batches of events, for one layout. A subclass a layout.
class EventAssembler {
  let plan: LayoutPlan
  /// One a field of the plan.
  let builders: [FieldBuilder]
  /// Takes finished batches; nil while only facts are wanted.
  var emit: ((EventBatch) throws(FingalError) -> Void)?
  private(set) var schema: Schema?
  private(set) var eventCount = 0
  private(set) var elementCounts: [Int]

  /// Decoded bytes after which events are handed on.
  static let batchBytes = 4 << 20

  init(plan: LayoutPlan, builders: [FieldBuilder]) {
    self.plan = plan
    self.builders = builders
    elementCounts = plan.collections.map { _ in 0 }
  }

  func begin(_ schema: Schema?) {
    self.schema = schema
    eventCount = 0
    elementCounts = plan.collections.map { _ in 0 }
  }

  /// Reads a block. The one before it, if any, is still intact.
  func consume(_ block: RecordBlock, _ records: Range<Int>) throws(FingalError) { preconditionFailure("abstract") }

  /// Ends a source: whatever is open is complete.
  func endSource() throws(FingalError) {}

  /// Hands on what is left.
  func end() throws(FingalError) {}

  /// The plan or a type no longer fits what has been seen.
  var isStale: Bool { builders.contains { $0.isStale } }

  /// Changes that the detector must know for the next pass.
  func advise(_ detector: inout LayoutDetector) {
    for (field, builder) in zip(plan.fields, builders) {
      if case .tensor(let columns, _, _) = field.source {
        let best = builder.bestDecision()
        if best.nullable || best.type == .string || best.type == .bool { detector.unfolded.formUnion(columns) }
      }
    }
  }

  /// What the last pass saw that the user should know.
  var warnings: [String] { [] }

  var valueBytes: Int { builders.reduce(0) { $0 + $1.values.byteCount } }

  /// Hands a batch on and empties the columns.
  func flush(events: Int, counts: [ColumnValues]) throws(FingalError) {
    eventCount += events
    for (index, column) in counts.enumerated() {
      let values = column.values(as: UInt32.self)
      for i in values.indices { elementCounts[index] += Int(values[i]) }
    }
    if let emit, let schema, events > 0 {
      try emit(
        EventBatch(schema, eventCount: events, counts: counts, columns: builders.map(\.values)))
    }
    for builder in builders { builder.values.removeAll() }
    for column in counts { column.removeAll() }
  }
}

/// One line an event.
final class RowsAssembler: EventAssembler {
  private var events = 0

  override func consume(_ block: RecordBlock, _ records: Range<Int>) throws(FingalError) {
    try readScalarsAndTensors(block, records)
    events += records.count
    if valueBytes >= Self.batchBytes || builders[0].decision == nil { try end() }
  }

  override func end() throws(FingalError) {
    try flush(events: events, counts: [])
    events = 0
  }
}

extension EventAssembler {
  func readScalarsAndTensors(_ block: RecordBlock, _ records: Range<Int>) throws(FingalError) {
    for (field, builder) in zip(plan.fields, builders) {
      switch field.source {
      case .event(let column), .element(let column):
        try builder.read(ColumnCells(block, column, records), in: block)
      case .tensor(let columns, _, _): try builder.read(GridCells(block, columns, records), in: block)
      case .list: break
      }
    }
  }
}

/// One line an event, lists inside cells.
final class CellsAssembler: EventAssembler {
  private var events = 0
  private let counts: [ColumnValues]
  private let collectionOf: [Int]
  private var groups: [[Int]]
  private var disagrees = false

  override init(plan: LayoutPlan, builders: [FieldBuilder]) {
    counts = plan.collections.map { _ in ColumnValues(.uint32) }
    collectionOf = plan.fields.map { field in field.collection.flatMap { plan.collections.firstIndex(of: $0) } ?? -1 }
    groups = plan.collections.map { name in
      plan.fields.filter { $0.collection == name }.map(\.source.firstColumn)
    }
    super.init(plan: plan, builders: builders)
  }

  override func consume(_ block: RecordBlock, _ records: Range<Int>) throws(FingalError) {
    try readScalarsAndTensors(block, records)
    var lengths: [[UInt32]] = plan.collections.map { _ in [] }
    var slices: [UnsafeRawBufferPointer] = unsafe []
    var owners: [Int] = []
    for (index, field) in plan.fields.enumerated() {
      guard case .list(let column, let style) = field.source else { continue }
      unsafe slices.removeAll(keepingCapacity: true)
      owners.removeAll(keepingCapacity: true)
      var own: [UInt32] = []
      own.reserveCapacity(records.count)
      for record in records {
        guard let count = unsafe style.split(block.field(record, column), into: &slices) else {
          throw unsafe block.error(
            "expected a list such as \(style.example) in column '\(builders[index].header)', found "
              + FieldText.quoted(block.field(record, column)), record: record, column: column)
        }
        own.append(UInt32(count))
        owners.append(contentsOf: repeatElement(record, count: count))
      }
      try unsafe builders[index].read(ListElements(slices[...], records: owners[...], column: column), in: block)
      let collection = collectionOf[index]
      if lengths[collection].isEmpty { lengths[collection] = own }
      if lengths[collection] != own { note(disagreement: block, records) }
    }
    for (collection, own) in lengths.enumerated() { counts[collection].append(contentsOf: own) }
    events += records.count
    if disagrees { emit = nil }
    if valueBytes >= Self.batchBytes || builders[0].decision == nil || disagrees { try end() }
  }

  /// Lists of one collection differ in length: remembers which columns still agree.
  private func note(disagreement block: RecordBlock, _ records: Range<Int>) {
    disagrees = true
    var styles: [Int: ListStyle] = [:]
    for field in plan.fields {
      if case .list(let column, let style) = field.source { styles[column] = style }
    }
    var slices: [UnsafeRawBufferPointer] = unsafe []
    for record in records {
      groups = ListGroups.refine(groups) { column in
        unsafe slices.removeAll(keepingCapacity: true)
        return unsafe styles[column]!.split(block.field(record, column), into: &slices) ?? -1
      }
    }
  }

  override var isStale: Bool { disagrees || super.isStale }

  override func advise(_ detector: inout LayoutDetector) {
    super.advise(&detector)
    if disagrees { detector.separated = groups }
  }

  override func end() throws(FingalError) {
    try flush(events: events, counts: counts)
    events = 0
  }
}

extension ListStyle {
  /// A list of two in this style.
  var example: String {
    (open.map { String(UnicodeScalar($0)) } ?? "") + "1" + glue + "2" + (close.map { String(UnicodeScalar($0)) } ?? "")
  }
}
