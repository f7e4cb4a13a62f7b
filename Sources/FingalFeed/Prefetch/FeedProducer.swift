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
        if block.isLit { return true }
        for event in 0..<block.eventCount { tally += block.tally(of: event) }
      }
    }
    return false
  }

  /// A window whose blocks are being taken from the queue.
  private struct Reading {
    let window: FeedWindow
    var blocks: [SparseBlock] = []

    init(_ window: FeedWindow, _ queue: BlockQueue) {
      self.window = window
      queue.submit(window.requests)
    }

    mutating func take(upTo count: Int, _ queue: BlockQueue, _ ring: MinibatchRing) throws(FingalError) {
      while blocks.count < count {
        if ring.wasCancelled { return }
        blocks.append(try queue.take())
      }
    }
  }

  /// Runs the pass. Ends early, without an error, when the ring is cancelled.
  mutating func run(_ ring: MinibatchRing) throws(FingalError) {
    let queue = BlockQueue(plan.reader, threads: options.threads)
    var slot: MinibatchSlot?
    var current = plan.next().map { Reading($0, queue) }
    while var reading = current {
      let places = reading.window.places
      let requests = reading.window.requests
      if !reading.window.isLazy { try reading.take(upTo: requests.count, queue, ring) }
      var next = plan.next().map { Reading($0, queue) }
      let upcoming = reading.window.isLazy ? 0 : next?.window.requests.count ?? 0
      for (index, place) in places.enumerated() {
        // As much of the next window as of this one.
        if upcoming > 0 { try next?.take(upTo: upcoming * (index + 1) / places.count, queue, ring) }
        let request = Int(place.request)
        if request >= reading.blocks.count {
          try reading.take(upTo: request + 1, queue, ring)
        }
        // Only a pass that was cancelled has not read what it needs.
        if request >= reading.blocks.count { return }
        if slot == nil {
          slot = ring.emptySlot()
          if slot == nil { return }
        }
        guard let open = slot else { return }
        let ahead = index + ImageReader.drawsAhead
        if ahead < places.count, places[ahead].request < reading.blocks.count {
          reading.blocks[Int(places[ahead].request)].prefetch(Int(places[ahead].offset))
        }
        let (block, offset) = (reading.blocks[request], Int(place.offset))
        tally += block.tally(of: offset)
        open.add(block, offset, plan.origin(requests[request].block, offset))
        if open.isFull {
          ring.publish(open)
          slot = nil
        }
      }
      current = next
    }
    if let slot { ring.publish(slot) }
  }
}
