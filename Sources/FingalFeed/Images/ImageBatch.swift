internal import FingalKernels

/// Memory for some images, filled again and again. It remembers which pixels it lit and clears only those when it is
/// filled anew: zeroing whole images would take longer than drawing them. So nobody else may write into it.
///
/// One thread at a time may use it. One of the few files with unsafe code.
@safe
public final class ImageBatch: @unchecked Sendable {
  /// Images that it takes.
  public let capacity: Int
  /// The shape of an image, outermost axis first.
  public let shape: [Int]
  /// Images that it holds.
  public private(set) var count = 0
  /// Pixels of an image.
  public let pixelCount: Int
  private let storage: UnsafeMutablePointer<Float>
  /// For each image, room for the pixels that are lit in it; more than `limit` are not remembered.
  private let lit: UnsafeMutableRawPointer
  private let limit: Int
  private let pixelWidth: Int
  /// For each image, how many pixels are lit; -1 if they are not remembered. Memory and no array, whose every use would
  /// be checked for exclusive access.
  private let litCounts: UnsafeMutablePointer<Int>

  /// - Parameters:
  ///   - capacity: images, at least 1.
  ///   - shape: of an image, outermost axis first.
  public init(capacity: Int, shape: [Int]) {
    precondition(capacity > 0 && shape.allSatisfy { $0 > 0 }, "a batch without images")
    self.capacity = capacity
    self.shape = shape
    pixelCount = shape.reduce(1, *)
    let pixels = capacity * pixelCount
    // Fresh memory from the system is zero without being written: only images that are drawn take any.
    unsafe storage = UnsafeMutableRawPointer.allocate(byteCount: max(64, pixels * 4), alignment: 64)
      .bindMemory(to: Float.self, capacity: pixels)
    // As many as the image has cache lines: with more lit, nearly every line is touched, and zeroing all is as fast.
    limit = max(1, pixelCount / 16)
    pixelWidth = pixelCount <= 1 << 16 ? 2 : 4
    unsafe lit = .allocate(byteCount: capacity * limit * pixelWidth, alignment: 64)
    // Nothing is known of new memory.
    unsafe litCounts = .allocate(capacity: capacity)
    unsafe litCounts.initialize(repeating: -1, count: capacity)
  }

  deinit {
    unsafe storage.deallocate()
    unsafe lit.deallocate()
    unsafe litCounts.deallocate()
  }

  /// `count` × shape floats, image after image, aligned to 64 bytes; until the batch is filled again or goes.
  public var images: UnsafePointer<Float> { unsafe UnsafePointer(storage) }

  /// `count` × shape floats, image after image.
  public var pixels: Span<Float> {
    @_lifetime(borrow self)
    get {
      let buffer = unsafe UnsafeBufferPointer(start: storage, count: count * pixelCount)
      return unsafe _overrideLifetime(Span(_unsafeElements: buffer), borrowing: self)
    }
  }

  /// One image, as an array: for looking at, not for training.
  public func image(_ index: Int) -> [Float] {
    precondition(index >= 0 && index < count, "no such image")
    return unsafe Array(UnsafeBufferPointer(start: storage + index * pixelCount, count: pixelCount))
  }

  /// Begins to fill it anew with so many images, each of which must be drawn once.
  func begin(_ count: Int) {
    precondition(count >= 0 && count <= capacity)
    self.count = count
  }

  /// Asks for the pixels of an image that will be cleared next.
  @inline(__always)
  private func fetch(_ index: Int) {
    guard index < capacity else { return }
    let count = unsafe litCounts[index]
    if count <= 0 { return }
    let image = unsafe storage + index * pixelCount
    let memory = unsafe lit + index * limit * pixelWidth
    if pixelWidth == 2 {
      unsafe fingal_fetch16(memory.assumingMemoryBound(to: UInt16.self), count, image)
    } else {
      unsafe fingal_fetch32(memory.assumingMemoryBound(to: UInt32.self), count, image)
    }
  }

  /// Draws the image of an event of a block in the place of what was there.
  @inline(__always)
  func draw(_ block: PixelLists, _ event: Int, at index: Int) {
    precondition(index >= 0 && index < count)
    let image = unsafe storage + index * pixelCount
    let memory = unsafe lit + index * limit * pixelWidth
    let old = unsafe litCounts[index]
    fetch(index + 1)
    if old < 0 {
      unsafe image.update(repeating: 0, count: pixelCount)
    } else if pixelWidth == 2 {
      unsafe fingal_clear16(memory.assumingMemoryBound(to: UInt16.self), old, image)
    } else {
      unsafe fingal_clear32(memory.assumingMemoryBound(to: UInt32.self), old, image)
    }
    assert(unsafe fingal_all_zero(image, pixelCount), "someone wrote into the images of a batch")
    let list = block.list(of: event)
    precondition(block.isNarrow == (pixelWidth == 2))
    unsafe block.draw(list, into: image)
    if list.count <= limit {
      unsafe UnsafeMutableRawBufferPointer(start: memory, count: list.count * pixelWidth)
        .copyMemory(from: block.pixelBytes(list))
      unsafe litCounts[index] = list.count
    } else {
      unsafe litCounts[index] = -1
    }
  }
}
