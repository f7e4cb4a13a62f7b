import Fingal
import Testing

/// Every encoding on every kind of values, whether the writer would choose it or not, and what is promised of choices.
@Suite struct EncodingPinTests {
  static let encodings: [Encoding] = [
    .plain, .const, .frameOfReference, .delta, .dictionary, .runLength, .byteSplit, .alp, .alpRightDigits, .sparse,
    .decimal,
  ]

  @Test(arguments: encodings, EncodingNumberTests.numeric)
  func everyEncodingOfEveryType(encoding: Encoding, type: ScalarType) throws {
    for count in [0, 1, 2, 1023, 1024, 1025, 2500] {
      for (name, values) in NumberSamples.columns(type, count: count, seed: 31) {
        let page = try roundTrip(values, options: EncodingOptions(encoding: encoding))
        #expect(page.encoding == encoding || page.encoding == .plain, "\(name), \(count)")
      }
    }
  }

  /// Longer than a sample, so that recipes are followed on values that they were not made for.
  @Test(arguments: EncodingOptions.Optimize.allCases, [ScalarType.uint8, .int16, .uint32, .int64, .float32, .float64])
  func longPages(optimize: EncodingOptions.Optimize, type: ScalarType) throws {
    for (_, values) in NumberSamples.columns(type, count: optimize == .size ? 17_000 : 70_000, seed: 5) {
      try roundTrip(values, options: EncodingOptions(optimize: optimize))
    }
  }

  /// A recipe was made for other values: the page is right all the same.
  @Test(arguments: EncodingNumberTests.numeric) func foreignRecipes(type: ScalarType) throws {
    let columns = NumberSamples.columns(type, count: 1500, seed: 3).map(\.values)
    let options = EncodingOptions()
    for source in columns {
      let recipe = PageCoder.recipe(source, pages: [0..<1500], rowLength: 1, options: options)
      for values in columns {
        let page = PageCoder.encode(values, 0..<1500, rowLength: 1, recipe: recipe, options: options)
        #expect(page.stored.count <= values.byteCount)
        let back = ColumnValues(type)
        try decode(page.stored, page.description(of: values, rowLength: 1), into: back)
        #expect(contents(back) == contents(values), "\(recipe?.summary ?? "")")
      }
    }
  }

  @Test func noiseBelowSkewIsSplit() throws {
    var generator = SeededGenerator(seed: 4)
    var values: [UInt32] = []
    for _ in 0..<30_000 {
      let high = (0..<4).map { _ in Int.random(in: 0..<16, using: &generator) }.min()!
      values.append(UInt32(high << 10 + Int.random(in: 0..<1024, using: &generator)))
    }
    // Balanced, half a bit would not be worth the time.
    let page = try roundTrip(ColumnValues(values), options: EncodingOptions(optimize: .size))
    #expect(page.encoding == .byteSplit)
    // 10 bits of noise, and the entropy of the smallest of four dice, 2.9 bits.
    #expect(page.stored.count * 8 < 30_000 * 135 / 10)
  }

  @Test func climbingValuesAreDifferences() throws {
    var generator = SeededGenerator(seed: 6)
    var value: Int64 = 1_000_000
    var values: [Int64] = []
    for _ in 0..<20_000 {
      value += Int64.random(in: 0..<16, using: &generator)
      values.append(value)
    }
    let page = try roundTrip(ColumnValues(values))
    #expect(page.encoding == .delta)
    #expect(page.stored.count < 20_000 * 42 / 80)
  }

  @Test func longRunsAreRuns() throws {
    let values = (0..<20_000).map { UInt16($0 / 61 * 7919 % 501) }
    let page = try roundTrip(ColumnValues(values))
    #expect(page.encoding == .runLength)
  }

  @Test func sizeIsNoLargerThanSpeed() throws {
    for type in EncodingNumberTests.numeric {
      for (name, values) in NumberSamples.columns(type, count: 6000, seed: 9) {
        let size = try roundTrip(values, options: EncodingOptions(optimize: .size)).stored.count
        let speed = try roundTrip(values, options: EncodingOptions(optimize: .speed)).stored.count
        #expect(size <= speed + speed / 20 + 64, "\(type) \(name)")
      }
    }
  }

  @Test func levelsBoundNesting() {
    // DELTA inside DELTA inside DELTA: refused at the second.
    var bytes: [UInt8] = [0, 7, 0, 0, 0]
    for _ in 0..<3 {
      let inner = [9] + bytes
      bytes = [Encoding.delta.rawValue, UInt8(inner.count), 0, 0, 0] + inner
    }
    let page = PageDescription(
      encoding: .delta, codec: .none, encodedLength: bytes.count + 1, decodedLength: 64, elements: 64, type: .uint8,
      rowLength: 1)
    let error = #expect(throws: FingalError.self) { try decode([1] + bytes, page, into: ColumnValues(.uint8)) }
    #expect(error?.message.contains("DELTA inside another encoding") == true)
  }

  @Test func pinsOfColumns() throws {
    let folder = try TemporaryFolder()
    let schema = Schema(fields: [.init("a", .int32), .init("b", .int32)])
    var batch = EventBatch(schema)
    for i in 0..<5000 {
      batch.columns[0].append(Int32(i / 40))
      batch.columns[1].append(Int32(i / 40))
    }
    batch.eventCount = 5000
    var options = WriterOptions()
    options.pins["a"] = EncodingPin(encoding: .delta, codec: .only(.none))
    options.pins["b"] = EncodingPin(encoding: .alp)
    let writer = try EventWriter(creating: folder("pins.fingal"), schema: schema, options: options)
    try writer.append(batch)
    try writer.finish()
    #expect(writer.pagesNotAsPinned == ["b": 1])
    options.pins["c"] = EncodingPin(level: 3)
    #expect(throws: FingalError.self) {
      _ = try EventWriter(creating: folder("none.fingal"), schema: schema, options: options)
    }
  }
}
