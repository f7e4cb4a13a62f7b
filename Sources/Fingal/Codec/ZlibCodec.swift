internal import CZlib

/// A zlib stream (RFC 1950): `FORMAT.md §7.2`. Levels 1…9.
enum ZlibCodec {
  /// Bytes written, 0 if they do not fit.
  static func compress(
    _ source: UnsafeRawBufferPointer, level: Int, into target: UnsafeMutableRawBufferPointer
  ) -> Int {
    let from = unsafe source.baseAddress!.assumingMemoryBound(to: Bytef.self)
    let to = unsafe target.baseAddress!.assumingMemoryBound(to: Bytef.self)
    var written = uLongf(target.count)
    let status = unsafe compress2(to, &written, from, uLong(source.count), CInt(max(1, min(level, 9))))
    return status == Z_OK ? Int(written) : 0
  }

  /// Whether all of `source` gave exactly `target.count` bytes.
  static func decompress(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
    let from = unsafe source.baseAddress!.assumingMemoryBound(to: Bytef.self)
    let to = unsafe target.baseAddress!.assumingMemoryBound(to: Bytef.self)
    var written = uLongf(target.count)
    var read = uLong(source.count)
    let status = unsafe uncompress2(to, &written, from, &read)
    return status == Z_OK && Int(written) == target.count && Int(read) == source.count
  }
}
