import Fingal

/// The elements of a collection as lists in lists: one list for a collection of the event; for one inside others a list
/// for each element of the one around it.
struct Nesting {
  private let counts: ColumnValues
  /// The collections around it, outermost first: counts, and which elements each event has.
  private let around: [(elements: [Range<Int>], counts: ColumnValues)]
  private let elements: [Range<Int>]

  /// - Parameter collection: index among those shown.
  init(_ run: EventRun, _ collection: Int) {
    let names = run.shown.lineage(of: run.shown.collections[collection].name)
    func counts(_ name: String) -> ColumnValues {
      guard let counts = run.batch.counts(of: name) else { preconditionFailure("no counts of \(name)") }
      return counts
    }
    self.counts = counts(run.shown.collections[collection].name)
    around = names.dropLast().map { (run.elements[run.shown.collectionIndex($0)!], counts($0)) }
    elements = run.elements[collection]
  }

  /// How many elements one element of the collection around has.
  func count(of owner: Int) -> Int { counts.integer(at: owner) ?? 0 }

  /// Writes the lists of one event; `leaf` writes a run of the collection's own elements.
  func write(_ event: Int, to out: inout [UInt8], leaf: (Range<Int>, inout [UInt8]) -> Void) {
    guard let outermost = around.first else { return leaf(elements[event], &out) }
    // Where the next list begins, of each collection around but the outermost, and of this one.
    var next = around.dropFirst().map { $0.elements[event].lowerBound } + [elements[event].lowerBound]
    write(outermost.elements[event], depth: 0, &next, &out, leaf)
  }

  private func write(
    _ owners: Range<Int>, depth: Int, _ next: inout [Int], _ out: inout [UInt8],
    _ leaf: (Range<Int>, inout [UInt8]) -> Void
  ) {
    let counts = depth + 1 < around.count ? around[depth + 1].counts : counts
    out.append(UInt8(ascii: "["))
    for owner in owners {
      if owner > owners.lowerBound { out.append(UInt8(ascii: ",")) }
      let first = next[depth]
      let inside = first..<first + (counts.integer(at: owner) ?? 0)
      next[depth] = inside.upperBound
      if depth + 1 < around.count {
        write(inside, depth: depth + 1, &next, &out, leaf)
      } else {
        leaf(inside, &out)
      }
    }
    out.append(UInt8(ascii: "]"))
  }
}
