import Fingal
import Testing

/// SplitMix64: the same values on every machine. Tests print its seed when they fail.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension EncodedPage {
  /// What a directory would say of the page.
  func description(of values: ColumnValues, rowLength: Int) -> PageDescription {
    PageDescription(
      encoding: encoding, codec: codec, encodedLength: encodedLength, decodedLength: values.byteCount,
      elements: values.count, type: values.type, rowLength: rowLength)
  }
}

/// The bytes of a column's values, with the lengths of strings: equal exactly if the columns are, bit for bit.
func contents(_ values: ColumnValues) -> [[UInt8]] {
  if values.type == .string { return (0..<values.count).map { unsafe Array(values.utf8($0)) } }
  return unsafe [Array(values.storage.bytes)]
}

/// Encodes all values as one page, checks the promises of every page, and gives the page back.
@discardableResult
func roundTrip(
  _ values: ColumnValues, rowLength: Int = 1, options: EncodingOptions = .init(),
  sourceLocation: SourceLocation = #_sourceLocation
) throws -> EncodedPage {
  let page = PageCoder.encode(values, 0..<values.count, rowLength: rowLength, options: options)
  #expect(page.stored.count <= values.byteCount, "larger than PLAIN", sourceLocation: sourceLocation)
  #expect(page.encodedLength <= values.byteCount, sourceLocation: sourceLocation)
  if page.codec != .none {
    #expect(
      page.stored.count * 20 <= page.encodedLength * 19, "the codec saves less than 5 %", sourceLocation: sourceLocation
    )
  }
  let back = ColumnValues(values.type)
  try decode(page.stored, page.description(of: values, rowLength: rowLength), into: back)
  #expect(back.count == values.count, sourceLocation: sourceLocation)
  #expect(
    contents(back) == contents(values), "\(page.encoding.name) \(page.codec.name)", sourceLocation: sourceLocation)
  return page
}

func decode(_ stored: [UInt8], _ page: PageDescription, into output: ColumnValues) throws(FingalError) {
  let bytes = AlignedBytes(capacity: stored.count)
  for byte in stored { bytes.append(byte) }
  try unsafe PageCoder.decode(bytes.bytes, page, into: output)
}
