package import Fingal

/// CSV to a Fingal file, in memory that does not depend on the file's size.
///
/// Types and layout are chosen from a sample of the first file (`ConvertOptions.sampleBytes`), and the first pass writes
/// with them at once. It goes on noting what every cell is: when one does not fit, it stops writing but reads on to the
/// end, and a second pass writes with types that fit every cell of every file. So the result is what a look at
/// the whole of the input would have chosen, for the price of a second reading only where the sample was not enough.
package final class Converter {
  private let inputs: InputFiles
  private let output: String?
  private let options: ConvertOptions
  private let progress: ((ConvertProgress) -> Void)?

  private var columns: [SourceColumn] = []
  private var firstHeader: RecordReader.HeaderRow?
  private var dialect = Dialect()
  private var preamble: [String] = []
  private var dropped = Set<Int>()
  private var isCompressed = false
  private var endsWithLineEnd = true
  /// Builders by the columns they read: facts outlive a change of layout.
  private var builders: [Range<Int>: FieldBuilder] = [:]
  /// Builders read one after another.
  private let chunk = CellChunk()
  private var records = 0
  private var textBytes = 0
  private var pass = 0
  private var skipped = 0
  private var rejects: OutputFile?
  /// Comment lines among the data, which no column can hold, and where the first one is.
  private var looseComments = 0
  private var firstLooseComment: String?
  /// Blank lines between records, and where the first one is.
  private var innerBlanks = 0
  private var firstInnerBlank: String?

  /// - Parameter output: nil only for a dry run.
  /// - Throws: `missingFile` naming the first input that does not exist.
  package init(
    _ paths: [String], output: String?, options: ConvertOptions = .init(), progress: ((ConvertProgress) -> Void)? = nil
  ) throws(FingalError) {
    precondition(!paths.isEmpty && (output != nil || options.dryRun))
    inputs = try InputFiles(paths)
    self.output = output
    self.options = options
    self.progress = progress
  }

  /// Converts texts in memory, as files of these names would be.
  package init(texts: [(name: String, bytes: [UInt8])], output: String?, options: ConvertOptions = .init()) {
    precondition(!texts.isEmpty && (output != nil || options.dryRun))
    inputs = InputFiles(texts: texts)
    self.output = output
    self.options = options
    progress = nil
  }

  /// Converts.
  ///
  /// - Throws: `badInput` naming file, line and column; `usage` for options that do not fit the file; what reading and
  ///   writing throw. Nothing is left under the output's name then.
  package func run() throws(FingalError) -> ConvertSummary {
    var detector = try sampled()
    var plan = try detector.plan()
    var assembler = try makeAssembler(plan)
    try decideTypes(plan, assembler, detector.sample)
    // Numbered columns of codes or of what no number type holds are no tensor: only their cells tell.
    let unfolded = detector.unfolded
    assembler.advise(&detector)
    if detector.unfolded != unfolded {
      plan = try detector.plan()
      assembler = try makeAssembler(plan)
      try decideTypes(plan, assembler, detector.sample)
    }

    for attempt in 1...8 {
      pass = attempt
      let writes = !options.dryRun
      let known = assembler.builders.allSatisfy(\.isSettled)
      let result = try runPass(assembler, writing: writes && known, storing: known)
      if let result {
        var summary = summary(plan, assembler, schema: result.schema, bytesOut: result.bytes)
        summary.events = result.events
        summary.warnings += result.warnings
        summary.elements = zip(plan.collections, result.elements).map { ($0, $1) }
        return summary
      }
      if options.dryRun && known && !assembler.isStale {
        return summary(plan, assembler, schema: try schema(plan, assembler), bytesOut: 0)
      }
      for builder in assembler.builders { builder.settle() }
      assembler.advise(&detector)
      plan = try detector.plan()
      assembler = try makeAssembler(plan)
    }
    throw FingalError(.badInput, "the types of the columns do not settle", file: inputs.entries[0].name)
  }

  // MARK: Sample

  /// Types from the sample, for the columns that have none yet.
  private func decideTypes(
    _ plan: LayoutPlan, _ assembler: EventAssembler, _ sample: [RecordBlock]
  ) throws(FingalError) {
    let fresh = zip(plan.fields, assembler.builders).filter { !$1.isSettled }
    for block in sample {
      for (field, builder) in fresh { try note(field, builder, block) }
    }
    for (_, builder) in fresh {
      builder.settle()
      if options.onError == .stop, let error = builder.refusalOfFirstText() { throw error }
    }
  }

  private func sampled() throws(FingalError) -> LayoutDetector {
    var sample: [RecordBlock] = []
    var bytes = 0
    for index in inputs.entries.indices {
      let reader = try open(index)
      while bytes < options.sampleBytes, let block = try reader.next() {
        sample.append(block)
        bytes += block.textCount
      }
      if index == 0 { try takeHeader(reader, sample.first) }
      if bytes > 0 { break }
    }
    if options.onError == .skip {
      sample = try withoutRagged(sample)
    } else {
      for block in sample { try checkWidths(block) }
    }
    return LayoutDetector(
      columns: columns, sample: sample, options: options, dialect: dialect, dropped: dropped)
  }

  /// The sample without lines of the wrong number of fields.
  private func withoutRagged(_ sample: [RecordBlock]) throws(FingalError) -> [RecordBlock] {
    var text: [UInt8] = []
    for block in sample {
      for record in 0..<block.recordCount where block.fieldCount(record) == columns.count {
        unsafe text.append(contentsOf: block.text(of: record))
        text.append(contentsOf: dialect.lineEnd.text.utf8)
      }
    }
    var plain = dialect
    plain.header = .none
    let input = try TextInput(MemorySource(text), file: inputs.entries[0].name, encoding: .utf8)
    let reader = try RecordReader(input, dialect: plain, blockSize: options.blockBytes)
    var blocks: [RecordBlock] = []
    while let block = try reader.next() { blocks.append(block) }
    return blocks
  }

  private func open(_ index: Int) throws(FingalError) -> RecordReader {
    let input = try inputs.open(index, encoding: options.encoding)
    if input.compression != .none { isCompressed = true }
    if input.prefix.isEmpty && input.prefixIsAll {
      throw FingalError(.badInput, "the file is empty", file: input.file)
    }
    let dialect = DialectDetector.detect(input.prefix, isAll: input.prefixIsAll, options.dialect)
    return try RecordReader(input, dialect: dialect, blockSize: options.blockBytes)
  }

  private func takeHeader(_ reader: RecordReader, _ block: RecordBlock?) throws(FingalError) {
    dialect = reader.dialect
    endsWithLineEnd = isCompressed || inputs.endsWithLineEnd
    preamble = reader.preamble
    firstHeader = reader.header
    if let header = reader.header {
      columns = SourceColumn.columns(header: header.names)
    } else if let block {
      columns = SourceColumn.columns(count: block.fieldCount(0))
    } else {
      throw FingalError(.badInput, "the file holds no data", file: reader.file)
    }
    for name in options.drops {
      let matching = columns.filter { $0.matches(name) || Glob.matches($0.name, name) }
      if matching.isEmpty { throw noColumn(name, "--drop") }
      dropped.formUnion(matching.map(\.index))
    }
    if dropped.count == columns.count { throw FingalError(.usage, "--drop leaves no column") }
  }

  private func noColumn(_ name: String, _ option: String) -> FingalError {
    let known = columns.prefix(20).map(\.name).joined(separator: ", ") + (columns.count > 20 ? ", …" : "")
    return FingalError(
      .usage, "no column '\(name)' for \(option)", file: inputs.entries[0].name, advice: "the columns are \(known)")
  }

  // MARK: Builders

  private func makeAssembler(_ plan: LayoutPlan) throws(FingalError) -> EventAssembler {
    try checkNames(plan)
    var list: [FieldBuilder] = []
    for field in plan.fields {
      var range = field.source.firstColumn..<field.source.firstColumn + 1
      if case .tensor(let columns, _, _) = field.source { range = columns }
      if let builder = builders[range] {
        list.append(builder)
        continue
      }
      let column = columns[range.lowerBound]
      let pinned = options.types.last { $0.name == field.path || column.matches($0.name) }?.value
      var isList = false
      switch field.source {
      case .list, .tensor: isList = true
      case .event, .element: break
      }
      let builder = FieldBuilder(
        header: column.header ?? column.name, pinned: pinned,
        labels: options.labels.last { $0.name == field.path || column.matches($0.name) }?.value,
        nullTexts: options.nullTexts,
        point: dialect.decimalPoint, isList: isList, chunk: chunk)
      builder.textBecomesNull = options.onError == .null
      builders[range] = builder
      list.append(builder)
    }
    return switch plan.kind {
    case .hits: HitsAssembler(plan: plan, builders: list)
    case .rows: RowsAssembler(plan: plan, builders: list)
    case .cells: CellsAssembler(plan: plan, builders: list)
    }
  }

  /// Every name in the options must mean a column.
  private func checkNames(_ plan: LayoutPlan) throws(FingalError) {
    func check(_ name: String, _ option: String) throws(FingalError) {
      if columns.contains(where: { $0.matches(name) }) || plan.fields.contains(where: { $0.path == name }) { return }
      throw noColumn(name, option)
    }
    for entry in options.types { try check(entry.name, "--type") }
    for entry in options.units { try check(entry.name, "--unit") }
    for entry in options.descriptions { try check(entry.name, "--describe") }
    for entry in options.precisions { try check(entry.name, "--precision") }
    for entry in options.renames
    where !plan.fields.contains(where: { $0.path == entry.value || $0.name == entry.value }) {
      try check(entry.name, "--rename")
    }
  }

  private func note(_ field: LayoutPlan.PlannedField, _ builder: FieldBuilder, _ block: RecordBlock) throws(FingalError)
  {
    let records = 0..<block.recordCount
    switch field.source {
    case .event(let column), .element(let column): try builder.note(ColumnCells(block, column, records), block)
    case .tensor(let columns, _, _): try builder.note(GridCells(block, columns, records), block)
    case .list(let column, let style):
      var slices: [UnsafeRawBufferPointer] = unsafe []
      var owners: [Int] = []
      for record in records {
        let count = unsafe style.split(block.field(record, column), into: &slices) ?? 0
        owners.append(contentsOf: repeatElement(record, count: count))
      }
      try unsafe builder.note(ListElements(slices[...], records: owners[...], column: column), block)
    }
  }

  // MARK: A pass

  /// What a pass wrote: events that passed the filter, and their elements in each collection.
  private struct Written {
    var schema: Schema
    var bytes: Int
    var events: Int
    var elements: [Int]
    var warnings: [String] = []
  }

  /// Reads every input. Returns nil if the types or the layout did not fit to the end, or nothing was to be written.
  private func runPass(
    _ assembler: EventAssembler, writing: Bool, storing: Bool
  ) throws(FingalError) -> Written? {
    for builder in assembler.builders {
      if storing { builder.start(builder.bestDecision()) } else { builder.stopStoring() }
    }
    var writer: EventWriter?
    var schema: Schema?
    var transform: ((EventBatch) throws(FingalError) -> EventBatch)?
    if writing, let output {
      let made = try schemaBuilder(assembler.plan).schema(assembler.builders)
      transform = try options.filter?(made)
      var writing = options.writer
      writing.pins = try schemaBuilder(assembler.plan).pins(made)
      writer = try EventWriter(creating: output, schema: made, options: writing)
      schema = made
    }
    assembler.begin(schema)
    var events = 0
    var elements = [Int](repeating: 0, count: assembler.plan.collections.count)
    if let writer {
      assembler.emit = { (batch: EventBatch) throws(FingalError) in
        let kept = try transform?(batch) ?? batch
        try writer.append(kept)
        events += kept.eventCount
        for (index, column) in kept.counts.enumerated() {
          let counts = column.values(as: UInt32.self)
          for i in counts.indices { elements[index] += Int(counts[i]) }
        }
      }
    } else {
      assembler.emit = nil
    }
    records = 0
    textBytes = 0
    skipped = 0
    looseComments = 0
    firstLooseComment = nil
    innerBlanks = 0
    firstInnerBlank = nil
    rejects = nil
    if let path = options.rejects, writer != nil { rejects = try OutputFile(path, overwrite: options.writer.overwrite) }
    do throws(FingalError) {
      for index in inputs.entries.indices {
        try read(index, into: assembler) {
          if writer != nil, assembler.isStale {
            writer?.cancel()
            writer = nil
            assembler.emit = nil
          }
        }
      }
      try assembler.end()
    } catch {
      writer?.cancel()
      throw error
    }
    guard let writer, let schema, !assembler.isStale else {
      writer?.cancel()
      return nil
    }
    // What only the end knows: spellings and formats are in the schema, and were checked to hold to the end.
    try writer.finish(metadata: try provenance())
    try rejects?.commit()
    rejects = nil
    let warnings = writer.pagesNotAsPinned.sorted { $0.key < $1.key }.map { path, pages in
      "column '\(path)': \(pages) page\(pages == 1 ? "" : "s") could not have the encoding that was given, or would have"
        + " grown by it; 'fingal columns' shows what is there"
    }
    return Written(
      schema: schema, bytes: writer.byteCount, events: events, elements: elements, warnings: warnings)
  }

  private func read(_ index: Int, into assembler: EventAssembler, afterBlock: () -> Void) throws(FingalError) {
    let reader = try open(index)
    if index > 0 { try checkHeader(reader) }
    var spare: RecordBlock?
    var current: RecordBlock?
    while let block = try reader.next(reusing: spare) {
      spare = current
      current = block
      if options.onError == .skip {
        for run in try goodRuns(block, assembler) { try assembler.consume(block, run) }
      } else {
        try checkWidths(block)
        try assembler.consume(block, 0..<block.recordCount)
      }
      records += block.recordCount
      textBytes += unsafe block.completeText.count
      afterBlock()
      progress?(
        ConvertProgress(
          records: records, textBytes: textBytes, totalBytes: inputs.byteCount, isCompressed: isCompressed, pass: pass))
    }
    try assembler.endSource()
    looseComments += reader.looseComments
    if let line = reader.firstLooseComment { firstLooseComment = firstLooseComment ?? "\(reader.file):\(line)" }
    let blanks = reader.innerBlankLines
    if blanks.count > 0 {
      innerBlanks += blanks.count
      firstInnerBlank = firstInnerBlank ?? "\(reader.file):\(blanks.firstLine)"
    }
    afterBlock()
  }

  /// Several files become one only if they have the same columns.
  private func checkHeader(_ reader: RecordReader) throws(FingalError) {
    let first = inputs.entries[0].name
    guard let header = reader.header, let firstHeader else {
      if (reader.header == nil) == (firstHeader == nil) { return }
      throw FingalError(
        .badInput, "\(reader.header == nil ? "has no header" : "has a header") unlike \(first)", file: reader.file,
        line: 1)
    }
    if header.names == firstHeader.names { return }
    if header.names.count != firstHeader.names.count {
      throw FingalError(
        .badInput, "\(header.names.count) columns, but \(first) has \(firstHeader.names.count)", file: reader.file,
        line: header.line, advice: "convert files with different columns one by one")
    }
    let at = zip(header.names, firstHeader.names).enumerated().first { $1.0 != $1.1 }?.offset ?? 0
    throw FingalError(
      .badInput, "column \(at + 1) is '\(header.names[at])', but '\(firstHeader.names[at])' in \(first)",
      file: reader.file, line: header.line, column: at + 1,
      advice: "convert files with different columns one by one")
  }

  /// Runs of records without a fault; the others are counted and written to the rejects.
  private func goodRuns(_ block: RecordBlock, _ assembler: EventAssembler) throws(FingalError) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start = 0
    for record in 0..<block.recordCount {
      guard let fault = fault(block, record, assembler) else { continue }
      if start < record { runs.append(start..<record) }
      start = record + 1
      skipped += 1
      if let rejects {
        var line = Array("# \(fault)\n".utf8)
        unsafe line.append(contentsOf: block.text(of: record))
        line.append(contentsOf: dialect.lineEnd.text.utf8)
        try rejects.write(line)
      }
    }
    if start < block.recordCount { runs.append(start..<block.recordCount) }
    return runs
  }

  private func fault(_ block: RecordBlock, _ record: Int, _ assembler: EventAssembler) -> String? {
    if block.fieldCount(record) != columns.count { return ragged(block, record).description }
    func located(_ fault: String, _ column: Int) -> String {
      block.error(fault, record: record, column: column).description
    }
    var slices: [UnsafeRawBufferPointer] = unsafe []
    for (field, builder) in zip(assembler.plan.fields, assembler.builders) {
      switch field.source {
      case .event(let column), .element(let column):
        if let fault = unsafe builder.fault(in: block.field(record, column)) { return located(fault, column) }
      case .tensor(let columns, _, _):
        for column in columns {
          if let fault = unsafe builder.fault(in: block.field(record, column)) { return located(fault, column) }
        }
      case .list(let column, let style):
        unsafe slices.removeAll(keepingCapacity: true)
        guard unsafe style.split(block.field(record, column), into: &slices) != nil else {
          return located("expected a list such as \(style.example) in column '\(builder.header)'", column)
        }
        for index in unsafe slices.indices {
          if let fault = unsafe builder.fault(in: slices[index]) { return located(fault, column) }
        }
      }
    }
    return nil
  }

  private func checkWidths(_ block: RecordBlock) throws(FingalError) {
    let expected = columns.count
    for record in 0..<block.recordCount where block.fieldCount(record) != expected {
      throw ragged(block, record)
    }
  }

  private func ragged(_ block: RecordBlock, _ record: Int) -> FingalError {
    let found = block.fieldCount(record)
    let expected = columns.count
    let reference = firstHeader == nil ? "the first line has \(expected)" : "the header has \(expected)"
    if found < expected {
      let missing = columns[found..<min(expected, found + 3)].map { "'\($0.name)'" }
      let more = expected - found > 3 ? ", …" : ""
      return block.error(
        "\(found) field\(found == 1 ? "" : "s") where \(reference): \(missing.joined(separator: ", "))\(more) missing",
        record: record)
    }
    let extra = unsafe FieldText.quoted(block.field(record, expected))
    return block.error(
      "\(found) field\(found == 1 ? "" : "s") where \(reference): \(extra) is one too many", record: record,
      column: expected)
  }

  /// Where the events come from, for the end of the file: what was read is hashed while it is read.
  private func provenance() throws(FingalError) -> [String: String] {
    guard let program = options.program else { return [:] }
    return [
      Provenance.key: Provenance(
        converter: program.name, version: program.version, options: program.options, sources: try inputs.sources()
      ).json
    ]
  }

  // MARK: Result

  private func schemaBuilder(_ plan: LayoutPlan) -> SchemaBuilder {
    SchemaBuilder(
      plan: plan, columns: columns, options: options, dialect: dialect, preamble: preamble, header: firstHeader,
      endsWithLineEnd: endsWithLineEnd, input: inputs.entries[0].name)
  }

  private func schema(_ plan: LayoutPlan, _ assembler: EventAssembler) throws(FingalError) -> Schema {
    try schemaBuilder(plan).schema(assembler.builders)
  }

  private func summary(
    _ plan: LayoutPlan, _ assembler: EventAssembler, schema: Schema, bytesOut: Int
  ) -> ConvertSummary {
    var summary = ConvertSummary(
      schema: schema, layout: plan.kind, layoutReason: plan.reason, dialect: dialect.summary)
    summary.events = assembler.eventCount
    summary.elements = zip(plan.collections, assembler.elementCounts).map { ($0, $1) }
    summary.records = records
    summary.bytesIn = inputs.byteCount
    summary.textBytes = textBytes
    summary.bytesOut = bytesOut
    summary.passes = pass
    summary.skipped = skipped
    summary.warnings += assembler.warnings
    if dialect.decimalComma && options.dialect.decimalComma == nil {
      summary.warnings.append(
        "numbers such as 1,5 were read with a decimal comma; pass --type 'column=string' to keep such cells as text")
    }
    if let firstLooseComment {
      summary.warnings.append(
        "\(looseComments) comment line\(looseComments == 1 ? "" : "s") left out (first: \(firstLooseComment));"
          + " pass --comment none if they are data")
    }
    if let firstInnerBlank {
      summary.warnings.append(
        "\(innerBlanks) empty line\(innerBlanks == 1 ? "" : "s") between records left out (first: \(firstInnerBlank))"
          + (columns.count == 1 ? "; write \"\" where a value is missing" : ""))
    }
    for (index, builder) in assembler.builders.enumerated() {
      let field = schema.fields[index]
      let shape = field.shape.isEmpty ? "" : "[" + field.shape.map(String.init).joined(separator: "x") + "]"
      summary.columns.append(
        .init(
          path: field.path, type: field.type.rawValue + shape + (field.nullable ? "?" : ""), header: builder.header,
          format: field.metadata["csv.format"], reason: builder.bestDecision(withReason: true).reason))
      summary.warnings += warnings(field, builder)
    }
    return summary
  }

  private func warnings(_ field: Schema.Field, _ builder: FieldBuilder) -> [String] {
    let facts = builder.facts
    var warnings: [String] = []
    if builder.refusedCells > 0 {
      warnings.append(
        "column '\(field.path)': cells that are no numbers became nulls (\(builder.refusedCells) of them)")
    }
    if field.type == .float64, let first = builder.firstChanged {
      let place = "first in \(first.file):\(first.line); --type '\(builder.header)=string' keeps the text"
      if facts.roundedValues > 0 {
        warnings.append(
          "column '\(field.path)': values with more digits than float64 holds were rounded"
            + " (\(facts.roundedValues) of them, \(place))")
      }
      if facts.respelledValues > 0 {
        warnings.append(
          "column '\(field.path)': values come back from export with other digits that mean the same float64, because no"
            + " one format gives all of the column again (\(facts.respelledValues) of them, \(place))")
      }
    }
    if facts.codesInPass > 0 && field.type.isNumeric && builder.pinned == nil {
      warnings.append(
        "column '\(field.path)': leading zeros or plus signs of whole numbers were lost beside decimals"
          + " (\(facts.codesInPass) of them; --type '\(builder.header)=string' keeps the text)")
    }
    if facts.blanks > 0 && field.type.isNumeric {
      warnings.append("column '\(field.path)': blanks around numbers were dropped (\(facts.blanks) of them)")
    }
    if field.type == .string, let numbers = builder.numbersInText {
      warnings.append(
        "column '\(field.path)' is text because its first value is no number, though \(numbers) of the first are;"
          + " --null names texts that mean no value")
    }
    return warnings
  }
}
