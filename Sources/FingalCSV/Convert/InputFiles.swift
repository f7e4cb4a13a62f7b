internal import Glibc
import Fingal

/// The files of a conversion, which may be read several times: standard input is copied to a temporary file without
/// a name first, so that it can be read again when a type turns out too narrow.
final class InputFiles {
  struct Entry {
    /// As the user named it; `stdin` for `-`.
    let name: String
    /// What to open.
    let path: String
    /// Bytes on disk.
    let byteCount: Int
    /// What stands in the file, where there is none.
    var text: [UInt8]?
  }

  private(set) var entries: [Entry] = []
  private var spool: CInt = -1
  /// The sources opened last, which know the hash of what was read.
  private var opened: [Int: HashingSource] = [:]

  init(_ paths: [String]) throws(FingalError) {
    for path in paths {
      if path == "-" {
        guard spool < 0 else { throw FingalError(.usage, "standard input can be read once only") }
        entries.append(try spooled())
        continue
      }
      var status = stat()
      guard unsafe stat(path, &status) == 0 else {
        throw FingalError(.missingFile, "no such file", file: path)
      }
      // A pipe named on the command line cannot be read twice either.
      if status.st_mode & S_IFMT == S_IFIFO {
        throw FingalError(.usage, "is a pipe", file: path, advice: "pass it as standard input: - < \(path)")
      }
      // What is no regular file has a size that says nothing.
      let size = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0
      entries.append(Entry(name: path, path: path, byteCount: size))
    }
  }

  /// Texts that read as files of these names would.
  init(texts: [(name: String, bytes: [UInt8])]) {
    entries = texts.map { Entry(name: $0.name, path: $0.name, byteCount: $0.bytes.count, text: $0.bytes) }
  }

  deinit { if spool >= 0 { Glibc.close(spool) } }

  var byteCount: Int { entries.reduce(0) { $0 + $1.byteCount } }

  /// Whether the last file's last byte ends a line; yes if it cannot be told.
  var endsWithLineEnd: Bool {
    guard let last = entries.last else { return true }
    if let text = last.text { return text.last.map { $0 == 0x0A || $0 == 0x0D || $0 == 0 } ?? true }
    let descriptor = unsafe Glibc.open(last.path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { return true }
    defer { Glibc.close(descriptor) }
    var byte: UInt8 = 0x0A
    guard unsafe pread(descriptor, &byte, 1, last.byteCount - 1) == 1 else { return true }
    // A zero ends a line of UTF-16.
    return byte == 0x0A || byte == 0x0D || byte == 0
  }

  func open(_ index: Int, encoding: TextEncoding?) throws(FingalError) -> TextInput {
    let entry = entries[index]
    let source = try raw(entry)
    opened[index] = source
    return try TextInput(source, file: entry.name, encoding: encoding)
  }

  /// Names (without folders: where a file lay is nobody else's business, and must not change the bytes), sizes and
  /// hashes of all inputs, each as it was read last.
  func sources() throws(FingalError) -> [Provenance.Source] {
    var sources: [Provenance.Source] = []
    for (index, entry) in entries.enumerated() {
      let name = entry.name.split(separator: "/").last.map(String.init) ?? entry.name
      let source: HashingSource
      if let known = opened[index] {
        source = known
      } else {
        source = try raw(entry)
      }
      let (bytes, hash) = try source.finish()
      sources.append(Provenance.Source(name: name, bytes: bytes, xxh3: hash))
    }
    return sources
  }

  private func raw(_ entry: Entry) throws(FingalError) -> HashingSource {
    if let text = entry.text { return HashingSource(MemorySource(text)) }
    return HashingSource(try DescriptorSource(path: entry.path, expecting: entry.byteCount))
  }

  private func spooled() throws(FingalError) -> Entry {
    let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array("\(folder)/fingal-stdin-XXXXXX".utf8CString)
    spool = unsafe template.withUnsafeMutableBufferPointer { unsafe mkstemp($0.baseAddress!) }
    guard spool >= 0 else {
      throw FingalError(
        .inputOutput, "cannot make a temporary file in \(folder)", advice: "set TMPDIR to a folder with room")
    }
    _ = unsafe template.withUnsafeBufferPointer { unsafe unlink($0.baseAddress!) }
    let source = try DescriptorSource(path: "-")
    let size = 1 << 20
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)
    defer { unsafe buffer.deallocate() }
    var total = 0
    while true {
      let count = try unsafe source.read(into: buffer)
      if count == 0 { break }
      var written = 0
      while written < count {
        let result = unsafe Glibc.write(spool, buffer.baseAddress! + written, count - written)
        if result < 0 && errno == EINTR { continue }
        guard result > 0 else {
          throw FingalError(
            .inputOutput, "cannot keep standard input in \(folder)", file: "stdin",
            advice: "set TMPDIR to a folder with room")
        }
        written += result
      }
      total += count
    }
    return Entry(name: "stdin", path: "/proc/self/fd/\(spool)", byteCount: total)
  }
}
