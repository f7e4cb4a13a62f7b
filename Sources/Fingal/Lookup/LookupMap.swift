internal import FingalKernels

/// One key of a map: an integer stream and the run of its values that the table covers.
struct LookupKey: Sendable, Equatable {
  /// Index of the stream in the cluster.
  var stream: Int
  /// The smallest value; the table's part for this key is `low ..< low + extent`.
  var low: Int64
  var extent: Int
}

/// A column as a function of others of its collection, such as the position of a cell: the values for all combinations
/// of the keys, the last key fastest (`FORMAT.md §6.14`, form 0).
struct LookupMap: Sendable {
  /// Entries a table may have, whatever the page says: 8 MiB of float64.
  static let maximumEntries = 1 << 20
  static let maximumKeys = 4

  var keys: [LookupKey]
  /// `entries` values of the target's type. Combinations that do not occur hold the value of the one before.
  var table: ColumnValues

  /// Entries of the table of such keys; nil if they are more than are allowed.
  static func entries(_ keys: [LookupKey]) -> Int? {
    var product = 1
    for key in keys {
      guard key.extent >= 1, key.extent <= maximumEntries else { return nil }
      product *= key.extent
      if product > maximumEntries { return nil }
    }
    return product
  }

  /// Fills `index` with the places of elements in the table.
  ///
  /// - Parameter columns: for each key, where its elements begin.
  /// - Returns: false if a key lies outside its part of the table.
  static func index(
    _ keys: [LookupKey], _ columns: [NumberPage], count: Int, into index: UnsafeMutablePointer<UInt32>
  ) -> Bool {
    var inside = true
    for (place, (key, column)) in zip(keys, columns).enumerated() {
      let fits = unsafe fingal_lookup_index(
        column.start, UInt32(column.type.byteWidth), count, UInt64(bitPattern: key.low), UInt32(key.extent), place == 0,
        index)
      inside = inside && fits
    }
    return inside
  }
}

/// Looks for maps in one cluster. It keeps the indices of key sets that were tried, since several columns (x, y, z of a
/// cell) mostly follow from the same keys.
@safe
final class LookupMapFinder {
  /// Elements that a candidate must fit before all are tried.
  private static let sample = 4096
  /// Key columns that are combined; more would take time for nothing.
  private static let keyColumns = 8

  private struct KeySet {
    var keys: [LookupKey]
    var entries: Int
    var sampled: [UInt32]
    var all: [UInt32]?
  }

  private let pages: [NumberPage]
  private let count: Int
  private var sets: [KeySet] = []
  private let stamps: AlignedBytes
  private let table: AlignedBytes
  private var stamp: UInt32 = 0

  /// - Parameters:
  ///   - candidates: integer columns of one collection that may be keys: their streams and bounds.
  ///   - pages: the columns of all streams (those of other collections are not touched).
  ///   - count: elements of the collection in the cluster.
  init(candidates: [LookupKey], pages: [NumberPage], count: Int) {
    self.pages = pages
    self.count = count
    let keys = candidates.sorted { ($0.extent, $0.stream) < ($1.extent, $1.stream) }.prefix(Self.keyColumns)
    // A table that is not much smaller than the column is none.
    let limit = min(LookupMap.maximumEntries, count)
    var combinations: [[LookupKey]] = keys.map { [$0] }
    for (i, a) in keys.enumerated() {
      for (j, b) in keys.enumerated().dropFirst(i + 1) {
        combinations.append([a, b])
        for c in keys.dropFirst(j + 1) { combinations.append([a, b, c]) }
      }
    }
    var largest = 0
    for combination in combinations {
      guard let entries = LookupMap.entries(combination), entries <= limit else { continue }
      largest = max(largest, entries)
      // In the order of the schema, so that the last key is mostly the one that varies fastest.
      sets.append(
        KeySet(keys: combination.sorted { $0.stream < $1.stream }, entries: entries, sampled: [], all: nil))
    }
    sets.sort {
      ($0.keys.count, $0.entries, $0.keys.map(\.stream)[0]) < ($1.keys.count, $1.entries, $1.keys.map(\.stream)[0])
    }
    stamps = AlignedBytes(capacity: largest * 4)
    unsafe stamps.extend(by: largest * 4).initializeMemory(as: UInt8.self, repeating: 0, count: largest * 4)
    table = AlignedBytes(capacity: largest * 8)
  }

  /// The map that gives a stream's values, with the fewest keys; nil if there is none.
  func find(target: Int, excluding targets: Set<Int>) -> LookupMap? {
    let page = pages[target]
    for place in sets.indices {
      if sets[place].keys.contains(where: { $0.stream == target || targets.contains($0.stream) }) { continue }
      if let map = fit(page, place) { return map }
    }
    return nil
  }

  private func fit(_ page: NumberPage, _ place: Int) -> LookupMap? {
    let sampled = min(count, Self.sample)
    if sets[place].sampled.isEmpty { sets[place].sampled = indices(sets[place].keys, count: sampled) }
    var present = 0
    guard fit(sets[place].sampled, page, present: &present) else { return nil }
    if sets[place].all == nil { sets[place].all = indices(sets[place].keys, count: count) }
    guard let all = sets[place].all else { return nil }
    present = 0
    guard fit(all, page, present: &present), present * 4 <= count else { return nil }

    // Combinations that do not occur repeat what stands before them: runs cost nothing in any encoding.
    let width = page.type.byteWidth
    let entries = sets[place].entries
    let flags = unsafe stamps.values(UInt32.self)
    guard var last = (0..<entries).first(where: { unsafe flags[$0] == stamp }) else { return nil }
    let values = ColumnValues(page.type, reserving: entries)
    let target = unsafe values.extend(by: entries)
    for entry in 0..<entries {
      if unsafe flags[entry] == stamp { last = entry }
      unsafe (target + entry * width).copyMemory(from: table.base + last * width, byteCount: width)
    }
    return LookupMap(keys: sets[place].keys, table: values)
  }

  /// Whether all elements of an index fit one table, which is left in `table` and `stamps`.
  private func fit(_ index: [UInt32], _ page: NumberPage, present: inout Int) -> Bool {
    stamp += 1
    return unsafe fingal_lookup_fit(
      index, index.count, page.start, UInt32(page.type.byteWidth), stamp,
      stamps.base.assumingMemoryBound(to: UInt32.self), table.base, &present) == index.count
  }

  private func indices(_ keys: [LookupKey], count: Int) -> [UInt32] {
    if count == 0 { return [] }
    return unsafe [UInt32](unsafeUninitializedCapacity: count) { buffer, initialized in
      let inside = unsafe LookupMap.index(
        keys, keys.map { pages[$0.stream] }, count: count, into: buffer.baseAddress!)
      precondition(inside, "the bounds of a key are those of its values")
      initialized = count
    }
  }
}
