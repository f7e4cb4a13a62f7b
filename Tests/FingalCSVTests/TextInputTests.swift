import CZlib
import CZstd
import Fingal
import FingalCSV
import FoundationEssentials
import Testing

private func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var stream = unsafe z_stream()
  let status = unsafe deflateInit2_(
    &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
  precondition(status == Z_OK)
  var input = bytes
  var output = [UInt8](repeating: 0, count: bytes.count + 1000)
  let capacity = output.count
  unsafe input.withUnsafeMutableBufferPointer { source in
    unsafe output.withUnsafeMutableBufferPointer { target in
      unsafe stream.next_in = source.baseAddress
      unsafe stream.avail_in = UInt32(source.count)
      unsafe stream.next_out = target.baseAddress
      unsafe stream.avail_out = UInt32(capacity)
      unsafe precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
    }
  }
  let written = unsafe capacity - Int(stream.avail_out)
  unsafe deflateEnd(&stream)
  return Array(output[0..<written])
}

private func zstd(_ bytes: [UInt8]) -> [UInt8] {
  var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
  // With the checksum, as the zstd command writes.
  let context = unsafe ZSTD_createCCtx()
  defer { unsafe ZSTD_freeCCtx(context) }
  unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
  let written = unsafe ZSTD_compress2(context, &output, output.count, bytes, bytes.count)
  precondition(ZSTD_isError(written) == 0)
  return Array(output[0..<written])
}

/// Gives few bytes at a time, as a pipe may.
private final class DrippingSource: ByteSource {
  let inner: MemorySource
  let step: Int
  init(_ bytes: [UInt8], step: Int) {
    inner = MemorySource(bytes)
    self.step = step
  }
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FingalError) -> Int {
    try unsafe inner.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[0..<min(step, buffer.count)]))
  }
}

@Suite struct TextInputTests {
  private static let rows = (0..<3_000).map { "\($0),\(Double($0) * 0.37)\n" }.joined()
  private static let text = Array(("event,x\n" + rows).utf8)

  private func all(_ input: TextInput) throws -> [UInt8] { try input.source.readUp(to: .max) }

  private func error(_ bytes: [UInt8]) -> FingalError? {
    do {
      _ = try all(TextInput(MemorySource(bytes), file: "f"))
      return nil
    } catch { return error as? FingalError }
  }

  @Test(arguments: [1, 97, 1 << 20])
  func compressionIsRecognised(step: Int) throws {
    let half = Self.text.count / 2
    let (first, second) = (Array(Self.text[..<half]), Array(Self.text[half...]))
    let cases: [([UInt8], TextInput.Compression)] = [
      (Self.text, .none), (gzip(Self.text), .gzip), (gzip(first) + gzip(second), .gzip),
      (gzip(first) + gzip(second) + [0, 0, 0, 0], .gzip), (zstd(Self.text), .zstd), (zstd(first) + zstd(second), .zstd),
      ([0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 9, 9, 9] + zstd(Self.text), .zstd),
    ]
    for (bytes, compression) in cases {
      let input = try TextInput(DrippingSource(bytes, step: step), file: "f")
      #expect(input.compression == compression)
      #expect(input.encoding == .utf8)
      #expect(input.prefixIsAll)
      #expect(try all(input) == Self.text)
    }
  }

  @Test func damagedAndTruncatedStreams() {
    for compressed in [gzip(Self.text), zstd(Self.text)] {
      for cut in [compressed.count - 1, compressed.count - 5, compressed.count / 2, 20] {
        let found = error(Array(compressed[0..<cut]))
        #expect(found?.code == .truncated, "\(cut) of \(compressed.count)")
        #expect(found?.file == "f")
      }
      var flipped = compressed
      flipped[compressed.count / 2] ^= 0x55
      let found = error(flipped)
      #expect(found?.code == .damaged || found?.code == .truncated)
    }
    #expect(error(gzip(Self.text) + Array("rubbish".utf8))?.code == .damaged)
  }

