/// What a reader knows of a stream whose pages are looked up: the keys, which all its pages share, and the table of a map.
/// It is read once from page 0 of the stream.
final class LookupStream: Sendable {
  let head: LookupPage
  /// The bounds of the keys and the table; nil for a carry.
  let map: LookupMap?

  /// Bytes that it keeps in memory.
  var byteCount: Int { 64 + (map?.table.byteCount ?? 0) }

  init(head: LookupPage, map: LookupMap?) {
    self.head = head
    self.map = map
  }
}

/// The streams that were looked up last, for all clusters of a file. Tables are small and there are few of them, but a
/// forged file may have large ones.
final class LookupCache: Sendable {
  private struct Key: Hashable {
    var cluster: Int
    var stream: Int
  }

  private struct State {
    var known: [Key: LookupStream] = [:]
    var order: [Key] = []
    var byteCount = 0
  }

  private static let capacity = 32 << 20
  private let state = Guarded(State())

  /// - Parameter cluster: the offset of the cluster in the file.
  func find(cluster: Int, stream: Int) -> LookupStream? {
    state.withLock { $0.known[Key(cluster: cluster, stream: stream)] }
  }

  func keep(_ lookup: LookupStream, cluster: Int, stream: Int) {
    let key = Key(cluster: cluster, stream: stream)
    state.withLock { state in
      guard state.known[key] == nil else { return }
      state.known[key] = lookup
      state.order.append(key)
      state.byteCount += lookup.byteCount
      while state.byteCount > Self.capacity, state.order.count > 1 {
        let oldest = state.order.removeFirst()
        state.byteCount -= state.known.removeValue(forKey: oldest)?.byteCount ?? 0
      }
    }
  }
}
