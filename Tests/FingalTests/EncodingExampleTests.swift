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
    let bytes: [UInt8] = [
      1, 1, 4, 0, 0, 0, 0, 0, 0xC0, 0x7F, 1, 0, 0, 0, 1, 0, 0, 0, 0xCA, 0xF2, 0x49, 0x71,
      2, 12, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0xBB, 0, 0, 0, 0x10,
    ]
    let values = ColumnValues([1.5, 1e30] + [Float](repeating: .nan, count: 7) + [0.5])
    #expect(try contents(decoded(bytes, .alp, .float32, 10)) == contents(values))
    #expect(PageCoder.encoded(values, as: .alp)?.prefix(22) == bytes[..<22])
  }

  @Test func decimal() throws {
    let bytes: [UInt8] = [
      1, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      2, 12, 0, 0, 0, 0xFB, 0xFF, 0xFF, 0xFF, 5, 0, 0, 0xAA, 0x82, 0x92, 0x55, 0xCD,
    ]
    let values = ColumnValues([Float(0.5), 7, -0.5, 0, 20, 0.5, 7, 20])
    #expect(try contents(decoded(bytes, .decimal, .float32, 8)) == contents(values))
    #expect(PageCoder.encoded(values, as: .decimal)?.prefix(11) == bytes[..<11])
  }

  @Test func alpRightDigits() throws {
    let bytes: [UInt8] = [
      16, 1, 0x80, 0x3F, 1, 0, 0, 0, 3, 0, 0, 0, 0x49, 0x40, 1, 1, 0, 0, 0, 0,
      0, 0, 1, 0, 2, 0, 0xDB, 0x0F, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9, 0, 10, 0, 11, 0,
    ]
    let values = ColumnValues(
      (0..<12).map { Float(bitPattern: $0 == 3 ? 0x4049_0FDB : 0x3F80_0000 + UInt32($0)) })
    #expect(try contents(decoded(bytes, .alpRightDigits, .float32, 12)) == contents(values))
  }

  @Test func delta() throws {
    let bytes: [UInt8] = [
      0xE8, 0x03, 0, 0,
      2, 10, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 4, 0, 0, 0x05, 0x39, 0x05,
    ]
    let values = ColumnValues([UInt32(1000), 1003, 1001, 1008, 1009, 1012])
    #expect(try contents(decoded(bytes, .delta, .uint32, 6)) == contents(values))
    #expect(written(values, .delta) == bytes)
  }

  @Test func runLength() throws {
    let bytes: [UInt8] = [
      3, 0, 0, 0,
      0, 12, 0, 0, 0, 7, 0, 0, 0, 9, 0, 0, 0, 7, 0, 0, 0,
      2, 9, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0x44, 0x01,
    ]
    let values = ColumnValues([UInt32](repeating: 7, count: 5) + [9] + [UInt32](repeating: 7, count: 6))
    #expect(try contents(decoded(bytes, .runLength, .uint32, 12)) == contents(values))
  }

  @Test func byteSplit() throws {
    let bytes: [UInt8] = [
      0xE8, 0x03, 0, 0, 12, 4,
      0xC3, 0xF0, 0x0F,
      0, 5, 0, 0, 0, 0x12, 0xAB, 0x00, 0xFF, 0x01,
    ]
    let values = ColumnValues([UInt32(1291), 3748, 1000, 5095, 1031])
    #expect(try contents(decoded(bytes, .byteSplit, .uint32, 5)) == contents(values))
    // A bit above the width of 12, in a plane of 8 bits or fewer.
    for (width, bad) in [(UInt8(11), true), (12, false)] {
      var forged = bytes
      forged[4] = width
      #expect((try? decoded(forged, .byteSplit, .uint32, 5)) == nil || !bad)
    }
  }

  private func written(_ values: ColumnValues, _ encoding: Encoding) -> [UInt8] {
    let options = EncodingOptions(encoding: encoding, codec: .only(.none))
    return PageCoder.encode(values, 0..<values.count, rowLength: 1, options: options).stored
  }

  @Test func dictionary() throws {
    let bytes: [UInt8] = [
      2, 0, 0, 0, 0, 16, 0, 0, 0,
      0xF1, 0xD4, 0xC8, 0x53, 0xFB, 0x21, 0x09, 0x40, 0, 0, 0, 0, 0, 0, 0, 0x80,
      2, 5, 0, 0, 0, 0, 1, 0, 0, 0x1D,
    ]
    let entry = Double(bitPattern: 0x4009_21FB_53C8_D4F1)
    let values = ColumnValues([-0.0, entry, -0.0, -0.0, -0.0])
    #expect(try contents(decoded(bytes, .dictionary, .float64, 5)) == contents(values))
  }

  @Test func sparse() throws {
    let bytes: [UInt8] = [
      0, 8, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0,
      0, 3, 0, 0, 0, 2, 2, 5,
      0, 6, 0, 0, 0, 7, 0, 9, 0, 8, 0,
    ]
    var values = [UInt16](repeating: 0, count: 24)
    (values[2], values[5], values[17]) = (7, 9, 8)
    #expect(try contents(decoded(bytes, .sparse, .uint16, 24, rowLength: 12)) == contents(ColumnValues(values)))
  }
}
