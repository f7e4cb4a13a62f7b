import Fingal

/// Passes the bytes of a source on and hashes them on their way: XXH3 takes some 30 GB/s, which no conversion notices.
final class HashingSource: ByteSource {
  private let source: any ByteSource
  private let hash = StreamingHash()
  private var bytes = 0

  init(_ source: any ByteSource) { self.source = source }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FingalError) -> Int {
    let count = try unsafe source.read(into: buffer)
    unsafe hash.append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[0..<count]))
    bytes += count
    return count
  }

  /// Reads what is left, and gives the size and the XXH3-64 of all.
  func finish() throws(FingalError) -> (bytes: Int, hash: UInt64) {
    let buffer = AlignedBytes(capacity: 1 << 16)
    let space = unsafe UnsafeMutableRawBufferPointer(start: buffer.extend(by: 1 << 16), count: 1 << 16)
    while try unsafe read(into: space) > 0 {}
    withExtendedLifetime(buffer) {}
    return (bytes, hash.value)
  }
}
