import Fingal
import FingalSelect

/// Parses, checks for every purpose, evaluates over a few events of every kind of column.
func fuzzExpression(_ input: [UInt8]) {
  let text = String(decoding: input, as: UTF8.self)
  let expression: Expression
  do throws(FingalError) {
    expression = try Expression(parsing: text)
  } catch {
    check(error.code == .usage, "\(error)")
    return
  }
  for expectation in [Expression.Expectation.condition, .number, .any] {
    do throws(FingalError) {
      let bound = try expression.checked(against: FuzzBatch.batch.schema, expecting: expectation)
      try evaluate(bound, expectation)
    } catch {
      check(error.code == .usage, "\(error)")
    }
  }
}

private func evaluate(_ bound: BoundExpression, _ expectation: Expression.Expectation) throws(FingalError) {
  let batch = FuzzBatch.batch
  for name in bound.columns {
    check(batch.column(name) != nil || batch.counts(of: name) != nil, "reads '\(name)', which does not exist")
  }
  let values = try bound.values(batch)
  if let collection = bound.collection {
    check(expectation == .any, "several values an event where one was wanted")
    check(values.count == FuzzBatch.elements(of: collection), "\(values.count) values for \(collection)")
  } else {
    check(values.count == batch.eventCount, "\(values.count) values for \(batch.eventCount) events")
  }
  if expectation == .condition {
    check(bound.isCondition && bound.collection == nil, "no condition of the event")
    let mask = try bound.mask(batch)
    check(mask.map { $0 ? 1 : 0 } == values, "the mask differs from the values")
    let kept = batch.filtered(by: mask)
    check(kept.eventCount == mask.count { $0 }, "filtered to another number of events")
    do throws(FingalError) { try kept.validate() } catch { fail("filtered to an invalid batch: \(error)") }
    let some = try bound.mask(kept)
    check(some.allSatisfy { $0 }, "what passed does not pass again")
  }
}

/// A few events with a column of each kind that expressions meet, empty collections and extremes among them.
enum FuzzBatch {
  static let batch: EventBatch = make()

  static func elements(of collection: String) -> Int {
    if let counts = batch.counts(of: collection) {
      return (0..<counts.count).reduce(0) { $0 + (counts.integer(at: $1) ?? 0) }
    }
    return batch.column(collection)?.count ?? -1
  }

  private static func make() -> EventBatch {
    let schema = Schema(
      collections: [.init("h"), .init("t")],
      fields: [
        .init("i", .int64), .init("u", .uint64), .init("p", .int32), .init("e", .float64),
        .init("s", .string, nullable: true), .init("f", .float32, nullable: true), .init("b", .bool),
        .init("a b", .int16), .init("e", .float32, in: "h"), .init("l", .uint8, in: "h"), .init("i", .int64, in: "h"),
        .init("b", .bool, in: "h"), .init("n", .int16, in: "h", nullable: true), .init("s", .string, in: "h"),
        .init("p", .float32, in: "t"), .init("m", .float32, shape: [2, 2]),
      ])
    let batch = EventBatch(schema)
    let hits: [UInt32] = [2, 0, 3, 1]
    batch.counts[0].append(contentsOf: hits)
    batch.counts[1].append(contentsOf: [1, 0, 0, 1] as [UInt32])
    let column = { (path: String) in batch.column(path)! }
    column("i").append(contentsOf: [.min, 9_007_199_254_740_993, .max, 7] as [Int64])
    column("u").append(contentsOf: [.max, .max - 1, 0, 1] as [UInt64])
    column("p").append(contentsOf: [11, -11, 211, -211] as [Int32])
    column("e").append(contentsOf: [20, 70, .infinity, -0.0] as [Double])
    for text in ["EB", "EE", nil, "it's"] as [String?] {
      if let text { column("s").append(text) } else { column("s").appendNull() }
    }
    for value in [1.5, nil, .nan, -2] as [Float?] {
      if let value { column("f").append(value) } else { column("f").appendNull() }
    }
    column("b").append(contentsOf: [1, 0, 1, 0] as [UInt8])
    column("a b").append(contentsOf: [-7, 7, .min, 0] as [Int16])
    column("h.e").append(contentsOf: [1.5, 2.5, .nan, 20, .greatestFiniteMagnitude, 4] as [Float])
    column("h.l").append(contentsOf: [1, 2, 7, 8, 28, 3] as [UInt8])
    column("h.i").append(contentsOf: [1, .min, 3, 4, 5, .max] as [Int64])
    column("h.b").append(contentsOf: [0, 1, 0, 0, 1, 1] as [UInt8])
    for value in [5, nil, 7, -3, nil, nil] as [Int16?] {
      if let value { column("h.n").append(value) } else { column("h.n").appendNull() }
    }
    for text in ["EB", "", "π", "a\u{301}", "EE", "0"] { column("h.s").append(text) }
    column("t.p").append(contentsOf: [0.5, 3] as [Float])
    column("m").append(contentsOf: (0..<16).map { Float($0) - 3 })
    var result = batch
    result.eventCount = hits.count
    do throws(FingalError) { try result.validate() } catch { fail("\(error)") }
    return result
  }
}
