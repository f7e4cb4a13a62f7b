/// Pages of one cluster to columns. Every page is verified against its checksum before it is parsed.
struct ClusterReader {
  let file: PosixFile
  let schema: Schema
  let streams: [Stream]
  let entry: FileFooter.ClusterEntry
  let directory: ClusterDirectory
  /// For each field of the schema, the index of its stream of values.
  let valueStreams: [Int]

  /// Appends the events `range` (counted within the cluster) to the columns of `batch`, a projection of the schema.
  ///
  /// - Parameter fields: for each field of the batch, its index in the file's schema; likewise `collections`.
  func read(
    _ range: Range<Int>, fields: [Int], collections: [Int], into batch: EventBatch
  ) throws(FingalError) {
    // Counts first: they say where the elements of an event lie in the pages of its collection's fields.
    var counts: [Int: CollectionCounts] = [:]
    for (position, collection) in collections.enumerated() {
      let known = try self.counts(of: collection, covering: range)
      batch.counts[position].append(contentsOf: known.values, known.position(range))
      counts[collection] = known
    }
    for (position, field) in fields.enumerated() {
      let target = batch.columns[position]
      let before = target.count
      let values = valueStreams[field]
      try append(values, range, counts: counts, to: target)
      if schema.fields[field].nullable {
        let validity = ColumnValues(.bool)
        try append(values - 1, range, counts: counts, to: validity)
        guard validity.count == target.count - before else {
          throw damaged(values - 1, 0, "the validity has another length than the values")
        }
        let flags = validity.values(as: UInt8.self)
        for i in flags.indices where flags[i] == 0 { target.markNull(before + i) }
      }
    }
  }

  /// Counts of a run of events that begins and ends at page borders of every stream of the collection.
  private struct CollectionCounts {
    var firstEvent: Int
    var values: ColumnValues

    func position(_ events: Range<Int>) -> Range<Int> {
      events.lowerBound - firstEvent..<events.upperBound - firstEvent
    }

    func elements(_ events: Range<Int>) -> Int {
      let counts = values.values(as: UInt32.self)
      var total = 0
      for i in position(events) { total += Int(counts[i]) }
      return total
    }
  }

  private func counts(of collection: Int, covering range: Range<Int>) throws(FingalError) -> CollectionCounts {
    var low = range.lowerBound
    var high = range.upperBound
    for (index, stream) in streams.enumerated() where stream.collection == collection {
      let shift = directory.streams[index].shift
      low = min(low, (range.lowerBound >> shift) << shift)
      high = max(high, min(directory.eventCount, ((range.upperBound - 1) >> shift + 1) << shift))
    }
    guard let index = streams.firstIndex(where: { $0.role == .counts(collection: collection) }) else {
      preconditionFailure("every collection has a stream of counts")
    }
    let values = ColumnValues(.uint32)
    try append(index, low..<high, counts: [:], to: values)
    let span = values.values(as: UInt32.self)
    var total = 0
    for i in span.indices { total += Int(span[i]) }
    guard total <= ClusterLimits.collectionElements else {
      throw damaged(
        index, low >> directory.streams[index].shift,
        "it counts \(total) elements; at most \(ClusterLimits.collectionElements) are allowed in a cluster")
    }
    return CollectionCounts(firstEvent: low, values: values)
  }

  /// Decodes the pages of a stream that hold the events and appends the elements of just these events.
  private func append(
    _ index: Int, _ range: Range<Int>, counts: [Int: CollectionCounts], to target: ColumnValues
  ) throws(FingalError) {
    let stream = streams[index]
    let pages = directory.streams[index]
    let wanted = range.lowerBound >> pages.shift...(range.upperBound - 1) >> pages.shift
    let stored = try storedBytes(of: index, pages: wanted)
    for page in wanted {
      let row = pages.pages[page]
      let events = directory.events(ofPage: page, shift: pages.shift)
      let inside = range.clamped(to: events)
      var elements = 0..<row.elements
      if let collection = stream.collection, let known = counts[collection] {
        guard known.elements(events) == row.elements else {
          throw damaged(index, page, "the counts of the collection do not add up to its elements")
        }
        let skipped = known.elements(events.lowerBound..<inside.lowerBound)
        elements = skipped..<skipped + known.elements(inside)
      } else {
        elements =
          (inside.lowerBound - events.lowerBound) * stream.rowLength..<(inside.upperBound - events.lowerBound)
          * stream.rowLength
      }
      let bytes = row.offset - stored.start..<row.offset - stored.start + row.storedLength
      if elements.count == row.elements {
        try decode(index, page, stored.bytes, bytes, into: target)
      } else {
        let whole = ColumnValues(stream.type)
        try decode(index, page, stored.bytes, bytes, into: whole)
        target.append(contentsOf: whole, elements)
      }
    }
  }

  /// The stored bytes of neighbouring pages of one stream, with one read.
  private func storedBytes(
    of index: Int, pages: ClosedRange<Int>
  ) throws(FingalError) -> (start: Int, bytes: AlignedBytes) {
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
    return (start, bytes)
  }

  private func decode(
    _ index: Int, _ page: Int, _ bytes: AlignedBytes, _ range: Range<Int>, into target: ColumnValues
  ) throws(FingalError) {
    let stream = streams[index]
    let row = directory.streams[index].pages[page]
    let stored = unsafe UnsafeRawBufferPointer(rebasing: bytes.bytes[range])
    guard unsafe Checksum.of(stored, seed: Checksum.page(stream: index, index: page)) == row.checksum else {
      throw damaged(index, page, "its checksum differs")
    }
    guard let encoding = Encoding(rawValue: row.encoding), let codec = Codec(rawValue: row.codec) else {
      throw FingalError(
        .unsupported,
        "column '\(schema.name(of: stream))' uses encoding \(row.encoding) with codec \(row.codec), unknown to this program",
        file: file.path, events: fileEvents(index, page), advice: "use a newer fingal, or leave the column out")
    }
    let description = PageDescription(
      encoding: encoding, codec: codec, encodedLength: row.encodedLength, decodedLength: row.decodedLength,
      elements: row.elements, type: stream.type, rowLength: stream.rowLength)
    let before = target.count
    do throws(FingalError) {
      try unsafe PageCoder.decode(stored, description, into: target)
    } catch {
      throw damaged(index, page, error.message)
    }
    guard target.count - before == row.elements else {
      throw damaged(index, page, "it decodes to \(target.count - before) values instead of \(row.elements)")
    }
  }

  /// Decodes one page whole: for verification.
  func page(_ index: Int, _ page: Int) throws(FingalError) -> ColumnValues {
    let stored = try storedBytes(of: index, pages: page...page)
    let target = ColumnValues(streams[index].type)
    try decode(index, page, stored.bytes, 0..<directory.streams[index].pages[page].storedLength, into: target)
    return target
  }

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
}
