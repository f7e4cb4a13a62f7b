internal import CLZ4
internal import CZlib
internal import CZstd

/// Bytes to fewer bytes and back (`FORMAT.md §7`). Dispatch is once a page.
extension Codec {
  /// Compresses `source` if the result fits in `limit` bytes; nil if it does not, and for `none`.
  ///
  /// - Parameter level: nil for the codec's default; values outside the codec's range are clamped to it.
  func compress(_ source: UnsafeRawBufferPointer, level: Int?, limit: Int) -> [UInt8]? {
    guard self != .none, limit > 0, unsafe !source.isEmpty, source.count <= Int(Int32.max) else { return nil }
    let output = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, initialized in
      let target = UnsafeMutableRawBufferPointer(buffer)
      switch self {
      case .none: initialized = 0
      case .lz4: initialized = unsafe LZ4Codec.compress(source, level: level ?? 0, into: target)
      case .zlib: initialized = unsafe ZlibCodec.compress(source, level: level ?? 6, into: target)
      case .zstd: initialized = unsafe ZstdCodec.compress(source, level: level ?? 3, into: target)
      }
    }
    return output.isEmpty ? nil : output
  }

  /// Decompresses into memory of exactly the length that the directory declares.
  ///
  /// - Throws: `damaged` unless all of `source` decompresses to exactly `target.count` bytes.
  func decompress(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) throws(FingalError) {
    guard unsafe !source.isEmpty, unsafe !target.isEmpty, source.count <= Int(Int32.max),
      target.count <= Int(Int32.max)
    else { throw damagedPage("a length that \(name) cannot have") }
    let complete =
      switch self {
      case .none: false
      case .lz4: unsafe LZ4Codec.decompress(source, into: target)
      case .zlib: unsafe ZlibCodec.decompress(source, into: target)
      case .zstd: unsafe ZstdCodec.decompress(source, into: target)
      }
    if !complete { throw damagedPage("its \(name) data do not give the declared \(target.count) bytes") }
  }
}
