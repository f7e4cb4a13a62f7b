/// Reads the bytes of a page from front to back and never past the end: the one place where lengths of a page that may
/// have been forged meet memory. All encodings parse through it.
@safe
struct ByteReader {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }

  var remaining: Int { unsafe bytes.count - offset }

  /// The next `count` bytes, without a copy; they live as long as the page does.
  @inline(__always)
  mutating func take(_ count: Int, _ what: StaticString) throws(FingalError) -> UnsafeRawPointer {
    guard count >= 0, count <= remaining, let base = unsafe bytes.baseAddress else {
      // A page without bytes has no base address; only a read of nothing is fine there.
      if count == 0 { return unsafe UnsafeRawPointer(ByteReader.nothing) }
      throw damagedPage("it ends inside its \(what)")
    }
    defer { offset += count }
    return unsafe base + offset
  }

  /// One little-endian integer, at any alignment.
  @inline(__always)
  mutating func read<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type, _ what: StaticString) throws(FingalError) -> T {
    let at = try unsafe take(MemoryLayout<T>.size, what)
    return unsafe T(littleEndian: at.loadUnaligned(as: T.self))
  }

  /// All bytes that are left.
  mutating func rest() -> UnsafeRawBufferPointer {
    defer { offset = unsafe bytes.count }
    return unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...])
  }

  /// A page is exactly as long as its contents: bytes left over are damage, too.
  func finish() throws(FingalError) {
    if remaining != 0 { throw damagedPage("\(remaining) bytes are left over") }
  }

  /// Where reads of nothing point.
  nonisolated(unsafe) private static let nothing = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
}

/// The error of every encoding: the reader that knows file, column and events adds them.
func damagedPage(_ reason: String) -> FingalError {
  FingalError(.damaged, reason, advice: "restore the file from a copy")
}
