/// Pages of one cluster to columns. Every page is verified against its checksum before it is parsed.
///
/// A read knows first which streams it needs for which events (`StreamNeeds`: the keys of looked-up columns among them),
/// then how many elements the events have in each collection, and then decodes streams: those that stand alone, then
/// those that are carried on a key, then those that a map gives.
struct ClusterReader: Sendable {
  let file: PosixFile
  let schema: Schema
  let streams: [Stream]
  let entry: FileFooter.ClusterEntry
  let directory: ClusterDirectory
  /// For each field of the schema, the index of its stream of values.
  let valueStreams: [Int]
  let lookups: LookupCache
  /// Threads that decode streams side by side.
  var threads = 1

  /// Appends the events `range` (counted within the cluster) to the columns of `batch`, a projection of the schema.
  ///
  /// - Parameter fields: for each field of the batch, its index in the file's schema; likewise `collections`, among
  ///   which every collection comes after the one it lies in, as in the schema.
  func read(
    _ range: Range<Int>, fields: [Int], collections: [Int], into batch: EventBatch
  ) throws(FingalError) {
    var needs = try StreamNeeds(self, range)
    for field in fields {
      try needs.add(valueStreams[field], holding: range)
      if schema.fields[field].nullable { try needs.add(valueStreams[field] - 1, holding: range) }
    }
    let counted = try countElements(range, needs, collections: collections)
    for (position, collection) in collections.enumerated() {
      let known = counted[collection]!
      let parent = streams[collection].collection.map { counted[$0]!.elements(known.events) }
      let wanted = streams[collection].collection.map { counted[$0]!.elements(range) } ?? range
      let first = parent?.lowerBound ?? known.events.lowerBound
      batch.counts[position].append(contentsOf: known.counts, wanted.lowerBound - first..<wanted.upperBound - first)
    }

    // Straight into the columns of the batch where just their events are needed.
    var targets: [Int: DecodedStream] = [:]
    for (position, field) in fields.enumerated() where needs.events[valueStreams[field]] == range {
      let column = batch.columns[position]
      targets[valueStreams[field]] = DecodedStream(events: range, column: column, first: column.count)
    }
    let before = batch.columns.map(\.count)
    let decoded = try decode(needs, counted, targets)
    for (position, field) in fields.enumerated() {
      let stream = valueStreams[field]
      let target = batch.columns[position]
      if targets[stream] == nil {
        let known = decoded[stream]!
        target.append(contentsOf: known.column, known.places(of: range, streams[stream], counted))
      }
      guard schema.fields[field].nullable else { continue }
      let known = decoded[stream - 1]!
      let places = known.places(of: range, streams[stream - 1], counted)
      let length = streams[stream].rowLength
      guard places.count * length == target.count - before[position] else {
        throw damaged(stream - 1, 0, "the validity has another length than the values")
      }
      let flags = known.column.values(as: UInt8.self)
      for place in places where flags[place] == 0 {
        for element in 0..<length {
          target.markNull(before[position] + (place - places.lowerBound) * length + element)
        }
      }
    }
  }

  /// Decodes the elements of one page, whatever it needs besides: for verification.
  func page(_ index: Int, _ page: Int) throws(FingalError) -> ColumnValues {
    let events = directory.events(ofPage: page, shift: directory.streams[index].shift)
    guard directory.streams[index].pages[page].encoding == Encoding.lookup.rawValue else {
      let target = ColumnValues(streams[index].type)
      let stored = try storedBytes(of: index, pages: page...page)
      try decodeAlone(index, page, stored, into: target)
      return target
    }
    var needs = try StreamNeeds(self, events)
    try needs.add(index, holding: events)
    let collections = Set(needs.events.keys.flatMap { collectionsAround(streams[$0].collection) }).sorted()
    let counted = try countElements(events, needs, collections: collections)
    return try decode(needs, counted, [:])[index]!.column
  }

  private func collectionsAround(_ collection: Int?) -> [Int] {
    var found: [Int] = []
    var next = collection
    while let collection = next {
      found.append(collection)
      next = streams[collection].collection
    }
    return found
  }

  // MARK: Counts

