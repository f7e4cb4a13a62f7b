/// The events of a file, batch after batch, in file order. Made by `EventFile.batches(…)`.
///
///     let batches = try file.batches(columns: ["beamEnergy", "hits.energy"], events: 0..<1000)
///     while let batch = try batches.next() { … }
///
/// or, without naming the loop's variable,
///
///     try file.batches(columns: ["beamEnergy"]).forEach { batch in … }
///
/// It is not a `Sequence`: a `for` loop cannot throw between two elements, and a page whose checksum differs must not
/// look like the end of the file.
///
/// A batch holds whole events, at least one, at most those of a cluster; how many is up to the reader (`BatchOptions`).
/// You may keep a batch, or a column of it, as long as you like. If nothing holds them any more when the next batch is
/// asked for, their memory is filled again, so a loop that lets go allocates nothing after its first rounds.
///
/// One thread at a time may call `next()`. Letting go of it stops its threads; breaking off early costs nothing.
public final class EventBatches {
  /// The schema of the batches: the columns asked for, in the order asked for.
  public let schema: Schema
  private let pipeline: BatchPipeline
  private let tally: ReadTally

  package init(schema: Schema, pipeline: BatchPipeline, tally: ReadTally) {
    self.schema = schema
    self.pipeline = pipeline
    self.tally = tally
  }

  /// The next batch, or nil at the end.
  ///
  /// - Throws: `damaged`, `truncated` naming column and events; `unsupported` for an encoding of a newer version;
  ///   `inputOutput`. After an error there is no next batch.
  public func next() throws(FingalError) -> EventBatch? { try pipeline.next() }

  /// Runs `body` for each batch that is left.
  ///
  /// - Throws: what `next()` and `body` throw.
  public func forEach(_ body: (EventBatch) throws -> Void) throws {
    while let batch = try next() { try body(batch) }
  }

  /// What has been read and skipped so far; complete once `next()` has given nil.
  public var statistics: ReadStatistics { tally.statistics }
}

extension EventFile {
  /// The events (or a range of them) in file order, batch after batch. Only the pages of these columns and events are
  /// read; each is verified against its checksum and decoded once, by up to `options.threads` threads.
  ///
  ///     let batches = try file.batches(columns: ["beamEnergy", "hits.energy"], events: 0..<1000)
  ///     while let batch = try batches.next() { … }
  ///
  /// - Parameters:
  ///   - columns: paths of fields (`hits.energy`) or names of collections (`hits`, for all its fields); nil for all. The
  ///     schema of the batches is this projection, in this order.
  ///   - events: which events, counted from 0; clamped to the file's. Nil for all.
  ///   - options: threads and memory.
  /// - Throws: `usage` for an unknown column.
  public func batches(
    columns: [String]? = nil, events: Range<Int>? = nil, options: BatchOptions = .init()
  ) throws(FingalError) -> EventBatches {
    let projection = try Projection(columns, of: self)
    let range = (events ?? 0..<eventCount).clamped(to: 0..<eventCount)
    let tally = ReadTally()
    let plan = WholePlan(self, projection, range, options, tally)
    let pipeline = BatchPipeline(schema: projection.schema, options: options) { () throws(FingalError) in
      try plan.next()
    } decode: { [self] (block, batch) throws(FingalError) in
      try read(projection, events: block.events, into: &batch)
    }
    return EventBatches(schema: projection.schema, pipeline: pipeline, tally: tally)
  }
}

/// All events of a range, cluster after cluster. One thread at a time may use it.
private final class WholePlan: @unchecked Sendable {
  private let file: EventFile
  private let streams: [Int]
  private let options: BatchOptions
  private let tally: ReadTally
  private let end: Int
  private var position: Int
  /// Blocks of the cluster at hand, last first.
  private var blocks: [ReadBlock] = []

  init(
    _ file: EventFile, _ projection: EventFile.Projection, _ range: Range<Int>, _ options: BatchOptions,
    _ tally: ReadTally
  ) {
    self.file = file
    self.options = options
    self.tally = tally
    streams = file.streams(of: projection)
    position = range.lowerBound
    end = range.upperBound
  }

  func next() throws(FingalError) -> ReadBlock? {
    if let block = blocks.popLast() { return block }
    if position >= end { return nil }
    let cluster = file.clusterIndex(of: position)
    let entry = file.footer.clusters[cluster]
    let border = min(end, entry.firstEvent + entry.eventCount)
    let range = position - entry.firstEvent..<border - entry.firstEvent
    let directory = try file.directory(ofCluster: cluster)
    blocks = directory.blocks(of: range, streams: streams, target: options.batchBytes).reversed().map {
      ReadBlock(
        cluster: cluster, events: entry.firstEvent + $0.events.lowerBound..<entry.firstEvent + $0.events.upperBound,
        byteCount: $0.byteCount)
    }
    position = border
    let pages = directory.pageCount(of: range, streams: streams)
    var part = ReadStatistics()
    part.clusters = 1
    part.pages = pages
    part.readPages = pages
    tally.add(part)
    return blocks.popLast()
  }
}

extension EventFile {
  /// The streams that a projection reads: counts of its collections, values and validity of its fields.
  package func streams(of projection: Projection) -> [Int] {
    let fields = Set(projection.fields)
    let collections = Set(projection.collections)
    return streams.indices.filter {
      switch streams[$0].role {
      case .counts(let collection): collections.contains(collection)
      case .validity(let field), .values(let field): fields.contains(field)
      }
    }
  }
}

extension ClusterDirectory {
  /// Pages of some streams that hold events of a range (counted within the cluster; not empty).
  package func pageCount(of range: Range<Int>, streams wanted: [Int]) -> Int {
    wanted.reduce(0) { total, index in
      let shift = streams[index].shift
      return total + (range.upperBound - 1) >> shift - range.lowerBound >> shift + 1
    }
  }
}
