import Fingal
import FingalKernels
import Testing

/// Columns that follow from others: found by the writer, given back bit for bit by the reader, for any events.
struct LookupTests {
  private static let schema = Schema(
    collections: [.init("hits")],
    fields: [
      .init("event", .int64), .init("layer", .uint8, in: "hits"), .init("x", .float32, in: "hits"),
      .init("y", .float64, in: "hits"), .init("cell", .int16, in: "hits"), .init("energy", .float32, in: "hits"),
    ])

  /// Hits sorted by layer and cell; x by both, y by the cell alone, −0 and NaN among them.
  private static func events(_ count: Int, seed: UInt64, sorted: Bool = true) -> EventBatch {
    var random = SeededGenerator(seed: seed)
    var batch = EventBatch(schema)
    batch.eventCount = count
    for event in 0..<count {
      batch.columns[0].append(Int64(event) * 3)
      let cells = Set(
        (0..<Int.random(in: 0...120, using: &random)).map { _ in Int.random(in: 0..<28 * 127, using: &random) })
      let places = sorted ? cells.sorted() : cells.sorted().shuffled(using: &random)
      batch.counts[0].append(UInt32(places.count))
      for place in places {
        let (layer, cell) = (place / 127, place % 127)
        batch.columns[1].append(UInt8(layer + 1))
        batch.columns[2].append(cell == 7 ? -0.0 : Float(cell % 13) * (layer % 2 == 0 ? 1.1258 : -1.1258))
        batch.columns[3].append(cell == 9 ? Double.nan : Double(cell / 13) * 0.97)
        batch.columns[4].append(Int16(cell - 60))
        batch.columns[5].append(Float.random(in: 0.5..<900, using: &random))
      }
    }
    return batch
  }

  private static func write(
    _ batch: EventBatch, _ path: String, clusterBytes: Int = 400_000, optimize: EncodingOptions.Optimize = .size
  ) throws {
    let writer = try EventWriter(
      creating: path, schema: batch.schema,
      options: WriterOptions(
        encoding: .init(optimize: optimize), clusterBytes: clusterBytes, pageBytes: 8 << 10, overwrite: true))
    try writer.append(batch)
    try writer.finish()
  }

  private static func encodings(_ file: EventFile, _ path: String) throws -> Set<UInt8> {
    var found: Set<UInt8> = []
    for cluster in file.clusters.indices {
      let directory = try file.directory(ofCluster: cluster)
      for (stream, pages) in zip(file.streams, directory.streams) {
        if case .values(let field) = stream.role, file.schema.fields[field].path == path {
          found.formUnion(pages.pages.map(\.encoding))
        }
      }
    }
    return found
  }

  @Test func findsMapsAndCarries() throws {
    let folder = try TemporaryFolder()
    let path = folder("lookup.fingal")
    let batch = Self.events(3000, seed: 1)
    try Self.write(batch, path)
    let file = try EventFile(opening: path)
    #expect(file.clusters.count > 2)
    for column in ["hits.x", "hits.y", "hits.layer"] {
      #expect(try Self.encodings(file, column).contains(Encoding.lookup.rawValue), "\(column)")
    }
    #expect(try !Self.encodings(file, "hits.energy").contains(Encoding.lookup.rawValue))
    #expect(file.verify().faults.isEmpty)
    let back = try file.read(events: 0..<file.eventCount)
    for (a, b) in zip(batch.columns, back.columns) { #expect(contents(a) == contents(b)) }
  }

  /// By default a layer can be read without the cell.
  @Test func carriesOnlyForSize() throws {
    let folder = try TemporaryFolder()
    let path = folder("lookup.fingal")
    try Self.write(Self.events(1000, seed: 5), path, optimize: .balanced)
    let file = try EventFile(opening: path)
    #expect(try Self.encodings(file, "hits.x").contains(Encoding.lookup.rawValue))
    #expect(try !Self.encodings(file, "hits.layer").contains(Encoding.lookup.rawValue))
  }

  /// A range of events, of columns without their keys, is the same as a slice of everything.
  @Test(arguments: [2 as UInt64, 3, 4])
  func readsParts(_ seed: UInt64) throws {
    let folder = try TemporaryFolder()
    let path = folder("lookup.fingal")
    let batch = Self.events(1500, seed: seed, sorted: seed != 4)
    try Self.write(batch, path, clusterBytes: 150_000)
    let file = try EventFile(opening: path)
    let starts = batch.elementBorders[0].borders
    var random = SeededGenerator(seed: seed)
    for columns in [["hits.x"], ["hits.layer"], ["hits.y", "hits.x"], ["hits.cell", "hits.layer", "event"]] {
      for _ in 0..<40 {
        let low = Int.random(in: 0..<1500, using: &random)
        let range =
          low..<min(1500, low + Int.random(in: 1...[1, 5, 900].randomElement(using: &random)!, using: &random))
        let part = try file.read(columns, events: range)
        for name in columns where name != "event" {
          let expected = ColumnValues(batch.column(name)!.type)
          expected.append(contentsOf: batch.column(name)!, starts[range.lowerBound]..<starts[range.upperBound])
          #expect(contents(part.column(name)!) == contents(expected), "seed \(seed): \(name) \(range)")
        }
      }
    }
  }

  /// A function with one exception is none: nothing may be altered for the sake of size.
  @Test func refusesWhatAlmostFits() throws {
    let folder = try TemporaryFolder()
    let path = folder("lookup.fingal")
    let batch = Self.events(800, seed: 9)
    let x = batch.columns[2]
    let last = x.count - 1
    unsafe x.unsafeValues(as: Float.self)[last] += 0.5
    try Self.write(batch, path, clusterBytes: 16 << 20)
    let file = try EventFile(opening: path)
    #expect(try !Self.encodings(file, "hits.x").contains(Encoding.lookup.rawValue))
    let back = try file.read(["hits.x"], events: 0..<800)
    #expect(contents(back.columns[0]) == contents(x))
  }

  /// Kernels and their readable twins.
  @Test(arguments: [0, 1, 2, 63, 1000])
  func carriesAddUp(_ count: Int) throws {
    var random = SeededGenerator(seed: UInt64(count))
    let keys = (0..<count).map { _ in Int8.random(in: -3...3, using: &random) }
    let steps = (0..<count).map { _ in UInt16.random(in: 0...2, using: &random) }
    var expected: [UInt16] = []
    var previous: (key: Int8, value: UInt16)?
    for (key, step) in zip(keys, steps) {
      let carry: UInt16 = previous.map { key <= $0.key ? 1 : 0 } ?? 0
      let value = (previous?.value ?? 0) &+ step &+ carry
      expected.append(value)
      previous = (key, value)
    }
    var flags = [UInt8](repeating: 9, count: count)
    unsafe fingal_lookup_carry(keys, 1, 0x80, count, &flags)
    var values = steps
    unsafe fingal_lookup_accumulate(&values, 2, flags, count)
    #expect(values == expected)
    var residuals = [UInt16](repeating: 0, count: count)
    unsafe fingal_lookup_residuals(expected, 2, flags, count, &residuals)
    #expect(residuals == steps)
  }
}
