internal import FingalKernels

/// The images of a block of events as their lit pixels: what is cached, and what waits in the window of a shuffle. An
/// event of 220 hits takes 1.3 kB here and 25 kB as an image of 28 × 15 × 15 pixels.
///
/// Never changed once it is made, so that threads may share it. One of the few files with unsafe code.
@safe
final class SparseBlock: @unchecked Sendable {
  /// Bytes that it takes, for the budget.
  let byteCount: Int
  private let storage: UnsafeMutableRawPointer
  /// What is in it, for as long as the block lives.
  let lists: PixelLists

  /// Copies the lists of a block.
  ///
  /// - Parameter ends: for each event, the end of its part of `pixels` and `values`; the first part begins at 0.
  init(
    values: UnsafePointer<Float>, pixels: UnsafeRawPointer, isNarrow: Bool, ends: UnsafeBufferPointer<UInt32>,
    tallies: UnsafePointer<fingal_hit_tally>
  ) {
    let eventCount = ends.count
    let lit = unsafe Int(ends.last ?? 0)
    let pixelBytes = lit * (isNarrow ? 2 : 4)
    let tallyBytes = eventCount * MemoryLayout<fingal_hit_tally>.stride
    // In this order every part is aligned but for the narrow pixels, which come last.
    byteCount = (lit + eventCount) * 4 + tallyBytes + pixelBytes + Self.overhead
    unsafe storage = .allocate(byteCount: max(1, byteCount - Self.overhead), alignment: 64)
    let places = unsafe (
      ends: storage + lit * 4, tallies: storage + (lit + eventCount) * 4,
      pixels: storage + (lit + eventCount) * 4 + tallyBytes
    )
    unsafe storage.copyMemory(from: values, byteCount: lit * 4)
    if let base = ends.baseAddress { unsafe places.ends.copyMemory(from: base, byteCount: eventCount * 4) }
    unsafe places.tallies.copyMemory(from: tallies, byteCount: tallyBytes)
    unsafe places.pixels.copyMemory(from: pixels, byteCount: pixelBytes)
    lists = unsafe PixelLists(
      eventCount: eventCount, isNarrow: isNarrow, values: UnsafePointer(storage.assumingMemoryBound(to: Float.self)),
      pixels: UnsafeRawPointer(places.pixels), ends: UnsafePointer(places.ends.assumingMemoryBound(to: UInt32.self)),
      tallies: UnsafePointer(places.tallies.assumingMemoryBound(to: fingal_hit_tally.self)))
  }

  deinit { unsafe storage.deallocate() }

  /// The object and its place in a cache.
  static let overhead = 160
}

/// The lists of a block without its memory: to be had by the thousand without counting references, while somebody holds
/// the block.
@safe
struct PixelLists {
  /// Events of the block. The list of one that was not wanted is empty.
  let eventCount: Int
  /// Whether `pixels` are `UInt16`, as for images of at most 65,536 pixels; else they are `UInt32`.
  let isNarrow: Bool
  private let values: UnsafePointer<Float>
  private let pixels: UnsafeRawPointer
  private let ends: UnsafePointer<UInt32>
  private let tallies: UnsafePointer<fingal_hit_tally>

  fileprivate init(
    eventCount: Int, isNarrow: Bool, values: UnsafePointer<Float>, pixels: UnsafeRawPointer,
    ends: UnsafePointer<UInt32>, tallies: UnsafePointer<fingal_hit_tally>
  ) {
    self.eventCount = eventCount
    self.isNarrow = isNarrow
    unsafe self.values = values
    unsafe self.pixels = pixels
    unsafe self.ends = ends
    unsafe self.tallies = tallies
  }

  /// Where the list of an event lies.
  @inline(__always)
  func list(of event: Int) -> Range<Int> {
    precondition(event >= 0 && event < eventCount)
    let end = unsafe Int(ends[event])
    return unsafe (event == 0 ? 0 : Int(ends[event - 1]))..<end
  }

  /// The pixels of a list that lies in the block.
  @inline(__always)
  func pixelBytes(_ list: Range<Int>) -> UnsafeRawBufferPointer {
    let width = isNarrow ? 2 : 4
    return unsafe UnsafeRawBufferPointer(start: pixels + list.lowerBound * width, count: list.count * width)
  }

  /// Lights the pixels of a list in an image that holds zeros.
  @inline(__always)
  func draw(_ list: Range<Int>, into image: UnsafeMutablePointer<Float>) {
    let values = unsafe values + list.lowerBound
    let bytes = unsafe pixelBytes(list).baseAddress!
    if isNarrow {
      unsafe fingal_draw16(bytes.assumingMemoryBound(to: UInt16.self), values, list.count, image)
    } else {
      unsafe fingal_draw32(bytes.assumingMemoryBound(to: UInt32.self), values, list.count, image)
    }
  }

  /// Asks for the list of an event that will be drawn soon.
  @inline(__always)
  func prefetch(_ event: Int) {
    let list = list(of: event)
    unsafe fingal_prefetch(values + list.lowerBound, list.count * 4)
    unsafe fingal_prefetch(pixelBytes(list).baseAddress!, list.count * (isNarrow ? 2 : 4))
  }

  /// What became of the hits of an event.
  func tally(of event: Int) -> ImageTally {
    precondition(event >= 0 && event < eventCount)
    let tally = unsafe tallies[event]
    return ImageTally(hits: Int(tally.hits), outside: Int(tally.outside), skipped: Int(tally.skipped))
  }

  /// Whether any event has a lit pixel.
  var isLit: Bool { unsafe eventCount > 0 && ends[eventCount - 1] > 0 }
}
