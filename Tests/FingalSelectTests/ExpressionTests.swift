import Fingal
import FingalSelect
import Testing

@Suite struct ExpressionTests {
  @Test(arguments: [
    ("pdgID == 11", "1000"),
    ("abs(pdgID) == 11", "1100"),
    ("70 < beamEnergy && beamEnergy < 100", "0010"),
    ("70 <= beamEnergy < 100", "0110"),
    ("100 > beamEnergy >= 70", "0110"),
    ("beamEnergy<1e2||pdgID==-211", "1111"),
    ("!(beamEnergy < 100)", "0001"),
    ("good", "1010"),
    ("!good", "0101"),
    ("good == 1", "1010"),
    ("good != true", "0101"),
    ("true && !false", "1111"),
    ("type1 == 'EB'", "1000"),
    ("type1 != \"EB\"", "0101"),
    ("type1 == 'it''s'", "0001"),
    ("type1 < 'EE'", "1000"),
    ("'EE' <= type1", "0101"),
    ("`odd name` % 2 == 1", "0100"),
    ("`odd name` % 2 == -1", "1000"),
    ("`odd name` % 4 != 0", "1100"),
    // A comparison with a null is false, whichever; the opposite of it is true. NaN differs from everything.
    ("time > 0", "1000"),
    ("time <= 0", "0001"),
    ("time != 1.5", "0011"),
    ("!(time > 0)", "0111"),
    ("time == time", "1001"),
    ("time + 1 > 0 || time < 100", "1001"),
    ("max(time, 0) >= 0", "1001"),
    // Whole numbers beyond 2^53.
    ("event == 9007199254740993", "0100"),
    ("event == 9007199254740992", "1000"),
    ("event > 9007199254740992", "0100"),
    ("event == -9007199254740993", "0010"),
    ("-event == 9007199254740993", "0010"),
    ("abs(event) == 9007199254740993", "0110"),
    ("event + 1 == 9007199254740993", "1000"),
    ("event % 2 == 1", "0101"),
    ("event * 2 == 18014398509481986", "0100"),
    ("event - event == 0", "1111"),
    ("event % (event - event) == 0", "0000"),
    ("key == 18446744073709551615", "1000"),
    ("key > 18446744073709551614", "1000"),
    ("key < event", "0001"),
    ("key > -1", "1111"),
    ("max(event, key) == 18446744073709551614", "0100"),
    ("count(hits.energy > 2) < 9007199254740993", "1111"),
    ("max(hits.id, hits.energy > 2) == 9007199254740993", "1000"),
    ("any(hits.id == 9007199254740993)", "1000"),
    ("max(hits.id) == 9007199254740993", "1000"),
    ("max(hits.id) == 9007199254740992", "0001"),
    // Over collections.
    ("count(hits) == 0", "0100"),
    ("count(hits) > 1", "1010"),
    ("count(hits, hits.energy > 2) == 1", "1001"),
    ("count(hits.adc) == 0", "0101"), ("count(hits.energy > 1e9) == 0", "1111"),
    ("count(hits.energy > 2) == 1", "1001"), ("count(hits.energy > 2, hits.layer == 2) == 1", "1000"),
    ("count(hits.noise) == 1", "1011"), ("count(hits.adc > 0) == 1", "1010"), ("count(!(hits.adc > 0)) == 1", "1001"),
    ("count(image != 0) == 4", "0010"), ("count(hits.energy > 2) == count(hits, hits.energy > 2)", "1111"),
    ("sum(hits.energy) == 60", "0010"),
    ("sum(hits.energy, hits.layer <= 7) == 10", "0010"),
    ("sum(hits.energy) == 0", "0100"),
    ("mean(hits.energy) == 20", "0010"),
    ("mean(hits.energy) >= 0", "1011"),
    ("min(hits.energy) < 2", "1000"),
    ("max(hits.energy, hits.layer < 8) == 10", "0010"),
    ("max(hits.energy, hits.noise) == 30", "0010"),
    ("max(hits.adc) == 7", "0010"),
    ("sum(hits.adc) == 5", "1000"),
    ("any(hits.noise)", "1011"),
    ("all(hits.noise)", "0101"),
    ("all(hits.energy > 1, hits.noise)", "1111"),
    ("any(hits.energy > beamEnergy / 4)", "0010"),
    ("any(hits.energy > 3 && beamEnergy > 99.9)", "0001"),
    ("sum(hits.energy * hits.layer) > 100", "0010"),
    ("max(max(hits.energy, hits.layer)) == 30", "0010"),
    ("sum(tracks.pt) + count(hits) == 4", "0001"),
    ("sum(image) == 6", "1000"),
    ("max(image) < 0", "0010"),
    ("count(image, image != 0) == 4", "0010"),
    ("sqrt(pow(3, 2) + 16) == 5 && hypot(3, 4) == 5 && log(exp(1)) == 1", "1111"),
    ("1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 7 / 2 == 3.5 && -2 - -3 == 1", "1111"),
    ("2 - 1 - 1 == 0 && 8 / 4 / 2 == 1", "1111"),
    ("min(3, 1, 2) == 1 && max(3, 1, 2) == 3", "1111"),
    (".5 == 0.5 && 5. == 5 && 1.e2 == 100 && 1e-1 == .1", "1111"),
  ])
  func cuts(_ text: String, _ expected: String) throws {
    let batch = testBatch()
    try batch.validate()
    let bound = try Expression(parsing: text).checked(against: batch.schema)
    let mask = try bound.mask(batch)
    #expect(mask.map { $0 ? "1" : "0" }.joined() == expected)
    // Only the columns it asks for are needed.
    let schema = try batch.schema.projected(to: bound.columns)
    let fewer = EventBatch(
      schema, eventCount: 4, counts: schema.collections.map { batch.counts(of: $0.name)! },
      columns: schema.fields.map { batch.column($0.path)! })
    #expect(try bound.mask(fewer) == mask)
    // And an empty batch gives an empty answer.
    #expect(try bound.mask(EventBatch(batch.schema)).isEmpty)
  }

