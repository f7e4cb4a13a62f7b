import Fingal
import Testing

/// Declared loss: what each rule makes of values, hard ones among them, and that the bound holds.
@Suite struct PrecisionTests {
  /// Writes a column with a precision and reads it back.
  private func written<T: ColumnElement>(_ values: [T], _ precision: Precision) throws -> [T] {
    var field = Schema.Field("x", T.scalarType)
    try field.declare(precision)
    let schema = Schema(fields: [field])
    let folder = try TemporaryFolder()
    let path = folder("x.fingal")
    let writer = try EventWriter(creating: path, schema: schema)
    let given = ColumnValues(values)
    try writer.append(EventBatch(schema, eventCount: values.count, counts: [], columns: [given]))
    try writer.finish()
    #expect(contents(given) == contents(ColumnValues(values)), "the batch was changed")
    let file = try EventFile(opening: path)
    #expect(file.schema.fields[0].precision == precision)
    let batch = try #require(try file.batches().next())
    return unsafe Array(batch.columns[0].storage.values(T.self))
  }

  /// Powers, subnormals, the largest, halves between two kept values, anything.
  private func hard(_ bits: Int) -> [Float] {
    var generator = SeededGenerator(seed: 21)
    var values: [Float] = [
      0, -0.0, .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
      Float.greatestFiniteMagnitude.nextDown, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude,
      Float.leastNormalMagnitude.nextDown, 1, -1, 1.5, .pi, 1e10, 1e-10, 16_777_216,
    ]
    let half = UInt32(1) << (22 - bits)
    for kept: UInt32 in [0, 1, 2, 3, 0x3F80, 0x7F00] {
      let pattern = kept << (23 - bits) & 0x7F7F_FFFF
      for offset in [half &- 1, half, half + 1] { values.append(Float(bitPattern: pattern | offset)) }
    }
    for _ in 0..<2000 { values.append(Float(bitPattern: UInt32.random(in: 0 ... .max, using: &generator))) }
    return values
  }

