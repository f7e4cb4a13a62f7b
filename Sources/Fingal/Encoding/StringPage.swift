/// The strings of one page before encoding. It borrows the memory of a column for the call.
@safe
struct StringPage {
  /// Bytes of each string.
  let lengths: [UInt32]
  /// The UTF-8 bytes of all, one after another.
  let utf8: UnsafeRawBufferPointer

  var count: Int { lengths.count }
  var decodedLength: Int { unsafe count * 4 + utf8.count }

  init(_ values: ColumnValues, _ range: Range<Int>) {
    let bytes = values.stringBytes(range)
    unsafe utf8 = UnsafeRawBufferPointer(rebasing: values.storage.bytes[bytes])
    if range.isEmpty {
      lengths = []
      return
    }
    lengths = unsafe Array(unsafeUninitializedCapacity: range.count) { buffer, initialized in
      let ends = unsafe values.stringEnds!.values(Int64.self)
      var low = Int64(bytes.lowerBound)
      var next = 0
      for i in range {
        let high = unsafe ends[i]
        unsafe buffer.initializeElement(at: next, to: UInt32(high - low))
        low = high
        next += 1
      }
      initialized = next
    }
  }

  init(lengths: [UInt32], utf8: UnsafeRawBufferPointer) {
    self.lengths = lengths
    unsafe self.utf8 = utf8
  }
}

extension ColumnValues {
  /// Appends `count` strings whose bytes are exactly `utf8`, the length of each given by `length`.
  ///
  /// - Throws: `damaged` if the lengths do not add up or a string is not valid UTF-8.
  @inline(__always)
  func append(
    strings count: Int, utf8: UnsafeRawBufferPointer, length: (Int) -> UInt32
  ) throws(FingalError) {
    try unsafe checkUTF8(utf8)
    let shift = Int64(storage.count)
    let total = utf8.count
    let ends = unsafe extendStrings(by: count, utf8: utf8)
    var end = 0
    for i in 0..<count {
      // Valid as a whole, and cut between characters only: then every string is valid.
      if unsafe end < total && utf8[end] & 0xC0 == 0x80 { throw damagedPage("a string begins inside a character") }
      end += Int(length(i))
      guard end <= total else { throw damagedPage("its strings are longer than its bytes") }
      unsafe ends[i] = shift + Int64(end)
    }
    if end != total { throw damagedPage("its strings are shorter than its bytes") }
  }
}

/// - Throws: `damaged` unless the bytes are valid UTF-8.
func checkUTF8(_ bytes: UnsafeRawBufferPointer) throws(FingalError) {
  do {
    _ = try unsafe UTF8Span(validating: Span(_unsafeBytes: bytes))
  } catch {
    throw damagedPage("a string is not valid UTF-8")
  }
}
