/// A run of events of one cluster that is decoded in one go, by one thread.
package struct ReadBlock: Sendable {
  package var cluster: Int
  /// Counted over the file.
  package var events: Range<Int>
  /// Decoded bytes that it will take, about.
  package var byteCount: Int
  /// What the plan found out about the block's cluster, for the decoder.
  package var knowledge: (any Sendable)?

  package init(cluster: Int, events: Range<Int>, byteCount: Int, knowledge: (any Sendable)? = nil) {
    self.cluster = cluster
    self.events = events
    self.byteCount = byteCount
    self.knowledge = knowledge
  }
}

extension ClusterDirectory {
  /// Cuts a cluster into blocks of about `target` decoded bytes, at page borders of the columns that weigh most.
  ///
  /// Pages of light columns span several blocks and are decoded once for each; blocks stay large enough to keep this
  /// below an eighth of the work, so a table of a thousand scalars is one block and hits are many.
  ///
  /// - Parameters:
  ///   - range: which events, counted within the cluster; not empty.
  ///   - wanted: indices of the streams to be read.
  /// - Returns: neighbouring ranges that cover `range`, and about how many bytes each takes.
  package func blocks(
    of range: Range<Int>, streams wanted: [Int], target: Int
  ) -> [(events: Range<Int>, byteCount: Int)] {
    // Bytes per shift: at most 33 classes, however many streams.
    var bytes = [Int](repeating: 0, count: ClusterLimits.pageShift + 1)
    for index in wanted {
      var total = 0
      for page in streams[index].pages { total += page.decodedLength }
      bytes[streams[index].shift] += total
    }
    let total = bytes.reduce(0, +)
    var shift = 0
    while shift < ClusterLimits.pageShift, (eventCount - 1) >> shift > 0 { shift += 1 }
    while shift > 0, total / ((eventCount - 1) >> shift + 1) > target {
      let next = shift - 1
      let blocks = (eventCount - 1) >> next + 1
      var extra = 0
      for (pageShift, size) in bytes.enumerated() where pageShift > next && size > 0 {
        let pages = (eventCount - 1) >> pageShift + 1
        extra += size / pages * (blocks - pages)
      }
      if extra > total / 8 { break }
      shift = next
    }
    var result: [(events: Range<Int>, byteCount: Int)] = []
    var event = range.lowerBound
    while event < range.upperBound {
      let end = min(range.upperBound, (event >> shift + 1) << shift)
      // Doubles: the product of bytes and events may pass Int.
      let share = Double(total) * Double(end - event) / Double(eventCount)
      result.append((event..<end, Int(share)))
      event = end
    }
    return result
  }
}
