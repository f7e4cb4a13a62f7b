import Fingal
import Testing

/// Columns that encoders get wrong: borders of vectors, borders of types, and values that only look like numbers.
enum NumberSamples {
  static let counts = [0, 1, 2, 31, 1023, 1024, 1025, 5000]

  static func columns(_ type: ScalarType, count: Int, seed: UInt64) -> [(name: String, values: ColumnValues)] {
    switch type {
    case .bool: booleans(count, seed)
    case .int8: integers(Int8.self, count, seed)
    case .int16: integers(Int16.self, count, seed)
    case .int32: integers(Int32.self, count, seed)
    case .int64: integers(Int64.self, count, seed)
    case .uint8: integers(UInt8.self, count, seed)
    case .uint16, .enumeration: integers(UInt16.self, count, seed)
    case .uint32: integers(UInt32.self, count, seed)
    case .uint64: integers(UInt64.self, count, seed)
    case .float32: floats(Float.self, count, seed) { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) }
    case .float64: floats(Double.self, count, seed) { Double(bitPattern: $0) }
    case .string: []
    }
  }

  private static func booleans(_ count: Int, _ seed: UInt64) -> [(String, ColumnValues)] {
    var generator = SeededGenerator(seed: seed)
    func column(_ body: (Int) -> UInt8) -> ColumnValues {
      let values = ColumnValues(.bool)
      for i in 0..<count { values.append(body(i)) }
      return values
    }
    return [
      ("all valid", column { _ in 1 }), ("none", column { _ in 0 }),
      ("random", column { _ in UInt8.random(in: 0...1, using: &generator) }),
      ("rare", column { $0 % 300 == 7 ? 1 : 0 }),
    ]
  }

  private static func integers<T: FixedWidthInteger & ColumnElement>(
    _: T.Type, _ count: Int, _ seed: UInt64
  ) -> [(String, ColumnValues)] {
    var generator = SeededGenerator(seed: seed)
    func column(_ body: (Int) -> T) -> ColumnValues { ColumnValues((0..<count).map(body)) }
    let borders: [T] = [.min, .max, 0, 1, .max - 1, .min + 1]
    return [
      ("equal", column { _ in 42 }), ("zero", column { _ in 0 }),
      ("random", column { _ in T.random(in: .min ... .max, using: &generator) }),
      ("small", column { _ in T.random(in: 0...27, using: &generator) }),
      ("borders", column { borders[$0 % borders.count] }),
      ("counting", column { T(truncatingIfNeeded: $0) }),
      ("outliers above", column { $0 % 200 == 5 ? T.max - T($0 % 7) : T.random(in: 3...10, using: &generator) }),
      ("outliers below", column { $0 % 200 == 5 ? T.min : T.random(in: 90...100, using: &generator) }),
      ("few distinct", column { _ in [7, T.max / 3, T.max / 2, T.min][Int.random(in: 0..<4, using: &generator)] }),
      ("mostly zero", column { _ in Int.random(in: 0..<20, using: &generator) == 0 ? T.max / 5 : 0 }),
    ]
  }

  private static func floats<T: BinaryFloatingPoint & ColumnElement>(
    _: T.Type, _ count: Int, _ seed: UInt64, _ pattern: (UInt64) -> T
  ) -> [(String, ColumnValues)] {
    var generator = SeededGenerator(seed: seed)
    func column(_ body: (Int) -> T) -> ColumnValues { ColumnValues((0..<count).map(body)) }
    let specials: [T] = [
      0, -0.0, .infinity, -.infinity, .nan, -.nan, .signalingNaN, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
      .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .pi, 1, -1, 0.1, 1e22, 1e23,
      4_503_599_627_370_496, 9_007_199_254_740_993, 16_777_217,
    ]
    func decimal(_ digits: Int, _ range: Range<Int>) -> T {
      let value = Int.random(in: range, using: &generator)
      var power = 1.0
      for _ in 0..<digits { power *= 10 }
      return T(Double(value) / power)
    }
    return [
      ("specials", column { specials[$0 % specials.count] }), ("equal", column { _ in 0.25 }),
      ("negative zero", column { _ in -0.0 }), ("any bits", column { _ in pattern(generator.next()) }),
      ("true floats", column { _ in T(Double.random(in: -50...50, using: &generator)) }),
      ("four decimals", column { _ in decimal(4, -500_000..<500_000) }),
      ("two decimals", column { _ in decimal(2, 0..<30_000) }),
      ("decimals, some special", column { $0 % 97 == 3 ? specials[$0 / 97 % specials.count] : decimal(3, 0..<9_999) }),
      ("nine digits", column { _ in decimal(Int.random(in: 3...8, using: &generator), 100_000_000..<999_999_999) }),
      ("integers", column { T($0 % 28) }), ("large round", column { T($0 % 50) * 1_000_000_000_000 }),
      ("cell grid", column { _ in T(Double(Int.random(in: 0..<133, using: &generator)) * 1.1234567 - 77.77) }),
      (
        "mostly zero",
        column { _ in
          Int.random(in: 0..<20, using: &generator) == 0 ? T(Double.random(in: 0...9, using: &generator)) : 0
        }
      ),
      ("mostly zero, some negative zero", column { $0 % 31 == 5 ? -0.0 : $0 % 31 == 7 ? .nan : 0 }),
    ]
  }
}

