/// Compares the events of two files, from the cheapest to the dearest: hashes, digests of columns, values.
package struct FileComparison {
  package let left: EventFile
  package let right: EventFile
  /// The columns of both that are compared, in the left file's order.
  package let columns: [String]
  /// Differences of the structures of what is compared, in words said of the right file.
  package let structure: [String]

  /// - Parameter names: columns or collections; nil for all.
  /// - Throws: `usage` if the left file does not have one of them.
  package init(_ left: EventFile, _ right: EventFile, columns names: [String]?) throws(FingalError) {
    self.left = left
    self.right = right
    let (ours, theirs) = (left.schema, right.schema)
    let schema: Schema
    do throws(FingalError) {
      schema = try names.map { (names) throws(FingalError) in try ours.projected(to: names) } ?? ours
    } catch {
      throw error.naming(file: left.path)
    }
    // What of the right file is compared with it: the same names, in the same order if they were named.
    if let names {
      let known = names.filter { theirs.fieldIndex($0) != nil || theirs.collectionIndex($0) != nil }
      structure = schema.structuralDifferences(in: known.isEmpty ? Schema() : try theirs.projected(to: known))
    } else {
      structure = ours.structuralDifferences(in: theirs)
    }
    let their = theirs.structure
    let places = their.fieldPlaces
    var common: [String] = []
    for field in schema.structure.fields {
      guard let place = places[field.path], their.fields[place] == field,
        field.collection.map({ ours.lineage(of: $0) == theirs.lineage(of: $0) }) ?? true
      else { continue }
      common.append(field.path)
    }
    // Collections without columns have counts all the same.
    for collection in schema.collections
    where schema.fieldIndices(in: collection.name).isEmpty
      && ours.lineage(of: collection.name) == theirs.lineage(of: collection.name)
      && theirs.fieldIndices(in: collection.name).isEmpty
    {
      common.append(collection.name)
    }
    columns = common
  }

  /// Whether the hashes alone say that all is equal.
  package var hashesAgree: Bool { structure.isEmpty && left.contentHash == right.contentHash }

  /// The columns whose digests differ or that are told by their collection's counts to differ: the only ones that need
  /// to be read. Reads the directories.
  ///
  /// - Throws: `damaged` naming the file.
  package func columnsWithOtherDigests() throws(FingalError) -> [String] {
    if left.eventCount != right.eventCount { return columns }
    let ours = try Self.digests(of: left)
    let theirs = try Self.digests(of: right)
    return columns.filter { name in
      var needed = [Key.values(name), .validity(name)]
      let collection = left.schema.field(name).map(\.collection) ?? name
      if let collection { needed += left.schema.lineage(of: collection).map { .counts($0) } }
      return needed.contains { ours[$0] != theirs[$0] }
    }
  }

  /// A stream by what it is called in the schema, which may stand in another place in the other file.
  private enum Key: Hashable {
    case counts(String)
    case validity(String)
    case values(String)
  }

  private static func digests(of file: EventFile) throws(FingalError) -> [Key: UInt64] {
    var content = ContentHash(of: file.schema)
    for index in file.clusters.indices { content.append(try file.directory(ofCluster: index)) }
    var digests: [Key: UInt64] = [:]
    for (stream, digest) in zip(file.streams, content.streams) {
      let key: Key =
        switch stream.role {
        case .counts(let collection): .counts(file.schema.collections[collection].name)
        case .validity(let field): .validity(file.schema.fields[field].path)
        case .values(let field): .values(file.schema.fields[field].path)
        }
      digests[key] = digest.value
    }
    return digests
  }

  /// One difference of values.
  package struct Found {
    package var event: Int
    package var place: BatchComparison.Place
    package var left: EventBatch
    package var right: EventBatch
  }

  /// Reads the columns of both files side by side and hands over their differences in order.
  ///
  /// - Parameters:
  ///   - events: which of the events that both have.
  ///   - limit: at most so many differences; reading ends there.
  ///   - progress: called after each piece with the events done.
  /// - Throws: `damaged`, `truncated` naming file, column and events.
  package func forEachDifference(
    in columns: [String], events: Range<Int>, limit: Int, progress: (Int) -> Void = { _ in },
    _ body: (Found) throws -> Void
  ) throws {
    if columns.isEmpty || limit < 1 { return }
    let (ours, theirs) = (
      try left.batches(columns: columns, events: events), try right.batches(columns: columns, events: events)
    )
    var (a, b): (BatchComparison.Side?, BatchComparison.Side?)
    var found = 0
    var event = events.lowerBound
    while event < events.upperBound {
      if a?.events.isEmpty ?? true { a = try ours.next().map { .init($0, 0..<$0.eventCount) } }
      if b?.events.isEmpty ?? true { b = try theirs.next().map { .init($0, 0..<$0.eventCount) } }
      guard let mine = a, let other = b else { return }
      let count = min(mine.events.count, other.events.count)
      let (first, second) = (mine.events.lowerBound, other.events.lowerBound)
      for place in BatchComparison.differences(
        .init(mine, first..<first + count), .init(other, second..<second + count), limit: limit - found)
      {
        try body(Found(event: event + place.event, place: place, left: mine.batch, right: other.batch))
        found += 1
      }
      if found == limit { return }
      event += count
      a = .init(mine, first + count..<mine.events.upperBound)
      b = .init(other, second + count..<other.events.upperBound)
      progress(event - events.lowerBound)
    }
  }
}
