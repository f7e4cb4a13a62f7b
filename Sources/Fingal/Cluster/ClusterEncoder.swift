/// Events to the bytes of one cluster. The result depends on the events and options alone, not on the threads.
package enum ClusterEncoder {
  package struct Result: Sendable {
    package var bytes: [UInt8]
    package var directory: ClusterDirectory
    package var directoryChecksum: UInt64
    /// Bounds per field of the schema; nil where there are none.
    package var bounds: [Bounds?]
  }

  /// A page to be made: which elements of which column.
  private struct Job: Sendable {
    var stream: Int
    var page: Int
    var elements: Range<Int>
  }

  /// - Parameter batch: the events of the cluster; at least one, valid against the schema.
  /// - Throws: `limit` if a single event is larger than a page may be.
  package static func encode(
    _ batch: EventBatch, streams: [Stream], options: WriterOptions
  ) throws(FingalError) -> Result {
    let schema = batch.schema
    let events = batch.eventCount
    precondition(events > 0)
    let columns = streams.map { column($0, of: batch) }
    let borders = batch.elementBorders

    let shifts = pageShifts(streams, columns, events: events, target: options.pageBytes)
    var jobs: [Job] = []
    for (index, stream) in streams.enumerated() {
      let shift = shifts[index]
      var start = 0
      for page in 0...(events - 1) >> shift {
        let lastEvent = min(events, (page + 1) << shift)
        let end = (stream.collection.map { borders[$0].borders[lastEvent] } ?? lastEvent) * stream.rowLength
        jobs.append(Job(stream: index, page: page, elements: start..<end))
        let bytes = decodedLength(columns[index], start..<end)
        if bytes > ClusterLimits.pageBytes {
          throw FingalError(
            .limit,
            "column '\(schema.name(of: stream))' has \(bytes) bytes in one event; a page holds at most \(ClusterLimits.pageBytes)"
          )
        }
        start = end
      }
    }

    let encodings = streams.map { stream in
      guard case .values(let field) = stream.role else { return options.encoding }
      return options.encoding.with(options.pins[schema.fields[field].path])
    }
    let pages = encodePages(
      jobs, columns: columns, streams: streams, encodings: encodings, threads: options.threads)

    var directory = ClusterDirectory(
      eventCount: events, length: 0, streams: shifts.map { .init(shift: $0, pages: []) })
    let digests = digests(columns, streams: streams, borders: borders, events: events, threads: options.threads)
    for (index, digest) in digests.enumerated() { directory.streams[index].digest = digest }
    var fieldBounds = [Bounds?](repeating: nil, count: schema.fields.count)
    var next = ClusterDirectory.pagesOffset(streams: streams.count, pages: jobs.count)
    for (job, page) in zip(jobs, pages) {
      let stream = streams[job.stream]
      next = roundUp(next, to: 8)
      var nulls = 0
      if case .values(let field) = stream.role {
        nulls = batch.columns[field].nullCount(in: job.elements) / stream.rowLength
      }
      let row = PageRow(
        offset: next, page: page, decodedLength: decodedLength(columns[job.stream], job.elements),
        elements: job.elements.count, nullCount: nulls, type: stream.type,
        checksum: Checksum.of(page.stored, seed: Checksum.page(stream: job.stream, index: job.page)))
      if case .values(let field) = stream.role, let bounds = row.bounds {
        fieldBounds[field] = fieldBounds[field].map { $0.union(bounds) } ?? bounds
      }
      directory.streams[job.stream].pages.append(row)
      next += page.stored.count
    }
    directory.length = roundUp(next, to: 64)

    let table = directory.encodedTable
    let checksum = Checksum.of(table, seed: Checksum.directory)
    var bytes = directory.encodedHead(table: table, checksum: checksum)
    bytes.reserveCapacity(directory.length)
    bytes += table
    for page in pages {
      bytes.pad(to: 8)
      bytes += page.stored
    }
    bytes.pad(to: 64)
    return Result(bytes: bytes, directory: directory, directoryChecksum: checksum, bounds: fieldBounds)
  }

  /// The column that a stream stores; a validity becomes one of its own.
  private static func column(_ stream: Stream, of batch: EventBatch) -> ColumnValues {
    switch stream.role {
    case .counts(let collection): batch.counts[collection]
    case .validity(let field):
      batch.columns[field].validityColumn(rowLength: batch.schema.fields[field].elementsPerValue)
    case .values(let field): batch.columns[field]
    }
  }

  /// For each stream, log2 of the events of its pages. Numbers of one collection share it, so that a run of events ends
  /// pages in all of them: the keys of what is looked up lie beside it, and nothing is decoded twice. Strings and tensors
  /// go their own ways.
  private static func pageShifts(
    _ streams: [Stream], _ columns: [ColumnValues], events: Int, target: Int
  ) -> [Int] {
    var shifts = columns.map { pageShift(bytes: $0.byteCount, events: events, target: target) }
    var shared: [Int?: Int] = [:]
    func isShared(_ stream: Stream) -> Bool { stream.rowLength == 1 && stream.type != .string }
    for (stream, shift) in zip(streams, shifts) where isShared(stream) {
      shared[stream.collection] = min(shared[stream.collection] ?? shift, shift)
    }
    for (index, stream) in streams.enumerated() where isShared(stream) {
      shifts[index] = shared[stream.collection] ?? shifts[index]
    }
    return shifts
  }

  /// log2 of the events of a page, so that a page holds about `target` decoded bytes, and at least one event.
  package static func pageShift(bytes: Int, events: Int, target: Int) -> Int {
    let perEvent = max(1, bytes / events)
    var shift = 0
    while shift < ClusterLimits.pageShift, perEvent << (shift + 1) <= target { shift += 1 }
    // One page that holds the whole cluster needs no more bits than that.
    while shift > 0, (events - 1) >> (shift - 1) == 0 { shift -= 1 }
    return shift
  }

  package static func decodedLength(_ column: ColumnValues, _ elements: Range<Int>) -> Int {
    column.type == .string
      ? elements.count * 4 + column.stringBytes(elements).count : elements.count * column.type.byteWidth
  }

  private static func encodePages(
    _ jobs: [Job], columns: [ColumnValues], streams: [Stream], encodings: [EncodingOptions],
    threads: Int
  ) -> [EncodedPage] {
    // Recipes first, a stream each; then the pages, which follow them.
    var pages = [[Range<Int>]](repeating: [], count: streams.count)
    for job in jobs { pages[job.stream].append(job.elements) }
    let recipes = Guarded([PageRecipe?](repeating: nil, count: streams.count))
    parallelFor(streams.count, threads: threads) { [pages] stream in
      let recipe = PageCoder.recipe(
        columns[stream], pages: pages[stream], rowLength: streams[stream].rowLength, options: encodings[stream])
      recipes.withLock { $0[stream] = recipe }
    }
    let chosen = recipes.withLock { $0 }
    @Sendable func alone(_ stream: Int, _ elements: Range<Int>) -> EncodedPage {
      PageCoder.encode(
        columns[stream], elements, rowLength: streams[stream].rowLength, recipe: chosen[stream],
        options: encodings[stream])
    }
    var lookups = LookupPlan(streams, columns: columns, carrying: encodings.contains { $0.optimize == .size })
    for stream in streams.indices where encodings[stream].encoding != nil { lookups.drop(stream) }
    let kept = lookups.keepingWhatPays(pages: pages, columns: columns, options: encodings, alone: alone)

    let results = Guarded([EncodedPage?](repeating: nil, count: jobs.count))
    parallelFor(jobs.count, threads: threads) { i in
      let job = jobs[i]
      let page =
        kept.encode(
          job.stream, page: job.page, elements: job.elements, columns: columns, options: encodings[job.stream])
        ?? alone(job.stream, job.elements)
      results.withLock { $0[i] = page }
    }
    return results.withLock { $0.map { $0! } }
  }
}
