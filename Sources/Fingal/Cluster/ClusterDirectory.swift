/// Head and directory of a cluster: its streams and their pages (`FORMAT.md §4`).
package struct ClusterDirectory: Sendable, Equatable {
  package static let headLength = 64
  package static let tag: [UInt8] = Array("FGLCLUST".utf8)
  package static let streamRowLength = 16

  /// Pages of one stream.
  package struct StreamPages: Sendable, Equatable {
    /// Page p holds the events `p << shift ..< (p + 1) << shift` of the cluster.
    package var shift: Int
    package var pages: [PageRow]
    /// Of the decoded values of all events.
    package var digest = StreamDigest()
  }

  package var eventCount: Int
  /// Bytes of the whole cluster, a multiple of 64.
  package var length: Int
  package var streams: [StreamPages]

  /// Bytes of head and directory of a cluster with so many streams and pages: pages begin here.
  static func pagesOffset(streams: Int, pages: Int) -> Int {
    headLength + streams * streamRowLength + pages * PageRow.length
  }

  /// Events of page `page` of a stream, counted within the cluster.
  package func events(ofPage page: Int, shift: Int) -> Range<Int> {
    page << shift..<min(eventCount, (page + 1) << shift)
  }

  package var encodedTable: [UInt8] {
    var table: [UInt8] = []
    for stream in streams {
      table.append(UInt8(stream.shift))
      table.append(contentsOf: [0, 0, 0])
      table.appendLittleEndian(UInt32(stream.pages.count))
      table.appendLittleEndian(stream.digest.value)
    }
    for stream in streams { for row in stream.pages { row.append(to: &table) } }
    return table
  }

  /// The head before a table made by `encodedTable`.
  package func encodedHead(table: [UInt8], checksum: UInt64) -> [UInt8] {
    var bytes = Self.tag
    bytes.appendLittleEndian(UInt64(length))
    bytes.appendLittleEndian(UInt64(eventCount))
    bytes.appendLittleEndian(UInt32(streams.count))
    bytes.appendLittleEndian(UInt32(0))
    bytes.appendLittleEndian(UInt64(table.count))
    bytes.appendLittleEndian(checksum)
    bytes.appendLittleEndian(UInt64(0))
    bytes.appendLittleEndian(Checksum.of(bytes, seed: Checksum.clusterHead))
    return bytes
  }

  package init(eventCount: Int, length: Int, streams: [StreamPages]) {
    self.eventCount = eventCount
    self.length = length
    self.streams = streams
  }

  /// The fixed part, enough to know how much to read next.
  package struct Head {
    package var length: Int
    package var eventCount: Int
    package var directoryLength: Int
    package var directoryChecksum: UInt64

    /// - Throws: `damaged`, without location.
    package init(decoding bytes: [UInt8], streamCount: Int) throws(FingalError) {
      guard bytes.count >= headLength, Array(bytes[0..<8]) == tag,
        Checksum.of(Array(bytes[0..<56]), seed: Checksum.clusterHead) == UInt64(littleEndianBytes: bytes[56..<64])
      else { throw FingalError(.damaged, "the head of a cluster is damaged: its checksum differs") }
      var reader = FieldReader(bytes)
      _ = reader.skip(8)
      guard let length = reader.count(), let events = reader.count(), let count = reader.integer(UInt32.self),
        let reserved = reader.integer(UInt32.self), let directory = reader.count(),
        let checksum = reader.integer(UInt64.self), let reserved2 = reader.integer(UInt64.self),
        reserved == 0, reserved2 == 0, Int(count) == streamCount, events > 0, events < 1 << 48, length % 64 == 0,
        directory <= ClusterLimits.directoryBytes, directory <= length - headLength
      else { throw FingalError(.damaged, "the head of a cluster does not fit the file's schema and limits") }
      self.length = length
      eventCount = events
      directoryLength = directory
      directoryChecksum = checksum
    }
  }

  /// - Parameters:
  ///   - head: the cluster's decoded head.
  ///   - table: the directory's bytes.
  ///   - streams: what the schema says is stored.
  /// - Throws: `damaged`, without location, if a checksum differs or an invariant of `FORMAT.md §4–5` does not hold.
  package init(
    head: Head, table: [UInt8], schema: Schema, streams layout: [Stream]
  ) throws(FingalError) {
    guard table.count == head.directoryLength,
      Checksum.of(table, seed: Checksum.directory) == head.directoryChecksum
    else { throw FingalError(.damaged, "the directory of a cluster is damaged: its checksum differs") }
    func broken(_ what: String) -> FingalError { FingalError(.damaged, "the directory of a cluster \(what)") }
    var reader = FieldReader(table)
    var counts: [(shift: Int, pages: Int, digest: StreamDigest)] = []
    var pageTotal = 0
    for stream in layout {
      guard let shift = reader.integer(UInt8.self), let zero = reader.integer(UInt8.self),
        let zeros = reader.integer(UInt16.self), let pages = reader.integer(UInt32.self),
        let digest = reader.integer(UInt64.self), digest < StreamDigest.modulus, zero == 0, zeros == 0,
        Int(shift) <= ClusterLimits.pageShift, Int(pages) == (head.eventCount - 1) >> Int(shift) + 1
      else { throw broken("has a wrong number of pages for '\(schema.name(of: stream))'") }
      counts.append((Int(shift), Int(pages), StreamDigest(value: digest)))
      pageTotal += Int(pages)
    }
    guard reader.remaining == pageTotal * PageRow.length else { throw broken("has a wrong length") }

    var streams: [StreamPages] = []
    var next = Self.pagesOffset(streams: layout.count, pages: pageTotal)
    var decodedBytes = 0
    for (stream, count) in zip(layout, counts) {
      var rows: [PageRow] = []
      rows.reserveCapacity(count.pages)
      let name = schema.name(of: stream)
      var nullable = false
      if case .values(let field) = stream.role { nullable = schema.fields[field].nullable }
      for page in 0..<count.pages {
        guard let row = PageRow(&reader, type: stream.type) else { throw broken("has an invalid row for '\(name)'") }
        next = roundUp(next, to: 8)
        guard row.offset == next, next <= head.length, row.storedLength <= head.length - next else {
          throw broken("points outside the cluster for '\(name)'")
        }
        next += row.storedLength
        decodedBytes += row.decodedLength
        let events = min(head.eventCount, (page + 1) << count.shift) - page << count.shift
        guard row.decodedLength <= ClusterLimits.pageBytes, row.encodedLength <= row.decodedLength,
          row.storedLength <= row.encodedLength, row.nanCount <= row.elements,
          row.nullCount <= (nullable ? row.elements / stream.rowLength : 0),
          row.elements % stream.rowLength == 0,
          stream.collection != nil || row.elements == events * stream.rowLength,
          stream.type == .string
            ? row.decodedLength >= row.elements * 4 : row.decodedLength == row.elements * stream.type.byteWidth
        else { throw broken("has lengths that do not fit for '\(name)'") }
        rows.append(row)
      }
      streams.append(StreamPages(shift: count.shift, pages: rows, digest: count.digest))
    }
    guard roundUp(next, to: 64) == head.length else { throw broken("does not end where the cluster ends") }
    guard decodedBytes <= (head.eventCount == 1 ? ClusterLimits.eventBytes : ClusterLimits.clusterBytes) else {
      throw FingalError(
        .limit,
        "a cluster of \(head.eventCount) events says it holds \(decodedBytes) decoded bytes, more than is allowed")
    }
    eventCount = head.eventCount
    length = head.length
    self.streams = streams
  }
}

extension UInt64 {
  init(littleEndianBytes bytes: ArraySlice<UInt8>) {
    self = bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