@Suite struct EncodingNumberTests {
  static let numeric = ScalarType.allCases.filter { $0 != .string }

  @Test(arguments: numeric, NumberSamples.counts)
  func everyColumnComesBack(type: ScalarType, count: Int) throws {
    for (name, values) in NumberSamples.columns(type, count: count, seed: 11) {
      let page = try roundTrip(values)
      #expect(page.stored.count <= values.byteCount, "\(name)")
    }
  }

  @Test(arguments: numeric, [Codec.none, .lz4, .zlib, .zstd])
  func everyCodec(type: ScalarType, codec: Codec) throws {
    for (name, values) in NumberSamples.columns(type, count: 3000, seed: 12) {
      let page = try roundTrip(values, options: EncodingOptions(codec: .only(codec)))
      #expect(page.codec == codec || page.codec == .none, "\(name)")
    }
  }

  @Test(arguments: numeric)
  func tensors(type: ScalarType) throws {
    for (_, values) in NumberSamples.columns(type, count: 12 * 13 * 14, seed: 13) {
      try roundTrip(values, rowLength: 13 * 14)
      try roundTrip(values, rowLength: values.count)
    }
  }

  @Test(arguments: [Codec.lz4, .zlib, .zstd], [-5, 0, 1, 5, 9, 12, 19, 99])
  func levelsAreClamped(codec: Codec, level: Int) throws {
    let values = ColumnValues((0..<4000).map { UInt64($0 * $0 * 977) })
    try roundTrip(values, options: EncodingOptions(codec: .only(codec), level: level))
  }

