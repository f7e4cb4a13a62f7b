/// Writes a Fingal file in one pass. The file appears under its name only when `finish()` has succeeded: until then the
/// bytes go to a temporary file beside it, which an error, `cancel()` or `deinit` removes. A writer that appends to a
/// file puts it back to what it was in these cases.
///
/// The writer holds the events of one cluster (`WriterOptions.clusterBytes`, decoded) and its encoded bytes, whatever
/// the size of the file. One thread at a time may use it.
public final class EventWriter {
  public let schema: Schema
  public private(set) var eventCount = 0
  /// Bytes written so far.
  public private(set) var byteCount = 0

  private let options: WriterOptions
  private let streams: [Stream]
  private let output: any OutputSink
  private var pending: EventBatch
  private var pendingBytes = 0
  private var footer = FileFooter()
  private var content: ContentHash

  /// - Throws: `invalidSchema`; `usage` if the name exists and `overwrite` is not set; `missingFile` if the folder does
  ///   not exist; `inputOutput`.
  public init(creating path: String, schema: Schema, options: WriterOptions = .init()) throws(FingalError) {
    try schema.validate()
    try Self.check(options)
    let json = Array(schema.json().utf8)
    guard json.count <= SchemaLimits.schemaBytes else {
      throw FingalError(.limit, "the schema has \(json.count) bytes; at most \(SchemaLimits.schemaBytes) are allowed")
    }
    self.schema = schema
    self.options = options
    streams = schema.streams
    content = ContentHash(of: schema)
    pending = EventBatch(schema)
    footer.bounds = FileFooter.boundedFields(of: schema).map { ($0, []) }
    output = try OutputFile(path, overwrite: options.overwrite)
    var front = FileHeader(schema: json).encoded + json
    front.pad(to: 64)
    try write(front)
  }

  /// Opens a file to append events to its end. Its schema stays; `WriterOptions.overwrite` means nothing here. Until
  /// `finish()` has succeeded others cannot open the file, and an error, `cancel()` or `deinit` cuts it back to what it
  /// was. If the process is killed, `FileRecovery` gets back everything that was there and the new clusters that are
  /// complete.
  ///
  /// - Throws: `usage` if another program is writing to the file; `missingFile`; whatever opening it throws.
  public init(appending path: String, options: WriterOptions = .init()) throws(FingalError) {
    try Self.check(options)
    let end = try AppendedFile(path)
    let file = try EventFile(end.file)
    schema = file.schema
    self.options = options
    streams = file.streams
    pending = EventBatch(file.schema)
    footer = file.footer
    // The footer has the content hash but not what it is made of.
    var content = ContentHash(of: file.schema)
    for index in footer.clusters.indices { content.append(try file.directory(ofCluster: index)) }
    self.content = content
    eventCount = file.eventCount
    byteCount = end.oldSize
    output = end
  }

  private static func check(_ options: WriterOptions) throws(FingalError) {
    guard options.clusterBytes > 0, options.clusterBytes <= ClusterLimits.clusterBytes, options.pageBytes > 0 else {
      throw FingalError(
        .usage, "a cluster of \(options.clusterBytes) bytes or a page of \(options.pageBytes) is not allowed",
        advice: "choose from 1 to \(ClusterLimits.clusterBytes)")
    }
  }

  /// Appends the events of a batch whose fields and collections are those of the schema, in its order. The batch may be
  /// reused when the call returns. Batches of any size give the same file.
  ///
  /// - Throws: `badInput` if the batch does not fit the schema; `limit` if one event is too large for a page;
  ///   `inputOutput` if the disk refuses.
  public func append(_ batch: EventBatch) throws(FingalError) {
    guard batch.columns.count == schema.fields.count, batch.counts.count == schema.collections.count,
      batch.schema.collections.elementsEqual(schema.collections, by: { $0.name == $1.name }),
      batch.schema.fields.elementsEqual(schema.fields, by: { $0.name == $1.name && $0.collection == $1.collection })
    else {
      throw FingalError(.badInput, "the batch does not have the columns of the file's schema")
    }
    let checked = EventBatch(
      schema, eventCount: batch.eventCount, counts: batch.counts, columns: batch.columns)
    try checked.validate()
    let sizes = checked.eventBytes
    var cursor = ElementCursor(checked)
    var start = 0
    for event in sizes.indices {
      guard sizes[event] <= ClusterLimits.eventBytes else {
        throw FingalError(
          .limit,
          "event \(eventCount + event) has \(sizes[event]) bytes; at most \(ClusterLimits.eventBytes) are allowed",
          file: output.path)
      }
      // The border depends on the events alone: the first that would not fit opens the next cluster.
      if pendingBytes > 0, pendingBytes + sizes[event] > options.clusterBytes {
        take(start..<event, of: checked, &cursor)
        start = event
        try writeCluster()
      }
      pendingBytes += sizes[event]
    }
    take(start..<sizes.count, of: checked, &cursor)
    eventCount += sizes.count
  }

