import Fingal
import FingalCSV
import Testing

/// Which type a column gets from its cells, and that nothing is altered by it.
@Suite struct InferenceTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var cells: [String]
    var type: ScalarType
    var format: String?
    var nullable = false
    /// The text comes back as it was.
    var exact = true

    init(_ cells: String, _ type: ScalarType, _ format: String? = nil, nullable: Bool = false, exact: Bool = true) {
      self.cells = cells.split(separator: " ", omittingEmptySubsequences: false).map { $0 == "_" ? "" : String($0) }
      self.type = type
      self.format = format
      self.nullable = nullable
      self.exact = exact
    }

    var testDescription: String { cells.joined(separator: " ") + " → \(type)" }
  }

  static let cases: [Case] = [
    // Integers, the narrowest of three; never a float.
    Case("0 1 1 0", .int32),
    Case("2147483647 -2147483648", .int32),
    Case("2147483648", .int64),
    Case("-2147483649 5", .int64),
    Case("9223372036854775807 -9223372036854775808", .int64),
    Case("9223372036854775808 0", .uint64),
    Case("18446744073709551615", .uint64),
    Case("18446744073709551616 1", .string),
    Case("9223372036854775808 -1", .string),
    Case("1234567890123456789", .int64),
    // Codes and signs that a number would lose.
    Case("007 010", .string),
    Case("00 11", .string),
    Case("0 10 200", .int32),
    Case("+5 6", .string),
    Case("-0 3", .float32, "shortest"),
    // Decimals: float32 only if every text comes back.
    Case("1.5 2.25", .float32, "shortest"),
    Case("60.1000 129.9753", .float32, "%.4f"),
    Case("3.27496839 0.606087208", .float32, "%.9g"),
    Case("3.27496837 0.606087203", .float64, "shortest"),
    Case("0.1 0.123456789", .float64, "shortest"),
    Case("7153368.0 7154685.0", .float32, "%.1f"),
    Case("71533681.0 7154685.0", .float64, "%.1f"),
    Case("0.1 7.0 1e-05", .float32, "repr"),
    Case("0.1 2.5 1000000.0 0.30000000000000004", .float64, "repr"),
    Case("0.10000000000000001 0.5 3.2999999999999998", .float64, "%.17g"),
    Case("16777216 0.5", .float32),
    Case("16777217 0.5", .float64, "shortest"),
    Case("9007199254740992 0.5", .float64, "shortest"),
    Case("9007199254740993 0.5", .string),
    // Whole numbers that were printed from a float are held by it, however large.
    Case("12345678901234568 0.10000000000000001", .float64, "%.17g"),
    Case("104497952 0.606087208", .float32, "%.9g"),
    Case("1e39 0.5", .float64, nil, exact: false),
    Case("1e-40 0.5", .float64, "shortest"),
    Case("1e+06 123456", .float32, "%.6g"),
    Case("1.000000000000000000e+00 1.100000000000000089e+00", .float64, "%.18e"),
    // What float64 would make infinite or zero stays text.
    Case("1e400 2.5", .string),
    Case("-1e999 2.5", .string),
    Case("1e-400 2.5", .string),
    Case("0e-400 2.5", .float32, exact: false),
    // NaN and infinity in any spelling.
    Case("nan nan", .float32, "shortest"),
    Case("NaN 1.5", .float32),
    Case("1 inf -inf", .float32, "shortest"),
    Case("Infinity -Infinity 2", .float32, "shortest"),
    // Nulls, truth, text.
    Case("1 _ 3", .int32, nullable: true),
    Case("1.5 _", .float32, "%.1f", nullable: true),
    Case("true false true", .bool),
    Case("True False", .bool),
    Case("true _ false", .bool, nullable: true),
    Case("true maybe", .string),
    Case("true True", .string),
    Case("EB EE", .string),
    Case("EB _ EE", .string),
    Case("1/2 3 5", .string),
    Case("NA 1 2", .string),
  ]

  @Test(arguments: cases)
  func chooses(_ test: Case) throws {
    let workspace = try Workspace()
    let text = "k,c\n" + test.cells.enumerated().map { "\($0),\($1)\n" }.joined()
    try workspace.convert(text)
    let field = try #require(try workspace.result.schema.field("c"))
    #expect(field.type == test.type)
    #expect(field.nullable == test.nullable)
    if let format = test.format { #expect(field.metadata["csv.format"] == format) }
    if test.exact { #expect(try workspace.exported() == text) }
  }

  /// Long columns: float32 printed with nine digits stays float32 through every border case of rounding; one more digit,
  /// or the digits of a double, do not.
  @Test func keepsFloat32AcrossManyValues() throws {
    var generator = SplitMix(7)
    var nine = "x\n"
    var spoilt = "x\n"
    let scratch = AlignedBytes()
    for index in 0..<20_000 {
      let value = Float(bitPattern: 0x3000_0000 + UInt32(truncatingIfNeeded: generator.next() % 0x1B00_0000))
      scratch.removeAll()
      NumberWriter.append(value, .general(digits: 9), to: scratch)
      let text = unsafe String(decoding: scratch.bytes, as: UTF8.self)
      nine += text + "\n"
      spoilt += index == 19_999 ? "1.23456789012\n" : text + "\n"
    }
    let workspace = try Workspace()
    try workspace.convert(nine)
    #expect(try workspace.result.schema.field("x")?.type == .float32)
    #expect(try workspace.exported() == nine)
    var options = ConvertOptions()
    options.sampleBytes = 1000
    options.blockBytes = 1000
    let summary = try workspace.convert(spoilt, options: options)
    #expect(summary.passes == 2)
    #expect(try workspace.result.schema.field("x")?.type == .float64)
  }

  @Test func warnsOfDigitsThatNoFloatHolds() throws {
    let workspace = try Workspace()
    let summary = try workspace.convert("x\n0.1234567890123456789\n0.5\n")
    #expect(summary.warnings.count == 1)
    #expect(summary.warnings.first?.contains("more digits than float64 holds") == true)
    // 19 digits that are exactly those of a double lose nothing.
    #expect(try workspace.convert("x\n1.100000000000000089e+00\n").warnings.isEmpty)
  }

  @Test func givenTypesAreTaken() throws {
    let workspace = try Workspace()
    var options = ConvertOptions()
    options.types = [.init("a", .uint8), .init("b", .float32), .init("c", .string), .init("d", .bool)]
    try workspace.convert("a,b,c,d\n255,0.1234567891,5,1\n0,16777217,6,0\n", options: options)
    let file = try workspace.result
    #expect(file.schema.fields.map(\.type) == [.uint8, .float32, .string, .bool])
    let batch = try file.read(events: 0..<2)
    #expect(batch.column("a")?.integer(at: 0) == 255)
    #expect(batch.column("b")?.double(at: 1) == 16777216)
    #expect(batch.column("c")?.string(at: 1) == "6")
    #expect(batch.column("d")?.integer(at: 0) == 1)
    #expect {
      try workspace.convert("a,b,c,d\n256,1,1,1\n", options: options)
    } throws: { error in
      "\(error)".hasSuffix(
        "in0.csv:2:1: \"256\" does not fit column 'a' of type uint8; give the column another type with --type")
    }
  }

  /// A given float type is refused where it would turn a number into infinity or zero.
  @Test(
    arguments: [
      ("1e400", ScalarType.float64), ("-1e999", .float64), ("1e-400", .float64), ("1e39", .float32),
      ("1e-60", .float32), (String(repeating: "9", count: 400), .float64),
      (String(repeating: "9", count: 40), .float32),
    ])
  func rangeOfGivenTypes(_ cell: String, _ type: ScalarType) throws {
    let workspace = try Workspace()
    var options = ConvertOptions()
    options.types = [.init("x", type)]
    #expect {
      try workspace.convert("k,x\n1,2.5\n2,\(cell)\n", options: options)
    } throws: { error in
      "\(error)".contains("in0.csv:3:2: ") && "\(error)".contains("does not fit column 'x' of type \(type)")
    }
  }

  /// Below float32's normal range rounding twice, by way of a float64, would give another value.
  @Test func tinyFloatsAreRoundedOnce() throws {
    let workspace = try Workspace()
    var options = ConvertOptions()
    options.types = [.init("x", .float32)]
    let texts = ["7.0064923216240854e-46", "1e-45", "1.1754943508222875e-38", "0", "0.0", "1.17549428075736435e-38"]
    try workspace.convert(
      "k,x\n" + texts.enumerated().map { "\($0),\($1)\n" }.joined(), options: options)
    let column = try #require(try workspace.result.read(events: 0..<texts.count).column("x"))
    let values = column.values(as: Float.self)
    #expect(values.indices.map { values[$0].bitPattern } == texts.map { Float($0)!.bitPattern })
    #expect(values[0].bitPattern == 1)
  }

  @Test func nullTextsAreNulls() throws {
    let workspace = try Workspace()
    var options = ConvertOptions()
    options.nullTexts = ["NA", "-"]
    let text = "a,b\n1,NA\nNA,x\n3,y\n"
    try workspace.convert(text, options: options)
    let schema = try workspace.result.schema
    #expect(schema.fields.map(\.type) == [.int32, .string])
    #expect(schema.fields.map(\.nullable) == [true, true])
    #expect(try workspace.exported() == text)
  }
}
