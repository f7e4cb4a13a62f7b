import Fingal
import Testing

/// Pages whose checksum was forged: whatever the bytes say, decoding ends in an error or in values of the right number,
/// and never outside its memory (run with the address sanitizer, these tests prove that).
@Suite struct EncodingDamageTests {
  struct Sample: CustomTestStringConvertible, Sendable {
    var name: String
    var values: ColumnValues
    var rowLength = 1
    var encoding: Encoding
    var codec = Codec.none
    var testDescription: String { name }
  }

  static let samples: [Sample] = [
    Sample(
      name: "plain", values: ColumnValues((1..<21).map { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }), encoding: .plain),
    Sample(name: "const", values: ColumnValues([Int32](repeating: 7, count: 50)), encoding: .const),
    Sample(name: "FOR, short", values: ColumnValues((0..<40).map { Int64($0 % 9) }), encoding: .frameOfReference),
    Sample(
      name: "FOR, full and short, exceptions",
      values: ColumnValues((0..<1100).map { $0 % 300 == 5 ? UInt16.max : UInt16($0 * 37 % 101) }),
      encoding: .frameOfReference),
    Sample(name: "FOR, bool", values: booleans(), encoding: .frameOfReference),
    Sample(
      name: "DICT", values: ColumnValues((0..<600).map { [Float.pi, 3.3e-7, .nan, -0.0][$0 * $0 % 7 % 4] }),
      encoding: .dictionary),
    Sample(
      name: "ALP", values: ColumnValues((0..<60).map { $0 == 9 ? Float.infinity : Float($0 * 37 % 91) / 100 }),
      encoding: .alp),
    Sample(name: "ALP, double", values: ColumnValues((0..<60).map { Double($0 * 37 % 91) / 1000 }), encoding: .alp),
    Sample(name: "DELTA", values: ColumnValues(climbing(50, step: 40)), encoding: .delta),
    Sample(name: "RLE", values: ColumnValues(climbing(1200, step: 1).map { $0 / 37 }), encoding: .runLength),
    Sample(name: "BYTE_SPLIT", values: ColumnValues(noisy(1100)), encoding: .byteSplit),
    Sample(name: "DELTA over BYTE_SPLIT", values: ColumnValues(climbing(1500, step: 300)), encoding: .delta),
    Sample(
      name: "ALP, specials and exceptions",
      values: ColumnValues(disturbed((0..<90).map { Float($0 * 37 % 91) / 100 })), encoding: .alp),
    Sample(name: "DECIMAL", values: ColumnValues(significant(80).map { Float($0) }), encoding: .decimal),
    Sample(
      name: "DECIMAL, double, specials and exceptions",
      values: ColumnValues(disturbed(significant(80))), encoding: .decimal),
    Sample(
      name: "ALP_RD",
      values: ColumnValues(trueFloats(1050)),
      encoding: .alpRightDigits),
    Sample(name: "SPARSE", values: images(), rowLength: 50, encoding: .sparse),
    Sample(
      name: "SPARSE, scalars", values: ColumnValues((0..<400).map { $0 % 61 == 3 ? UInt32($0) : 0 }),
      encoding: .sparse),
    Sample(name: "strings, PLAIN", values: ColumnValues(strings: ["π+", "日本"]), encoding: .plain),
    Sample(name: "strings, CONST", values: ColumnValues(strings: ["é", "é", "é"]), encoding: .const),
    Sample(
      name: "strings, FOR", values: ColumnValues(strings: (0..<40).map { "cell \($0 * $0)" }),
      encoding: .frameOfReference),
    Sample(
      name: "strings, DICT", values: ColumnValues(strings: (0..<90).map { ["e-", "mu-", "π"][$0 * $0 % 5 % 3] }),
      encoding: .dictionary),
    Sample(
      name: "lz4", values: ColumnValues((0..<900).map { UInt64($0 / 30 * 0x1234_5678_9ABC_DEF) }),
      encoding: .plain, codec: .lz4),
    Sample(
      name: "zlib", values: ColumnValues((0..<900).map { UInt64($0 / 30 * 0x1234_5678_9ABC_DEF) }),
      encoding: .plain, codec: .zlib),
    Sample(
      name: "zstd", values: ColumnValues((0..<900).map { UInt64($0 / 30 * 0x1234_5678_9ABC_DEF) }),
      encoding: .plain, codec: .zstd),
  ]

  private static func climbing(_ count: Int, step: Int) -> [Int32] {
    var values: [Int32] = []
    for i in 0..<count { values.append(Int32(i * step + i * i % 7)) }
    return values
  }

  /// Four bits of noise below values that repeat.
  private static func noisy(_ count: Int) -> [UInt32] {
    var values: [UInt32] = []
    for i in 0..<count { values.append(UInt32(40 + i * i % 97 * 16 + i * 7919 % 16)) }
    return values
  }

  /// Three digits over four decades, in no order.
  private static func significant(_ count: Int) -> [Double] {
    let powers: [Double] = [1, 10, 100, 1000]
    var values: [Double] = []
    for i in 0..<count { values.append(Double(100 + i * 7919 % 900) / powers[i * 13 % 4]) }
    return values
  }

