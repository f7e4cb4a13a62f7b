internal import CZstd

/// One Zstandard frame without dictionary (RFC 8878): `FORMAT.md §7.3`. Levels 1…22.
///
/// Contexts are kept between pages: making one costs about as much as a small page.
enum ZstdCodec {
  /// Bytes written, 0 if they do not fit.
  static func compress(
    _ source: UnsafeRawBufferPointer, level: Int, into target: UnsafeMutableRawBufferPointer
  ) -> Int {
    guard let context = unsafe compressors.take() ?? (unsafe ZSTD_createCCtx()).map(Context.init) else { return 0 }
    defer { compressors.giveBack(context) }
    let written = unsafe ZSTD_compressCCtx(
      context.pointer, target.baseAddress!, target.count, source.baseAddress!, source.count,
      CInt(max(1, min(level, 22))))
    return ZSTD_isError(written) == 0 ? written : 0
  }

  /// Whether all of `source` is one frame that gave exactly `target.count` bytes.
  static func decompress(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
    guard unsafe ZSTD_findFrameCompressedSize(source.baseAddress!, source.count) == source.count,
      let context = unsafe decompressors.take() ?? (unsafe ZSTD_createDCtx()).map(Context.init)
    else { return false }
    defer { decompressors.giveBack(context) }
    let written = unsafe ZSTD_decompressDCtx(
      context.pointer, target.baseAddress!, target.count, source.baseAddress!, source.count)
    return ZSTD_isError(written) == 0 && written == target.count
  }

  private static let compressors = ContextPool()
  private static let decompressors = ContextPool()

  /// A context of the C library; whoever took it from the pool owns it.
  @safe
  private struct Context: @unchecked Sendable {
    let pointer: OpaquePointer
    init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }
  }

  /// Contexts at rest. There are never more than threads that once used one at the same time, and they live as long as
  /// the process.
  private final class ContextPool: Sendable {
    private let atRest = Guarded<[Context]>([])
    func take() -> Context? { atRest.withLock { $0.popLast() } }
    func giveBack(_ context: Context) { atRest.withLock { $0.append(context) } }
  }
}