  @Test(arguments: [
    ("beamEnergy", [20, 70, 99.5, 100]),
    ("good", [1, 0, 1, 0]),
    ("time * 2", [3, .nan, .nan, -4]),
    ("min(hits.energy)", [1.5, .nan, 10, 4]),
    ("count(hits) + 0.5", [2.5, 0.5, 3.5, 1.5]),
    ("3", [3, 3, 3, 3]),
  ])
  func numbers(_ text: String, _ expected: [Double]) throws {
    let batch = testBatch()
    let bound = try Expression(parsing: text).checked(against: batch.schema, expecting: .number)
    #expect(
      try bound.values(batch).map { $0.bitPattern == Double.nan.bitPattern ? "nan" : "\($0)" }
        == expected.map { "\($0)" })
  }

  @Test func elements() throws {
    let batch = testBatch()
    let bound = try Expression(parsing: "hits.energy * beamEnergy").checked(against: batch.schema, expecting: .any)
    #expect(bound.collection == "hits")
    #expect(try bound.values(batch) == [30, 50, 995, 1990, 2985, 400])
    let image = try Expression(parsing: "image").checked(against: batch.schema, expecting: .any)
    #expect(image.collection == "image")
    #expect(try image.values(batch).count == 16)
  }

  @Test(arguments: [
    ("count(hits) > 3", ["hits.layer"]), ("count(hits) > 3 && any(hits.energy > 2)", ["hits.energy"]),
    ("type1 == 'EB' || beamEnergy > beamEnergy - 1", ["type1", "beamEnergy"]),
  ])
  func neededColumns(_ text: String, _ expected: [String]) throws {
    #expect(try Expression(parsing: text).checked(against: testBatch().schema).columns == expected)
  }

  @Test(arguments: [
    ("", "the expression is empty"),
    (
      "beamEnrgy > 70",
      #"there is no column 'beamEnrgy', at character 1 of "beamEnrgy > 70"; did you mean 'beamEnergy'?"#
    ),
    (
      "good && energy > 1",
      #"there is no column 'energy', at character 9 of "good && energy > 1"; did you mean 'hits.energy'?"#
    ),
    ("pdgID = 11", #"'=' has no meaning here, at character 7 of "pdgID = 11"; equality is =="#),
    ("pdgID == 11 and good", #"unexpected 'and', at character 13 of "pdgID == 11 and good"; use &&"#),
    ("good & good", #"'&' has no meaning here, at character 6 of "good & good"; both conditions is &&"#),
    ("(good", #"the '(' here is not closed, at character 1 of "(good""#),
    ("good)", #"unexpected ')', at character 5 of "good)""#),
    ("type1 == 'EB", #"the text that begins here is not closed, at character 10 of "type1 == 'EB""#),
    (
      "'é' == type1 && pdgIDD == 1",
      #"there is no column 'pdgIDD', at character 17 of "'é' == type1 && pdgIDD == 1"; did you mean 'pdgID'?"#
    ),
    (
      "1 < pdgID > 0",
      #"'>' cannot follow '<' in a chain, at character 11 of "1 < pdgID > 0"; join two comparisons with &&"#
    ),
    (
      "pdgID == 1 == 1",
      #"'==' cannot follow '==' in a chain, at character 12 of "pdgID == 1 == 1"; join two comparisons with &&"#
    ),
    ("pdgID ==", #"the expression ends too early, at character 9 of "pdgID ==""#),
    (
      "12abc == 1",
      #"a number runs into 'a', at character 3 of "12abc == 1"; put names that begin with a digit in backquotes"#
    ),
    ("1e999 > 1", #"the number 1e999 does not fit a float64, at character 1 of "1e999 > 1""#),
    ("sqroot(2) > 1", #"there is no function 'sqroot', at character 1 of "sqroot(2) > 1"; did you mean 'sqrt'?"#),
    ("sqrt(1, 2) > 1", #"sqrt(…) takes one number, at character 1 of "sqrt(1, 2) > 1""#),
    ("type1 == 1", #"a text cannot be compared with a number, at character 7 of "type1 == 1""#),
    ("type1 + 1 == 1", #"a number is needed, but this is a text, at character 1 of "type1 + 1 == 1""#),
    (
      "hits > 1",
      #"a number is needed, but this is a collection, at character 1 of "hits > 1"; count its elements with count(hits)"#
    ),
    (
      "sum(beamEnergy) > 1",
      #"sum(…) needs a value for each element of a collection, but this is one an event, at character 5 of "sum(beamEnergy) > 1""#
    ),
    (
      "any(hits.energy > tracks.pt)",
      #"elements of 'hits' and of 'tracks' cannot be combined one by one, at character 19 of "any(hits.energy > tracks.pt)""#
    ),
    (
      "any(hits.energy)",
      #"any(…) asks for conditions, but this is a number, at character 5 of "any(hits.energy)"; compare it, as in `x != 0`; put `!( )` around a whole comparison"#
    ),
    ("pdgID", #"a condition is needed, but this is a number, at character 1 of "pdgID"; compare it, as in `x != 0`"#),
    (
      "hits.energy > 1",
      #"this gives a value for each element of 'hits', but one for each event is needed, at character 13 of "hits.energy > 1"; wrap it in any(…), all(…), sum(…), max(…) or another function over a collection"#
    ),
    ("good @ 1", #"'@' has no meaning here, at character 6 of "good @ 1""#),
  ])
  func errors(_ text: String, _ expected: String) {
    #expect {
      _ = try Expression(parsing: text).checked(against: testBatch().schema)
    } throws: { error in
      #expect("\(error)" == expected)
      return (error as? FingalError)?.code == .usage
    }
  }

  @Test func nestingIsBounded() throws {
    let fine = String(repeating: "(", count: 200) + "good" + String(repeating: ")", count: 200)
    #expect(
      try Expression(parsing: fine).checked(against: testBatch().schema).mask(testBatch()) == [
        true, false, true, false,
      ])
    let deep = String(repeating: "(", count: 100_000)
    #expect(throws: FingalError.self) { _ = try Expression(parsing: deep) }
    // Length is not depth.
    let long = Array(repeating: "pdgID == 11", count: 5_000).joined(separator: " || ")
    #expect(try Expression(parsing: long).checked(against: testBatch().schema).mask(testBatch())[0])
    let sum = Array(repeating: "1", count: 20_000).joined(separator: " + ") + " == 20000"
    #expect(try Expression(parsing: sum).checked(against: testBatch().schema).mask(testBatch())[0])
    let not = String(repeating: "!", count: 100_001) + "good"
    #expect(
      try Expression(parsing: not).checked(against: testBatch().schema).mask(testBatch()) == [false, true, false, true])
  }

  @Test func garbageNeverTraps() {
    let words = [
      "pdgID", "hits.energy", "hits", "type1", "image", "'EB'", "1", "1e3", "9007199254740993", "(", ")", ",", "&&",
      "||", "!", "<", "==", "+", "-", "*", "/", "%", "sum(", "max(", "any(", "count(", "good", "time", "key", "event",
    ]
    var generator = SplitMix(state: 7)
    var valid = 0
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 1...9, using: &generator)).map { _ in words.randomElement(using: &generator)! }
        .joined(separator: " ")
      guard let expression = try? Expression(parsing: text) else { continue }
      if let bound = try? expression.checked(against: testBatch().schema, expecting: .any) {
        valid += 1
        _ = try? bound.values(testBatch())
      }
    }
    #expect(valid > 100, "seed 7 gave \(valid) valid expressions")
  }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Enumerations, collections inside collections, tensors of elements.
@Suite struct StructuredExpressionTests {
  /// Three events with 2, 0 and 1 hits, whose hits have 1, 3 and 2 samples.
  private func batch() -> EventBatch {
    let schema = Schema(
      collections: [.init("hits"), .init("samples", in: "hits")],
      fields: [
        .init("particle", .enumeration, labels: ["electron", "pion", "muon"], nullable: true),
        .init("kind", .enumeration, in: "hits", labels: ["EB", "EE"]),
        .init("position", .float32, in: "hits", shape: [3]),
        .init("charge", .int16, in: "samples"),
      ])
    let particle = ColumnValues(.enumeration)
    particle.append(1 as UInt16)
    particle.appendNull()
    particle.append(0 as UInt16)
    let kind = ColumnValues(.enumeration)
    kind.append(contentsOf: [0, 1, 1] as [UInt16])
    return EventBatch(
      schema, eventCount: 3, counts: [ColumnValues([2, 0, 1] as [UInt32]), ColumnValues([1, 3, 2] as [UInt32])],
      columns: [
        particle, kind, ColumnValues([1, 2, 3, 4, 5, 6, 7, 8, 9] as [Float]),
        ColumnValues([5, 6, 7, 8, 9, 1] as [Int16]),
      ])
  }

  @Test(arguments: [
    ("particle == 'pion'", "100"), ("'electron' == particle", "001"), ("particle != 'pion'", "001"),
    ("!(particle == 'pion')", "011"), ("particle < 'muon'", "001"), ("any(hits.kind == 'EB')", "100"),
    ("all(hits.kind == 'EE')", "011"), ("count(hits, hits.kind != 'EB') == 1", "101"),
    ("count(samples) == 4", "100"), ("count(samples) == 0", "010"), ("max(samples.charge) == 9", "001"),
    ("sum(samples.charge, samples.charge > 5) == 21", "100"), ("max(hits.position) == 6", "100"),
    ("count(hits.position) == 3", "001"), ("sum(hits.position) == 24", "001"),
  ])
  func cuts(_ text: String, _ expected: String) throws {
    let batch = batch()
    try batch.validate()
    let bound = try Expression(parsing: text).checked(against: batch.schema)
    #expect(try bound.mask(batch).map { $0 ? "1" : "0" }.joined() == expected)
  }

  @Test(arguments: [
    (
      "particle == 'pio'",
      "'particle' is never 'pio', at character 13 of \"particle == 'pio'\"; did you mean 'pion'?"
    ),
    ("particle == 1", "a text cannot be compared with a number, at character 10 of \"particle == 1\""),
    (
      "any(samples.charge > hits.position)",
      "elements of 'samples' and of 'hits.position' cannot be combined one by one, at character 22 of \"any(samples.charge > hits.position)\""
    ),
  ])
  func errors(_ text: String, _ expected: String) {
    let error = #expect(throws: FingalError.self) {
      try Expression(parsing: text).checked(against: batch().schema)
    }
    #expect(error?.description == expected)
  }
}
