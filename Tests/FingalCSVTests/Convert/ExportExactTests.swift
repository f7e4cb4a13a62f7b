import Fingal
import FingalCSV
import Testing

/// The metadata of a file say how it was written, but any program may write metadata, and events come from other files
/// (`merge`, `append`): what `export` prints reads back as what is there, whatever they say.
@Suite struct ExportExactTests {
  /// A file of one nullable column beside `event`, with metadata as given; its text, and what is said about it.
  private func exported(
    _ values: ColumnValues, field metadata: [String: String] = [:], schema: [String: String] = [:],
    labels: [String] = []
  ) throws -> (text: String, notes: [String]) {
    let workspace = try Workspace()
    let fields = [
      Schema.Field("event", .int64),
      Schema.Field("x", values.type, labels: labels, nullable: values.nullCount > 0, metadata: metadata),
    ]
    let made = Schema(fields: fields, metadata: schema)
    let writer = try EventWriter(creating: workspace.path("out.fingal"), schema: made)
    try writer.append(
      EventBatch(
        made, eventCount: values.count, counts: [],
        columns: [ColumnValues((0..<Int64(values.count)).map { $0 }), values]))
    try writer.finish()
    let text = AlignedBytes()
    let exporter = try CSVExporter(try workspace.result) { piece throws(FingalError) in
      unsafe text.append(piece.bytes)
    }
    try exporter.run()
    return (unsafe String(decoding: text.bytes, as: UTF8.self), exporter.notes)
  }

  static let formats = [
    "integer", "shortest", "repr", "%.0f", "%.1f", "%.4f", "%.19f", "%.25f", "%.1g", "%.6g", "%.9g", "%.16g", "%.17g",
    "%.0e", "%.4e", "%.8e", "%.15e", "%.16e", "%.18e",
  ]

  /// Every bit of every number, in every format, with either point.
  @Test(arguments: formats, [false, true])
  func noFormatChangesANumber(_ format: String, comma: Bool) throws {
    var random = SplitMix(20)
    var doubles: [Double] = [
      1.2, 1.23456, 1e-20, -0.0, 0, 2.5, 1e300, -1e300, .leastNonzeroMagnitude, .leastNormalMagnitude,
      .greatestFiniteMagnitude, 9_007_199_254_740_992, 0.1 + 0.2, 1e16, 123_456_789, 5e-5, .infinity, -.infinity,
    ]
    for _ in 0..<300 {
      let value = Double(bitPattern: random.next())
      if !value.isNaN { doubles.append(value) }
      doubles.append(Double(Int.random(in: -100_000...100_000, using: &random)) / 1000)
    }
    let dialect = comma ? ["csv.separator": ";", "csv.decimalComma": "yes"] : [:]
    let point: UInt8 = comma ? 0x2C : 0x2E
    let long = try exported(ColumnValues(doubles), field: ["csv.format": format], schema: dialect)
    let floats = doubles.map { Float($0) }
    let short = try exported(ColumnValues(floats), field: ["csv.format": format], schema: dialect)
    func cells(_ text: String) -> [[UInt8]] {
      text.split(separator: "\n").dropFirst().map { Array($0.split(separator: comma ? ";" : ",")[1].utf8) }
    }
    for (value, cell) in zip(doubles, cells(long.text)) {
      let back = unsafe cell.withUnsafeBytes { unsafe NumberText.float64($0, point: point) }
      #expect(back?.bitPattern == value.bitPattern, "\(value) as \(format)")
    }
    for (value, cell) in zip(floats, cells(short.text)) {
      let back = unsafe cell.withUnsafeBytes { unsafe NumberText.float32($0, point: point) }
      #expect(back?.bitPattern == value.bitPattern, "\(value) as \(format)")
    }
    let holdsAll = ["shortest", "repr", "%.17g", "%.16e", "%.18e"].contains(format)
    #expect(long.notes.count == (holdsAll ? 0 : 1))
  }