  @Test func statistics() throws {
    func statistics<T: ColumnElement>(_ values: [T]) -> PageStatistics {
      PageCoder.encode(ColumnValues(values), 0..<values.count, rowLength: 1, options: .init()).statistics
    }
    #expect(statistics([Int8]()) == PageStatistics())
    #expect(statistics([-5, 7, 0] as [Int8]) == PageStatistics(bounds: (UInt64(bitPattern: -5), 7)))
    #expect(statistics([.max, 0] as [UInt64]) == PageStatistics(bounds: (0, .max)))
    #expect(statistics([.min, 3] as [Int64]) == PageStatistics(bounds: (UInt64(bitPattern: .min), 3)))
    #expect(statistics([Float.nan, .nan]) == PageStatistics(nanCount: 2))
    #expect(
      statistics([Float.nan, -0.0]) == PageStatistics(bounds: ((0.0).bitPattern, (0.0).bitPattern), nanCount: 1))
    var many = (0..<1003).map { Double($0) - 500.5 }
    many[17] = .nan
    many[1002] = .nan
    many[3] = -.infinity
    #expect(
      statistics(many)
        == PageStatistics(bounds: ((-Double.infinity).bitPattern, (500.5).bitPattern), nanCount: 2))
  }

  @Test func constantsAreConst() throws {
    for type in Self.numeric {
      let values = NumberSamples.columns(type, count: 4096, seed: 1)[type.isFloat ? 1 : 0].values
      let page = try roundTrip(values)
      #expect(page.encoding == .const)
      #expect(page.stored.count == type.byteWidth)
    }
  }

  @Test func aBoolOfTwoIsDamage() {
    let description = PageDescription(
      encoding: .plain, codec: .none, encodedLength: 2, decodedLength: 2, elements: 2, type: .bool, rowLength: 1)
    #expect(throws: FingalError.self) { try decode([1, 2], description, into: ColumnValues(.bool)) }
  }

  @Test func packedWidthsAreSensible() throws {
    var generator = SeededGenerator(seed: 5)
    let plain = EncodingOptions(codec: .only(.none))
    let layers = ColumnValues((0..<32_768).map { _ in UInt16.random(in: 1...28, using: &generator) })
    let layerPage = try roundTrip(layers, options: plain)
    #expect(layerPage.encoding == .frameOfReference)
    #expect(layerPage.stored.count == 32 * (5 + 5 * 128))
    // A validity of one null in three hundred costs at most one bit a value.
    let validity = ColumnValues(.bool)
    for i in 0..<65_536 { validity.append(i % 300 == 7 ? 0 : 1 as UInt8) }
    #expect(try roundTrip(validity, options: plain).stored.count <= 65_536 / 8 + 64 * 4)
    // One outlier a vector costs itself, not wider differences for all: above the rest and below it.
    for outlier in [Int32.max, Int32.min] {
      let values = ColumnValues((0..<8192).map { $0 % 1024 == 100 ? outlier : Int32($0 * 37 % 128) })
      #expect(try roundTrip(values, options: plain).stored.count == 8 * (7 + 7 * 128 + 6))
    }
  }

  @Test func fewDistinctValuesAreADictionary() throws {
    var generator = SeededGenerator(seed: 8)
    let options = EncodingOptions(codec: .only(.none))
    let cells = (0..<133).map { _ in Double.random(in: -80...80, using: &generator) }
    let values = ColumnValues((0..<16_384).map { _ in cells[Int.random(in: 0..<133, using: &generator)] })
    let page = try roundTrip(values, options: options)
    #expect(page.encoding == .dictionary)
    #expect(page.stored.count <= 16 * (4 + 8 * 128) + 133 * 8 + 9)
    // Indices of one, two and four bytes.
    for distinct in [2, 256, 257, 65_536, 65_537] {
      let seeds = (0..<distinct).map { _ in UInt64.random(in: 0 ... .max, using: &generator) }
      let many = ColumnValues((0..<distinct * 4).map { seeds[$0 / 4] })
      let pinned = EncodingOptions(encoding: .dictionary, codec: .only(.none))
      #expect(try roundTrip(many, options: pinned).encoding == .dictionary)
    }
  }

  @Test func mostlyZeroTensorsAreSparse() throws {
    var generator = SeededGenerator(seed: 9)
    let options = EncodingOptions(codec: .only(.none))
    let image = 28 * 12 * 15
    func column<T: ColumnElement>(_ zero: T, _ value: () -> T) -> ColumnValues {
      ColumnValues((0..<8 * image).map { _ in Int.random(in: 0..<20, using: &generator) == 0 ? value() : zero })
    }
    let energies = column(Float(0)) { Float.random(in: 0...100) }
    let decimals = column(Float(0)) { Float(Int.random(in: 1...99_999)) / 10_000 }
    let counts = column(UInt8(0)) { UInt8.random(in: 1...9) }
    for values in [energies, decimals, counts] {
      let page = try roundTrip(values, rowLength: image, options: options)
      #expect(page.encoding == .sparse, "\(values.type)")
      try roundTrip(values, rowLength: 15, options: options)
      // As scalars the page is one row.
      #expect(try roundTrip(values, options: options).encoding == .sparse, "\(values.type)")
    }
    // Five per cent of the values, at seven bits a gap and thirty-two a value.
    let stored = try roundTrip(energies, rowLength: image, options: options).stored.count
    #expect(stored < 8 * image / 20 * 6)
    #expect(try roundTrip(decimals, rowLength: image, options: options).stored.count < 8 * image / 20 * 4)
  }

  @Test func emptyImages() throws {
    var values = [Float](repeating: 0, count: 6 * 5000)
    for i in 0..<30 { values[(i % 2 == 0 ? 10_000 : 20_000) + i * i] = Float(i) + 0.5 }
    let page = try roundTrip(ColumnValues(values), rowLength: 5000)
    #expect(page.encoding == .sparse)
    #expect(page.stored.count < 150)
    values[0] = -0.0
    try roundTrip(ColumnValues(values), rowLength: 5000)
  }
}