  /// The counts of the collections of a read, by the index of the collection. A collection inside another needs its
  /// parent's for at least the events of its own pages, so events are found from the innermost outwards, and counts
  /// are read from the outermost inwards.
  private func countElements(
    _ range: Range<Int>, _ needs: StreamNeeds, collections: [Int]
  ) throws(FingalError) -> [Int: CountedElements] {
    var events: [Int: Range<Int>] = [:]
    func widen(_ collection: Int, _ wanted: Range<Int>) {
      events[collection] = (events[collection] ?? range).union(wanted)
    }
    for (stream, wanted) in needs.events {
      if let collection = streams[stream].collection { widen(collection, pageEvents(stream, holding: wanted)) }
    }
    // Streams begin with the counts, one for each collection: their indices are the collections'.
    for collection in collections.reversed() {
      if let parent = streams[collection].collection {
        widen(parent, pageEvents(collection, holding: events[collection] ?? range))
      }
    }
    var counted: [Int: CountedElements] = [:]
    for collection in collections {
      let events = events[collection] ?? range
      let counts = ColumnValues(.uint32)
      try append(collection, events, counted, to: counts)
      let page = events.lowerBound >> directory.streams[collection].shift
      let parent = streams[collection].collection.map { parent in
        let known = counted[parent]!
        return known.borders.slice(
          events.lowerBound - known.events.lowerBound..<events.upperBound - known.events.lowerBound)
      }
      guard let borders = ElementBorders(counts: counts, events: events.count, parent: parent) else {
        throw damaged(collection, page, "it has not one count for each element of the collection around it")
      }
      guard borders.total <= ClusterLimits.collectionElements else {
        throw damaged(
          collection, page,
          "it counts \(borders.total) elements; at most \(ClusterLimits.collectionElements) are allowed in a cluster")
      }
      counted[collection] = CountedElements(events: events, counts: counts, borders: borders)
    }
    return counted
  }

  /// The events of those pages of a stream that hold the events `wanted`.
  func pageEvents(_ index: Int, holding wanted: Range<Int>) -> Range<Int> {
    let shift = directory.streams[index].shift
    let last = min(directory.eventCount, ((wanted.upperBound - 1) >> shift + 1) << shift)
    return (wanted.lowerBound >> shift) << shift..<last
  }

  // MARK: Streams

  /// Decodes the streams of a read, into `targets` where there is one.
  private func decode(
    _ needs: StreamNeeds, _ counted: [Int: CountedElements], _ targets: [Int: DecodedStream]
  ) throws(FingalError) -> [Int: DecodedStream] {
    var decoded = targets
    for stream in needs.events.keys where targets[stream] == nil {
      decoded[stream] = DecodedStream(
        events: needs.events[stream]!, column: ColumnValues(streams[stream].type), first: 0)
    }
    let known = decoded
    for step in StreamNeeds.Step.allCases {
      let wanted = needs.events.keys.filter { needs.step(of: $0) == step }.sorted()
      let failure = FirstFailure()
      parallelFor(wanted.count, threads: threads) { place in
        let index = wanted[place]
        let target = known[index]!
        do throws(FingalError) {
          if let lookup = needs.lookups[index] {
            try append(index, lookup, target.events, counted, known, to: target.column)
          } else {
            try append(index, target.events, counted, to: target.column)
          }
        } catch {
          failure.record(error, place)
        }
      }
      if let error = failure.error { throw error }
    }
    return decoded
  }

  /// Decodes the pages of a stream that hold the events and appends the elements of just these events.
  private func append(
    _ index: Int, _ range: Range<Int>, _ counted: [Int: CountedElements], to target: ColumnValues
  ) throws(FingalError) {
    let pages = directory.streams[index]
    let wanted = range.lowerBound >> pages.shift...(range.upperBound - 1) >> pages.shift
    let stored = try storedBytes(of: index, pages: wanted)
    target.reserve(more: wanted.reduce(0) { $0 + pages.pages[$1].elements })
    for page in wanted {
      let elements = try elements(of: index, page, inside: range, counted)
      if elements.count == pages.pages[page].elements {
        try decodeAlone(index, page, stored, into: target)
      } else {
        let whole = ColumnValues(streams[index].type)
        try decodeAlone(index, page, stored, into: whole)
        target.append(contentsOf: whole, elements)
      }
    }
  }

  /// The elements of a page that belong to some events, counted from the first of the page.
  ///
  /// - Throws: `damaged` if the page has not the elements that the counts say.
  func elements(
    of index: Int, _ page: Int, inside range: Range<Int>, _ counted: [Int: CountedElements]
  ) throws(FingalError) -> Range<Int> {
    let stream = streams[index]
    let events = directory.events(ofPage: page, shift: directory.streams[index].shift)
    var values = range.clamped(to: events)
    var first = events.lowerBound
    if let collection = stream.collection {
      guard let known = counted[collection] else { preconditionFailure("a collection is read with those around it") }
      let all = known.elements(events)
      guard all.count * stream.rowLength == directory.streams[index].pages[page].elements else {
        throw damaged(index, page, "the counts of the collection do not add up to its elements")
      }
      values = known.elements(values)
      first = all.lowerBound
    }
    return (values.lowerBound - first) * stream.rowLength..<(values.upperBound - first) * stream.rowLength
  }

