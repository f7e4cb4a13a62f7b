internal import CZlib
internal import CZstd
package import Fingal

/// Bytes that wait to be decompressed: a fixed buffer refilled from the source below.
@safe
private final class Intake {
  let source: any ByteSource
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
  var position = 0
  var count = 0
  var ended = false

  init(_ source: any ByteSource) { self.source = source }
  deinit { unsafe buffer.deallocate() }

  /// Makes sure that there is at least one byte, unless the source has ended.
  func refill() throws(FingalError) {
    guard position == count && !ended else { return }
    position = 0
    count = try unsafe source.read(into: buffer)
    ended = count == 0
  }
}

/// gzip (RFC 1952), several members in a row included.
@safe
package final class GzipSource: ByteSource {
  private let intake: Intake
  private let file: String
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private var betweenMembers = true
  private var members = 0

  package init(_ source: any ByteSource, file: String) throws(FingalError) {
    intake = Intake(source)
    self.file = file
    unsafe stream.initialize(to: z_stream())
    // 15 + 16: the largest window, gzip framing only.
    let status = unsafe inflateInit2_(stream, 15 + 16, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    if status != Z_OK { throw FingalError(.inputOutput, "zlib cannot start (code \(status))", file: file) }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FingalError) -> Int {
    if buffer.count == 0 { return 0 }
    let wanted = min(buffer.count, 1 << 30)
    while true {
      try intake.refill()
      if intake.ended {
        if betweenMembers { return 0 }
        throw FingalError(
          .truncated, "the gzip stream ends before its end mark", file: file,
          advice: "the file was cut short; get it again")
      }
      if unsafe betweenMembers && members > 0 && intake.buffer[intake.position] == 0 {
        // Zero padding after the last member, as tapes and some archivers leave it.
        intake.position += 1
        continue
      }
      unsafe stream.pointee.next_in = intake.buffer.baseAddress!.assumingMemoryBound(to: UInt8.self) + intake.position
      unsafe stream.pointee.avail_in = UInt32(intake.count - intake.position)
      unsafe stream.pointee.next_out = buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)
      unsafe stream.pointee.avail_out = UInt32(wanted)
      betweenMembers = false
      let status = unsafe inflate(stream, Z_NO_FLUSH)
      intake.position = unsafe intake.count - Int(stream.pointee.avail_in)
      let written = unsafe wanted - Int(stream.pointee.avail_out)
      if status == Z_STREAM_END {
        members += 1
        betweenMembers = true
        unsafe inflateReset(stream)
      } else if status != Z_OK && status != Z_BUF_ERROR {
        let reason = unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "code \(status)"
        throw FingalError(
          .damaged, "the gzip stream is damaged: \(reason)", file: file, advice: "restore the file from a copy")
      }
      if written > 0 { return written }
    }
  }
}

/// Zstandard (RFC 8878), several frames in a row included.
@safe
package final class ZstdSource: ByteSource {
  private let intake: Intake
  private let file: String
  private let stream: OpaquePointer
  private var insideFrame = false

  package init(_ source: any ByteSource, file: String) throws(FingalError) {
    intake = Intake(source)
    self.file = file
    guard let stream = unsafe ZSTD_createDStream() else {
      throw FingalError(.inputOutput, "zstd cannot start", file: file)
    }
    unsafe self.stream = stream
  }

  deinit { unsafe ZSTD_freeDStream(stream) }

  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FingalError) -> Int {
    if buffer.count == 0 { return 0 }
    while true {
      var flushing = false
      try intake.refill()
      if intake.ended {
        if !insideFrame { return 0 }
        // All input is taken, yet output may still wait inside the decoder.
        flushing = true
      }
      var input = unsafe ZSTD_inBuffer(
        src: intake.buffer.baseAddress, size: flushing ? 0 : intake.count, pos: flushing ? 0 : intake.position)
      var output = unsafe ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
      let status = unsafe ZSTD_decompressStream(stream, &output, &input)
      if ZSTD_isError(status) != 0 {
        let reason = unsafe String(cString: ZSTD_getErrorName(status))
        throw FingalError(
          .damaged, "the zstd stream is damaged: \(reason)", file: file, advice: "restore the file from a copy")
      }
      if !flushing { intake.position = unsafe input.pos }
      insideFrame = status != 0
      if unsafe output.pos > 0 { return unsafe output.pos }
      if flushing {
        throw FingalError(
          .truncated, "the zstd stream ends inside a frame", file: file, advice: "the file was cut short; get it again")
      }
    }
  }
}
