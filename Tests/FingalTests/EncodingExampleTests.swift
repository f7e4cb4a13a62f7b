import Fingal
import Testing

/// The worked examples of `spec/FORMAT.md §6`, byte for byte.
@Suite struct EncodingExampleTests {
  private func decoded(_ bytes: [UInt8], _ encoding: Encoding, _ type: ScalarType, _ elements: Int, rowLength: Int = 1)
    throws -> ColumnValues
  {
    let output = ColumnValues(type)
    let description = PageDescription(
      encoding: encoding, codec: .none, encodedLength: bytes.count, decodedLength: elements * type.byteWidth,
      elements: elements, type: type, rowLength: rowLength)
    try decode(bytes, description, into: output)
    return output
  }

  @Test func frameOfReference() throws {
    let bytes: [UInt8] = [0, 0, 0, 0, 2, 0, 0, 0x32]
    let values = ColumnValues([UInt32(2), 0, 3])
    #expect(try contents(decoded(bytes, .frameOfReference, .uint32, 3)) == contents(values))
    let page = PageCoder.encode(values, 0..<3, rowLength: 1, options: .init())
    #expect(page.encoding == .frameOfReference && page.stored == bytes)
  }

  @Test func alp() throws {
    let bytes: [UInt8] = [0xFF, 2, 0, 0, 0, 3, 0, 0, 0x98, 1]
    let values = ColumnValues([Float(20), 50, 80])
    #expect(try contents(decoded(bytes, .alp, .float32, 3)) == contents(values))
    let page = PageCoder.encode(values, 0..<3, rowLength: 1, options: .init())
    #expect(page.encoding == .alp && page.stored == bytes)
  }

  @Test func sparse() throws {
    let bytes: [UInt8] = [1, 0, 0, 0, 1, 0, 0, 1, 2, 2, 0, 0, 0x30, 0, 7, 9, 8]
    var values = [UInt8](repeating: 0, count: 24)
    (values[2], values[5], values[17]) = (7, 9, 8)
    #expect(try contents(decoded(bytes, .sparse, .uint8, 24, rowLength: 12)) == contents(ColumnValues(values)))
  }
}
