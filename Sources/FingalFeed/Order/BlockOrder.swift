internal import Fingal

/// A run of events of one file that share their pages: the unit that is read and permuted.
struct Block {
  var file: Int32
  var events: Range<Int>
  /// Events of the part that it holds.
  var counts: EventSelection.ClassCounts
}

/// The blocks of a pass, in the order in which they are read.
struct BlockOrder {
  let blocks: [Block]
  private let permutation: FeistelPermutation?

  /// - Parameters:
  ///   - key: permutes the blocks; nil reads them in the order of the files.
  ///   - columns: what will be read.
  init(
    _ selection: EventSelection, part: EventSelection.Part, columns: [String], blockEvents: Int,
    key: CounterGenerator?
  ) throws(FingalError) {
    var blocks: [Block] = []
    for (index, file) in selection.dataSet.files.enumerated() {
      var start: Int?
      for border in try file.blocks(of: columns, maximumEvents: blockEvents) {
        if let first = start {
          var counts = EventSelection.ClassCounts()
          for event in first..<border {
            guard let isSignal = selection.isSignal(file: index, event: event, in: part) else { continue }
            if isSignal { counts.signal += 1 } else { counts.background += 1 }
          }
          if counts.total > 0 { blocks.append(Block(file: Int32(index), events: first..<border, counts: counts)) }
        }
        start = border
      }
    }
    self.blocks = blocks
    permutation = key.map { FeistelPermutation(count: blocks.count, key: $0) }
  }

  var count: Int { blocks.count }

  subscript(place: Int) -> Block { blocks[permutation?(place) ?? place] }
}