  /// Writes what is left, the footer and the trailer, and puts the file under its name.
  ///
  /// - Parameter metadata: what only the end knows (counts of refused lines, for instance); stored in the footer. When
  ///   appending, the keys that the file has and that are not given here stay.
  public func finish(metadata: [String: String] = [:]) throws(FingalError) {
    if pending.eventCount > 0 { try writeCluster() }
    footer.metadata.merge(metadata) { _, new in new }
    footer.contentHash = content.value
    try write(footer.encodedBlock(at: byteCount))
    try output.commit()
  }

  /// Gives up: removes the temporary file. Also done by `deinit`.
  public func cancel() { output.cancel() }

  private func take(_ events: Range<Int>, of batch: EventBatch, _ cursor: inout ElementCursor) {
    if events.isEmpty { return }
    let elements = cursor.advance(to: events.upperBound)
    for (target, source) in zip(pending.counts, batch.counts) { target.append(contentsOf: source, events) }
    for index in schema.fields.indices {
      let field = schema.fields[index]
      let rows = field.elementsPerValue
      let range =
        field.collection.map { elements[schema.collectionIndex($0)!] }
        ?? events.lowerBound * rows..<events.upperBound * rows
      pending.columns[index].append(contentsOf: batch.columns[index], range)
    }
    pending.eventCount += events.count
  }

  private func writeCluster() throws(FingalError) {
    let offset = byteCount
    let cluster: ClusterEncoder.Result
    do throws(FingalError) {
      cluster = try ClusterEncoder.encode(pending, streams: streams, options: options)
    } catch {
      throw error.naming(file: output.path)
    }
    try write(cluster.bytes)
    note(cluster.directory, offset: offset, checksum: cluster.directoryChecksum, bounds: cluster.bounds)
    pending.removeAll()
    pendingBytes = 0
  }

  /// Appends a whole cluster of a file with the same structure, byte by byte. Events that were appended before and still
  /// wait for their cluster to fill are written first, as a cluster of their own.
  package func append(_ cluster: StoredCluster) throws(FingalError) {
    if pending.eventCount > 0 { try writeCluster() }
    let offset = byteCount
    try write(cluster.bytes)
    note(
      cluster.directory, offset: offset, checksum: cluster.directoryChecksum,
      bounds: cluster.directory.bounds(streams, fields: schema.fields.count))
    eventCount += cluster.directory.eventCount
  }

  /// Enters a cluster that has been written into the footer.
  private func note(_ directory: ClusterDirectory, offset: Int, checksum: UInt64, bounds: [Bounds?]) {
    footer.clusters.append(
      .init(
        offset: offset, length: directory.length, firstEvent: footer.eventCount, eventCount: directory.eventCount,
        directoryChecksum: checksum))
    for index in footer.bounds.indices { footer.bounds[index].perCluster.append(bounds[footer.bounds[index].field]) }
    content.append(directory)
  }

  private func write(_ bytes: [UInt8]) throws(FingalError) {
    try output.write(bytes)
    byteCount += bytes.count
  }
}

/// Walks the elements of a batch's collections as its events go by.
private struct ElementCursor {
  private let counts: [ColumnValues]
  private var event = 0
  private var ends: [Int]

  init(_ batch: EventBatch) {
    counts = batch.counts
    ends = batch.counts.map { _ in 0 }
  }

  /// The elements of the events from the last position up to `next`, per collection.
  mutating func advance(to next: Int) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for (index, column) in counts.enumerated() {
      let start = ends[index]
      let values = column.values(as: UInt32.self)
      for i in event..<next { ends[index] += Int(values[i]) }
      ranges.append(start..<ends[index])
    }
    event = next
    return ranges
  }
}

extension EventBatch {
  /// Decoded bytes of every event: what decides where clusters end. Validities count a byte a value.
  var eventBytes: [Int] {
    var fixed = 0
    for field in schema.fields where field.collection == nil {
      fixed += field.elementsPerValue * field.type.byteWidth + (field.nullable ? 1 : 0)
    }
    var sizes = [Int](repeating: fixed + 4 * schema.collections.count, count: eventCount)
    for (collection, column) in zip(schema.collections, counts) {
      var perElement = 0
      for field in schema.fields where field.collection == collection.name {
        perElement += field.type.byteWidth + (field.nullable ? 1 : 0)
      }
      let values = column.values(as: UInt32.self)
      for i in sizes.indices { sizes[i] += Int(values[i]) * perElement }
    }
    for (field, column) in zip(schema.fields, columns) where field.type == .string {
      let counts = field.collection.flatMap { self.counts(of: $0) }
      var element = 0
      for i in sizes.indices {
        let next = element + (counts.map { Int($0.values(as: UInt32.self)[i]) } ?? 1)
        sizes[i] += column.stringBytes(element..<next).count + 4 * (next - element)
        element = next
      }
    }
    return sizes
  }
}
