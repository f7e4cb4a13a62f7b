internal import Fingal

/// The blocks that hold events of a part, in the order in which a pass reads them.
struct BlockOrder: Sendable {
  private let blocks: [Int32]
  private let permutation: FeistelPermutation?

  /// - Parameter key: permutes the blocks; nil reads them in the order of the files.
  init(_ selection: EventSelection, part: EventSelection.Part, table: BlockTable, key: CounterGenerator?) {
    var blocks: [Int32] = []
    for block in 0..<table.count {
      let file = table.file(of: block)
      if table.eventsInFile(of: block).contains(where: { selection.isSignal(file: file, event: $0, in: part) != nil }) {
        blocks.append(Int32(block))
      }
    }
    self.blocks = blocks
    permutation = key.map { FeistelPermutation(count: blocks.count, key: $0) }
  }

  var count: Int { blocks.count }

  subscript(place: Int) -> Int { Int(blocks[permutation?(place) ?? place]) }
}