  /// One value that is no decimal, and many that are no number.
  private static func disturbed<T: BinaryFloatingPoint>(_ values: [T]) -> [T] {
    var values = values
    for i in stride(from: 2, to: values.count, by: 11) { values[i] = .nan }
    values[9] = .pi
    return values
  }

  private static func trueFloats(_ count: Int) -> [Float] {
    var values: [Float] = []
    for i in 0..<UInt32(count) {
      // One exponent, both signs, noise in the mantissa.
      values.append(i % 400 == 3 ? -7 : Float(bitPattern: 0x3F80_0000 | (i &* 0x9E37_79B9 & 0x807F_FFFF)))
    }
    return values
  }

  private static func booleans() -> ColumnValues {
    let values = ColumnValues(.bool)
    for i in 0..<70 { values.append(UInt8(i * i % 3 % 2)) }
    return values
  }

  private static func images() -> ColumnValues {
    ColumnValues((0..<300).map { $0 % 23 == 4 ? Float($0) / 8 : 0 })
  }

  private func page(_ sample: Sample) -> (stored: [UInt8], PageDescription) {
    let options = EncodingOptions(
      encoding: sample.encoding, codec: sample.encoding == .byteSplit ? .automatic : .only(sample.codec))
    let page = PageCoder.encode(
      sample.values, 0..<sample.values.count, rowLength: sample.rowLength, options: options)
    #expect(page.encoding == sample.encoding)
    #expect(page.codec == sample.codec)
    return (page.stored, page.description(of: sample.values, rowLength: sample.rowLength))
  }

  /// Whether it decoded; what decodes has the declared number of values and bytes.
  @discardableResult
  private func survives(_ stored: [UInt8], _ page: PageDescription) -> Bool {
    let output = ColumnValues(page.type)
    do throws(FingalError) {
      try decode(stored, page, into: output)
    } catch {
      #expect(error.code == .damaged || error.code == .unsupported)
      return false
    }
    #expect(output.count == page.elements && output.byteCount == page.decodedLength)
    return true
  }

  @Test(arguments: samples) func everyTruncationIsDamage(sample: Sample) {
    let (stored, description) = page(sample)
    for length in 0..<stored.count {
      #expect(!survives(Array(stored[..<length]), description), "as stored, \(length) bytes")
      // The directory may be forged as well.
      var shorter = description
      if description.codec == .none { shorter.encodedLength = length }
      if description.codec == .none || description.type != .string {
        #expect(!survives(Array(stored[..<length]), shorter), "as declared, \(length) bytes")
      }
    }
    #expect(!survives(stored + [0], description))
    var longer = description
    longer.encodedLength += description.codec == .none ? 1 : 0
    #expect(!survives(stored + [0], longer))
  }

  /// All 255 other values of the bytes where headers are, every flipped bit of the rest.
  @Test(arguments: samples) func everyByteMayChange(sample: Sample) {
    let (stored, description) = page(sample)
    for index in stored.indices {
      var changed = stored
      let changes = index < 24 ? (1...255).map(UInt8.init) : (0..<8).map { UInt8(1) << $0 }
      for change in changes {
        changed[index] = stored[index] ^ change
        survives(changed, description)
      }
    }
  }

  @Test(arguments: samples) func randomBytes(sample: Sample) {
    let (stored, description) = page(sample)
    let seed: UInt64 = 2_026
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      var changed = stored
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        changed[Int.random(in: 0..<changed.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      survives(changed, description)
    }
  }

  /// A directory that lies about a sound page: other counts, types, encodings and lengths.
  @Test(arguments: samples) func forgedDescriptions(sample: Sample) {
    let (stored, description) = page(sample)
    for elements in [-1, 0, 1, description.elements - 1, description.elements + 1, 1 << 40, .max] {
      var forged = description
      forged.elements = elements
      #expect(!survives(stored, forged), "\(elements) elements")
      // With a decoded length that fits: fewer or more values than the bytes hold. (CONST holds any number.)
      let (length, overflow) = elements.multipliedReportingOverflow(by: description.type.byteWidth)
      if !overflow && length > 0 && length < 1 << 20 && description.encoding != .const {
        forged.decodedLength = length
        survives(stored, forged)
      }
    }
    for encoding in Encoding.allCases {
      for type in ScalarType.allCases {
        var forged = description
        forged.encoding = encoding
        forged.type = type
        if type != .string { forged.decodedLength = forged.elements * type.byteWidth }
        survives(stored, forged)
      }
    }
    for length in [-1, 0, description.decodedLength - 1, description.decodedLength + 1, .max] {
      var forged = description
      forged.decodedLength = length
      #expect(!survives(stored, forged), "\(length) decoded bytes")
    }
    for length in [-1, 0, description.encodedLength - 1, description.encodedLength + 1, .max] {
      var forged = description
      forged.encodedLength = length
      #expect(!survives(stored, forged), "\(length) encoded bytes")
    }
    for rowLength in [0, -1, 7, description.elements + 1] where rowLength != description.rowLength {
      var forged = description
      forged.rowLength = rowLength
      survives(stored, forged)
    }
  }
}
