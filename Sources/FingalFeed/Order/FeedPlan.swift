internal import Fingal

/// A block to be read.
struct BlockRequest: Sendable {
  var block: Int
  /// For each event of the block, not 0 to make its list; nil for all that the reader keeps, which then stay in its cache.
  var wanted: [UInt8]?
}

/// Events that leave in one go, and the blocks that they need.
struct FeedWindow {
  /// An event: which of the requests holds it, which event of that block it is, and its class.
  struct Place {
    var request: Int32
    var offset: Int32
    var isSignal: Bool
  }

  var requests: [BlockRequest] = []
  /// In the order in which they leave.
  var places: [Place] = []
  /// Requests stand in the order in which the places need them and are taken when that happens; else all are read before
  /// the first event leaves.
  var isLazy = false
}

/// Which blocks a pass reads and in which order events leave it: `spec/LOADER.md` as code. Knows the selection and the
/// borders of the blocks, never what is in them.
struct FeedPlan: Sendable {
  private let selection: EventSelection
  private let part: EventSelection.Part
  let reader: ImageReader
  private let table: BlockTable
  /// Whether blocks go through the reader's cache.
  private let usesCache: Bool
  /// Events of the whole pass.
  let eventCount: Int
  private var mode: Mode

  private enum Mode: Sendable {
    case blocks(Blocks)
    case global(Global)
  }

  private struct Blocks: Sendable {
    let order: BlockOrder
    let windowBlocks: Int
    let seeds: (seed: UInt64, epoch: UInt64)?
    var draw: ClassDraw?
    var nextBlock = 0
    var window: UInt64 = 0
  }

  private struct Global: Sendable {
    /// Numbers in the data set, shuffled; 4 bytes an event.
    let events: [UInt32]
    let windowEvents: Int
    var next = 0
    /// For each block, its request in the window that is being made, or -1.
    var requestOfBlock: [Int32]
  }

  /// - Parameter sharesCache: blocks stay in the reader's cache for other passes, whatever the order.
  /// - Throws: `usage` if there are more events than a global shuffle numbers.
  init(
    _ selection: EventSelection, part: EventSelection.Part, order: FeedOrder, options: FeedOptions,
    reader: ImageReader, sharesCache: Bool
  ) throws(FingalError) {
    self.selection = selection
    self.part = part
    self.reader = reader
    table = reader.table
    let counts = selection.counts(part)
    var seeds: (seed: UInt64, epoch: UInt64)?
    switch order {
    case .file: break
    case .shuffled(let seed, let epoch), .global(let seed, let epoch): seeds = (seed, UInt64(epoch))
    }
    let draw = seeds.flatMap {
      options.balance ? ClassDraw(counts, generator: CounterGenerator($0.seed, $0.epoch, 2)) : nil
    }
    let eventCount = draw == nil ? counts.total : 2 * min(counts.signal, counts.background)
    self.eventCount = eventCount
    // Two windows are in memory: the one that is drawn and the one that is being read.
    let fits = max(1, options.memory / (2 * (8 * table.elementsPerEvent + 16)))
    if case .global = order, let seeds {
      usesCache = reader.holdsEverything
      let events = try Self.shuffledEvents(selection, part: part, draw: draw, seeds)
      mode = .global(
        Global(
          events: events,
          // With all lists in the cache a window costs nothing: it only bounds the plan itself.
          windowEvents: usesCache ? 1 << 16 : fits,
          requestOfBlock: Array(repeating: -1, count: table.count)))
      return
    }
    usesCache = sharesCache && reader.holdsEverything
    let blocks = BlockOrder(
      selection, part: part, table: table, key: seeds.map { CounterGenerator($0.seed, $0.epoch, 1) })
    // Blocks with as many events as the window shall have, of those that will be drawn. Without a shuffle there is
    // nothing to gather.
    var windowBlocks = 1
    if seeds != nil, eventCount > 0 {
      windowBlocks =
        fits < options.windowEvents
        ? blocks.count * fits / eventCount : (blocks.count * options.windowEvents + eventCount - 1) / eventCount
    }
    mode = .blocks(Blocks(order: blocks, windowBlocks: max(1, windowBlocks), seeds: seeds, draw: draw))
  }

  /// The next window, or nil at the end of the pass. None is empty.
  mutating func next() -> FeedWindow? {
    switch mode {
    case .blocks(var blocks):
      defer { mode = .blocks(blocks) }
      return window(of: &blocks)
    case .global(var global):
      // Without its arrays the mode would share them, and a change would copy.
      mode = .global(Global(events: [], windowEvents: 0, requestOfBlock: []))
      defer { mode = .global(global) }
      return window(of: &global)
    }
  }

