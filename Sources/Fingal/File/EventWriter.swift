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

  /// For columns with an encoding given, by their path: how many of their pages are stored otherwise, because it does
  /// not apply to them or would take more bytes than PLAIN.
  public private(set) var pagesNotAsPinned: [String: Int] = [:]

  private let options: WriterOptions
  private let streams: [Stream]
  /// Declared loss, by field.
  private let precisions: [(field: Int, precision: Precision)]
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
    if let unknown = options.pins.keys.filter({ schema.fieldIndex($0) == nil }).min() {
      throw FingalError(.usage, "no column is called '\(unknown)', which an encoding was given for")
    }
    let json = Array(schema.json().utf8)
    guard json.count <= SchemaLimits.schemaBytes else {
      throw FingalError(.limit, "the schema has \(json.count) bytes; at most \(SchemaLimits.schemaBytes) are allowed")
    }
    self.schema = schema
    self.options = options
    streams = schema.streams
    let declared = try schema.declaredPrecisions()
    precisions = options.keepsValues ? [] : declared
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
    precisions = try file.schema.declaredPrecisions()
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
  /// Values of fields with a declared `Precision` are rounded on the way; the batch stays as it is.
  ///
  /// - Throws: `badInput` if the batch does not fit the schema; `limit` if one event is too large for a page;
  ///   `inputOutput` if the disk refuses.
  public func append(_ batch: EventBatch) throws(FingalError) {
    guard batch.columns.count == schema.fields.count, batch.counts.count == schema.collections.count,
      batch.schema.collections.elementsEqual(schema.collections, by: { $0.name == $1.name && $0.parent == $1.parent }),
      batch.schema.fields.elementsEqual(
        schema.fields,
        by: { $0.name == $1.name && $0.collection == $1.collection && $0.labels == $1.labels })
    else {
      throw FingalError(.badInput, "the batch does not have the columns of the file's schema")
    }
    try checkRoom(for: batch.eventCount)
    var checked = EventBatch(
      schema, eventCount: batch.eventCount, counts: batch.counts, columns: batch.columns)
    let borders = try checked.validatedBorders()
    if !precisions.isEmpty {
      var columns = batch.columns
      for (field, precision) in precisions {
        columns[field] = try columns[field].rounded(precision, column: schema.fields[field].path)
      }
      checked = EventBatch(schema, eventCount: batch.eventCount, counts: batch.counts, columns: columns)
    }
    let sizes = checked.eventBytes(borders)
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
        pending.append([start..<event], of: checked, borders: borders)
        start = event
        try writeCluster()
      }
      pendingBytes += sizes[event]
    }
    pending.append([start..<sizes.count], of: checked, borders: borders)
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

  private func checkRoom(for events: Int) throws(FingalError) {
    guard events < ClusterLimits.fileEvents - eventCount else {
      throw FingalError(.limit, "a file holds at most \(ClusterLimits.fileEvents - 1) events", file: output.path)
    }
  }

  /// Gives up: removes the temporary file. Also done by `deinit`.
  public func cancel() { output.cancel() }

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
    countPins(cluster.directory)
    pending.removeAll()
    pendingBytes = 0
  }

  /// Appends a whole cluster of a file with the same structure, byte by byte. Events that were appended before and still
  /// wait for their cluster to fill are written first, as a cluster of their own.
  package func append(_ cluster: StoredCluster) throws(FingalError) {
    if pending.eventCount > 0 { try writeCluster() }
    try checkRoom(for: cluster.directory.eventCount)
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

  private func countPins(_ directory: ClusterDirectory) {
    if options.pins.isEmpty { return }
    for (stream, pages) in zip(streams, directory.streams) {
      guard case .values(let field) = stream.role, let wanted = options.pins[schema.fields[field].path]?.encoding
      else { continue }
      let others = pages.pages.count { $0.elements > 0 && $0.encoding != wanted.rawValue }
      if others > 0 { pagesNotAsPinned[schema.fields[field].path, default: 0] += others }
    }
  }

  private func write(_ bytes: [UInt8]) throws(FingalError) {
    try output.write(bytes)
    byteCount += bytes.count
  }
}

extension EventBatch {
  /// Decoded bytes of every event: what decides where clusters end (`FORMAT.md §4.4`). Validities count a byte a value.
  func eventBytes(_ borders: [ElementBorders]) -> [Int] {
    // What every event, and every element of each collection, takes whatever its values are.
    var ofEvent = 0
    var ofElement = [Int](repeating: 0, count: schema.collections.count)
    for parent in schema.parentIndices {
      if let parent { ofElement[parent] += 4 } else { ofEvent += 4 }
    }
    for (field, collection) in zip(schema.fields, schema.collectionIndices) {
      let bytes =
        field.elementsPerValue * (field.type == .string ? 4 : field.type.byteWidth) + (field.nullable ? 1 : 0)
      if let collection { ofElement[collection] += bytes } else { ofEvent += bytes }
    }
    var sizes = [Int](repeating: ofEvent, count: eventCount)
    for (bytes, borders) in zip(ofElement, borders) where bytes > 0 {
      var low = 0
      var event = 0
      for high in borders.borders.dropFirst() {
        sizes[event] += (high - low) * bytes
        low = high
        event += 1
      }
    }
    for (index, collection) in schema.collectionIndices.enumerated() where schema.fields[index].type == .string {
      for event in 0..<eventCount {
        let rows = collection.map { borders[$0][event..<event + 1] } ?? event..<event + 1
        sizes[event] += columns[index].stringBytes(rows).count
      }
    }
    return sizes
  }
}
