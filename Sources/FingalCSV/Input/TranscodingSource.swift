package import Fingal

/// How the bytes of a text file spell characters.
package enum TextEncoding: String, Sendable, CaseIterable {
  case utf8 = "utf-8"
  case utf16LittleEndian = "utf-16le"
  case utf16BigEndian = "utf-16be"
  case latin1 = "latin-1"
}

/// Any other encoding to UTF-8, as a stream. A byte order mark is dropped by whoever peeked at it, not here.
@safe
package final class TranscodingSource: ByteSource {
  private let source: any ByteSource
  private let encoding: TextEncoding
  private let file: String
  private var input: UnsafeMutableRawBufferPointer
  /// Bytes of a character whose end has not been read yet.
  private var kept = 0
  private var offset = 0
  /// Text that a reader with little room has yet to take.
  private var waiting: [UInt8] = []
  private var taken = 0

  package init(_ source: any ByteSource, from encoding: TextEncoding, file: String) {
    self.source = source
    self.encoding = encoding
    self.file = file
    unsafe input = .allocate(byteCount: 128 << 10, alignment: 16)
  }

  deinit { unsafe input.deallocate() }

  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FingalError) -> Int {
    if taken < waiting.count { return unsafe handOut(into: buffer) }
    if buffer.count >= Self.leastRoom { return try unsafe transcode(into: buffer) }
    if buffer.count == 0 { return 0 }
    // A character may need more than the caller's room: it is made here and handed out in pieces.
    waiting = [UInt8](repeating: 0, count: Self.leastRoom)
    taken = 0
    var count = 0
    var failure: FingalError?
    unsafe waiting.withUnsafeMutableBytes { all in
      do throws(FingalError) { count = try unsafe transcode(into: all) } catch { failure = error }
    }
    waiting.removeLast(waiting.count - count)
    if let failure { throw failure }
    return unsafe handOut(into: buffer)
  }

  /// Room for which `transcode` always makes progress: twice the longest character and what is kept of it.
  private static let leastRoom = 64

  private func handOut(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, waiting.count - taken)
    unsafe buffer.copyBytes(from: waiting[taken..<taken + count])
    taken += count
    return count
  }

  private func transcode(into buffer: UnsafeMutableRawBufferPointer) throws(FingalError) -> Int {
    // One input byte gives at most two bytes of output (Latin-1: 2 for 1; UTF-16: 3 for 2, 4 for 4).
    let room = unsafe min(input.count, buffer.count / 2)
    while true {
      let got = try unsafe source.read(into: UnsafeMutableRawBufferPointer(rebasing: input[kept..<room]))
      if got == 0 {
        if kept == 0 { return 0 }
        throw FingalError(.badInput, "the text ends inside a \(encoding.rawValue) character", file: file, byte: offset)
      }
      let written = try unsafe convert(count: kept + got, into: buffer)
      if written > 0 { return written }
    }
  }

  private func convert(count: Int, into out: UnsafeMutableRawBufferPointer) throws(FingalError) -> Int {
    var written = 0
    func put(_ byte: UInt32) {
      unsafe out[written] = UInt8(truncatingIfNeeded: byte)
      written += 1
    }
    func putScalar(_ scalar: UInt32) {
      if scalar < 0x80 {
        put(scalar)
      } else if scalar < 0x800 {
        put(0xC0 | scalar >> 6)
        put(0x80 | scalar & 0x3F)
      } else if scalar < 0x10000 {
        put(0xE0 | scalar >> 12)
        put(0x80 | scalar >> 6 & 0x3F)
        put(0x80 | scalar & 0x3F)
      } else {
        put(0xF0 | scalar >> 18)
        put(0x80 | scalar >> 12 & 0x3F)
        put(0x80 | scalar >> 6 & 0x3F)
        put(0x80 | scalar & 0x3F)
      }
    }
    var used = 0
    if encoding == .latin1 || encoding == .utf8 {
      while used < count {
        unsafe putScalar(UInt32(input[used]))
        used += 1
      }
    } else {
      let high = encoding == .utf16BigEndian ? 0 : 1
      func unit(_ at: Int) -> UInt32 { unsafe UInt32(input[at + high]) << 8 | UInt32(input[at + 1 - high]) }
      while used + 2 <= count {
        let first = unit(used)
        if first < 0xD800 || first > 0xDFFF {
          putScalar(first)
          used += 2
          continue
        }
        if used + 4 > count { break }
        let second = unit(used + 2)
        guard first < 0xDC00, second >= 0xDC00, second <= 0xDFFF else {
          throw FingalError(
            .badInput, "half a surrogate pair in \(encoding.rawValue) text", file: file, byte: offset + used)
        }
        putScalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        used += 4
      }
    }
    kept = count - used
    for i in 0..<kept { unsafe input[i] = input[used + i] }
    offset += used
    return written
  }
}
