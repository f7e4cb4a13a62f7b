internal import Fingal

/// What the prefetch thread does: read the blocks of a window, draw their images in the order of the plan.
///
/// Two windows take turns. While the events of one are drawn, the blocks of the next are read a few at a time, so that the
/// minibatches come at an even pace and the ring never runs dry at the border between windows.
struct FeedProducer: Sendable {
  private var plan: FeedPlan
  private let options: FeedOptions
  private(set) var tally = ImageTally()

  init(_ plan: FeedPlan, _ options: FeedOptions) {
    self.plan = plan
    self.options = options
  }

  /// Events of the whole pass.
  var eventCount: Int { plan.eventCount }

  /// Reads until a hit falls into an image; false if none does, in the whole pass.
  mutating func findsHitInside() throws(FingalError) -> Bool {
    while let window = plan.next() {
      for request in window.requests {
        let block = try plan.reader.decode(request.block, wanted: request.wanted)
        let lists = block.lists
        if lists.isLit { return true }
        for event in 0..<lists.eventCount { tally += lists.tally(of: event) }
        withExtendedLifetime(block) {}
      }
    }
    return false
  }

  /// A window whose blocks are being taken from the queue.
  private struct Reading {
    let window: FeedWindow
    /// Held while events are drawn from their lists.
    private var blocks: [SparseBlock] = []
    private(set) var lists: [PixelLists] = []
    private(set) var origins: [(file: Int32, firstEvent: Int)] = []

    init(_ window: FeedWindow, _ queue: BlockQueue) {
      self.window = window
      queue.submit(window.requests)
    }

    mutating func take(
      upTo count: Int, _ queue: BlockQueue, _ ring: MinibatchRing, _ plan: FeedPlan
    ) throws(FingalError) {
      while blocks.count < count {
        if ring.wasCancelled { return }
        let block = try queue.take()
        origins.append(plan.origin(window.requests[blocks.count].block))
        lists.append(block.lists)
        blocks.append(block)
      }
    }

    func endLifetime() { withExtendedLifetime(blocks) {} }
  }

  /// Runs the pass. Ends early, without an error, when the ring is cancelled.
  mutating func run(_ ring: MinibatchRing) throws(FingalError) {
    let queue = BlockQueue(plan.reader, threads: options.threads)
    var slot: MinibatchSlot?
    var current = plan.next().map { Reading($0, queue) }
    while var reading = current {
      let places = reading.window.places
      let requests = reading.window.requests.count
      if !reading.window.isLazy { try reading.take(upTo: requests, queue, ring, plan) }
      var next = plan.next().map { Reading($0, queue) }
      let upcoming = reading.window.isLazy ? 0 : next?.window.requests.count ?? 0
      var index = 0
      while index < places.count {
        if slot == nil { slot = ring.emptySlot() }
        // Nil after a cancel.
        guard let open = slot else { return }
        let end = min(places.count, index + open.room)
        while index < end {
          let place = places[index]
          // As much of the next window as of this one.
          if upcoming > 0 { try next?.take(upTo: upcoming * (index + 1) / places.count, queue, ring, plan) }
          let request = Int(place.request)
          if request >= reading.lists.count { try reading.take(upTo: request + 1, queue, ring, plan) }
          // Only a pass that was cancelled has not read what it needs.
          if request >= reading.lists.count { return }
          let ahead = index + ImageReader.drawsAhead
          if ahead < places.count, places[ahead].request < reading.lists.count {
            reading.lists[Int(places[ahead].request)].prefetch(Int(places[ahead].offset))
          }
          let (lists, offset) = (reading.lists[request], Int(place.offset))
          tally += lists.tally(of: offset)
          let origin = reading.origins[request]
          open.add(
            lists, offset,
            EventOrigin(file: origin.file, isSignal: place.isSignal, event: origin.firstEvent + offset))
          index += 1
        }
        if open.isFull {
          ring.publish(open)
          slot = nil
        }
      }
      reading.endLifetime()
      current = next
    }
    if let slot { ring.publish(slot) }
  }
}
