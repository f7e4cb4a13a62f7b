/// A Fingal file open for reading. Opening reads header, schema, trailer and footer, nothing else. Safe to share
/// between threads: every read is its own `pread`.
public final class EventFile: Sendable {
  public let path: String
  public let schema: Schema
  public let eventCount: Int
  /// Key-values that the writer gave at the end.
  public let metadata: [String: String]
  public let byteCount: Int
  /// What the file holds as one number: equal for files with equal events in equal columns, however they are encoded
  /// and described. 16 hexadecimal digits: `contentHashText`.
  public var contentHash: UInt64 { footer.contentHash }
  public var contentHashText: String {
    let digits = String(contentHash, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
  /// Format version of the file.
  public let version: (major: Int, minor: Int)

  package let footer: FileFooter
  package let streams: [Stream]
  /// For each field, the index of its stream of values.
  private let valueStreams: [Int]
  package let file: PosixFile
  /// Where schema and footer lie in the file.
  package let layout: (schema: Range<Int>, footer: Range<Int>)
  private let directories = Guarded<DirectoryCache>(DirectoryCache())
  private let lookups = LookupCache()

  /// - Throws: `missingFile`, `notFingal`, `truncated`, `damaged`, `unsupported`, `invalidSchema`, `inputOutput`; each
  ///   names the file.
  public convenience init(opening path: String) throws(FingalError) {
    try self.init(PosixFile(reading: path))
  }

  /// Opens the bytes of a file in memory: for tests and fuzzing.
  ///
  /// - Parameter name: what errors call it.
  package convenience init(bytes: [UInt8], named name: String = "memory") throws(FingalError) {
    try self.init(PosixFile(bytes: bytes, named: name))
  }

  package convenience init(_ file: PosixFile) throws(FingalError) {
    do throws(FingalError) {
      let size = try file.size()
      let front = try Front(file)
      let end = try Self.end(of: file, front, size: size)
      self.init(file, front, footer: end.footer, footerRange: end.range, size: size)
    } catch {
      throw error.naming(file: file.path)
    }
  }

  /// A file whose footer has been read or, for a recovery, made up from its clusters.
  init(_ file: PosixFile, _ front: Front, footer: FileFooter, footerRange: Range<Int>, size: Int) {
    path = file.path
    schema = front.schema
    self.file = file
    self.footer = footer
    layout = (FileHeader.length..<FileHeader.length + front.header.schemaLength, footerRange)
    let streams = front.schema.streams
    self.streams = streams
    valueStreams = streams.indices.filter { if case .values = streams[$0].role { true } else { false } }
    eventCount = footer.eventCount
    metadata = footer.metadata
    byteCount = size
    version = (Int(front.header.major), Int(front.header.minor))
  }

  // MARK: Clusters

  /// A cluster as the footer knows it.
  public struct ClusterSummary: Sendable, Equatable {
    /// Where it lies in the file.
    public var offset: Int
    public var byteCount: Int
    public var events: Range<Int>
  }

  public var clusters: [ClusterSummary] {
    footer.clusters.map {
      ClusterSummary(
        offset: $0.offset, byteCount: $0.length, events: $0.firstEvent..<$0.firstEvent + $0.eventCount)
    }
  }

  /// Bounds of a numeric scalar field of the event over the whole file, from the footer alone; nil for other fields,
  /// and where no cluster has any. They ignore NaN and nulls count as zero.
  public func bounds(of path: String) -> Bounds? {
    guard let index = schema.fieldIndex(path), let entry = footer.bounds.first(where: { $0.field == index }) else {
      return nil
    }
    var result: Bounds?
    for bound in entry.perCluster {
      if let bound { result = result.map { $0.union(bound) } ?? bound }
    }
    return result
  }

  /// Head and directory of a cluster, read and verified.
  package func directory(ofCluster index: Int) throws(FingalError) -> ClusterDirectory {
    if let known = directories.withLock({ $0[index] }) { return known }
    let entry = footer.clusters[index]
    do throws(FingalError) {
      let bytes = try file.read(ClusterDirectory.headLength, at: entry.offset)
      let head = try ClusterDirectory.Head(decoding: bytes, streamCount: streams.count)
      guard head.length == entry.length, head.eventCount == entry.eventCount,
        head.directoryChecksum == entry.directoryChecksum
      else { throw FingalError(.damaged, "a cluster is not the one that the footer names") }
      let table = try file.read(head.directoryLength, at: entry.offset + ClusterDirectory.headLength)
      let directory = try ClusterDirectory(head: head, table: table, schema: schema, streams: streams)
      directories.withLock { $0[index] = directory }
      return directory
    } catch {
      var located = error.naming(file: path).naming(
        events: entry.firstEvent..<entry.firstEvent + entry.eventCount)
      if located.byte == nil { located.byte = entry.offset }
      if located.advice == nil { located.advice = "restore the file from a copy, or read the other events" }
      throw located
    }
  }

  func clusterReader(_ index: Int) throws(FingalError) -> ClusterReader {
    ClusterReader(
      file: file, schema: schema, streams: streams, entry: footer.clusters[index],
      directory: try directory(ofCluster: index), valueStreams: valueStreams, lookups: lookups)
  }

  // MARK: Reading

  /// Reads and decodes events, verifying the checksum of every page it touches. Reads only the pages of those columns
  /// and events.
  ///
  /// - Parameters:
  ///   - columns: paths of fields or names of collections; nil for all. The batch's schema is the projection, in this
  ///     order.
  ///   - events: which events; clamped to the file's.
  /// - Throws: `usage` for an unknown column; `damaged`, `truncated` naming column and events.
  public func read(_ columns: [String]? = nil, events: Range<Int>) throws(FingalError) -> EventBatch {
    try read(Projection(columns, of: self), events: events)
  }

  /// The columns of a read, resolved once.
  package struct Projection: Sendable {
    package let schema: Schema
    /// For each field of the projection, its index in the file's schema; likewise the collections.
    package let fields: [Int]
    package let collections: [Int]

    package init(_ columns: [String]?, of file: EventFile) throws(FingalError) {
      let all = file.schema
      do throws(FingalError) {
        schema = try columns.map { (names) throws(FingalError) in try all.projected(to: names) } ?? all
      } catch {
        throw error.naming(file: file.path)
      }
      let places = all.fieldPlaces
      fields = schema.fields.map { places[$0.path]! }
      collections = schema.collections.map { all.collectionIndex($0.name)! }
    }

    /// Some fields and collections of a file by their indices. The collections include those of the fields.
    package init(fields: [Int], collections: [Int], of file: EventFile) {
      self.fields = fields
      self.collections = collections
      schema = Schema(
        collections: collections.map { file.schema.collections[$0] }, fields: fields.map { file.schema.fields[$0] })
    }
  }

  func read(_ projection: Projection, events: Range<Int>) throws(FingalError) -> EventBatch {
    var batch = EventBatch(projection.schema)
    try read(projection, events: events, into: &batch)
    return batch
  }

  /// Appends events to a batch of the projection's schema. The first read into an empty batch says which event its
  /// first is.
  package func read(
    _ projection: Projection, events: Range<Int>, into batch: inout EventBatch
  ) throws(FingalError) {
    let wanted = events.clamped(to: 0..<eventCount)
    if batch.eventCount == 0 { batch.firstEvent = wanted.lowerBound }
    if wanted.isEmpty { return }
    for index in clusterIndex(of: wanted.lowerBound)...clusterIndex(of: wanted.upperBound - 1) {
      let entry = footer.clusters[index]
      let inside = wanted.clamped(to: entry.firstEvent..<entry.firstEvent + entry.eventCount)
      try clusterReader(index).read(
        inside.lowerBound - entry.firstEvent..<inside.upperBound - entry.firstEvent, fields: projection.fields,
        collections: projection.collections, into: batch)
    }
    batch.eventCount += wanted.count
  }

  /// The cluster that holds an event, by bisection.
  package func clusterIndex(of event: Int) -> Int {
    var low = 0
    var high = footer.clusters.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if footer.clusters[middle].firstEvent <= event { low = middle } else { high = middle }
    }
    return low
  }

  /// Borders at which reading is cheapest, from 0 to `eventCount`: between two neighbours lies one block of at most
  /// `maximumEvents` events that shares its pages. Shuffled reading permutes these blocks.
  ///
  /// - Throws: `usage` for an unknown column; `damaged` if a directory is.
  public func blocks(of columns: [String]? = nil, maximumEvents: Int) throws(FingalError) -> [Int] {
    precondition(maximumEvents > 0)
    let projection = try Projection(columns, of: self)
    let fields = Set(projection.fields)
    var borders = [0]
    for (index, entry) in footer.clusters.enumerated() {
      let directory = try directory(ofCluster: index)
      // The column with the fewest events a page is the one that costs: its pages should be read once only.
      var shift = ClusterLimits.pageShift
      for (stream, pages) in zip(streams, directory.streams) {
        if case .values(let field) = stream.role, fields.contains(field) { shift = min(shift, pages.shift) }
      }
      while shift > 0, 1 << shift > maximumEvents { shift -= 1 }
      var event = 0
      while event < entry.eventCount {
        event = min(entry.eventCount, event + 1 << shift)
        borders.append(entry.firstEvent + event)
      }
    }
    return borders
  }
}

/// The directories read last: shuffled reading comes back to them, and a file may have too many to keep.
private struct DirectoryCache: Sendable {
  private static let capacity = 256
  private var entries: [Int: ClusterDirectory] = [:]
  private var order: [Int] = []

  subscript(index: Int) -> ClusterDirectory? {
    get { entries[index] }
    set {
      if entries[index] == nil {
        order.append(index)
        if order.count > Self.capacity { entries[order.removeFirst()] = nil }
      }
      entries[index] = newValue
    }
  }
}
