extension EventFile {
  /// What `verify()` found.
  public struct VerificationReport: Sendable {
    public var clusters = 0
    public var pages = 0
    public var bytes = 0
    /// Empty if the file is sound: every byte of it has been accounted for.
    public var faults: [FingalError] = []
  }

  /// Reads the whole file and checks every checksum and every invariant of the specification: pages decode, counts add
  /// up, bounds and null counts are true, null slots are zero, padding is zero. Goes on after a fault, so that all
  /// damage is named.
  ///
  /// - Parameter progress: called after each cluster with the bytes done.
  public func verify(progress: (Int) -> Void = { _ in }) -> VerificationReport {
    var report = VerificationReport()
    report.bytes = byteCount
    let firstCluster = roundUp(layout.schema.upperBound, to: 64)
    checkPadding(layout.schema.upperBound..<firstCluster, &report)
    var end = firstCluster
    var content = ContentHash(of: schema)
    for index in footer.clusters.indices {
      checkOldFooters(
        end..<footer.clusters[index].offset, firstCluster: firstCluster, before: index, content, &report)
      end = footer.clusters[index].offset + footer.clusters[index].length
      report.clusters += 1
      do throws(FingalError) {
        let reader = try clusterReader(index)
        var check = ClusterCheck(reader, schema: schema)
        check.run()
        content.append(reader.directory)
        report.pages += check.pages
        report.faults += check.faults
        for gap in check.gaps { checkPadding(gap, &report) }
        for known in footer.bounds where known.perCluster[index] != check.bounds[known.field] {
          report.faults.append(
            FingalError(
              .damaged, "footer and directory disagree about the bounds of '\(schema.fields[known.field].path)'",
              file: path, events: clusters[index].events))
        }
      } catch {
        report.faults.append(error)
      }
      progress(footer.clusters[index].offset + footer.clusters[index].length)
    }
    checkOldFooters(
      end..<layout.footer.lowerBound, firstCluster: firstCluster, before: footer.clusters.count, content, &report)
    checkPadding(layout.footer.upperBound..<byteCount - FileTrailer.length, &report)
    // The digests of the directories have been compared with the values, or faults have been reported.
    if report.faults.isEmpty, content.value != footer.contentHash {
      report.faults.append(
        FingalError(
          .damaged, "the footer gives another content hash than the file's clusters have", file: path,
          byte: layout.footer.lowerBound))
    }
    return report
  }

  /// What lies between clusters must be footers that later ones have replaced, each as it was when it ended the file: of
  /// all clusters before it, with their bounds and their content hash.
  ///
  /// - Parameter content: of the clusters before `cluster`, as far as they are sound.
  private func checkOldFooters(
    _ range: Range<Int>, firstCluster: Int, before cluster: Int, _ content: ContentHash,
    _ report: inout VerificationReport
  ) {
    func broken(_ what: String, at place: Int) -> FingalError {
      FingalError(.damaged, "the footer of an earlier end of the file \(what)", byte: place)
    }
    var place = range.lowerBound
    while place < range.upperBound {
      do throws(FingalError) {
        let block = try FooterBlock(
          file, at: place, limit: range.upperBound, schema: schema, firstCluster: firstCluster)
        guard block.footer.clusters.elementsEqual(footer.clusters[..<cluster]) else {
          throw broken("names other clusters", at: place)
        }
        // The newest footer's are compared with the clusters themselves.
        let hasBounds = block.footer.bounds.elementsEqual(footer.bounds) { old, new in
          old.perCluster.elementsEqual(new.perCluster[..<cluster])
        }
        if !hasBounds { throw broken("gives other bounds than the newest", at: place) }
        if report.faults.isEmpty, content.value != block.footer.contentHash {
          throw broken("gives another content hash than the clusters before it have", at: place)
        }
        place = block.range.upperBound
      } catch {
        report.faults.append(error.naming(file: path))
        return
      }
    }
  }

  /// Bytes that nothing else covers must be zero.
  private func checkPadding(_ range: Range<Int>, _ report: inout VerificationReport) {
    if range.isEmpty { return }
    do throws(FingalError) {
      if let position = try file.read(range.count, at: range.lowerBound).firstIndex(where: { $0 != 0 }) {
        report.faults.append(
          FingalError(.damaged, "padding is not zero", file: path, byte: range.lowerBound + position))
      }
    } catch {
      report.faults.append(error)
    }
  }
}

/// The check of one cluster, stream by stream in their order on disk: counts and validities come before what they
/// speak of.
private struct ClusterCheck {
  let reader: ClusterReader
  let schema: Schema
  var pages = 0
  var faults: [FingalError] = []
  /// Bytes of the file between pages.
  var gaps: [Range<Int>] = []
  /// Per field, from the directory's rows.
  var bounds: [Bounds?]
  /// Counts of every event or element of the parent, per collection; nil where they are damaged.
  private var counts: [ColumnValues?]
  /// What follows from the counts of a collection and of those around it, once all are read; nil where they are damaged.
  private var borders: [ElementBorders?]
  /// Validity of every element of the field at hand; nil where it is damaged.
  private var validity: [UInt8]?
  /// Of the stream at hand; nil where a page is damaged.
  private var digest: StreamDigest?

