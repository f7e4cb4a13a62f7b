import Fingal
import FingalSelect
import Foundation
import Testing

/// `EventFile.batches(columns:where:events:options:)`.
@Suite struct PushDownTests {
  /// Whatever the schema, the data and the cut: the events are those that testing every event gives, and no page is
  /// read that holds no wanted event.
  @Test(arguments: 0..<6)
  func equalsTestingEveryEvent(_ part: Int) throws {
    try compareWithTestingEveryEvent(special: false, pageBytes: 30...600)
  }

  /// The same where values are zeros of either sign, infinities, NaN, the ends of the integers and numbers next to 2^53,
  /// in pages so small that many hold one value only: bounds that are infinite, or one point.
  @Test(arguments: 0..<6)
  func equalsTestingEveryEventAtTheEnds(_ part: Int) throws {
    try compareWithTestingEveryEvent(special: true, pageBytes: 16...200)
  }

  private func compareWithTestingEveryEvent(special: Bool, pageBytes: ClosedRange<Int>) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix(state: seed)
    var (tried, skipped, read) = (0, 0, 0)
    for _ in 0..<6 {
      let events = RandomEvents(600, special: special, using: &random)
      let options = WriterOptions(
        clusterBytes: Int.random(in: 2_000...40_000, using: &random),
        pageBytes: Int.random(in: pageBytes, using: &random))
      let file = try ScratchFile(events.batch, options)
      let expressions = RandomExpressions(schema: events.schema)
      for _ in 0..<(special ? 40 : 30) {
        let text = expressions.condition(Int.random(in: 1...3, using: &random), using: &random)
        guard let bound = try? Expression(parsing: text).checked(against: events.schema) else { continue }
        tried += 1
        let low = Int.random(in: 0...600, using: &random)
        let range = Bool.random(using: &random) ? 0..<600 : low..<Int.random(in: low...600, using: &random)
        let names = (events.schema.fields.map(\.path) + events.schema.collections.map(\.name))
          .filter { _ in Bool.random(using: &random) }.shuffled(using: &random)
        let columns = Int.random(in: 0..<3, using: &random) == 0 ? nil : names
        let expected = try events.batch.filtered(
          by: bound.mask(events.batch).enumerated().map {
            $1 && range.contains($0)
          })
        let batches = try file.file.batches(
          columns: columns, where: text, events: range,
          options: .init(
            threads: Int.random(in: 1...3, using: &random),
            batchBytes: [1, 5_000, 1 << 20].randomElement(using: &random)!))
        let found = EventBatch(batches.schema)
        var numbers: [Int] = []
        while let batch = try batches.next() {
          try batch.validate()
          numbers += (0..<batch.eventCount).map { batch.eventNumber(at: $0) }
          for (to, from) in zip(found.counts + found.columns, batch.counts + batch.columns) {
            to.append(contentsOf: from, 0..<from.count)
          }
        }
        let context: Comment = "seed \(seed): \(text) on \(range) of \(columns ?? ["everything"])"
        #expect(numbers == expected.eventNumbers, context)
        for (field, column) in zip(found.schema.fields, found.columns) {
          #expect(same(column, expected.column(field.path)!), context)
        }
        for (collection, counts) in zip(found.schema.collections, found.counts) {
          #expect(same(counts, expected.counts(of: collection.name)!), context)
        }
        let statistics = batches.statistics
        #expect(statistics.readPages <= statistics.pages, context)
        #expect(statistics.skippedClusters <= statistics.clusters, context)
        skipped += statistics.skippedPages + statistics.skippedClusters
        read += statistics.readPages
      }
    }
    #expect(tried > 45, "seed \(seed): \(tried) valid expressions")
    #expect(skipped > 0 && read > 0, "seed \(seed): \(skipped) skipped, \(read) read")
  }

  /// Floats and whole numbers of an event, two events a page, found by a cut and by testing all.
  private func passing(_ text: String, _ columns: [(name: String, values: ColumnValues)]) throws -> [Int] {
    let schema = Schema(fields: columns.map { .init($0.name, $0.values.type) })
    let batch = EventBatch(
      schema, eventCount: columns[0].values.count, counts: [], columns: columns.map(\.values))
    let file = try ScratchFile(batch, WriterOptions(clusterBytes: 64, pageBytes: 8))
    let batches = try file.file.batches(where: text)
    var found: [Int] = []
    while let part = try batches.next() { found += (0..<part.eventCount).map { part.eventNumber(at: $0) } }
    let mask = try Expression(parsing: text).checked(against: schema).mask(batch)
    #expect(found == mask.indices.filter { mask[$0] }, "\(text)")
    return found
  }

  /// Bounds that are infinite stay bounds: ∞ moved by a part of itself is no number, and compares with nothing.
  @Test(arguments: [
    ("max(log10(x), y) > 3", [0, 1]), ("max(log(x), y) > 3", [0, 1]), ("exp(y) <= exp(1000)", [0, 1, 2, 3]),
    ("!(sqrt(-z) >= exp(9007199254740993))", [0, 1, 2]), ("-y < sinh(z)", [0, 1, 2]), ("-1e308 > sinh(-z)", [2]),
    ("exp(z) > 1e308", [2]), ("log(x) < -1e308", [0, 1]), ("tanh(z) == 1", [2]),
  ])
  func infiniteBoundsLoseNoEvent(_ text: String, _ expected: [Int]) throws {
    #expect(
      try passing(
        text,
        [
          ("x", ColumnValues([0, 0, 2, 3] as [Double])), ("y", ColumnValues([900, 900, 1, -1] as [Double])),
          ("z", ColumnValues([0, 1, .infinity, -.infinity] as [Double])),
        ]) == expected)
  }

  /// Whole numbers at the ends of their types, through bounds and values: nothing overflows, and where 128 bits do not
  /// suffice, floating point takes over.
  @Test(arguments: [
    ("i * i * i < 0", [0, 2]), ("-i > 9223372036854775807", [0]), ("abs(i) == 9223372036854775808", [0]),
    ("abs(i) > 9223372036854775807", [0]), ("i % 0 == 0", []), ("i % -1 == 0", [0, 1, 2, 3]),
    ("i % i == 0", [0, 1, 2]),
    ("u * u == 340282366920938463426481119284349108225", [1]), ("u * u * u > 6.2e57", [1]), ("u + u > 36e18", [1]),
    ("u - i > 9223372036854775807", [0, 1]), ("-u < -18446744073709551614", [1]), ("i - u - u < -3e19", []),
    ("170141183460469231731687303715884105727 + i > 0", [0, 1, 2, 3]),
    ("-170141183460469231731687303715884105727 - u - 1 < 0", [0, 1, 2, 3]),
    ("u % 170141183460469231731687303715884105727 == u", [0, 1, 2, 3]),
    ("min(i, u) * max(i, u) * 4 < -3e38", []), ("i * i == 85070591730234615865843651857942052864", [0, 1]),
  ])
  func endsOfTheIntegersNeverTrap(_ text: String, _ expected: [Int]) throws {
    #expect(
      try passing(
        text, [("i", ColumnValues([.min, .max, -1, 0] as [Int64])), ("u", ColumnValues([0, .max, 1, 2] as [UInt64]))])
        == expected)
  }

  /// Of the counts of a cluster nothing is known but their type, whose products do not fit any integer.
  @Test(arguments: [
    ("4 * count(hits) * count(hits) > 5", [1, 2]), ("count(hits) * count(hits) * count(hits) > 7", [1, 2]),
    ("count(hits) * count(hits) * count(hits) * count(hits) == 81", [2]),
    ("count(samples) * count(samples) * count(samples) == 8", [2]),
    ("9223372036854775807 * count(samples) < 1", [0, 1]),
    ("count(hits) * count(hits) * count(hits) - 9223372036854775807 * count(samples) < 0", [2]),
    ("sum(samples.id) > 1e19 && max(samples.id) * count(samples) == 18446744073709551614", [2]),
  ])
  func productsOfCountsNeverTrap(_ text: String, _ expected: [Int]) throws {
    let schema = Schema(
      collections: [.init("hits"), .init("samples", in: "hits")], fields: [.init("id", .int64, in: "samples")])
    let batch = EventBatch(
      schema, eventCount: 3,
      counts: [ColumnValues([0, 2, 3] as [UInt32]), ColumnValues([0, 0, 1, 0, 1] as [UInt32])],
      columns: [ColumnValues([.max, .max] as [Int64])])
    let file = try ScratchFile(batch, WriterOptions())
    let batches = try file.file.batches(where: text)
    var found: [Int] = []
    while let part = try batches.next() { found += (0..<part.eventCount).map { part.eventNumber(at: $0) } }
    #expect(found == expected, "\(text)")
  }

  // MARK: What is left alone

  /// 4,096 events in several clusters of pages of few events: `n` rises, `phase` repeats in each cluster, hits grow.
  private func ladder() throws -> ScratchFile {
    let schema = Schema(
      collections: [.init("hits")],
      fields: [
        .init("n", .int32), .init("phase", .float32), .init("good", .bool), .init("label", .string),
        .init("energy", .float32, in: "hits"), .init("wide", .float64, shape: [32]),
      ])
    var batch = EventBatch(schema)
    batch.eventCount = 4096
    for event in 0..<4096 {
      batch.columns[0].append(Int32(event))
      batch.columns[1].append(Float(event % 512))
      batch.columns[2].append(UInt8(event / 1024 == 2 ? 1 : 0))
      batch.columns[3].append("label \(event)")
      let hits = event / 256
      batch.counts[0].append(UInt32(hits))
      for hit in 0..<hits { batch.columns[4].append(Float(event) + Float(hit) / 32) }
      for i in 0..<32 { batch.columns[5].append(Double(event * i)) }
    }
    return try ScratchFile(batch, WriterOptions(clusterBytes: 160_000, pageBytes: 512))
  }

  @Test(arguments: [
    // The cut, events that pass, and the largest share of clusters and of pages that may be touched.
    ("n < 10", 10, 0.2, 0.05),
    ("n == 2000", 1, 0.2, 0.05),
    ("n >= 4000 && n <= 4003", 4, 0.2, 0.05),
    ("!(n > 20)", 21, 0.2, 0.05),
    ("n < 5 || n > 4090", 10, 0.4, 0.1),
    ("n * 2 + 1 == 401", 1, 0.2, 0.05),
    ("abs(n - 300) <= 1", 3, 0.2, 0.05),
    ("sqrt(n) > 63.9", 12, 0.2, 0.1),
    ("n < 0", 0, 0.0, 0.0),
    ("n != n", 0, 1.0, 0.3),
    ("good && n % 100 == 0", 10, 0.5, 0.3),
    ("max(hits.energy) > 4094", 2, 0.2, 0.05),
    ("any(hits.energy > 4094 && n > 0)", 2, 0.2, 0.05),
    ("count(hits) == 0", 256, 0.2, 0.2),
    ("count(hits) > 14", 256, 0.2, 0.3),
    ("sum(hits.energy) > 61400", 2, 0.3, 0.2),
    ("all(hits.energy < 257)", 257, 0.3, 0.2),
    ("max(wide) > 126900", 2, 0.2, 0.1),
    ("phase == 7", 8, 1.0, 0.1),
    ("label == 'label 77'", 1, 1.0, 0.5),
  ])
  func leavesPagesAlone(_ text: String, _ passing: Int, clusters: Double, pages: Double) throws {
    let ladder = try ladder()
    let file = ladder.file
    let batches = try file.batches(columns: ["wide", "hits"], where: text, options: .init(threads: 2))
    var events = 0
    let reads = try file.file.reads { while let batch = try batches.next() { events += batch.eventCount } }
    #expect(events == passing)
    let statistics = batches.statistics
    #expect(statistics.clusters == file.clusters.count && statistics.clusters >= 8)
    let readClusters = statistics.clusters - statistics.skippedClusters
    #expect(Double(readClusters) <= clusters * Double(statistics.clusters) + 0.999, "\(statistics)")
    // All pages of the file are the measure: those of skipped clusters are not in the statistics.
    var total = 0
    var touched = 0
    for (index, cluster) in file.clusters.enumerated() {
      let directory = try file.directory(ofCluster: index)
      for page in directory.streams.flatMap(\.pages) {
        let bytes = cluster.offset + page.offset..<cluster.offset + page.offset + page.storedLength
        total += 1
        if reads.contains(where: { $0.overlaps(bytes) }) { touched += 1 }
      }
    }
    #expect(Double(touched) <= pages * Double(total), "\(touched) of \(total) pages, \(statistics)")
    // An empty page (of events without hits) takes no bytes to read.
    #expect(touched + 1 >= statistics.readPages, "a page that the statistics call read was not")
  }

  /// Where the bounds of a cluster in the footer exclude it, not even its directory is read.
  @Test func skippedClustersAreNotTouched() throws {
    let ladder = try ladder()
    let file = try EventFile(opening: ladder.path)
    let reads = try file.file.reads { try file.batches(where: "1000 <= n < 1010").forEach { _ in } }
    let cluster = file.clusters.first { $0.events.contains(1000) }!
    #expect(!reads.isEmpty)
    for read in reads {
      #expect(read.lowerBound >= cluster.offset && read.upperBound <= cluster.offset + cluster.byteCount)
    }
  }

  /// A page all of whose events pass is not tested: the columns of the cut are not read for it.
  @Test func eventsThatSurelyPassAreNotTested() throws {
    let ladder = try ladder()
    let file = ladder.file
    let batches = try file.batches(columns: ["label"], where: "n >= 0")
    var events = 0
    try batches.forEach { events += $0.eventCount }
    #expect(events == 4096)
    let labels = try file.batches(columns: ["label"])
    try labels.forEach { _ in }
    #expect(batches.statistics.readPages == labels.statistics.readPages)
  }

  @Test func errorsNameWhatIsWrong() throws {
    let file = try ladder().file
    for (columns, text, message) in [
      (["nope"], "n > 1", "no column 'nope'"), (["n"], "m > 1", "there is no column 'm'"),
      (["n"], "n", "a condition is needed"), (["n"], "n >", "the expression ends too early"),
    ] {
      let error = #expect(throws: FingalError.self) { try file.batches(columns: columns, where: text) }
      #expect(error?.code == .usage && error?.message.hasPrefix(message) == true, "\(String(describing: error))")
    }
  }
}

private func same(_ a: ColumnValues, _ b: ColumnValues) -> Bool {
  guard a.type == b.type, a.count == b.count, a.nullCount == b.nullCount else { return false }
  for i in 0..<a.count where a.isNull(i) != b.isNull(i) { return false }
  if a.type == .string { return (0..<a.count).allSatisfy { a.string(at: $0) == b.string(at: $0) } }
  return unsafe a.storage.bytes.elementsEqual(b.storage.bytes)
}

/// A file that goes with its test.
final class ScratchFile {
  let path: String
  let file: EventFile

  init(_ batch: EventBatch, _ options: WriterOptions) throws {
    path = NSTemporaryDirectory() + "fingal-" + UUID().uuidString + ".fingal"
    let writer = try EventWriter(creating: path, schema: batch.schema, options: options)
    try writer.append(batch)
    try writer.finish()
    file = try EventFile(opening: path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