  /// Where the events of a block come from: the file, and the first one's number there.
  func origin(_ block: Int) -> (file: Int32, firstEvent: Int) {
    (Int32(table.file(of: block)), table.eventsInFile(of: block).lowerBound)
  }

  // MARK: Windows of blocks

  private func window(of blocks: inout Blocks) -> FeedWindow? {
    var window = FeedWindow()
    // A window that the draw left empty does not count.
    while window.places.isEmpty, blocks.nextBlock < blocks.order.count {
      let end = min(blocks.order.count, blocks.nextBlock + blocks.windowBlocks)
      while blocks.nextBlock < end {
        let block = blocks.order[blocks.nextBlock]
        blocks.nextBlock += 1
        let file = table.file(of: block)
        let events = table.eventsInFile(of: block)
        var wanted = [UInt8](repeating: 0, count: events.count)
        let request = Int32(window.requests.count)
        var isNeeded = false
        for offset in wanted.indices {
          guard let isSignal = selection.isSignal(file: file, event: events.lowerBound + offset, in: part),
            blocks.draw?.takes(isSignal: isSignal) != false
          else { continue }
          wanted[offset] = 1
          isNeeded = true
          window.places.append(.init(request: request, offset: Int32(offset), isSignal: isSignal))
        }
        if isNeeded { window.requests.append(BlockRequest(block: block, wanted: usesCache ? nil : wanted)) }
      }
    }
    if window.places.isEmpty { return nil }
    if let seeds = blocks.seeds {
      Self.shuffle(&window.places, CounterGenerator(seeds.seed, seeds.epoch, 3, blocks.window))
    }
    blocks.window += 1
    return window
  }

  /// Fisher and Yates' shuffle.
  private static func shuffle<T>(_ list: inout [T], _ generator: CounterGenerator) {
    var last = list.count - 1
    while last > 0 {
      list.swapAt(last, generator(UInt64(last), below: last + 1))
      last -= 1
    }
  }

  // MARK: A global shuffle

  private static func shuffledEvents(
    _ selection: EventSelection, part: EventSelection.Part, draw: ClassDraw?, _ seeds: (seed: UInt64, epoch: UInt64)
  ) throws(FingalError) -> [UInt32] {
    guard selection.dataSet.eventCount <= UInt32.max else {
      throw FingalError(
        .usage, "a global shuffle of \(selection.dataSet.eventCount) events; it takes \(UInt32.max)",
        advice: "shuffle in windows")
    }
    var draw = draw
    var events: [UInt32] = []
    var start = 0
    for (file, codes) in selection.codes.enumerated() {
      for event in codes.indices {
        guard let isSignal = selection.isSignal(file: file, event: event, in: part),
          draw?.takes(isSignal: isSignal) != false
        else { continue }
        events.append(UInt32(start + event))
      }
      start += codes.count
    }
    shuffle(&events, CounterGenerator(seeds.seed, seeds.epoch, 4))
    return events
  }

  private func window(of global: inout Global) -> FeedWindow? {
    let end = min(global.events.count, global.next + global.windowEvents)
    if global.next == end { return nil }
    var window = FeedWindow()
    window.isLazy = usesCache
    window.places.reserveCapacity(end - global.next)
    if !usesCache {
      // All are read before one leaves: in the order of the files, which disks like best.
      var blocks: [Int] = []
      for index in global.next..<end {
        let block = table.place(of: Int(global.events[index])).block
        if global.requestOfBlock[block] < 0 {
          global.requestOfBlock[block] = 0
          blocks.append(block)
        }
      }
      blocks.sort()
      for block in blocks {
        global.requestOfBlock[block] = Int32(window.requests.count)
        window.requests.append(
          BlockRequest(block: block, wanted: Array(repeating: 0, count: table.events(of: block).count)))
      }
    }
    for index in global.next..<end {
      let (block, offset) = table.place(of: Int(global.events[index]))
      if global.requestOfBlock[block] < 0 {
        global.requestOfBlock[block] = Int32(window.requests.count)
        window.requests.append(BlockRequest(block: block))
      }
      let request = global.requestOfBlock[block]
      window.requests[Int(request)].wanted?[offset] = 1
      let file = table.file(of: block)
      let code = selection.codes[file][Int(global.events[index]) - table.fileStarts[file]]
      window.places.append(
        .init(request: request, offset: Int32(offset), isSignal: code & EventSelection.isSignal != 0))
    }
    for request in window.requests { global.requestOfBlock[request.block] = -1 }
    global.next = end
    return window
  }
}

/// Where an image came from.
struct EventOrigin: Sendable {
  var file: Int32
  var isSignal: Bool
  var event: Int
}