  @Test(arguments: [1, 2, 7, 10, 16, 22]) func bitsOfFloat(bits: Int) throws {
    let values = hard(bits)
    let kept = try written(values, .bits(bits))
    let relative = Double(sign: .plus, exponent: -bits - 1, significand: 1)
    for (x, y) in zip(values, kept) {
      if !x.isFinite {
        #expect(x.bitPattern == y.bitPattern)
        continue
      }
      #expect(y.isFinite && x.sign == y.sign, "\(x) became \(y)")
      #expect(
        abs(Double(y) - Double(x)) <= relative * max(abs(Double(x)), Double(Float.leastNormalMagnitude)), "\(x) → \(y)")
      let short = y.bitPattern & (1 << (23 - UInt32(bits)) - 1) == 0
      #expect(short || y.magnitude == .greatestFiniteMagnitude, "\(x) → \(y)")
      // The readable twin: the two neighbours with so many bits, the nearer one, at a tie the even one.
      let dropped = 23 - UInt32(bits)
      let low = Float(bitPattern: (x.bitPattern >> dropped) << dropped)
      let high = Float(bitPattern: low.bitPattern + (1 << dropped))
      if high.isFinite {
        let (down, up) = (abs(Double(x) - Double(low)), abs(Double(high) - Double(x)))
        let even = (low.bitPattern >> dropped) & 1 == 0
        #expect(y == (down < up || (down == up && even) ? low : high), "\(x) → \(y)")
      }
    }
    #expect(try written(kept, .bits(bits)).map(\.bitPattern) == kept.map(\.bitPattern), "a second time")
  }

  @Test(arguments: [1, 11, 30, 51]) func bitsOfDouble(bits: Int) throws {
    var generator = SeededGenerator(seed: 22)
    var values = (0..<2000).map { _ in Double(bitPattern: UInt64.random(in: 0 ... .max, using: &generator)) }
    values += [
      0, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, .leastNormalMagnitude, .pi,
    ]
    let kept = try written(values, .bits(bits))
    let relative = Double(sign: .plus, exponent: -bits - 1, significand: 1)
    for (x, y) in zip(values, kept) where x.isFinite {
      #expect(y.isFinite && abs(y - x) <= relative * max(x.magnitude, .leastNormalMagnitude), "\(x) → \(y)")
      #expect(y.bitPattern & (1 << (52 - UInt64(bits)) - 1) == 0 || y.magnitude == .greatestFiniteMagnitude)
    }
    #expect(zip(values, kept).allSatisfy { $0.isFinite || $0.bitPattern == $1.bitPattern })
  }

  @Test(arguments: ["0.001", "0.05", "5e-4", "2.5", "1", "25", "1e3", "0.3", "1e-22", "1e22"]) func stepsOfFloats(
    step: String
  ) throws {
    var generator = SeededGenerator(seed: 23)
    let size = Double(step)!
    var values: [Double] = [
      0, -0.0, .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude,
      size / 2, -size / 2, size * 1.5, size * 2.5, size, -size, (size / 2).nextUp, (size / 2).nextDown, 1e15, 1e300,
    ]
    for _ in 0..<1000 {
      values.append(Double.random(in: -1000...1000, using: &generator) * size)
      values.append(Double.random(in: -50...50, using: &generator))
    }
    let kept = try written(values, .step(step))
    for (x, y) in zip(values, kept) where x.isFinite {
      #expect(abs(y - x) <= size / 2 + x.ulp, "\(x) → \(y)")
      #expect(y != 0 || y.sign == .plus)
    }
    #expect(zip(values, kept).allSatisfy { $0.isFinite || $0.bitPattern == $1.bitPattern })
    #expect(try written(kept, .step(step)).map(\.bitPattern) == kept.map(\.bitPattern), "a second time")

    let floats = values.map { Float($0) }
    let short = try written(floats, .step(step))
    for (x, y) in zip(floats, short) where x.isFinite {
      #expect(y.isFinite && abs(Double(y) - Double(x)) <= size / 2 + Double(x.ulp), "\(x) → \(y)")
    }
    #expect(try written(short, .step(step)).map(\.bitPattern) == short.map(\.bitPattern), "a second time")
  }

  /// Multiples are the floats of their texts, so that they pack as decimals and print as such.
  @Test func stepsAreDecimals() throws {
    #expect(try written([0.12345 as Float, -7.7777, 3.1415927], .step("0.001")) == [0.123, -7.778, 3.142])
    #expect(try written([0.12345, -7.7777, 3.1415927], .step("0.05")) == [0.1, -7.8, 3.15])
    #expect(try written([0.5, 1.5, 2.5, -0.5, -1.5], .step("1")) == [0, 2, 2, 0, -2])
  }

  @Test func stepsOfIntegers() throws {
    #expect(
      try written([0, 4, 5, 6, 15, 25, -4, -5, -6, -15] as [Int32], .step("10")) == [
        0, 0, 0, 10, 20, 20, 0, 0, -10, -20,
      ])
    #expect(try written([127, -128, 120, 100, -99] as [Int8], .step("100")) == [100, -100, 100, 100, -100])
    #expect(try written([127, -128, 63] as [Int8], .step("250")) == [127, -128, 0])
    #expect(try written([.max, .max - 3, 0, 7] as [UInt64], .step("10")) == [.max, .max - 5, 0, 10])
    // The nearest multiple is no value of the type.
    #expect(try written([.max, .min] as [Int64], .step("1000")) == [.max, .min])
    #expect(try written([3, 8] as [UInt16], .step("1")) == [3, 8])
  }

  @Test func refusals() throws {
    func refused(_ precision: Precision, _ type: ScalarType) -> FingalError? {
      var field = Schema.Field("x", type)
      do throws(FingalError) { try field.declare(precision) } catch { return error }
      return nil
    }
    #expect(
      refused(.bits(10), .int32)?.description
        == "bits of a mantissa cannot be kept of values of type int32; use step:X for whole numbers")
    #expect(refused(.bits(23), .float32)?.code == .usage)
    #expect(refused(.bits(23), .float64) == nil)
    #expect(refused(.bits(0), .float64) != nil && refused(.bits(52), .float64) != nil)
    for type in [ScalarType.string, .bool, .enumeration] {
      #expect(refused(.bits(5), type) != nil)
      #expect(refused(try .step("2"), type)?.code == .usage)
    }
    #expect(refused(try .step("0.5"), .int16)?.message == "a step of 0.5 for values of type int16")
    #expect(refused(try .step("1e2"), .int16) == nil)
    for text in [
      "", "0", "-1", "step:", "step:0", "step:-0.1", "step:x", "step:1e", "step:1e40", "step:1.2.3", "ten", "3.5",
      "step:0.1234567890123456",
    ] {
      #expect(throws: FingalError.self, "\(text)") { try Precision(text) }
    }
  }

  @Test func metadata() throws {
    let bits = try Precision("10")
    #expect(bits.metadata == #"{"kind":"bits","parameter":"10","relative":0.00048828125}"#)
    #expect(Precision(metadata: bits.metadata) == bits && bits.summary == "10 bits")
    let step = try Precision("step:5e-4")
    #expect(step.metadata == #"{"absolute":0.00025,"kind":"step","parameter":"5e-4"}"#)
    #expect(Precision(metadata: step.metadata) == step && step.summary == "step 5e-4")
    for text in ["", "high", "{}", #"{"kind":"bits","parameter":"x"}"#, #"{"kind":"step","parameter":"0"}"#] {
      #expect(Precision(metadata: text) == nil)
      let schema = Schema(fields: [Schema.Field("x", .float32, metadata: ["precision": text])])
      let folder = try TemporaryFolder()
      #expect(throws: FingalError.self) { try EventWriter(creating: folder("x.fingal"), schema: schema) }
    }
  }
}
