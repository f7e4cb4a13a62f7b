internal import Fingal

/// What the prefetch thread does: read blocks, keep the hits of a window of them, draw images in shuffled order.
///
/// Two windows take turns. While the events of one are drawn, the blocks of the next are read a few at a time, so that the
/// minibatches come at an even pace and the ring never runs dry at the border between windows.
struct FeedProducer {
  private let selection: EventSelection
  private let part: EventSelection.Part
  private let columns: [String]
  private let options: FeedOptions
  private let seeds: (seed: UInt64, epoch: UInt64)?
  private let order: BlockOrder
  private(set) var draw: ClassDraw?
  private var imaging: Imaging
  private var nextBlock = 0
  private let windowBlocks: Int
  /// Events of the whole pass.
  let eventCount: Int

  init(
    _ selection: EventSelection, image: ImageDescription, part: EventSelection.Part, order: FeedOrder,
    options: FeedOptions
  ) throws(FingalError) {
    self.selection = selection
    self.part = part
    self.options = options
    columns = image.columns
    imaging = Imaging(image)
    let counts = selection.counts(part)
    switch order {
    case .file:
      seeds = nil
      draw = nil
    case .shuffled(let seed, let epoch):
      seeds = (seed, UInt64(epoch))
      draw = options.balance ? ClassDraw(counts, generator: CounterGenerator(seed, UInt64(epoch), 2)) : nil
    }
    eventCount = draw == nil ? counts.total : 2 * min(counts.signal, counts.background)
    self.order = try BlockOrder(
      selection, part: part, columns: columns, blockEvents: options.blockEvents,
      key: seeds.map { CounterGenerator($0.seed, $0.epoch, 1) })
    // Blocks with as many events as the window shall have, of those that will be drawn.
    // Without a shuffle there is nothing to gather.
    windowBlocks =
      seeds == nil ? 1 : max(1, (self.order.count * options.windowEvents + eventCount - 1) / max(1, eventCount))
  }

  var tally: ImageTally { imaging.tally }

  /// Reads until a hit falls into an image; false if none does, in the whole pass.
  mutating func findsHitInside() throws(FingalError) -> Bool {
    var images = SparseImages()
    for place in 0..<order.count {
      try read(order[place], into: &images)
      if !images.values.isEmpty { return true }
      images.removeAll()
    }
    return false
  }

  /// Runs the pass. Ends early, without an error, when the ring is cancelled.
  mutating func run(_ ring: MinibatchRing) throws(FingalError) {
    var window = SparseImages()
    var upcoming = SparseImages()
    var slot: MinibatchSlot?
    var number: UInt64 = 0
    while true {
      // A window that the draw left empty does not count.
      while window.count == 0, nextBlock < order.count {
        let end = min(order.count, nextBlock + windowBlocks)
        while nextBlock < end {
          if ring.wasCancelled { return }
          try readNextBlock(into: &window)
        }
      }
      if window.count == 0 { break }
      let starts = window.starts()
      let end = min(order.count, nextBlock + windowBlocks)
      let first = nextBlock
      let eventOrder = shuffledOrder(window.count, window: number)
      for (place, event) in eventOrder.enumerated() {
        // As much of the next window as of this one.
        while nextBlock - first < (end - first) * (place + 1) / eventOrder.count {
          if ring.wasCancelled { return }
          try readNextBlock(into: &upcoming)
        }
        if slot == nil {
          slot = ring.emptySlot()
          if slot == nil { return }
        }
        guard let open = slot else { return }
        open.add(window, starts[event]..<window.ends[event], window.origins[event], scale: options.scale)
        if open.isFull {
          ring.publish(open)
          slot = nil
        }
      }
      number += 1
      swap(&window, &upcoming)
      upcoming.removeAll()
    }
    if let slot { ring.publish(slot) }
  }

  private mutating func readNextBlock(into images: inout SparseImages) throws(FingalError) {
    let block = order[nextBlock]
    nextBlock += 1
    try read(block, into: &images)
  }

  private mutating func read(_ block: Block, into images: inout SparseImages) throws(FingalError) {
    let file = selection.dataSet.files[Int(block.file)]
    let batch: EventBatch
    do { batch = try file.read(columns, events: block.events) } catch { throw error.naming(file: file.path) }
    let first = block.events.lowerBound
    try imaging.append(batch, to: &images) { event in
      guard let isSignal = selection.isSignal(file: Int(block.file), event: first + event, in: part) else { return nil }
      if draw?.takes(isSignal: isSignal) == false { return nil }
      return SparseImages.Origin(file: block.file, isSignal: isSignal, event: first + event)
    }
  }

  /// Fisher and Yates' shuffle of the events of a window.
  private func shuffledOrder(_ count: Int, window: UInt64) -> [Int] {
    var order = Array(0..<count)
    guard let seeds else { return order }
    let generator = CounterGenerator(seeds.seed, seeds.epoch, 3, window)
    var last = count - 1
    while last > 0 {
      order.swapAt(last, generator(UInt64(last), below: last + 1))
      last -= 1
    }
    return order
  }
}
