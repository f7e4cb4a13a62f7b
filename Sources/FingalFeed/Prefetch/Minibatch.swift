/// Events as a network takes them. The memory belongs to the feed and holds this minibatch until the next call of
/// `BatchFeed.next()`: copy what must live longer.
@safe
public struct Minibatch {
  /// Events, at most the size of a minibatch; the last one of a pass may hold fewer.
  public let count: Int
  /// The shape of an image, outermost axis first.
  public let shape: [Int]
  /// `count` × shape floats, event after event, aligned to 64 bytes.
  public let images: UnsafeMutablePointer<Float>
  /// 1 for signal, 0 for background; `count` of them.
  public let labels: UnsafeMutablePointer<Float>
  let origins: [SparseImages.Origin]

  init(slot: MinibatchSlot, shape: [Int]) {
    count = slot.count
    self.shape = shape
    unsafe images = slot.images
    unsafe labels = slot.labels
    origins = slot.origins
  }

  /// Which file of the data set an event is from, and its number there.
  public func origin(of event: Int) -> (file: Int, event: Int) { (Int(origins[event].file), origins[event].event) }

  public func isSignal(_ event: Int) -> Bool { origins[event].isSignal }

  /// One image, as an array: for looking at, not for training.
  public func image(_ event: Int) -> [Float] {
    precondition(event >= 0 && event < count)
    let pixels = shape.reduce(1, *)
    return unsafe Array(UnsafeBufferPointer(start: images + event * pixels, count: pixels))
  }
}

/// The memory of one minibatch, filled again and again.
@safe
final class MinibatchSlot: @unchecked Sendable {
  let capacity: Int
  let pixels: Int
  let images: UnsafeMutablePointer<Float>
  let labels: UnsafeMutablePointer<Float>
  var origins: [SparseImages.Origin] = []
  private let storage: UnsafeMutableRawPointer

  init(capacity: Int, pixels: Int) {
    self.capacity = capacity
    self.pixels = pixels
    let imageBytes = (capacity * pixels * 4 + 63) / 64 * 64
    unsafe storage = .allocate(byteCount: imageBytes + capacity * 4, alignment: 64)
    unsafe images = storage.bindMemory(to: Float.self, capacity: capacity * pixels)
    unsafe labels = (storage + imageBytes).bindMemory(to: Float.self, capacity: capacity)
    origins.reserveCapacity(capacity)
  }

  deinit { unsafe storage.deallocate() }

  var count: Int { origins.count }
  var isFull: Bool { origins.count == capacity }

  /// Draws one event's image after those that are there.
  @inline(__always)
  func add(_ window: SparseImages, _ range: Range<Int>, _ origin: SparseImages.Origin, scale: PixelScale) {
    precondition(!isFull)
    let image = unsafe UnsafeMutableBufferPointer(start: images + origins.count * pixels, count: pixels)
    unsafe image.update(repeating: 0)
    unsafe window.draw(range, into: image)
    unsafe scale.apply(to: image)
    unsafe labels[origins.count] = origin.isSignal ? 1 : 0
    origins.append(origin)
  }
}
