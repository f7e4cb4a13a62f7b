internal import CLZ4

/// LZ4 block format (no frame): `FORMAT.md §7.1`. Level 0 is the fast compressor, 1…12 are LZ4 HC.
enum LZ4Codec {
  /// Bytes written, 0 if they do not fit.
  static func compress(
    _ source: UnsafeRawBufferPointer, level: Int, into target: UnsafeMutableRawBufferPointer
  ) -> Int {
    let from = unsafe source.baseAddress!.assumingMemoryBound(to: CChar.self)
    let to = unsafe target.baseAddress!.assumingMemoryBound(to: CChar.self)
    let written =
      level <= 0
      ? unsafe LZ4_compress_default(from, to, CInt(source.count), CInt(clamping: target.count))
      : unsafe LZ4_compress_HC(from, to, CInt(source.count), CInt(clamping: target.count), CInt(min(level, 12)))
    return max(0, Int(written))
  }

  /// Whether all of `source` gave exactly `target.count` bytes.
  static func decompress(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
    let from = unsafe source.baseAddress!.assumingMemoryBound(to: CChar.self)
    let to = unsafe target.baseAddress!.assumingMemoryBound(to: CChar.self)
    return unsafe LZ4_decompress_safe(from, to, CInt(source.count), CInt(target.count)) == CInt(target.count)
  }
}
