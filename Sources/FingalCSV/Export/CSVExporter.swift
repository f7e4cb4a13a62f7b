package import Fingal

/// A Fingal file back to CSV, in bounded memory: the header and order of columns it had, every value equal, and the text
/// of numbers as it stood where that was regular.
package final class CSVExporter {
  private let file: EventFile
  package let plan: ExportPlan
  let misfits: ExportMisfits
  private let columns: [String]?
  private let sink: (AlignedBytes) throws(FingalError) -> Void
  private let out = AlignedBytes()
  private let scratch = AlignedBytes()
  /// Whether a line has a single field.
  private let hasOneField: Bool
  /// The end of the line before, written when the next begins: the last may have none.
  private var pendingLineEnd = false

  /// Bytes gathered before they are handed to the sink.
  private static let outputBytes = 1 << 20

  /// - Parameters:
  ///   - columns: paths of fields or names of collections; nil for all.
  ///   - layout: nil for the one the file came from, or the simplest that holds it.
  ///   - sink: takes the text, piece by piece.
  /// - Throws: `usage` for unknown columns or a layout that cannot hold the columns; `badInput` for one that cannot hold
  ///   the events; what reading throws.
  package init(
    _ file: EventFile, columns: [String]? = nil, layout: LayoutKind? = nil,
    sink: @escaping (AlignedBytes) throws(FingalError) -> Void
  ) throws(FingalError) {
    self.file = file
    self.columns = columns
    self.sink = sink
    let schema = try columns.map { names throws(FingalError) in try file.schema.projected(to: names) } ?? file.schema
    var obstacle: HitsObstacle?
    if schema.collections.count == 1, ExportPlan.layout(schema, wanted: layout) == .hits {
      obstacle = try HitsObstacle.first(in: file, schema, columns: columns)
    }
    do throws(FingalError) {
      var plan = try ExportPlan(schema, layout: layout, obstacle: obstacle)
      try MissingText(file: file, schema: schema).settle(&plan)
      self.plan = plan
    } catch {
      throw error.naming(file: file.path)
    }
    misfits = ExportMisfits(columns: plan.columns.count)
    hasOneField = plan.columns.reduce(0) { $0 + $1.headers.count } == 1
  }

  var path: String { file.path }

  /// Writes everything. The sink has all the text when it returns.
  package func run() throws(FingalError) {
    writeHead()
    try checkTexts()
    let batches = try file.batches(columns: columns)
    while let batch = try batches.next() {
      switch plan.layout {
      case .hits: try writeHits(batch)
      case .rows, .cells: try writeEvents(batch)
      }
      try checkTexts()
    }
    if pendingLineEnd && plan.finalLineEnd { append(plan.lineEnd) }
    try flush()
  }

  // MARK: Head

  private func writeHead() {
    if !plan.preamble.isEmpty {
      for line in plan.preamble.split(separator: "\n", omittingEmptySubsequences: false) {
        beginLine()
        append(String(line))
      }
    }
    guard plan.writesHeader else { return }
    beginLine()
    if plan.headerIsComment { append("# ") }
    var first = true
    for (position, name) in plan.columns.enumerated().lazy.flatMap({ column in
      column.element.headers.map { (column.offset, $0) }
    }) {
      if !first { out.append(plan.separator) }
      first = false
      var copy = name
      copy.withUTF8 { utf8 in
        let bytes = UnsafeRawBufferPointer(utf8)
        if plan.quote == nil, unsafe Quoting.breaks(bytes, plan, isLast: false) { misfits.noteText(position) }
        if plan.quotesHeader, let quote = plan.quote {
          unsafe Quoting.appendQuoted(bytes, quote: quote, to: out)
        } else {
          unsafe Quoting.append(bytes, separator: plan.separator, quote: plan.quote, to: out)
        }
      }
    }
  }

  private func append(_ text: String) {
    var copy = text
    copy.withUTF8 { unsafe out.append(UnsafeRawBufferPointer($0)) }
  }

  private func beginLine() {
    if pendingLineEnd { append(plan.lineEnd) }
    pendingLineEnd = true
  }

  private func flush() throws(FingalError) {
    if out.count == 0 { return }
    try sink(out)
    out.removeAll()
  }

  // MARK: Lines

  private func writers(_ batch: EventBatch) -> [CellWriter] {
    plan.columns.enumerated().map { position, column in
      CellWriter(
        column, batch.columns[column.field], plan, isTensor: !batch.schema.fields[column.field].shape.isEmpty,
        position: position, misfits: misfits)
    }
  }

  /// One line an event.
  private func writeEvents(_ batch: EventBatch) throws(FingalError) {
    let writers = writers(batch)
    let collectionOf = plan.columns.map { column in
      batch.schema.fields[column.field].collection.flatMap { batch.schema.collectionIndex($0) } ?? -1
    }
    let borders = batch.elementBorders
    let around = batch.schema.parentIndices
    for event in 0..<batch.eventCount {
      beginLine()
      let lineStart = out.count
      for (index, column) in plan.columns.enumerated() {
        if index > 0 { out.append(plan.separator) }
        switch column.cells {
        case .event, .element: writers[index].write(event, to: out)
        case .tensor: writeTensor(writers[index], event, column.headers.count, out)
        case .list(let style):
          writeList(style, writers[index], borders[collectionOf[index]][event..<event + 1])
        case .nested:
          // The collections around it, from the inside outwards.
          var collections: [Int] = []
          var next = around[collectionOf[index]]
          while let collection = next {
            collections.append(collection)
            next = around[collection]
          }
          let elements = ([collectionOf[index]] + collections).reversed().map {
            (batch.counts[$0], borders[$0][event..<event + 1])
          }
          writeNested(writers[index], batch.schema.fields[column.field].elementsPerValue, elements)
          if plan.quote == nil, unsafe Quoting.breaks(scratch.bytes, plan, isLast: false) {
            misfits.noteText(index)
          }
        }
      }
      keepBlankLine(from: lineStart)
      if out.count >= Self.outputBytes { try flush() }
    }
  }

  /// Of a single column, a line of nothing or of blanks would be skipped as an empty line. Of several, separators are in
  /// it, though they may be tabs.
  private func keepBlankLine(from start: Int) {
    guard hasOneField else { return }
    let line = unsafe out.bytes[start...]
    guard unsafe line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else { return }
    guard let quote = plan.quote else { return misfits.noteText(0) }
    let blanks = unsafe Array(line)
    out.removeLast(blanks.count)
    unsafe blanks.withUnsafeBytes { unsafe Quoting.appendQuoted($0, quote: quote, to: out) }
  }

  private func writeTensor(_ writer: CellWriter, _ value: Int, _ width: Int, _ out: AlignedBytes) {
    for element in 0..<width {
      if element > 0 { out.append(plan.separator) }
      writer.write(value * width + element, to: out)
    }
  }

  private func writeList(_ style: ListStyle, _ writer: CellWriter, _ elements: Range<Int>) {
    scratch.removeAll()
    if let open = style.open { scratch.append(open) }
    let glue = Array(style.glue.utf8)
    var first = true
    for element in elements {
      if !first { unsafe glue.withUnsafeBytes { unsafe scratch.append($0) } }
      first = false
      writer.write(element, to: scratch)
    }
    if let close = style.close { scratch.append(close) }
    unsafe Quoting.append(scratch.bytes, separator: plan.separator, quote: plan.quote, to: out)
  }

  /// The elements of one event as lists in lists.
  ///
  /// - Parameter collections: from the outermost to the column's own: the counts of each, and which of its elements the
  ///   event has.
  private func writeNested(
    _ writer: CellWriter, _ width: Int, _ collections: [(counts: ColumnValues, elements: Range<Int>)]
  ) {
    scratch.removeAll()
    var next = collections.map(\.elements.lowerBound)
    writeNested(writer, width, collections, depth: 0, collections[0].elements, &next)
    unsafe Quoting.append(scratch.bytes, separator: plan.separator, quote: plan.quote, to: out)
  }

  private func writeNested(
    _ writer: CellWriter, _ width: Int, _ collections: [(counts: ColumnValues, elements: Range<Int>)], depth: Int,
    _ elements: Range<Int>, _ next: inout [Int]
  ) {
    scratch.append(0x5B as UInt8)
    for element in elements {
      if element > elements.lowerBound { append(", ", to: scratch) }
      if depth + 1 < collections.count {
        let first = next[depth + 1]
        let inside = first..<first + (collections[depth + 1].counts.integer(at: element) ?? 0)
        next[depth + 1] = inside.upperBound
        writeNested(writer, width, collections, depth: depth + 1, inside, &next)
      } else if width == 1 && !writer.isTensor {
        writer.write(element, to: scratch)
      } else {
        scratch.append(0x5B as UInt8)
        for value in 0..<width {
          if value > 0 { append(", ", to: scratch) }
          writer.write(element * width + value, to: scratch)
        }
        scratch.append(0x5D as UInt8)
      }
    }
    scratch.append(0x5D as UInt8)
  }

  private func append(_ text: StaticString, to target: AlignedBytes) {
    unsafe target.append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// One line an element, the columns of the event repeated.
  private func writeHits(_ batch: EventBatch) throws(FingalError) {
    let writers = writers(batch)
    let countColumn = batch.counts[0]
    let counts = countColumn.values(as: UInt32.self)
    var element = 0
    // The texts of the event's columns are made once an event.
    var ranges = [Range<Int>](repeating: 0..<0, count: plan.columns.count)
    for event in 0..<batch.eventCount {
      scratch.removeAll()
      for (index, column) in plan.columns.enumerated() {
        let start = scratch.count
        switch column.cells {
        case .event: writers[index].write(event, to: scratch)
        case .tensor: writeTensor(writers[index], event, column.headers.count, scratch)
        case .element, .list, .nested: break
        }
        ranges[index] = start..<scratch.count
      }
      for _ in 0..<Int(counts[event]) {
        beginLine()
        let lineStart = out.count
        for (index, column) in plan.columns.enumerated() {
          if index > 0 { out.append(plan.separator) }
          if case .element = column.cells {
            writeTensor(writers[index], element, column.headers.count, out)
          } else {
            unsafe out.append(UnsafeRawBufferPointer(rebasing: scratch.bytes[ranges[index]]))
          }
        }
        keepBlankLine(from: lineStart)
        element += 1
        if out.count >= Self.outputBytes { try flush() }
      }
    }
  }
}
