/// Growable memory aligned to 64 bytes: the storage under every column.
///
/// One of the few files with unsafe code. It hands out raw pointers to the package only; growth never loses bytes, and
/// a pointer handed out is valid until the next call that grows the buffer.
@safe
package final class AlignedBytes: @unchecked Sendable {
  package private(set) var base: UnsafeMutableRawPointer
  package private(set) var capacity: Int
  package private(set) var count = 0

  package init(capacity: Int = 0) {
    self.capacity = max(64, (capacity + 63) & ~63)
    unsafe base = .allocate(byteCount: self.capacity, alignment: 64)
  }

  deinit { unsafe base.deallocate() }

  package var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: base, count: count) }

  package func reserve(_ total: Int) {
    if total <= capacity { return }
    let grown = max((total + 63) & ~63, capacity * 2)
    let next = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 64)
    unsafe next.copyMemory(from: base, byteCount: count)
    unsafe base.deallocate()
    unsafe base = next
    capacity = grown
  }

  /// Lengthens the buffer by `byteCount` bytes and returns where they begin; the caller fills all of them.
  @inline(__always)
  package func extend(by byteCount: Int) -> UnsafeMutableRawPointer {
    precondition(byteCount >= 0)
    if count + byteCount > capacity { reserve(count + byteCount) }
    defer { count += byteCount }
    return unsafe base + count
  }

  package func append(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return }
    unsafe extend(by: bytes.count).copyMemory(from: start, byteCount: bytes.count)
  }

  @inline(__always)
  package func append<T: BitwiseCopyable>(_ value: T) {
    unsafe extend(by: MemoryLayout<T>.size).storeBytes(of: value, as: T.self)
  }

  package func removeLast(_ byteCount: Int) {
    precondition(byteCount >= 0 && byteCount <= count)
    count -= byteCount
  }

  package func removeAll() { count = 0 }

  /// The contents as values of `T`. The count is a multiple of the stride by construction of the caller.
  @inline(__always)
  package func values<T: BitwiseCopyable>(_: T.Type) -> UnsafeMutableBufferPointer<T> {
    unsafe UnsafeMutableBufferPointer(
      start: base.assumingMemoryBound(to: T.self), count: count / MemoryLayout<T>.stride)
  }
}
