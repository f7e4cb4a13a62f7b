/// Images of many events as their lit pixels: what waits in the window of a shuffle. An event of 300 hits takes 2.4 kB
/// here and 20 kB as an image of 28 × 12 × 15 pixels.
struct SparseImages {
  /// Where an image came from.
  struct Origin: Sendable {
    var file: Int32
    var isSignal: Bool
    var event: Int
  }

  private(set) var pixels: [Int32] = []
  private(set) var values: [Float] = []
  /// The end of each event's part of `pixels` and `values`.
  private(set) var ends: [Int] = []
  private(set) var origins: [Origin] = []

  var count: Int { origins.count }

  mutating func removeAll() {
    pixels.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    origins.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  mutating func add(pixel: Int32, value: Float) {
    pixels.append(pixel)
    values.append(value)
  }

  /// Closes the event whose pixels were added last.
  mutating func endEvent(_ origin: Origin) {
    ends.append(pixels.count)
    origins.append(origin)
  }

  /// Where the pixels of each event begin, for reading in any order.
  func starts() -> [Int] {
    var starts: [Int] = []
    starts.reserveCapacity(ends.count)
    var start = 0
    for end in ends {
      starts.append(start)
      start = end
    }
    return starts
  }

  /// Adds an event's hits up in an image that holds zeros.
  @inline(__always)
  func draw(_ range: Range<Int>, into image: UnsafeMutableBufferPointer<Float>) {
    for i in range { unsafe image[Int(pixels[i])] += values[i] }
  }
}