  @Test func whatDoesNotFitIsCounted() throws {
    let (text, notes) = try exported(
      ColumnValues([1.5, 1.25, -0.0, .nan, 1e-9] as [Double]), field: ["csv.format": "%.1f"])
    #expect(text == "event,x\n0,1.5\n1,1.25\n2,-0.0\n3,nan\n4,1e-09\n")
    #expect(
      notes == [
        "2 numbers of column 'x' are not what the recorded format %.1f would print, and are written in the shortest form"
          + " that reads back"
      ])
  }

  /// Spellings and marks that the converter would never have recorded.
  @Test func nonsenseIsNotFollowed() throws {
    let doubles = ColumnValues([1.5, .nan, .infinity, -.infinity] as [Double])
    #expect(
      try exported(
        doubles, field: ["csv.nan": "0", "csv.inf": "-inf", "csv.format": "%s"],
        schema: ["csv.separator": "5", "csv.quote": "."]
      ).text == "event,x\n0,1.5\n1,nan\n2,inf\n3,-inf\n")
    let flags = ColumnValues(.bool)
    flags.append(contentsOf: [1, 0] as [UInt8])
    #expect(try exported(flags, field: ["csv.true": "0", "csv.false": "1"]).text == "event,x\n0,true\n1,false\n")
    #expect(try exported(flags, field: ["csv.true": "1", "csv.false": "0"]).text == "event,x\n0,1\n1,0\n")
  }

  @Test func theTextOfMissingValuesIsNoValue() throws {
    let numbers = ColumnValues(.float64)
    numbers.append(1.0)
    numbers.appendNull()
    let fine = try exported(numbers, field: ["csv.null": "-999", "csv.format": "%.0f"])
    #expect(fine.text == "event,x\n0,1\n1,-999\n" && fine.notes == [])
    numbers.append(-999.0)
    let taken = try exported(numbers, field: ["csv.null": "-999", "csv.format": "%.0f"])
    #expect(taken.text == "event,x\n0,1\n1,\n2,-999\n")
    #expect(
      taken.notes == [
        "missing values of column 'x' are written as empty cells: the recorded text '-999' is also a value"
      ])
    let texts = ColumnValues(.string)
    texts.append("EB")
    texts.appendNull()
    #expect(try exported(texts, field: ["csv.null": "NA"]).text == "event,x\n0,EB\n1,NA\n")
    texts.append("NA")
    let error = #expect(throws: FingalError.self) { try exported(texts, field: ["csv.null": "NA"]) }
    #expect(error?.code == .badInput)
    #expect(error?.message.hasPrefix("event 2 has the value 'NA' in column 'x'") == true, "\(error!)")
  }

  @Test func textsThatNeedQuotesAreRefusedWhereThereAreNone() throws {
    let none = ["csv.quote": "none"]
    #expect(
      try exported(ColumnValues(strings: ["a", "say \"b\""]), schema: none).text
        == "event,x\n0,a\n1,say \"b\"\n")
    // A carriage return is text where lines do not end with it, and behind which the line does not.
    let workspace = try Workspace()
    var options = ConvertOptions()
    options.dialect.quote = .some(nil)
    let unquoted = "event,x,y\n1,a\rb,c\"d\n2,e\r,f\n"
    try workspace.convert(unquoted, options: options)
    #expect(try workspace.exported() == unquoted)
    for text in ["a,b", "a\nb", "a\r"] {
      let error = #expect(throws: FingalError.self) { try exported(ColumnValues(strings: [text]), schema: none) }
      #expect(error?.code == .badInput && error?.message.hasPrefix("column 'x' holds the separator") == true)
    }
  }

  /// A list must not be written with the byte that is the decimal point, or bare with that between the columns.
  @Test(arguments: [
    (["csv.separator": ";", "csv.decimalComma": "yes"], ", ", "event;h\n1;\"[1,5;2,5]\"\n"),
    (["csv.quote": "none"], "[, ]", "event,h\n1,[1.5;2.5]\n"),
    (["csv.separator": ";", "csv.quote": "none", "csv.decimalComma": "yes"], "[;]", "event;h\n1;[1,5 2,5]\n"),
    ([:], "[5]", "event,h\n1,\"[1.5, 2.5]\"\n"), ([:], "(; )", "event,h\n1,(1.5; 2.5)\n"),
  ])
  func listsAreReadBack(_ dialect: [String: String], _ style: String, _ expected: String) throws {
    let workspace = try Workspace()
    let schema = Schema(
      collections: [.init("c")],
      fields: [.init("event", .int64), .init("h", .float64, in: "c", metadata: ["csv.list": style, "csv.name": "h"])],
      metadata: dialect.merging(["csv.layout": "cells"]) { old, _ in old })
    let writer = try EventWriter(creating: workspace.path("out.fingal"), schema: schema)
    try writer.append(
      EventBatch(
        schema, eventCount: 1, counts: [ColumnValues([2] as [UInt32])],
        columns: [ColumnValues([1] as [Int64]), ColumnValues([1.5, 2.5] as [Double])]))
    try writer.finish()
    #expect(try workspace.exported() == expected)
  }

  // MARK: A line a hit

  private func hits(_ fields: [Schema.Field], _ columns: [ColumnValues], _ counts: [UInt32]) throws -> Workspace {
    let workspace = try Workspace()
    let schema = Schema(
      collections: [.init("hits")], fields: fields + [.init("e", .float32, in: "hits")],
      metadata: ["csv.layout": "hits"])
    let writer = try EventWriter(creating: workspace.path("out.fingal"), schema: schema)
    let total = counts.reduce(0, +)
    try writer.append(
      EventBatch(
        schema, eventCount: counts.count, counts: [ColumnValues(counts)],
        columns: columns + [ColumnValues((0..<total).map { Float($0) })]))
    try writer.finish()
    return workspace
  }

  @Test func eventsWithoutHitsAreNotLeftOut() throws {
    let workspace = try hits([.init("event", .int64)], [ColumnValues([7, 8, 9] as [Int64])], [1, 0, 1])
    let error = #expect(throws: FingalError.self) { try workspace.exported(layout: .hits) }
    #expect(error?.code == .badInput && error?.advice == "use --layout cells")
    #expect(error?.message == "event 1 has no hits, which lines of hits cannot say")
    #expect(try workspace.exported() == "event,hits_e\n7,[0]\n8,[]\n9,[1]\n")
    // Also if the file was cells.
    let cells = try Workspace()
    try cells.convert("event,x\n1,\"[1, 2]\"\n2,[]\n")
    let refused = #expect(throws: FingalError.self) { try cells.exported(layout: .hits) }
    #expect(refused?.message.hasPrefix("event 1 has no ") == true)
  }

  @Test func eventsWithTheSameKeyStayApart() throws {
    let event = Schema.Field("event", .int64)
    let same = try hits(
      [event, .init("beam", .float32)], [ColumnValues([7, 7, 9] as [Int64]), ColumnValues([1, 2, 3] as [Float])],
      [1, 2, 1])
    let error = #expect(throws: FingalError.self) { try same.exported(layout: .hits) }
    #expect(error?.code == .badInput && error?.advice == "use --layout cells")
    #expect(
      error?.message == "events 0 and 1 have the same 'event', and lines of hits would run together to one event")
    #expect(try same.exported() == "event,beam,hits_e\n7,1,[0]\n7,2,\"[1, 2]\"\n9,3,[3]\n")
    // The run is part of the key; without a key that is known, all columns together are.
    let runs = try hits(
      [.init("run", .int64), event], [ColumnValues([1, 2] as [Int64]), ColumnValues([7, 7] as [Int64])], [1, 1])
    #expect(try runs.exported() == "run,event,hits_e\n1,7,0\n2,7,1\n")
    let others = try hits([.init("n", .int64)], [ColumnValues([7, 8, 8] as [Int64])], [1, 1, 1])
    #expect(throws: FingalError.self) { try others.exported(layout: .hits) }
    // Who leaves the key out wants hits, not events.
    #expect(try same.exported(columns: ["hits"], layout: .hits) == "hits_e\n0\n1\n2\n3\n")
  }
}
