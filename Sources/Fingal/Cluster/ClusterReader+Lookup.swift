internal import FingalKernels

extension ClusterReader {
  /// How a stream is looked up, from its page 0; nil if it is not.
  ///
  /// - Throws: `damaged` if page 0 is, or only a later page is looked up.
  func lookup(_ index: Int) throws(FingalError) -> LookupStream? {
    let rows = directory.streams[index].pages
    guard rows[0].encoding == Encoding.lookup.rawValue else { return nil }
    if let known = lookups.find(cluster: entry.offset, stream: index) { return known }
    let stored = try storedBytes(of: index, pages: 0...0)
    let lookup = try withLookup(index, 0, stored) { (reader, head) throws(FingalError) in
      let map = head.form == .map ? try head.map(&reader, type: streams[index].type) : nil
      return LookupStream(head: head, map: map)
    }
    lookups.keep(lookup, cluster: entry.offset, stream: index)
    return lookup
  }

  /// Verifies a LOOKUP page, undoes its codec, parses its head, and hands on the rest.
  private func withLookup<Result>(
    _ index: Int, _ page: Int, _ stored: StoredPages,
    _ body: (inout ByteReader, LookupPage) throws(FingalError) -> Result
  ) throws(FingalError) -> Result {
    let (bytes, description) = try unsafe verified(index, page, stored)
    do throws(FingalError) {
      return try unsafe PageCoder.withEncodedBytes(bytes, description) { (encoded) throws(FingalError) in
        var reader = unsafe ByteReader(encoded)
        let head = try LookupPage(&reader, streams: streams, target: index)
        return try body(&reader, head)
      }
    } catch {
      throw damaged(index, page, error.message)
    }
  }

  /// Appends the elements of some events of a stream that is looked up; its keys are decoded.
  func append(
    _ index: Int, _ lookup: LookupStream, _ range: Range<Int>, _ counted: [Int: CountedElements],
    _ decoded: [Int: DecodedStream], to target: ColumnValues
  ) throws(FingalError) {
    let pages = directory.streams[index]
    let wanted = range.lowerBound >> pages.shift...(range.upperBound - 1) >> pages.shift
    let stored = try storedBytes(of: index, pages: wanted)
    target.reserve(more: wanted.reduce(0) { $0 + pages.pages[$1].elements })
    for page in wanted {
      let events = directory.events(ofPage: page, shift: pages.shift)
      let elements = try elements(of: index, page, inside: range, counted)
      let before = target.count
      if pages.pages[page].encoding != Encoding.lookup.rawValue {
        // Pages that are too small to gain anything stand alone.
        let whole = elements.count == pages.pages[page].elements
        let values = whole ? target : ColumnValues(streams[index].type)
        try decodeAlone(index, page, stored, into: values)
        if !whole { target.append(contentsOf: values, elements) }
        continue
      }
      try withLookup(index, page, stored) { (reader, head) throws(FingalError) in
        guard head == lookup.head else { throw damagedPage("its keys are not those of page 0") }
        // A map gives single elements; what is carried goes through the whole page.
        let inside = lookup.map == nil ? events : range.clamped(to: events)
        let keys = head.keys.map { key in
          let known = decoded[key]!
          return known.column.page(known.places(of: inside, streams[key], counted))
        }
        if let map = lookup.map {
          if page > 0 { try reader.finish() }
          try look(up: map, keys, count: elements.count, into: target)
        } else if elements.count == pages.pages[page].elements {
          try carry(&reader, keys[0], count: elements.count, into: target)
        } else {
          let whole = ColumnValues(streams[index].type)
          try carry(&reader, keys[0], count: pages.pages[page].elements, into: whole)
          target.append(contentsOf: whole, elements)
        }
        if target.type == .bool, target.largestIndex(from: before) > 1 {
          throw damagedPage("a bool is neither 0 nor 1")
        }
      }
      try checkLabels(index, page, target, from: before)
    }
  }

  /// A block of indices that stays in the first cache.
  private static let block = 2048

  private func look(
    up map: LookupMap, _ keys: [NumberPage], count: Int, into target: ColumnValues
  ) throws(FingalError) {
    let width = target.type.byteWidth
    let start = unsafe target.extend(by: count)
    let table = unsafe UnsafeRawPointer(map.table.storage.base)
    var inside = true
    unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.block) { index in
      let index = index.baseAddress!
      var done = 0
      while done < count {
        let length = min(Self.block, count - done)
        let part = keys.map { $0.part(from: done, count: length) }
        if !(unsafe LookupMap.index(map.keys, part, count: length, into: index)) { inside = false }
        unsafe fingal_lookup_gather(index, length, table, UInt32(width), start + done * width)
        done += length
      }
    }
    if !inside { throw damagedPage("a key lies outside its table") }
  }

  private func carry(
    _ reader: inout ByteReader, _ key: NumberPage, count: Int, into target: ColumnValues
  ) throws(FingalError) {
    guard key.count == count else { throw damagedPage("its key has \(key.count) elements, it has \(count)") }
    let type = ScalarType.unsigned(width: target.type.byteWidth)
    let values = unsafe NumberTarget(target.extend(by: count), count: count, type: type, rowLength: 1)
    try ChildPage.read(&reader, into: values, below: Encoding.lookup.level)
    try reader.finish()
    LookupCarry.accumulate(values, keys: key)
  }
}

extension ColumnValues {
  /// A run of the values as encodings take them.
  func page(_ places: Range<Int>) -> NumberPage {
    precondition(places.lowerBound >= 0 && places.upperBound <= count, "range outside the column")
    return unsafe NumberPage(
      storage.base + places.lowerBound * type.byteWidth, count: places.count, type: type, rowLength: 1)
  }
}

extension NumberPage {
  /// A run of the values.
  func part(from first: Int, count: Int) -> NumberPage {
    precondition(first >= 0 && count >= 0 && first + count <= self.count, "range outside the page")
    return unsafe NumberPage(start + first * type.byteWidth, count: count, type: type, rowLength: rowLength)
  }
}
