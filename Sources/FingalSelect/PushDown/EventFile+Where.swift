public import Fingal

extension EventFile {
  /// The events that pass a cut, in file order, batch after batch.
  ///
  ///     let batches = try file.batches(columns: ["event", "hits.energy"], where: "beamEnergy > 70 && count(hits) > 9")
  ///     while let batch = try batches.next() { … }
  ///
  /// What cannot pass is not read: clusters are left out by the bounds in the footer, pages by the bounds in their
  /// cluster's directory. Of what is left, the columns of the cut are decoded first, and the other columns only where an
  /// event has passed. Bounds never answer: every event given has been tested, or belongs to pages all of whose values
  /// pass. `EventBatches.statistics` tells how much was left out.
  ///
  /// The events of a batch do not follow one another in the file; `EventBatch.eventNumber(at:)` says which they are.
  ///
  /// - Parameters:
  ///   - columns: paths of fields or names of collections; nil for all. The columns of the cut need not be among them.
  ///   - condition: in the language of `Expression`, one truth value an event.
  ///   - events: which events to consider, counted from 0; clamped to the file's. Nil for all.
  ///   - options: threads and memory.
  /// - Throws: `usage` for an unknown column, and pointing at the character of the expression that is wrong.
  public func batches(
    columns: [String]? = nil, where condition: String, events: Range<Int>? = nil, options: BatchOptions = .init()
  ) throws(FingalError) -> EventBatches {
    try batches(columns: columns, where: Expression(parsing: condition), events: events, options: options)
  }

  /// The events that pass a parsed cut; see `batches(columns:where:events:options:)` with a text.
  ///
  /// - Throws: `usage` for an unknown column, and if the expression does not fit the file's schema.
  public func batches(
    columns: [String]? = nil, where condition: Expression, events: Range<Int>? = nil, options: BatchOptions = .init()
  ) throws(FingalError) -> EventBatches {
    let bound = try condition.checked(against: schema)
    let output = try Projection(columns, of: self)
    let tally = ReadTally()
    let reader = SelectiveReader(file: self, condition: bound, output: output, tally: tally)
    let range = (events ?? 0..<eventCount).clamped(to: 0..<eventCount)
    let plan = SelectionPlan(reader, range, options)
    let pipeline = BatchPipeline(schema: output.schema, options: options) { () throws(FingalError) in
      try plan.next()
    } decode: { (block, batch) throws(FingalError) in
      try reader.read(block, into: &batch)
    }
    return EventBatches(schema: output.schema, pipeline: pipeline, tally: tally)
  }
}
