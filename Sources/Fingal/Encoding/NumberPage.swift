/// The values of one page of numbers before encoding: what every numeric encoding takes.
///
/// It borrows the memory of a column, which lives and stays unchanged for the call.
@safe
struct NumberPage {
  /// The values in native (little-endian) byte order.
  let start: UnsafeRawPointer
  let count: Int
  let type: ScalarType
  /// Elements of one value: the product of a tensor's shape, 1 for scalars.
  let rowLength: Int

  init(_ start: UnsafeRawPointer, count: Int, type: ScalarType, rowLength: Int) {
    unsafe self.start = start
    self.count = count
    self.type = type
    self.rowLength = rowLength
  }

  var byteCount: Int { count * type.byteWidth }

  var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: start, count: count * type.byteWidth) }

  /// The bit patterns of the values; `Bits` is as wide as the type.
  @inline(__always)
  func bits<Bits: PackedWord>(_: Bits.Type) -> UnsafePointer<Bits> {
    unsafe start.assumingMemoryBound(to: Bits.self)
  }
}

/// Where the values of one page of numbers go when it is decoded: memory for exactly `count` values.
@safe
struct NumberTarget {
  let start: UnsafeMutableRawPointer
  let count: Int
  let type: ScalarType
  let rowLength: Int

  init(_ start: UnsafeMutableRawPointer, count: Int, type: ScalarType, rowLength: Int) {
    unsafe self.start = start
    self.count = count
    self.type = type
    self.rowLength = rowLength
  }

  var byteCount: Int { count * type.byteWidth }

  @inline(__always)
  func bits<Bits: PackedWord>(_: Bits.Type) -> UnsafeMutablePointer<Bits> {
    unsafe start.assumingMemoryBound(to: Bits.self)
  }
}
