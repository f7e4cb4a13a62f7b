/// A whole cluster as its bytes, every one of them verified: what merging, appending and salvaging copy. Nothing is
/// decoded.
package struct StoredCluster: Sendable {
  package var bytes: [UInt8]
  package var directory: ClusterDirectory
  package var directoryChecksum: UInt64
  /// Damaged pages, whose checksums differ: the stream and the events, counted within the cluster.
  package var damage: [(stream: Int, events: Range<Int>)] = []
  /// Where in the file padding was not zero first; nil if all of it was. In `bytes` it is.
  package var changedPadding: Int?

  /// Reads a cluster and checks its head, its directory, the stored bytes of all pages and the padding. Damaged pages and
  /// padding are noted; everything else must hold.
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
    checkPages(at: offset)
  }

  private mutating func checkPages(at offset: Int) {
    var end = ClusterDirectory.pagesOffset(
      streams: directory.streams.count, pages: directory.streams.reduce(0) { $0 + $1.pages.count })
    for (index, stream) in directory.streams.enumerated() {
      for (page, row) in stream.pages.enumerated() {
        clearPadding(end..<row.offset, at: offset)
        end = row.offset + row.storedLength
        let checksum = unsafe bytes.withUnsafeBytes {
          unsafe Checksum.of(
            UnsafeRawBufferPointer(rebasing: $0[row.offset..<end]), seed: Checksum.page(stream: index, index: page))
        }
        if checksum != row.checksum { damage.append((index, directory.events(ofPage: page, shift: stream.shift))) }
      }
    }
    clearPadding(end..<bytes.count, at: offset)
  }

  private mutating func clearPadding(_ range: Range<Int>, at offset: Int) {
    guard let place = bytes[range].firstIndex(where: { $0 != 0 }) else { return }
    if changedPadding == nil { changedPadding = offset + place }
    for i in range { bytes[i] = 0 }
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
  /// - Parameter mendingPadding: whether padding that is not zero is set to zero instead of refused.
  /// - Throws: `damaged` naming file, column and events.
  package func storedCluster(_ index: Int, mendingPadding: Bool = false) throws(FingalError) -> StoredCluster {
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
      if let place = cluster.changedPadding, !mendingPadding {
        throw FingalError(
          .damaged, "padding is not zero", byte: place, advice: "recover the events with `fingal salvage`")
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
