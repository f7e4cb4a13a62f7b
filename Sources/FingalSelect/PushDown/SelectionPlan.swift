internal import Fingal

/// What bounds say about the wanted events of one cluster.
final class ClusterVerdict: Sendable {
  /// Events that may pass.
  struct Run: Equatable {
    /// Counted over the file.
    var events: Range<Int>
    /// All of them pass: no need to test.
    var passes: Bool
  }

  let runs: [Run]
  let directory: ClusterDirectory
  let firstEvent: Int
  /// Pages read so far, as stream and page: blocks may share some.
  private let pages = Guarded<Set<UInt64>>([])

  init(runs: [Run], directory: ClusterDirectory, firstEvent: Int) {
    self.runs = runs
    self.directory = directory
    self.firstEvent = firstEvent
  }

  /// Notes the pages of some streams that hold events (counted over the file) as read; how many are new.
  func note(_ events: Range<Int>, streams: [Int]) -> Int {
    pages.withLock { pages in
      var added = 0
      for stream in streams {
        let shift = directory.streams[stream].shift
        for page in (events.lowerBound - firstEvent) >> shift...(events.upperBound - 1 - firstEvent) >> shift {
          if pages.insert(UInt64(stream) << 32 | UInt64(page)).inserted { added += 1 }
        }
      }
      return added
    }
  }
}

/// Finds, cluster after cluster, the events that may pass, and cuts them into blocks. One thread at a time may use it.
final class SelectionPlan: @unchecked Sendable {
  private let reader: SelectiveReader
  private let options: BatchOptions
  private let end: Int
  private var position: Int
  /// Blocks of the cluster at hand, last first.
  private var blocks: [ReadBlock] = []

  init(_ reader: SelectiveReader, _ events: Range<Int>, _ options: BatchOptions) {
    self.reader = reader
    self.options = options
    position = events.lowerBound
    end = events.upperBound
  }

  func next() throws(FingalError) -> ReadBlock? {
    while blocks.isEmpty, position < end {
      let cluster = reader.file.clusterIndex(of: position)
      let entry = reader.file.footer.clusters[cluster]
      let wanted = position..<min(end, entry.firstEvent + entry.eventCount)
      position = wanted.upperBound
      var part = ReadStatistics()
      part.clusters = 1
      blocks = try planned(cluster, wanted, &part).reversed()
      reader.tally.add(part)
    }
    return blocks.popLast()
  }

  private func planned(
    _ cluster: Int, _ wanted: Range<Int>, _ part: inout ReadStatistics
  ) throws(FingalError) -> [ReadBlock] {
    let whole = reader.verdict(ofCluster: cluster)
    if !whole.canBeTrue {
      part.skippedClusters = 1
      return []
    }
    let first = reader.file.footer.clusters[cluster].firstEvent
    let local = wanted.lowerBound - first..<wanted.upperBound - first
    let directory = try reader.file.directory(ofCluster: cluster)
    let runs =
      whole.canBeFalse
      ? reader.runs(in: directory, local, firstEvent: first) : [ClusterVerdict.Run(events: wanted, passes: true)]
    if runs.isEmpty {
      part.skippedClusters = 1
      return []
    }
    part.pages = directory.pageCount(of: local, streams: reader.allStreams)
    let verdict = ClusterVerdict(runs: runs, directory: directory, firstEvent: first)
    return directory.blocks(of: local, streams: reader.allStreams, target: options.batchBytes).compactMap { block in
      let events = first + block.events.lowerBound..<first + block.events.upperBound
      if !runs.contains(where: { $0.events.overlaps(events) }) { return nil }
      return ReadBlock(cluster: cluster, events: events, byteCount: block.byteCount, knowledge: verdict)
    }
  }
}

extension SelectiveReader {
  /// Whether any event of a cluster can pass, or fail, by the footer alone.
  func verdict(ofCluster cluster: Int) -> PossibleConditions {
    let schema = file.schema
    return BoundsEvaluator(nodes: condition.nodes) { path in
      let index = place(of: path)
      let field = schema.fields[index]
      guard let entry = file.footer.bounds.first(where: { $0.field == index }) else {
        return ColumnFacts(unknown: field)
      }
      return ColumnFacts(cluster: entry.perCluster[cluster], field: field)
    } counts: {
      Self.elements(at: $0)
    }.run()
  }

  /// The events of a cluster (counted within it) that may pass by the bounds of the pages that the cut needs, as runs of
  /// whole pages of the finest of its columns.
  func runs(in directory: ClusterDirectory, _ events: Range<Int>, firstEvent: Int) -> [ClusterVerdict.Run] {
    let schema = file.schema
    let shift = predicateStreams.map { directory.streams[$0].shift }.min() ?? 62
    var runs: [ClusterVerdict.Run] = []
    var event = events.lowerBound
    while event < events.upperBound {
      let border = min(events.upperBound, (event >> shift + 1) << shift)
      let verdict = BoundsEvaluator(nodes: condition.nodes) { path in
        let index = place(of: path)
        let pages = directory.streams[valueStreams[index]]
        return ColumnFacts(page: pages.pages[event >> pages.shift], field: schema.fields[index])
      } counts: { level in
        elements(at: level, in: directory, event: event)
      }.run()
      if verdict.canBeTrue {
        let run = ClusterVerdict.Run(
          events: firstEvent + event..<firstEvent + border, passes: !verdict.canBeFalse)
        if let last = runs.last, last.passes == run.passes, last.events.upperBound == run.events.lowerBound {
          runs[runs.count - 1].events = last.events.lowerBound..<run.events.upperBound
        } else {
          runs.append(run)
        }
      }
      event = border
    }
    return runs
  }

  /// What is known of the elements of each event without any bounds.
  private static func elements(at level: Level) -> ClosedRange<Int> {
    switch level {
    case .event: 1...1
    case .tensor(let elements): elements...elements
    case .collection, .tensors: 0...Int.max
    }
  }

  /// How many elements each event of the pages around an event has, by the bounds of the counts. Of a collection in
  /// another: at least the fewest in as few elements of the parent as there are, at most the most in as many.
  private func elements(at level: Level, in directory: ClusterDirectory, event: Int) -> ClosedRange<Int> {
    let name: String
    var (low, high) = (1, 1)
    switch level {
    case .event, .tensor: return Self.elements(at: level)
    case .collection(let collection): name = collection
    case .tensors(let collection, let elements): (name, low, high) = (collection, elements, elements)
    }
    for ancestor in file.schema.lineage(of: name) {
      guard let index = place(ofCollection: ancestor) else { return Self.elements(at: level) }
      let pages = directory.streams[countStreams[index]]
      let row = pages.pages[event >> pages.shift]
      if row.elements == 0 { return 0...0 }
      guard case .unsigned(let range) = row.bounds else { return Self.elements(at: level) }
      low = Int(clamping: low.multipliedFullWidth(by: Int(clamping: range.lowerBound)))
      high = Int(clamping: high.multipliedFullWidth(by: Int(clamping: range.upperBound)))
    }
    return low...high
  }
}

extension Int {
  fileprivate init(clamping product: (high: Int, low: UInt)) {
    self = product.high == 0 && product.low <= UInt(Int.max) ? Int(product.low) : .max
  }
}
