package import Fingal
internal import FingalKernels

/// A text file opened for scanning: decompressed, in UTF-8, without byte order mark.
///
/// Compression and encoding are recognised by the bytes and not by the name, since names lie. The first MiB of text is
/// kept in `prefix` for the detection of the dialect; reading `source` gives the whole text, the prefix included.
package final class TextInput {
  package enum Compression: String, Sendable {
    case none, gzip, zstd
  }

  /// As the user named it; `stdin` for `-`.
  package let file: String
  package let compression: Compression
  package let encoding: TextEncoding
  /// The beginning of the text, up to `prefixLimit` bytes.
  package let prefix: [UInt8]
  /// Whether `prefix` is the whole text.
  package let prefixIsAll: Bool
  package let source: any ByteSource

  package static let prefixLimit = 1 << 20

  /// - Parameters:
  ///   - path: the file, plain, `.gz` or `.zst`; `-` for standard input.
  ///   - encoding: nil to detect: a byte order mark decides, else UTF-8 if the prefix is valid UTF-8, else Latin-1.
  /// - Throws: `missingFile`, `usage` (a directory), `badInput` (a known binary format), `damaged`, `truncated`.
  package convenience init(path: String, encoding: TextEncoding? = nil) throws(FingalError) {
    let file = path == "-" ? "stdin" : path
    try self.init(DescriptorSource(path: path), file: file, encoding: encoding)
  }

  package init(_ raw: any ByteSource, file: String, encoding: TextEncoding? = nil) throws(FingalError) {
    self.file = file
    var source = raw
    var head = try source.readUp(to: 16)
    source = MemorySource(head, before: source)
    switch Self.magic(of: head) {
    case .plain: compression = .none
    case .gzip:
      compression = .gzip
      source = try GzipSource(source, file: file)
    case .zstd:
      compression = .zstd
      source = try ZstdSource(source, file: file)
    case .unsupported(let what, let advice):
      throw FingalError(.badInput, "is \(what), not text", file: file, advice: advice)
    }
    if compression != .none {
      head = try source.readUp(to: 16)
      source = MemorySource(head, before: source)
      if case .unsupported(let what, let advice) = Self.magic(of: head) {
        throw FingalError(.badInput, "holds \(what), not text", file: file, advice: advice)
      }
    }

    var found = encoding
    var mark = 0
    if head.starts(with: [0xEF, 0xBB, 0xBF]) {
      mark = 3
      found = found ?? .utf8
    } else if head.starts(with: [0xFF, 0xFE]) {
      mark = 2
      found = found ?? .utf16LittleEndian
    } else if head.starts(with: [0xFE, 0xFF]) {
      mark = 2
      found = found ?? .utf16BigEndian
    }
    if mark > 0 { _ = try source.readUp(to: mark) }
    if let found, found != .utf8 { source = TranscodingSource(source, from: found, file: file) }

    var prefix = try source.readUp(to: Self.prefixLimit)
    prefixIsAll = prefix.count < Self.prefixLimit
    source = MemorySource(prefix, before: source)
    if found == nil && !Self.isUTF8(prefix, complete: prefixIsAll) {
      found = .latin1
      source = TranscodingSource(source, from: .latin1, file: file)
      prefix = try source.readUp(to: Self.prefixLimit)
      source = MemorySource(prefix, before: source)
    }
    self.encoding = found ?? .utf8
    try Self.checkIsText(prefix, self.encoding, isGuess: encoding == nil, file: file)
    self.prefix = prefix
    self.source = source
  }

  /// Valid UTF-8, a last character cut by the end of the prefix aside.
  private static func isUTF8(_ bytes: [UInt8], complete: Bool) -> Bool {
    let valid = unsafe bytes.withUnsafeBytes { raw in
      unsafe fingal_utf8_valid_prefix(raw.baseAddress?.assumingMemoryBound(to: UInt8.self), raw.count)
    }
    if valid == bytes.count { return true }
    return !complete && bytes.count - valid < 4 && bytes[valid] >= 0xC2
  }

  /// Any bytes are Latin-1, and most pairs of bytes are UTF-16: what no table of values looks like is refused before
  /// it becomes the name of a column.
  private static func checkIsText(
    _ prefix: [UInt8], _ encoding: TextEncoding, isGuess: Bool, file: String
  ) throws(FingalError) {
    // A stray zero byte in a text is a character like any other; many, or one among bytes that were called Latin-1 only
    // for want of better, are another kind of file.
    let isDoubtful = isGuess && encoding == .latin1
    if let at = prefix.firstIndex(of: 0), isDoubtful || prefix.count(where: { $0 == 0 }) * 4 >= prefix.count {
      throw FingalError(
        .badInput, "is not text: it holds a zero byte", file: file,
        line: 1 + prefix[..<at].count { $0 == 0x0A },
        advice: "if it is UTF-16 without a byte order mark, pass --encoding utf-16le or utf-16be")
    }
    let isWide = encoding == .utf16LittleEndian || encoding == .utf16BigEndian
    if isWide && !prefix.isEmpty && !prefix.contains(where: { $0 < 0x80 }) {
      throw FingalError(
        .badInput, "does not look like \(encoding.rawValue): no digit, separator or line end in it", file: file,
        advice: "leave out --encoding")
    }
  }

  private enum Magic {
    case plain, gzip, zstd
    case unsupported(String, advice: String)
  }

  private static func magic(of head: [UInt8]) -> Magic {
    if head.starts(with: [0x1F, 0x8B]) { return .gzip }
    if head.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return .zstd }
    // A skippable frame, with which parallel zstd files begin.
    if head.count >= 4, head[0] & 0xF0 == 0x50, head.dropFirst().starts(with: [0x2A, 0x4D, 0x18]) { return .zstd }
    let unpack = "decompress it first"
    let others: [([UInt8], String, String)] = [
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "an xz file", unpack),
      ([0x42, 0x5A, 0x68, 0x39], "a bzip2 file", unpack),
      ([0x50, 0x4B, 0x03, 0x04], "a zip archive", unpack),
      ([0x04, 0x22, 0x4D, 0x18], "an lz4 file", unpack),
      (
        [0x72, 0x6F, 0x6F, 0x74, 0x00, 0x00], "a ROOT file", "write it as CSV first, for example with uproot and pandas"
      ),
      ([0x50, 0x41, 0x52, 0x31], "a Parquet file", "write it as CSV first"),
      (FileHeader.magic, "a Fingal file already", "'fingal export' makes CSV of it"),
      ([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A], "an HDF5 file", "write it as CSV first"),
      ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], "a NumPy file", "use 'fingal import'"),
    ]
    for (bytes, what, advice) in others where head.starts(with: bytes) { return .unsupported(what, advice: advice) }
    return .plain
  }
}
