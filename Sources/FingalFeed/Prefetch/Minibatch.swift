/// Events as a network takes them. The memory belongs to the feed and holds this minibatch until the next call of
/// `BatchFeed.next()`: copy what must live longer. It is only to be read: when it is filled again, only those pixels are
/// cleared that the feed itself has lit.
@safe
public struct Minibatch {
  /// Events, at most the size of a minibatch; the last one of a pass may hold fewer.
  public let count: Int
  /// The shape of an image, outermost axis first.
  public let shape: [Int]
  /// `count` × shape floats, event after event, aligned to 64 bytes.
  public let images: UnsafePointer<Float>
  /// 1 for signal, 0 for background; `count` of them.
  public let labels: UnsafePointer<Float>
  private let slot: MinibatchSlot
  let origins: [EventOrigin]

  init(slot: MinibatchSlot) {
    self.slot = slot
    count = slot.count
    shape = slot.batch.shape
    unsafe images = slot.batch.images
    unsafe labels = UnsafePointer(slot.labels)
    origins = slot.origins
  }

  /// Which file of the data set an event is from, and its number there.
  public func origin(of event: Int) -> (file: Int, event: Int) { (Int(origins[event].file), origins[event].event) }

  public func isSignal(_ event: Int) -> Bool { origins[event].isSignal }

  /// One image, as an array: for looking at, not for training.
  public func image(_ event: Int) -> [Float] {
    precondition(event >= 0 && event < count)
    return slot.batch.image(event)
  }
}

/// The memory of one minibatch, filled again and again.
@safe
final class MinibatchSlot: @unchecked Sendable {
  let batch: ImageBatch
  let labels: UnsafeMutablePointer<Float>
  private(set) var origins: [EventOrigin] = []

  init(capacity: Int, shape: [Int]) {
    batch = ImageBatch(capacity: capacity, shape: shape)
    unsafe labels = UnsafeMutableRawPointer.allocate(byteCount: capacity * 4, alignment: 64)
      .bindMemory(to: Float.self, capacity: capacity)
    origins.reserveCapacity(capacity)
  }

  deinit { unsafe labels.deallocate() }

  var count: Int { origins.count }
  var isFull: Bool { origins.count == batch.capacity }
  /// Events that still fit.
  var room: Int { batch.capacity - origins.count }

  /// Empties it. A minibatch that still looks at it keeps what it knows of the origins.
  func removeAll() { origins.removeAll(keepingCapacity: true) }

  /// Draws one event's image after those that are there.
  @inline(__always)
  func add(_ block: PixelLists, _ event: Int, _ origin: EventOrigin) {
    let index = origins.count
    batch.begin(index + 1)
    batch.draw(block, event, at: index)
    unsafe labels[index] = origin.isSignal ? 1 : 0
    origins.append(origin)
  }
}
