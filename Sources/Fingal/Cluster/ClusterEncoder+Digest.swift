extension ClusterEncoder {
  /// The digests of the streams of a cluster.
  ///
  /// - Parameters:
  ///   - columns: what each stream stores.
  ///   - borders: for each collection, where the elements of every event lie.
  static func digests(
    _ columns: [ColumnValues], streams: [Stream], borders: [ElementBorders], events: Int, threads: Int
  ) -> [StreamDigest] {
    let results = Guarded([StreamDigest](repeating: StreamDigest(), count: streams.count))
    parallelFor(streams.count, threads: threads) { index in
      var digest = StreamDigest()
      let stream = streams[index]
      if let collection = stream.collection {
        digest.append(columns[index], ends: borders[collection].ends(elementsPerValue: stream.rowLength))
      } else {
        digest.append(columns[index], elementsPerEvent: stream.rowLength, events: events)
      }
      results.withLock { $0[index] = digest }
    }
    return results.withLock { $0 }
  }
}
