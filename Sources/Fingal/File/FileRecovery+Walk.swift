extension FileRecovery {
  /// The walk through a file from cluster to cluster.
  struct Walk {
    struct Found {
      var entry: FileFooter.ClusterEntry
      /// Per field of the schema.
      var bounds: [Bounds?]
      var damage: [(stream: Int, events: Range<Int>)]
      /// Its first event, counted over the file as it was; nil where that is not known.
      var firstEvent: Int?
    }

    let streams: [Stream]
    /// Clusters whose head, directory and padding are sound.
    private(set) var found: [Found] = []
    /// Of the clusters found.
    private(set) var content: ContentHash
    private(set) var losses: [Loss] = []
    /// The last valid footer on the way.
    private(set) var newest: FileFooter?
    private(set) var endsWithFooter = false

    private let file: PosixFile
    private let schema: Schema
    private let firstCluster: Int
    private let schemaEnd: Int
    private let size: Int
    /// The footer at the end of the file, if it is valid: it knows where clusters are whose heads are damaged.
    private let final: FooterBlock?
    /// The event that comes next, counted over the file as it was; nil after a loss of unknown size.
    private var nextEvent: Int? = 0
    /// By offset, from the footer at the end.
    private let firstEvents: [Int: Int]

    init(_ file: PosixFile, _ front: EventFile.Front, size: Int) {
      self.file = file
      self.size = size
      schema = front.schema
      streams = front.schema.streams
      content = ContentHash(of: front.schema)
      firstCluster = front.firstCluster
      schemaEnd = FileHeader.length + front.header.schemaLength
      final = Self.finalFooter(file, front, size: size)
      firstEvents = Dictionary(
        uniqueKeysWithValues: (final?.footer.clusters ?? []).map { ($0.offset, $0.firstEvent) })
    }

    private static func finalFooter(_ file: PosixFile, _ front: EventFile.Front, size: Int) -> FooterBlock? {
      do throws(FingalError) {
        guard size >= front.firstCluster + FileTrailer.length else { return nil }
        let bytes = try file.read(FileTrailer.length, at: size - FileTrailer.length)
        let trailer = try FileTrailer(decoding: bytes, fileSize: size)
        return try FooterBlock(
          file, at: trailer.footerOffset, limit: size, schema: front.schema, firstCluster: front.firstCluster)
      } catch {
        return nil
      }
    }

    /// - Throws: `inputOutput` only: everything else is a loss.
    mutating func run(_ progress: (_ done: Int, _ of: Int) -> Void) throws(FingalError) {
      if size >= firstCluster { try checkPadding() }
      var place = firstCluster
      while place < size {
        endsWithFooter = false
        if let end = try cluster(at: place) {
          place = end
        } else if let end = try footer(at: place) {
          place = end
        } else {
          place = try skip(from: place)
        }
        progress(place, size)
      }
    }

    private mutating func checkPadding() throws(FingalError) {
      let padding = try file.read(firstCluster - schemaEnd, at: schemaEnd)
      if let position = padding.firstIndex(where: { $0 != 0 }) {
        losses.append(
          Loss(
            bytes: schemaEnd + position..<schemaEnd + position + 1, events: nil, eventCount: 0,
            reason: "padding is not zero; nothing is lost by it"))
      }
    }

    /// The cluster that begins here; nil if none does. Returns where the next thing begins.
    private mutating func cluster(at place: Int) throws(FingalError) -> Int? {
      guard let head = try self.head(at: place) else { return nil }
      nextEvent = firstEvents[place] ?? nextEvent
      guard head.length <= size - place else {
        lose(place..<size, events: head.eventCount, "the file ends inside a cluster")
        return size
      }
      let end = place + head.length
      do throws(FingalError) {
        let cluster = try StoredCluster(file, at: place, limit: end, schema: schema, streams: streams)
        let first = found.last.map { $0.entry.firstEvent + $0.entry.eventCount } ?? 0
        guard first < ClusterLimits.fileEvents else {
          throw FingalError(.limit, "the clusters count more events than any file holds")
        }
        found.append(
          Found(
            entry: .init(
              offset: place, length: head.length, firstEvent: first, eventCount: head.eventCount,
              directoryChecksum: cluster.directoryChecksum),
            bounds: cluster.directory.bounds(streams, fields: schema.fields.count), damage: cluster.damage,
            firstEvent: nextEvent))
        content.append(cluster.directory)
        if let changed = cluster.changedPadding {
          losses.append(
            Loss(
              bytes: changed..<changed + 1, events: nil, eventCount: 0,
              reason: "padding is not zero; nothing is lost by it"))
        }
        advance(by: head.eventCount)
      } catch {
        if error.code == .inputOutput { throw error }
        lose(place..<end, events: head.eventCount, error.message)
      }
      return end
    }

    /// The head of a cluster that begins here, if it is sound.
    private func head(at place: Int) throws(FingalError) -> ClusterDirectory.Head? {
      guard size - place >= ClusterDirectory.headLength else { return nil }
      let bytes = try file.read(ClusterDirectory.headLength, at: place)
      return Self.sound { () throws(FingalError) in
        try ClusterDirectory.Head(decoding: bytes, streamCount: streams.count)
      }
    }

    private static func sound<T>(_ body: () throws(FingalError) -> T) -> T? {
      do throws(FingalError) { return try body() } catch { return nil }
    }

    /// The footer that begins here, with its trailer; nil if none does. Returns where it ends.
    private mutating func footer(at place: Int) throws(FingalError) -> Int? {
      do throws(FingalError) {
        let block = try FooterBlock(file, at: place, limit: size, schema: schema, firstCluster: firstCluster)
        newest = block.footer
        // A footer knows how many events there were, also where clusters before it are lost.
        nextEvent = block.footer.eventCount
        endsWithFooter = true
        return block.range.upperBound
      } catch {
        if error.code == .inputOutput { throw error }
        return nil
      }
    }

    /// Passes over bytes that are nothing known, to the next head or footer.
    private mutating func skip(from place: Int) throws(FingalError) -> Int {
      let next = try nextLandmark(after: place)
      let known = final?.footer.clusters.filter { $0.offset >= place && $0.offset < next } ?? []
      if final != nil {
        let events = known.reduce(0) { $0 + $1.eventCount }
        if events > 0, let first = known.first { nextEvent = first.firstEvent }
        lose(place..<next, events: events, events > 0 ? "the head of a cluster is damaged" : "an old footer is damaged")
      } else if next == size, size - place < ClusterDirectory.headLength {
        lose(place..<next, events: nil, "the file ends inside the head of a cluster or its end")
      } else if next == size, try isFooterTag(at: place) {
        lose(place..<next, events: 0, "the file's end is incomplete or damaged; no events are lost by it")
      } else {
        lose(place..<next, events: nil, "bytes that are neither a cluster nor a footer")
      }
      return next
    }

    private func isFooterTag(at place: Int) throws(FingalError) -> Bool {
      try file.read(FileFooter.tag.count, at: place) == FileFooter.tag
    }

    private mutating func lose(_ bytes: Range<Int>, events: Int?, _ reason: String) {
      var range: Range<Int>?
      if let events, events > 0, let first = nextEvent { range = first..<first + events }
      losses.append(Loss(bytes: bytes, events: range, eventCount: events, reason: reason))
      advance(by: events)
    }

    /// - Parameter events: nil if nobody knows how many.
    private mutating func advance(by events: Int?) {
      guard let events, let known = nextEvent, known < ClusterLimits.fileEvents else {
        nextEvent = nil
        return
      }
      nextEvent = known + events
    }

    /// The next multiple of 64 behind a place where a sound head or footer begins, or the end of the file. A false one
    /// would need the right checksum.
    private func nextLandmark(after place: Int) throws(FingalError) -> Int {
      var block = roundUp(place + 1, to: 64)
      while block < size {
        let bytes = try file.read(min(1 << 20, size - block), at: block)
        for offset in stride(from: 0, to: bytes.count - 7, by: 64) where bytes[offset] == FileFooter.tag[0] {
          let tag = Array(bytes[offset..<offset + 8])
          if tag == ClusterDirectory.tag, try head(at: block + offset) != nil { return block + offset }
          if tag == FileFooter.tag {
            let block = Self.sound { () throws(FingalError) in
              try FooterBlock(file, at: block + offset, limit: size, schema: schema, firstCluster: firstCluster)
            }
            if let block { return block.range.lowerBound }
          }
        }
        block += 1 << 20
      }
      return size
    }
  }
}
