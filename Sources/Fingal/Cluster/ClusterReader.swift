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
  /// - Parameter fields: for each field of the batch, its index in the file's schema; likewise `collections`, among
  ///   which every collection comes after the one it lies in, as in the schema.
  func read(
    _ range: Range<Int>, fields: [Int], collections: [Int], into batch: EventBatch
  ) throws(FingalError) {
    // Counts first: they say where the elements of an event lie in the pages of its collection's fields.
    let elements = try countElements(range, fields: fields, collections: collections)
    for (position, collection) in collections.enumerated() {
      let known = elements[collection]!
      let parent = streams[collection].collection.map { elements[$0]!.elements(known.events) }
      let counted = streams[collection].collection.map { elements[$0]!.elements(range) } ?? range
      let first = parent?.lowerBound ?? known.events.lowerBound
      batch.counts[position].append(
        contentsOf: known.counts, counted.lowerBound - first..<counted.upperBound - first)
    }
    for (position, field) in fields.enumerated() {
      let target = batch.columns[position]
      let before = target.count
      let values = valueStreams[field]
      let length = streams[values].rowLength
      try append(values, range, elements, to: target)
      if schema.fields[field].nullable {
        let validity = ColumnValues(.bool)
        try append(values - 1, range, elements, to: validity)
        guard validity.count * length == target.count - before else {
          throw damaged(values - 1, 0, "the validity has another length than the values")
        }
        let flags = validity.values(as: UInt8.self)
        for i in flags.indices where flags[i] == 0 {
          for element in 0..<length { target.markNull(before + i * length + element) }
        }
      }
    }
  }

  /// The elements of one collection in a run of events that begins and ends at page borders of every stream which is
  /// to be read of it.
  private struct CountedElements {
    /// Counted within the cluster.
    var events: Range<Int>
    var counts: ColumnValues
    var borders: ElementBorders

    /// The elements of some of the events, counted from the first of `events`.
    func elements(_ some: Range<Int>) -> Range<Int> {
      borders[some.lowerBound - events.lowerBound..<some.upperBound - events.lowerBound]
    }
  }

  /// The counts of the collections of a read, by the index of the collection. A collection inside another needs its
  /// parent's for at least the events of its own pages, so events are found from the innermost outwards, and counts
  /// are read from the outermost inwards.
  private func countElements(
    _ range: Range<Int>, fields: [Int], collections: [Int]
  ) throws(FingalError) -> [Int: CountedElements] {
    var events: [Int: Range<Int>] = [:]
    func widen(_ collection: Int, to pagesOf: Int, holding wanted: Range<Int>) {
      let pages = pageEvents(pagesOf, holding: wanted)
      let known = events[collection] ?? range
      events[collection] =
        min(known.lowerBound, pages.lowerBound)..<max(known.upperBound, pages.upperBound)
    }
    for field in fields {
      let values = valueStreams[field]
      guard let collection = streams[values].collection else { continue }
      widen(collection, to: values, holding: range)
      if schema.fields[field].nullable { widen(collection, to: values - 1, holding: range) }
    }
    // Streams begin with the counts, one for each collection: their indices are the collections'.
    for collection in collections.reversed() {
      guard let parent = streams[collection].collection else { continue }
      widen(parent, to: collection, holding: events[collection] ?? range)
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
  private func pageEvents(_ index: Int, holding wanted: Range<Int>) -> Range<Int> {
    let shift = directory.streams[index].shift
    let last = min(directory.eventCount, ((wanted.upperBound - 1) >> shift + 1) << shift)
    return (wanted.lowerBound >> shift) << shift..<last
  }

  /// Decodes the pages of a stream that hold the events and appends the elements of just these events.
  private func append(
    _ index: Int, _ range: Range<Int>, _ counted: [Int: CountedElements], to target: ColumnValues
  ) throws(FingalError) {
    let stream = streams[index]
    let pages = directory.streams[index]
    let wanted = range.lowerBound >> pages.shift...(range.upperBound - 1) >> pages.shift
    let stored = try storedBytes(of: index, pages: wanted)
    for page in wanted {
      let row = pages.pages[page]
      let events = directory.events(ofPage: page, shift: pages.shift)
      var values = range.clamped(to: events)
      var first = events.lowerBound
      if let collection = stream.collection {
        guard let known = counted[collection] else { preconditionFailure("a collection is read with those around it") }
        let all = known.elements(events)
        guard all.count * stream.rowLength == row.elements else {
          throw damaged(index, page, "the counts of the collection do not add up to its elements")
        }
        values = known.elements(values)
        first = all.lowerBound
      }
      let elements = (values.lowerBound - first) * stream.rowLength..<(values.upperBound - first) * stream.rowLength
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
    if let labels = stream.labelCount {
      let largest = target.largestIndex(from: before)
      guard largest < labels else {
        throw damaged(index, page, "it has the index \(largest) but only \(labels) labels")
      }
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
