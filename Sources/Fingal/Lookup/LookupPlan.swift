/// Which streams of a cluster follow from others, and how. It depends on the values alone.
///
/// Streams that are keys stay what they are, so that chains stay short: a map's keys may be carried, a carry's key is
/// neither.
struct LookupPlan: Sendable {
  enum Way: Sendable {
    case map(LookupMap)
    case carry(key: Int)
  }

  /// Collections with fewer elements in a cluster are not worth the search.
  private static let fewestElements = 256

  /// For each stream, how it follows from others; nil for those that are stored as they are.
  private(set) var ways: [Way?]

  /// - Parameters:
  ///   - columns: the columns of the streams.
  ///   - carrying: whether columns may be carried on others. It saves half a bit a hit, but a reader of the column must
  ///     then decode its key, too: what is read most, such as the layer, should stand alone unless every byte counts.
  init(_ streams: [Stream], columns: [ColumnValues], carrying: Bool) {
    ways = Array(repeating: nil, count: streams.count)
    let pages = zip(streams, columns).map { stream, column in
      unsafe NumberPage(column.storage.base, count: column.count, type: stream.type, rowLength: stream.rowLength)
    }
    // Streams of one collection, and those of the event, share their elements.
    var groups: [Int?: [Int]] = [:]
    for (index, stream) in streams.enumerated() where stream.canBeLookup {
      groups[stream.collection, default: []].append(index)
    }
    for group in groups.sorted(by: { ($0.key ?? -1) < ($1.key ?? -1) }).map(\.value) {
      let count = columns[group[0]].count
      if group.count < 2 || count < Self.fewestElements { continue }
      plan(group, streams, pages, count, carrying: carrying)
    }
  }

  private mutating func plan(
    _ group: [Int], _ streams: [Stream], _ pages: [NumberPage], _ count: Int, carrying: Bool
  ) {
    var bounds: [Int: LookupKey] = [:]
    var constant: Set<Int> = []
    for index in group {
      if Self.isConstant(pages[index]) {
        constant.insert(index)
      } else if streams[index].canBeKey, let key = Self.bounds(index, pages[index]) {
        bounds[index] = key
      }
    }
    let keys = group.filter { bounds[$0] != nil }
    if keys.isEmpty { return }

    // Floats first: that a position follows from a cell is worth more than the reverse.
    let finder = LookupMapFinder(candidates: keys.map { bounds[$0]! }, pages: pages, count: count)
    var targets: Set<Int> = []
    var locked: Set<Int> = []
    let order = group.filter { !constant.contains($0) }.sorted {
      (streams[$0].type.isFloat ? 0 : 1, -streams[$0].type.byteWidth, $0)
        < (streams[$1].type.isFloat ? 0 : 1, -streams[$1].type.byteWidth, $1)
    }
    for target in order where !locked.contains(target) {
      guard let map = finder.find(target: target, excluding: targets) else { continue }
      ways[target] = .map(map)
      targets.insert(target)
      locked.formUnion(map.keys.map(\.stream))
    }

    guard carrying else { return }
    var carryKeys: Set<Int> = []
    for target in group where streams[target].type.isKeyType && !constant.contains(target) {
      if targets.contains(target) || carryKeys.contains(target) { continue }
      let possible = keys.filter { !targets.contains($0) }
      guard let key = LookupCarry.bestKey(for: target, among: possible, pages: pages, count: count) else { continue }
      ways[target] = .carry(key: key)
      targets.insert(target)
      carryKeys.insert(key)
    }
  }

  /// Stores a stream as it is after all.
  mutating func drop(_ stream: Int) { ways[stream] = nil }

  private static func isConstant(_ page: NumberPage) -> Bool {
    let width = page.type.byteWidth
    let bytes = unsafe page.bytes
    // All equal if every byte equals the one a value before it.
    return unsafe UnsafeRawBufferPointer(rebasing: bytes[width...]).elementsEqual(bytes.dropLast(width))
  }

  /// Smallest value and extent of a column of whole numbers; nil if it spans more than a table may have.
  private static func bounds(_ stream: Int, _ page: NumberPage) -> LookupKey? {
    guard let (low, high) = PageStatistics(page).bounds.map({ ($0.minimum, $0.maximum) }) else { return nil }
    let span = high &- low
    guard span < UInt64(LookupMap.maximumEntries), page.type.isSigned || low <= UInt64(Int64.max) else { return nil }
    return LookupKey(stream: stream, low: Int64(bitPattern: low), extent: Int(span) + 1)
  }
}