  // MARK: Pages

  /// Stored bytes of neighbouring pages of one stream.
  struct StoredPages {
    /// Offset of the first byte in the cluster.
    var start: Int
    var bytes: AlignedBytes
  }

  /// Reads neighbouring pages with one read.
  func storedBytes(of index: Int, pages: ClosedRange<Int>) throws(FingalError) -> StoredPages {
    let rows = directory.streams[index].pages
    let start = rows[pages.lowerBound].offset
    let end = rows[pages.upperBound].offset + rows[pages.upperBound].storedLength
    let bytes = AlignedBytes(capacity: end - start)
    let target = unsafe UnsafeMutableRawBufferPointer(start: bytes.extend(by: end - start), count: end - start)
    do throws(FingalError) {
      try unsafe file.read(into: target, at: entry.offset + start)
    } catch {
      throw error.naming(events: fileEvents(index, pages.lowerBound))
    }
    return StoredPages(start: start, bytes: bytes)
  }

  /// The stored bytes of one page, verified, and what its row says of it.
  func verified(
    _ index: Int, _ page: Int, _ stored: StoredPages
  ) throws(FingalError) -> (bytes: UnsafeRawBufferPointer, page: PageDescription) {
    let stream = streams[index]
    let row = directory.streams[index].pages[page]
    let start = row.offset - stored.start
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: stored.bytes.bytes[start..<start + row.storedLength])
    guard unsafe Checksum.of(bytes, seed: Checksum.page(stream: index, index: page)) == row.checksum else {
      throw damaged(index, page, "its checksum differs")
    }
    guard let encoding = Encoding(rawValue: row.encoding), let codec = Codec(rawValue: row.codec) else {
      throw FingalError(
        .unsupported,
        "column '\(schema.name(of: stream))' uses encoding \(row.encoding) with codec \(row.codec), unknown to this program",
        file: file.path, events: fileEvents(index, page), advice: "use a newer fingal, or leave the column out")
    }
    return unsafe (
      bytes,
      PageDescription(
        encoding: encoding, codec: codec, encodedLength: row.encodedLength, decodedLength: row.decodedLength,
        elements: row.elements, type: stream.type, rowLength: stream.rowLength)
    )
  }

  /// Appends the elements of a page that needs no other stream.
  func decodeAlone(
    _ index: Int, _ page: Int, _ stored: StoredPages, into target: ColumnValues
  ) throws(FingalError) {
    let (bytes, description) = try unsafe verified(index, page, stored)
    let before = target.count
    do throws(FingalError) {
      try unsafe PageCoder.decode(bytes, description, into: target)
    } catch {
      throw error.code == .unsupported ? unreadable(index, page, error) : damaged(index, page, error.message)
    }
    guard target.count - before == description.elements else {
      throw damaged(index, page, "it decodes to \(target.count - before) values instead of \(description.elements)")
    }
    try checkLabels(index, page, target, from: before)
  }

  /// - Throws: `damaged` if an index of an enum has no label.
  func checkLabels(_ index: Int, _ page: Int, _ target: ColumnValues, from first: Int) throws(FingalError) {
    guard let labels = streams[index].labelCount else { return }
    let largest = target.largestIndex(from: first)
    guard largest < labels else { throw damaged(index, page, "it has the index \(largest) but only \(labels) labels") }
  }

  // MARK: Errors

  private func fileEvents(_ index: Int, _ page: Int) -> Range<Int> {
    let events = directory.events(ofPage: page, shift: directory.streams[index].shift)
    return entry.firstEvent + events.lowerBound..<entry.firstEvent + events.upperBound
  }

  func damaged(_ index: Int, _ page: Int, _ what: String) -> FingalError {
    FingalError(
      .damaged, "damaged page of column '\(schema.name(of: streams[index]))': \(what)", file: file.path,
      byte: entry.offset + directory.streams[index].pages[page].offset, events: fileEvents(index, page),
      advice: "restore the file from a copy, or read the other columns and events")
  }

  private func unreadable(_ index: Int, _ page: Int, _ error: FingalError) -> FingalError {
    FingalError(
      .unsupported, "column '\(schema.name(of: streams[index]))': \(error.message)", file: file.path,
      events: fileEvents(index, page), advice: "use a newer fingal, or leave the column out")
  }
}
