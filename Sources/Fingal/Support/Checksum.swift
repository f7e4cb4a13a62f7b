import CXXHash

/// XXH3-64 with a seed: the checksum of every page and metadata block (`FORMAT.md §2.4`).
///
/// The seed says what the bytes are and where they belong, so that a valid block in the wrong place fails too.
package enum Checksum {
  /// Seeds of the metadata blocks. A page's is `page(stream:index:)`.
  package static let header: UInt64 = 1
  package static let schema: UInt64 = 2
  package static let clusterHead: UInt64 = 3
  package static let directory: UInt64 = 4
  package static let footer: UInt64 = 5
  package static let trailer: UInt64 = 6
  /// The content hash of a file. 7 is the seed of the digests of streams, in the kernel.
  package static let content: UInt64 = 8

  /// The seed of a page: the stream's index plus one in the upper half, the page's index within its stream and cluster
  /// in the lower.
  package static func page(stream: Int, index: Int) -> UInt64 {
    UInt64(stream + 1) << 32 | UInt64(UInt32(truncatingIfNeeded: index))
  }

  package static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
    unsafe fingal_xxh3(bytes.baseAddress, bytes.count, seed)
  }

  package static func of(_ bytes: [UInt8], seed: UInt64) -> UInt64 {
    unsafe bytes.withUnsafeBytes { unsafe of($0, seed: seed) }
  }
}
