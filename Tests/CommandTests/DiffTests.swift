import Fingal
import FoundationEssentials
import Testing

/// `diff` as it is run.
@Suite struct DiffTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  static let schema = Schema(
    collections: [.init("hits"), .init("samples", in: "hits"), .init("bare")],
    fields: [
      .init("event", .int64),
      .init("beamEnergy", .float64, nullable: true, unit: "GeV"),
      .init("particle", .enumeration, labels: ["electron", "pion"]),
      .init("note", .string),
      .init("image", .float32, shape: [2, 3]),
      .init("energy", .float32, in: "hits"),
      .init("adc", .uint16, in: "samples"),
    ])

  /// Three events; the second has no hits.
  static func batch() -> EventBatch {
    var batch = EventBatch(schema)
    batch.eventCount = 3
    batch.counts[0].append(contentsOf: [2, 0, 1] as [UInt32])
    batch.counts[1].append(contentsOf: [1, 2, 0] as [UInt32])
    batch.counts[2].append(contentsOf: [0, 1, 0] as [UInt32])
    batch.columns[0].append(contentsOf: [1, 2, 3] as [Int64])
    batch.columns[1].append(20.0)
    batch.columns[1].appendNull()
    batch.columns[1].append(0.0)
    batch.columns[2].append(contentsOf: [0, 1, 1] as [UInt16])
    for text in ["ab", "", "c"] { batch.columns[3].append(text) }
    batch.columns[4].append(contentsOf: (0..<18).map { Float($0) })
    batch.columns[5].append(contentsOf: [0.5, .nan, 2] as [Float])
    batch.columns[6].append(contentsOf: [7, 8, 9] as [UInt16])
    return batch
  }

  /// Writes the batch, a cluster for each few bytes, and returns the path.
  private func file(
    _ name: String, _ batch: EventBatch, _ schema: Schema = Self.schema, clusterBytes: Int = 1 << 20
  ) throws -> String {
    let writer = try EventWriter(
      creating: folder.path(name), schema: schema, options: WriterOptions(clusterBytes: clusterBytes, overwrite: true))
    try writer.append(
      EventBatch(schema, eventCount: batch.eventCount, counts: batch.counts, columns: batch.columns))
    try writer.finish(metadata: ["name": name])
    return folder.path(name)
  }

  /// The batch with one column replaced.
  private func changed(_ field: Int, _ column: ColumnValues) -> EventBatch {
    let batch = Self.batch()
    var columns = batch.columns
    columns[field] = column
    return EventBatch(Self.schema, eventCount: 3, counts: batch.counts, columns: columns)
  }

  private func lines(_ a: String, _ b: String, _ options: [String] = [], status: Int32 = 1) throws -> [String] {
    let result = try run("fingal", ["diff", a, b] + options)
    #expect(result.status == status)
    #expect(result.err == "")
    return result.out.split(separator: "\n").map(String.init)
  }

  @Test func equalEventsAreEqualHoweverTheyAreStored() throws {
    var schema = Self.schema
    schema.fields[1].unit = nil
    schema.fields[0].description = "number"
    let a = try file("a", Self.batch())
    let b = try file("b", Self.batch(), schema, clusterBytes: 1)
    #expect(try EventFile(opening: b).clusters.count == 3)
    #expect(try lines(a, b, status: 0) == ["\(a) and \(b) are equal (by content hash)"])
    #expect(try lines(a, b, ["--values"], status: 0) == ["\(a) and \(b) are equal (by values)"])
    #expect(try lines(a, b, ["--columns", "hits,event"], status: 0) == ["\(a) and \(b) are equal (by digests)"])
    #expect(try lines(a, b, ["--events", "1..."], status: 0) == ["\(a) and \(b) are equal (by values)"])
    schema.fields[1].unit = "MeV"
    let c = try file("c", Self.batch(), schema)
    #expect(try lines(a, c, status: 0).last == "  note: 'beamEnergy' is in GeV in one, in MeV in the other")
  }

  @Test func theFirstDifferencesAreNamedExactly() throws {
    let a = try file("a", Self.batch())
    func difference(_ field: Int, _ column: ColumnValues, _ options: [String] = []) throws -> [String] {
      let b = try file("b", changed(field, column), clusterBytes: 1)
      #expect(try lines(a, b, ["--values"]) == lines(a, b), "the digests see what the values say")
      return Array(try lines(a, b, options).dropFirst())
    }
    #expect(try difference(0, ColumnValues([1, 2, 4] as [Int64])) == ["  event 2, event: 3 | 4"])
    let energies = ColumnValues(.float64)
    energies.append(20.0)
    energies.append(0.0)
    energies.append(-0.0)
    #expect(
      try difference(1, energies) == ["  event 1, beamEnergy: null | 0", "  event 2, beamEnergy: 0 | -0.0"])
    #expect(
      try difference(1, energies, ["--limit", "1"])
        == ["  event 1, beamEnergy: null | 0", "  … and perhaps more: --limit names more"])
    #expect(try difference(1, energies, ["--events", "2", "--json"]).joined().contains("\"right\" : \"-0.0\""))
    let particles = ColumnValues(.enumeration)
    particles.append(contentsOf: [0, 0, 1] as [UInt16])
    #expect(try difference(2, particles) == ["  event 1, particle: \"pion\" | \"electron\""])
    // The same bytes, cut differently.
    #expect(
      try difference(3, ColumnValues(strings: ["a", "b", "c"]))
        == ["  event 0, note: \"ab\" | \"a\"", "  event 1, note: \"\" | \"b\""])
    var image = (0..<18).map { Float($0) }
    image[6 + 5] = 0.1
    #expect(try difference(4, ColumnValues(image)) == ["  event 1, image[1,2]: 11 | 0.1"])
    #expect(
      try difference(5, ColumnValues([0.5, Float(bitPattern: 0x7FC0_0001), 3]))
        == [
          "  event 0, hits.energy[1]: \"NaN\" (bits 0x7fc00000) | \"NaN\" (bits 0x7fc00001)",
          "  event 2, hits.energy[0]: 2 | 3",
        ])
    #expect(try difference(6, ColumnValues([7, 8, 1] as [UInt16])) == ["  event 0, samples.adc[2]: 9 | 1"])
  }

  @Test func otherNumbersOfElementsAreOneDifference() throws {
    let a = try file("a", Self.batch())
    let batch = Self.batch()
    let moved = EventBatch(
      Self.schema, eventCount: 3,
      counts: [ColumnValues([UInt32(1), 1, 1]), ColumnValues([UInt32(3), 0, 0]), ColumnValues([UInt32(0), 1, 0])],
      columns: batch.columns)
    #expect(
      try lines(a, file("b", moved)).dropFirst()
        == ["  event 0, hits: 2 elements | 1 element", "  event 1, hits: 0 elements | 1 element"])
    let inner = EventBatch(
      Self.schema, eventCount: 3, counts: [batch.counts[0], ColumnValues([UInt32(2), 1, 0]), batch.counts[2]],
      columns: batch.columns)
    #expect(
      try lines(a, file("b", inner)).dropFirst()
        == ["  event 0, samples[0]: 1 element | 2 elements"])
    let bare = EventBatch(
      Self.schema, eventCount: 3, counts: [batch.counts[0], batch.counts[1], ColumnValues([UInt32(0), 1, 5])],
      columns: batch.columns)
    #expect(try lines(a, file("b", bare)).dropFirst() == ["  event 2, bare: 0 elements | 5 elements"])
  }

  @Test func otherColumnsAndEventsAreNamed() throws {
    let a = try file("a", Self.batch())
    var schema = Self.schema
    schema.fields[3].name = "remark"
    schema.fields[2].labels = ["electron", "kaon"]
    #expect(
      try lines(a, file("b", Self.batch(), schema)).dropFirst() == [
        "  columns of the second: its column 'particle' has other labels",
        "  columns of the second: it has no column 'note'", "  columns of the second: it has a column 'remark' more",
      ])
    let first = try run("fingal", ["select", a, "-o", folder.path("c"), "--events", "0...1"])
    #expect(first.status == 0)
    #expect(try lines(a, folder.path("c")).dropFirst() == ["  events: 3 | 2"])
    #expect(try lines(a, folder.path("c"), ["--events", "0:2"], status: 0).count == 1)
    for wrong in [["--columns", "energie"], ["--columns", ""], ["--events", "3"], ["--limit", "0"]] {
      let result = try run("fingal", ["diff", a, a] + wrong)
      #expect(result.status == 2 && result.errorLines.count == 1, "\(wrong)")
    }
    #expect(try run("fingal", ["diff", a, folder.path("none")]).status == 2)
    #expect(try run("fingal", ["diff", a, folder.path("c"), "--quiet"]).out == "")
  }

  @Test func theReportAsJSON() throws {
    struct Report: Decodable {
      struct Difference: Decodable {
        var event: Int
        var column: String
        var element: Int?
        var index: [Int]?
        var left: String
        var right: String
      }
      var equal: Bool
      var complete: Bool
      var comparedBy: String
      var differences: [Difference]
    }
    let a = try file("a", Self.batch())
    let b = try file("b", changed(5, ColumnValues([0.5, Float.nan, 3])))
    let result = try run("fingal", ["diff", "--json", a, b])
    #expect(result.status == 1)
    let report = try JSONDecoder().decode(Report.self, from: Data(result.stdout))
    #expect(!report.equal && report.complete && report.comparedBy == "values")
    try #require(report.differences.count == 1)
    let one = report.differences[0]
    #expect(one.event == 2 && one.column == "hits.energy" && one.element == 0 && one.index == nil)
    #expect(one.left == "2" && one.right == "3")
  }
}
