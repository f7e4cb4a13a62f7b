import Fingal
import FingalSelect
import Testing

/// Cuts on labels, on collections inside collections, and on tensors of hits.
@Suite struct NestedTests {
  /// Three events: 2, 0 and 1 hits; 1, 2 and 3 samples of the hits.
  static func batch() -> EventBatch {
    let schema = Schema(
      collections: [.init("hits"), .init("samples", in: "hits"), .init("peaks", in: "samples"), .init("tracks")],
      fields: [
        .init("run", .int32), .init("particle", .enumeration, labels: ["electron", "pion", "muon"], nullable: true),
        .init("other", .enumeration, labels: ["pion", "proton"]), .init("layer", .uint8, in: "hits"),
        .init("position", .float32, in: "hits", shape: [2]),
        .init("side", .enumeration, in: "hits", labels: ["front", "back"]), .init("charge", .int16, in: "samples"),
        .init("height", .int8, in: "peaks"), .init("pt", .float32, in: "tracks"),
      ])
    let particle = ColumnValues(.enumeration)
    particle.append(contentsOf: [0, 1] as [UInt16])
    particle.appendNull()
    func labels(_ indices: [UInt16]) -> ColumnValues {
      let column = ColumnValues(.enumeration)
      column.append(contentsOf: indices)
      return column
    }
    return EventBatch(
      schema, eventCount: 3,
      counts: [
        ColumnValues([2, 0, 1] as [UInt32]), ColumnValues([1, 2, 3] as [UInt32]),
        ColumnValues([0, 1, 1, 0, 2, 0] as [UInt32]), ColumnValues([1, 1, 1] as [UInt32]),
      ],
      columns: [
        ColumnValues([1, 2, 3] as [Int32]), particle, labels([1, 0, 0]), ColumnValues([3, 9, 5] as [UInt8]),
        ColumnValues([1, 2, 3, 4, 5, 6] as [Float]), labels([0, 1, 1]),
        ColumnValues([10, 20, 30, 40, 50, 60] as [Int16]), ColumnValues([1, 2, 3, 4] as [Int8]),
        ColumnValues([0, 0, 0] as [Float]),
      ])
  }

  @Test(arguments: [
    ("particle == 'pion'", "010"), ("particle != 'pion'", "100"), ("'electron' == particle", "100"),
    ("particle == other", "010"), ("particle < 'muon'", "100"), ("any(hits.side == 'back')", "101"),
    ("count(hits, hits.side == 'front') == 1", "100"), ("particle == 'muon' || run == 1", "100"),
  ])
  func labelsCompareAsTexts(text: String, expected: String) throws {
    let batch = Self.batch()
    let mask = try Expression(parsing: text).checked(against: batch.schema).mask(batch)
    #expect(mask.map { $0 ? "1" : "0" }.joined() == expected, "\(text)")
  }

  @Test(
    arguments: [
      ("count(hits)", [2, 0, 1]), ("count(samples)", [3, 0, 3]), ("count(peaks)", [2, 0, 2]),
      ("sum(samples.charge)", [60, 0, 150]), ("sum(samples.charge, hits.layer > 4)", [50, 0, 150]),
      ("sum(samples.charge * hits.layer)", [30 + 180 + 270, 0, 750]), ("sum(samples.charge + run)", [63, 0, 159]),
      ("sum(peaks.height, samples.charge == 20)", [1, 0, 0]), ("sum(peaks.height * hits.layer)", [27, 0, 35]),
      ("max(peaks.height)", [2, .nan, 4]), ("sum(hits.position)", [10, 0, 11]), ("count(hits.position)", [4, 0, 2]),
      ("sum(hits.position, hits.layer == 9)", [7, 0, 0]), ("sum(samples.charge) / count(hits)", [30, .nan, 150]),
    ] as [(String, [Double])])
  func aggregatesGiveOneValueAnEvent(text: String, expected: [Double]) throws {
    let batch = Self.batch()
    let bound = try Expression(parsing: text).checked(against: batch.schema, expecting: .number)
    let values = try bound.values(batch)
    // NaN has a sign that means nothing.
    func texts(_ values: [Double]) -> [String] { values.map { $0.isNaN ? "nan" : "\($0)" } }
    #expect(texts(values) == texts(expected), "\(text)")
    // And from no more than the columns it asks for.
    let part = try batch.schema.projected(to: bound.columns)
    let small = EventBatch(
      part, eventCount: 3, counts: part.collections.map { batch.counts(of: $0.name)! },
      columns: part.fields.map { batch.column($0.path)! })
    #expect(try texts(bound.values(small)) == texts(expected), "\(text)")
  }

  @Test(
    arguments: [
      ("particle == 'pionn'", "'particle' is never 'pionn'", "did you mean 'pion'?"),
      ("particle == 'x'", "'particle' is never 'x'", "its labels are electron, pion, muon"),
      ("particle > 1", "a text cannot be compared with a number", nil),
      (
        "sum(hits.layer, samples.charge > 20) > 1", "elements of 'hits' cannot be selected by each of their 'samples'",
        nil
      ),
      (
        "any(samples.charge > tracks.pt)",
        "elements of 'samples' and of 'tracks' cannot be combined one by one", nil
      ),
    ] as [(String, String, String?)])
  func slipsAreNamed(text: String, message: String, advice: String?) {
    let error = #expect(throws: FingalError.self) {
      try Expression(parsing: text).checked(against: Self.batch().schema)
    }
    #expect(error?.message.contains(message) == true, "\(error!)")
    if let advice { #expect(error?.advice == advice) }
  }

  @Test func filteringKeepsTheElementsOfTheEvents() throws {
    let batch = Self.batch().filtered(by: [false, true, true])
    try batch.validate()
    #expect((0..<3).map { batch.column("samples.charge")!.integer(at: $0) } == [40, 50, 60])
    #expect((0..<2).map { batch.column("hits.position")!.double(at: $0) } == [5, 6])
    #expect((0..<3).map { batch.counts(of: "peaks")!.integer(at: $0) } == [0, 2, 0])
  }
}
