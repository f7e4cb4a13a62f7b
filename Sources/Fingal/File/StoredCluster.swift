/// A whole cluster as its bytes, every one of them verified: what merging, appending and salvaging copy. Nothing is
/// decoded.
package struct StoredCluster: Sendable {
  package var bytes: [UInt8]
  package var directory: ClusterDirectory
  package var directoryChecksum: UInt64
  /// Damaged pages, whose checksums differ: the stream and the events, counted within the cluster.
  package var damage: [(stream: Int, events: Range<Int>)] = []

  /// Reads a cluster and checks its head, its directory, the stored bytes of all pages and the padding. Damaged pages are
  /// noted; everything else must hold.
  ///
  /// - Parameter limit: where the cluster must end at the latest.
  /// - Throws: `damaged`, `limit`, `truncated`; with the byte, but without the file.
  package init(
    _ file: PosixFile, at offset: Int, limit: Int, schema: Schema, streams: [Stream]
  ) throws(FingalError) {
    do throws(FingalError) {
      let head = try ClusterDirectory.Head(
        decoding: file.read(min(ClusterDirectory.headLength, limit - offset), at: offset), streamCount: streams.count)
      guard head.length <= limit - offset else {
        throw FingalError(.truncated, "the file ends inside a cluster of \(head.eventCount) events")
      }
      // The directory bounds what the pages take, so that nothing is allocated on the word of the head alone.
      let table = try file.read(head.directoryLength, at: offset + ClusterDirectory.headLength)
      directory = try ClusterDirectory(head: head, table: table, schema: schema, streams: streams)
      directoryChecksum = head.directoryChecksum
      bytes = try file.read(head.length, at: offset)
    } catch {
      var located = error
      if located.byte == nil { located.byte = offset }
      throw located
    }
    try checkPages(at: offset)
  }

  private mutating func checkPages(at offset: Int) throws(FingalError) {
    var end = ClusterDirectory.pagesOffset(
      streams: directory.streams.count, pages: directory.streams.reduce(0) { $0 + $1.pages.count })
    func checkPadding(_ range: Range<Int>) throws(FingalError) {
      if let place = bytes[range].firstIndex(where: { $0 != 0 }) {
        throw FingalError(.damaged, "padding is not zero", byte: offset + place)
      }
    }
    for (index, stream) in directory.streams.enumerated() {
      for (page, row) in stream.pages.enumerated() {
        try checkPadding(end..<row.offset)
        end = row.offset + row.storedLength
        let checksum = unsafe bytes.withUnsafeBytes {
          unsafe Checksum.of(
            UnsafeRawBufferPointer(rebasing: $0[row.offset..<end]), seed: Checksum.page(stream: index, index: page))
        }
        if checksum != row.checksum { damage.append((index, directory.events(ofPage: page, shift: stream.shift))) }
      }
    }
    try checkPadding(end..<bytes.count)
  }
}

extension ClusterDirectory {
  /// Bounds of each field of the schema over all its pages; nil where there are none.
  package func bounds(_ streams: [Stream], fields: Int) -> [Bounds?] {
    var bounds = [Bounds?](repeating: nil, count: fields)
    for (stream, pages) in zip(streams, self.streams) {
      guard case .values(let field) = stream.role else { continue }
      for row in pages.pages {
        if let bound = row.bounds { bounds[field] = bounds[field].map { $0.union(bound) } ?? bound }
      }
    }
    return bounds
  }
}

extension EventFile {
  /// The bytes of a cluster, verified, to be copied to another file.
  ///
  /// - Throws: `damaged` naming file, column and events.
  package func storedCluster(_ index: Int) throws(FingalError) -> StoredCluster {
    let entry = footer.clusters[index]
    let events = clusters[index].events
    do throws(FingalError) {
      let cluster = try StoredCluster(
        file, at: entry.offset, limit: entry.offset + entry.length, schema: schema, streams: streams)
      guard cluster.bytes.count == entry.length, cluster.directory.eventCount == entry.eventCount,
        cluster.directoryChecksum == entry.directoryChecksum
      else {
        throw FingalError(.damaged, "a cluster is not the one that the footer names", byte: entry.offset)
      }
      if let (stream, inside) = cluster.damage.first {
        throw FingalError(
          .damaged, "damaged page of column '\(schema.name(of: streams[stream]))': its checksum differs",
          events: events.lowerBound + inside.lowerBound..<events.lowerBound + inside.upperBound,
          advice: "recover the other events with `fingal salvage`")
      }
      return cluster
    } catch {
      throw error.naming(file: path).naming(events: events)
    }
  }
}
