/// What can be saved of a file that cannot be opened or is damaged (`FORMAT.md §8.5`): one whose writer was killed
/// (`NAME.PID.partial` too), that was cut short, or some of whose bytes have changed.
///
/// The file is walked forward from its schema, from cluster to cluster; every checksum of what is recovered has been
/// verified. A cluster in which pages are damaged keeps the events that no damaged page concerns.
///
///     let recovery = try FileRecovery(examining: "run12.fingal.4711.partial")
///     print(recovery.eventCount, recovery.losses)
///     try recovery.write(to: "run12.fingal")
public struct FileRecovery: Sendable {
  /// Something that is lost.
  public struct Loss: Sendable, Equatable {
    /// Where in the file.
    public var bytes: Range<Int>
    /// Which events, counted over the file as it was; nil where that is not known.
    public var events: Range<Int>?
    /// How many events; nil where that is not known.
    public var eventCount: Int?
    /// Why.
    public var reason: String
  }

  public let path: String
  public let schema: Schema
  /// In the order of the file.
  public private(set) var losses: [Loss] = []
  /// Whether the file ends as it should: with a valid footer and trailer.
  public private(set) var hasEnd = false
  /// Of the newest valid footer; empty without one.
  public private(set) var metadata: [String: String] = [:]
  /// Events that are recovered.
  public private(set) var eventCount = 0
  /// Clusters all of whose events are recovered.
  public private(set) var wholeClusters = 0

  /// Whether there is nothing to recover: the file is sound as far as checksums tell.
  public var isWhole: Bool { losses.isEmpty && hasEnd }

  /// The file with all clusters whose directory is sound, as if its end listed them.
  package private(set) var view: EventFile
  /// What of each cluster of the view is recovered, counted over the view; empty where nothing is.
  package private(set) var intact: [[Range<Int>]] = []

  /// - Parameter progress: called after each cluster with the bytes done and those of the file.
  /// - Throws: `missingFile`, `inputOutput`; `notFingal`, `truncated`, `damaged`, `unsupported`, `invalidSchema` if
  ///   header or schema cannot be read: then nothing can be recovered.
  public init(
    examining path: String, progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws(FingalError) {
    try self.init(PosixFile(reading: path), progress: progress)
  }

  package init(
    _ file: PosixFile, progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws(FingalError) {
    path = file.path
    do throws(FingalError) {
      let front = try EventFile.Front(file)
      schema = front.schema
      let size = try file.size()
      var walk = Walk(file, front, size: size)
      try walk.run(progress)
      hasEnd = walk.endsWithFooter
      metadata = walk.newest?.metadata ?? [:]
      losses = walk.losses
      var footer = FileFooter()
      footer.clusters = walk.found.map(\.entry)
      footer.metadata = metadata
      footer.bounds = FileFooter.boundedFields(of: schema).map { field in (field, []) }
      for found in walk.found {
        for index in footer.bounds.indices {
          footer.bounds[index].perCluster.append(found.bounds[footer.bounds[index].field])
        }
      }
      footer.contentHash = walk.content.value
      view = EventFile(file, front, footer: footer, footerRange: size..<size, size: size)
      for (index, found) in walk.found.enumerated() {
        keepIntactEvents(index, found.damage, numberedFrom: found.firstEvent)
      }
      if !hasEnd, losses.isEmpty {
        losses.append(
          Loss(
            bytes: size..<size, events: nil, eventCount: nil,
            reason: "the file has no end: what its writer still held in memory was never written"))
      }
      losses.sort { $0.bytes.lowerBound < $1.bytes.lowerBound }
    } catch {
      throw error.naming(file: file.path)
    }
  }

  /// The events of a cluster that no damaged page concerns, as far as they can be read.
  private mutating func keepIntactEvents(
    _ index: Int, _ damage: [(stream: Int, events: Range<Int>)], numberedFrom original: Int?
  ) {
    let cluster = view.clusters[index]
    if damage.isEmpty {
      intact.append([cluster.events])
      eventCount += cluster.events.count
      wholeClusters += 1
      return
    }
    var kept: [Range<Int>] = []
    var next = 0
    for hole in damage.map(\.events).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if hole.lowerBound > next { kept.append(next..<hole.lowerBound) }
      next = max(next, hole.upperBound)
    }
    if next < cluster.events.count { kept.append(next..<cluster.events.count) }
    let first = cluster.events.lowerBound
    // Some pages need others; what cannot be read after all is lost as well.
    let readable = kept.map { first + $0.lowerBound..<first + $0.upperBound }.filter { range in
      do throws(FingalError) {
        return try view.read(events: range).eventCount == range.count
      } catch {
        return false
      }
    }
    intact.append(readable)
    eventCount += readable.reduce(0) { $0 + $1.count }
    let names = Set(damage.map { view.schema.name(of: view.streams[$0.stream]) }).sorted().map { "'\($0)'" }
    let shown = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
    let reason = "damaged pages of \(names.count == 1 ? "column" : "columns") \(shown)"
    var lost = first
    for range in readable + [cluster.events.upperBound..<cluster.events.upperBound] {
      if lost < range.lowerBound {
        losses.append(
          Loss(
            bytes: cluster.offset..<cluster.offset + cluster.byteCount,
            events: original.map { $0 + lost - first..<$0 + range.lowerBound - first },
            eventCount: range.lowerBound - lost, reason: reason))
      }
      lost = range.upperBound
    }
  }

  /// Writes what is recovered as a new file, whole clusters byte by byte.
  ///
  /// - Parameters:
  ///   - overwrite: replace a file of that name.
  ///   - progress: called after each cluster with the bytes done and all that will be read.
  /// - Throws: `usage` if the name is taken; `missingFile` if there is no such folder; `inputOutput`; `damaged` if the
  ///   file has changed since it was examined.
  public func write(
    to output: String, overwrite: Bool = false, progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws(FingalError) {
    var options = WriterOptions(overwrite: overwrite)
    // What a column declares was done to its values already; a joined file declares the coarsest loss of its parts.
    options.keepsValues = true
    let writer = try EventWriter(creating: output, schema: schema, options: options)
    let total = view.clusters.reduce(0) { $0 + $1.byteCount }
    var done = 0
    for (index, cluster) in view.clusters.enumerated() {
      if intact[index] == [cluster.events] {
        try writer.append(view.storedCluster(index, mendingPadding: true))
      } else {
        for range in intact[index] { try writer.append(view.read(events: range)) }
      }
      done += cluster.byteCount
      progress(done, total)
    }
    var metadata = metadata
    if !isWhole { metadata["salvaged"] = note }
    try writer.finish(metadata: metadata)
  }

  /// What the metadata of the new file say, so that it is not taken for the whole.
  private var note: String {
    let known = losses.compactMap(\.eventCount).reduce(0) { min($0 + $1, ClusterLimits.fileEvents) }
    let more = losses.contains { $0.eventCount == nil }
    return "\(eventCount) events recovered, \(more ? "at least " : "")\(known) lost"
  }
}
