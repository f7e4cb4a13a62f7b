import Fingal
import Testing

/// Whatever schema: what was written is what is read, in any range and projection.
@Suite struct SchemaPropertyTests {
  @Test(arguments: 0..<120) func randomSchemasComeBackBitForBit(seed: Int) throws {
    let folder = try TemporaryFolder()
    var make = RandomEvents(seed: UInt64(seed))
    let schema = make.schema()
    let count = [0, 1, 2, 30, 120].randomElement(using: &make.random)!
    let batch = make.events(count, of: schema)
    #expect(try Schema(json: schema.json()) == schema, "seed \(seed)")
    var options = WriterOptions(
      clusterBytes: Int.random(in: 200...20_000, using: &make.random),
      pageBytes: Int.random(in: 1...2_000, using: &make.random))
    options.overwrite = true
    let writer = try EventWriter(creating: folder("a"), schema: schema, options: options)
    // In two pieces, so that the pending events of the writer are appended to.
    let cut = Int.random(in: 0...count, using: &make.random)
    try writer.append(RandomEvents.slice(batch, 0..<cut))
    try writer.append(RandomEvents.slice(batch, cut..<count))
    try writer.finish()
    let file = try EventFile(opening: folder("a"))
    #expect(sameEvents(try file.read(events: 0..<count), batch), "seed \(seed)")
    #expect(file.verify().faults == [], "seed \(seed)")
    for _ in 0..<12 {
      let low = Int.random(in: 0...count, using: &make.random)
      let range = low..<Int.random(in: low...count, using: &make.random)
      let expected = RandomEvents.slice(batch, range)
      let read = try file.read(events: range)
      #expect(sameEvents(read, expected), "seed \(seed), events \(range)")
      try read.validate()
      guard let field = schema.fields.randomElement(using: &make.random) else { continue }
      let part = try file.read([field.path], events: range)
      try part.validate()
      #expect(part.schema.fields == [field])
      #expect(part.schema.collections.map(\.name) == field.collection.map { schema.lineage(of: $0) } ?? [])
      #expect(sameValues(part.columns[0], expected.column(field.path)!), "seed \(seed), \(field.path), events \(range)")
      for (collection, counts) in zip(part.schema.collections, part.counts) {
        #expect(sameValues(counts, expected.counts(of: collection.name)!), "seed \(seed), \(collection.name)")
      }
    }
  }

  @Test func theOptionsForThreadsDoNotChangeNestedFiles() throws {
    let folder = try TemporaryFolder()
    for seed in 0..<5 as Range<UInt64> {
      var make = RandomEvents(seed: seed)
      let schema = make.schema()
      let batch = make.events(100, of: schema)
      for threads in [1, 3] {
        let writer = try EventWriter(
          creating: folder("\(seed)-\(threads)"), schema: schema,
          options: WriterOptions(clusterBytes: 4_000, pageBytes: 300, threads: threads))
        for start in stride(from: 0, to: 100, by: threads == 1 ? 100 : 7) {
          try writer.append(RandomEvents.slice(batch, start..<min(100, start + (threads == 1 ? 100 : 7))))
        }
        try writer.finish()
      }
      #expect(try folder.bytes("\(seed)-1") == folder.bytes("\(seed)-3"), "seed \(seed)")
    }
  }
}