  init(_ reader: ClusterReader, schema: Schema) {
    self.reader = reader
    self.schema = schema
    bounds = Array(repeating: nil, count: schema.fields.count)
    counts = schema.collections.map { _ in ColumnValues(.uint32) }
    borders = Array(repeating: nil, count: schema.collections.count)
  }

  mutating func run() {
    let directory = reader.directory
    var end: Int?
    for (index, stream) in reader.streams.enumerated() {
      if case .validity = stream.role { validity = [] }
      digest = StreamDigest()
      var element = 0
      for (page, row) in directory.streams[index].pages.enumerated() {
        if let end, end < row.offset { gaps.append(reader.entry.offset + end..<reader.entry.offset + row.offset) }
        end = row.offset + row.storedLength
        pages += 1
        if case .values(let field) = stream.role, let bound = row.bounds {
          bounds[field] = bounds[field].map { $0.union(bound) } ?? bound
        }
        do throws(FingalError) {
          try check(stream, index, page, row, element)
        } catch {
          faults.append(error)
          digest = nil
          if case .counts(let collection) = stream.role { counts[collection] = nil }
          if case .validity = stream.role { validity = nil }
        }
        element += row.elements / stream.rowLength
      }
      if let digest, digest != directory.streams[index].digest {
        faults.append(reader.damaged(index, 0, "the directory gives another digest than the values of all pages have"))
      }
      if case .counts(let collection) = stream.role { count(collection, of: stream, index) }
    }
    let last = end ?? ClusterDirectory.pagesOffset(streams: reader.streams.count, pages: pages)
    gaps.append(reader.entry.offset + last..<reader.entry.offset + directory.length)
  }

  /// The elements of a collection, when all its counts are known: every page was found to have as many as the
  /// collection around it has elements.
  private mutating func count(_ collection: Int, of stream: Stream, _ index: Int) {
    guard let counts = counts[collection] else { return }
    let parent = stream.collection.map { borders[$0] }
    if case .some(.none) = parent { return }
    guard
      let found = ElementBorders(counts: counts, events: reader.directory.eventCount, parent: parent ?? nil)
    else {
      faults.append(reader.damaged(index, 0, "it has not one count for each element of the collection around it"))
      return
    }
    guard found.total <= ClusterLimits.collectionElements else {
      faults.append(
        reader.damaged(
          index, 0,
          "it counts \(found.total) elements; at most \(ClusterLimits.collectionElements) are allowed in a cluster"))
      return
    }
    borders[collection] = found
  }

  /// - Parameter element: index of the page's first value within the cluster.
  private mutating func check(
    _ stream: Stream, _ index: Int, _ page: Int, _ row: PageRow, _ element: Int
  ) throws(FingalError) {
    let values = try reader.page(index, page)
    func refuse(_ what: String) -> FingalError { reader.damaged(index, page, what) }
    let events = reader.directory.events(ofPage: page, shift: reader.directory.streams[index].shift)
    if let collection = stream.collection, let known = borders[collection] {
      guard known[events].count * stream.rowLength == row.elements else {
        throw refuse("the counts of the collection do not add up to its elements")
      }
      digest?.append(values, ends: known.slice(events).ends(elementsPerValue: stream.rowLength))
    } else if stream.collection == nil {
      digest?.append(values, elementsPerEvent: stream.rowLength, events: events.count)
    } else {
      digest = nil
    }
    let facts = PageStatistics(of: values)
    let trueBounds = facts.bounds.flatMap { Bounds(stream.type, minimum: $0.minimum, maximum: $0.maximum) }
    guard trueBounds == row.bounds, facts.nanCount == row.nanCount else {
      throw refuse("its values have other bounds than the directory gives")
    }
    switch stream.role {
    case .counts(let collection):
      counts[collection]?.append(contentsOf: values, 0..<values.count)
    case .validity:
      let span = values.values(as: UInt8.self)
      for i in span.indices { validity?.append(span[i]) }
    case .values(let field):
      guard schema.fields[field].nullable else {
        if row.nullCount != 0 { throw refuse("it counts nulls but the column has none") }
        return
      }
      guard let validity else { return }
      let rows = row.elements / stream.rowLength
      guard validity.count >= element + rows else { throw refuse("its validity is shorter") }
      var nulls = 0
      for i in 0..<rows where validity[element + i] == 0 {
        nulls += 1
        for j in i * stream.rowLength..<(i + 1) * stream.rowLength where !values.isZero(j) {
          throw refuse("a null slot is not zero")
        }
      }
      if nulls != row.nullCount { throw refuse("it has \(nulls) nulls, not \(row.nullCount)") }
    }
  }
}

extension PageStatistics {
  /// The facts of a whole column, as a writer would store them.
  init(of values: ColumnValues) {
    if values.type == .string {
      self.init()
    } else {
      self.init(unsafe NumberPage(values.storage.base, count: values.count, type: values.type, rowLength: 1))
    }
  }
}