  @Test func encodings() throws {
    let text = "name,x\nMüller ©,1\n𝜋,2\n"
    let units = Array(text.utf16)
    let little: [UInt8] = [0xFF, 0xFE] + units.flatMap { unit -> [UInt8] in [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
    let big: [UInt8] = [0xFE, 0xFF] + units.flatMap { unit -> [UInt8] in [UInt8(unit >> 8), UInt8(unit & 0xFF)] }
    for step in [1, 3, 1000] {
      let fromLittle = try TextInput(DrippingSource(little, step: step), file: "f")
      #expect(fromLittle.encoding == .utf16LittleEndian)
      #expect(try all(fromLittle) == Array(text.utf8))
      let fromBig = try TextInput(DrippingSource(gzip(big), step: step), file: "f")
      #expect(fromBig.encoding == .utf16BigEndian)
      #expect(try all(fromBig) == Array(text.utf8))
      let marked = try TextInput(DrippingSource([0xEF, 0xBB, 0xBF] + Array(text.utf8), step: step), file: "f")
      #expect(try all(marked) == Array(text.utf8))
      let latin = try TextInput(DrippingSource([0x61, 0xE9, 0x2C, 0xFF, 0x0A], step: step), file: "f")
      #expect(latin.encoding == .latin1)
      #expect(try all(latin) == Array("aé,ÿ\n".utf8))
    }
    let forced = try TextInput(MemorySource(Array("é".utf8)), file: "f", encoding: .latin1)
    #expect(try all(forced) == Array("Ã©".utf8))
    #expect(error([0xFF, 0xFE, 0x61])?.code == .badInput)
    #expect(error([0xFF, 0xFE, 0x00, 0xD8, 0x61, 0x00])?.message.contains("surrogate") == true)
  }

  /// Whatever room a reader has, also less than a character needs.
  @Test(arguments: [TextEncoding.latin1, .utf16LittleEndian], [0, 4_090, 4_095, 9_000, 70_000])
  func longTextInAnotherEncoding(_ encoding: TextEncoding, _ length: Int) throws {
    let text = "a,b\n1,é\n" + String(repeating: "2,x\n", count: length / 4) + "é\n"
    let bytes: [UInt8] =
      encoding == .latin1
      ? text.unicodeScalars.map { UInt8($0.value) }
      : text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let input = try TextInput(MemorySource(bytes), file: "f", encoding: encoding)
    #expect(try all(input) == Array(text.utf8))
    if encoding == .latin1 { #expect(try all(TextInput(MemorySource(bytes), file: "f")) == Array(text.utf8)) }
    let source = TranscodingSource(MemorySource(bytes), from: encoding, file: "f")
    var got: [UInt8] = []
    while true {
      let piece = try source.readUp(to: 1)
      if piece.isEmpty { break }
      got += piece
    }
    #expect(got == Array(text.utf8))
  }

  @Test func zeroBytesAndTheWrongWidthAreNoText() {
    #expect(error([0x61, 0x0A, 0x00, 0xFF, 0x0A])?.message == "is not text: it holds a zero byte")
    #expect(error([0x61, 0x0A, 0x00, 0xFF, 0x0A])?.line == 2)
    #expect(error("a,b\n1,2\n".utf8.flatMap { [$0, 0] })?.code == .badInput)
    #expect(error(Array("a,b\n1,\0\n".utf8)) == nil)
    #expect(throws: FingalError.self) {
      try TextInput(MemorySource(Array("a,b\n1,22\n".utf8)), file: "f", encoding: .utf16LittleEndian)
    }
  }

  /// A character that the end of the prefix cuts is not taken for Latin-1.
  @Test func characterAcrossTheEndOfThePrefix() throws {
    for shift in 0..<4 {
      let pad = [UInt8](repeating: 0x61, count: TextInput.prefixLimit - shift)
      let bytes = pad + Array("𝜋é\n".utf8)
      let input = try TextInput(MemorySource(bytes), file: "f")
      #expect(input.encoding == .utf8)
      #expect(!input.prefixIsAll)
      #expect(try all(input) == bytes)
    }
  }

  @Test func otherFormatsAreNamed() {
    #expect(
      error([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 0])?.description == "f: is an xz file, not text; decompress it first")
    #expect(error(Array("root".utf8) + [0, 0, 0xF0, 0])?.message == "is a ROOT file, not text")
    #expect(error(gzip([0x50, 0x41, 0x52, 0x31, 0x15]))?.message == "holds a Parquet file, not text")
  }

  @Test func missingFilesAndFolders() {
    #expect(throws: FingalError.self) { try TextInput(path: "/nonexistent/x.csv") }
    do { _ = try TextInput(path: "/nonexistent/x.csv") } catch {
      #expect(error.code == .missingFile)
      #expect(error.description == "/nonexistent/x.csv: cannot be opened: No such file or directory")
    }
    do { _ = try TextInput(path: "/") } catch { #expect(error.code == .usage) }
  }
}
