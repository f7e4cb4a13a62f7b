import Fingal
import Testing

/// Columns by name and type, events one by one.
@Suite struct TypedAccessTests {
  /// Three events with 2, 0 and 1 hits, whose hits have 1, 3 and 2 samples.
  private let batch: EventBatch = {
    let schema = Schema(
      collections: [.init("hits"), .init("samples", in: "hits")],
      fields: [
        .init("run", .int32), .init("time", .float64, nullable: true), .init("good", .bool), .init("type", .string),
        .init("particle", .enumeration, labels: ["electron", "pion"], nullable: true),
        .init("image", .float32, shape: [2, 2]), .init("energy", .float32, in: "hits", nullable: true),
        .init("position", .float32, in: "hits", shape: [2]), .init("charge", .int16, in: "samples"),
      ])
    let time = ColumnValues([1.5] as [Double])
    time.appendNull()
    time.append(-2.0)
    let good = ColumnValues(.bool)
    good.append(contentsOf: [1, 0, 1] as [UInt8])
    let particle = ColumnValues(.enumeration)
    particle.append(1 as UInt16)
    particle.appendNull()
    particle.append(0 as UInt16)
    let energy = ColumnValues([0.5] as [Float])
    energy.appendNull()
    energy.append(8 as Float)
    return EventBatch(
      schema, firstEvent: 40, eventCount: 3,
      counts: [ColumnValues([2, 0, 1] as [UInt32]), ColumnValues([1, 3, 2] as [UInt32])],
      columns: [
        ColumnValues([7, 8, 9] as [Int32]), time, good, ColumnValues(strings: ["a", "", "π"]), particle,
        ColumnValues((0..<12).map { Float($0) }), energy, ColumnValues([1, 2, 3, 4, 5, 6] as [Float]),
        ColumnValues([5, 6, 7, 8, 9, 1] as [Int16]),
      ])
  }()

  private func array<T>(_ span: Span<T>) -> [T] { span.indices.map { span[$0] } }

  @Test func everyKindOfColumn() throws {
    try batch.validate()
    let schema = batch.schema
    let run = try schema.scalar("run", as: Int32.self)
    let time = try schema.optional("time", as: Double.self)
    let good = try schema.scalar("good", as: UInt8.self)
    let type = try schema.text("type")
    let particle = try schema.text("particle")
    let image = try schema.elements("image", as: Float.self)
    let energy = try schema.elements("hits.energy", as: Float.self)
    let position = try schema.elements("hits.position", as: Float.self)
    let charge = try schema.elements("samples.charge", as: Int16.self)
    let hits = try schema.collection("hits")
    let samples = try schema.collection("samples")
    #expect(image.shape == [2, 2] && energy.shape == [] && position.elementsPerValue == 2)

    #expect(array(batch[run]) == [7, 8, 9])
    #expect(array(batch[energy]) == [0.5, 0, 8])
    #expect(batch.ranges(of: energy) == [0..<2, 2..<2, 2..<3])
    #expect(batch.ranges(of: image) == [0..<4, 4..<8, 8..<12])
    #expect(batch.ranges(of: charge) == [0..<4, 4..<4, 4..<6])
    #expect(batch.ranges(of: position) == [0..<4, 4..<4, 4..<6])

    let events = batch.events
    #expect(events.count == 3)
    #expect(events.map(\.number) == [40, 41, 42])
    #expect(events.map { $0[run] } == [7, 8, 9])
    #expect(events.map { $0[time] } == [1.5, nil, -2])
    #expect(events.map { $0[good] } == [1, 0, 1])
    #expect(events.map { $0[type] } == ["a", "", "π"])
    #expect(events.map { $0[particle] } == ["pion", nil, "electron"])
    #expect(events.map { array($0[image]) } == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]])
    #expect(events.map { array($0[energy]) } == [[0.5, 0], [], [8]])
    #expect(events.map { array($0[position]) } == [[1, 2, 3, 4], [], [5, 6]])
    #expect(events.map { array($0[charge]) } == [[5, 6, 7, 8], [], [9, 1]])
    #expect(events.map { $0.count(of: hits) } == [2, 0, 1])
    #expect(events.map { $0.count(of: samples) } == [4, 0, 2])
    #expect(events.map { $0.groups(of: samples) } == [[0..<1, 1..<4], [], [0..<2]])
    #expect(events.map { $0.groups(of: hits) } == [[0..<2], [0..<0], [0..<1]])
    #expect(!events[0].isNull(energy, at: 0) && events[0].isNull(energy, at: 1) && !events[2].isNull(energy, at: 0))
  }

  @Test func numbersOfEventsThatACutLeft() throws {
    var cut = batch
    cut.eventNumbers = [3, 17, 18]
    #expect(cut.events.map(\.number) == [3, 17, 18])
  }

  @Test func wrongNamesAndTypesAreRefused() throws {
    let schema = batch.schema
    func message(_ body: () throws -> Void) -> String {
      do {
        try body()
        return "accepted"
      } catch { return "\(error)" }
    }
    #expect(
      message { _ = try schema.scalar("run", as: Float.self) } == "column 'run' is int32 of the event, not float32")
    #expect(
      message { _ = try schema.scalar("time", as: Double.self) }
        == "column 'time' may have nulls; use optional(\"time\")")
    #expect(
      message { _ = try schema.scalar("hits.energy", as: Float.self) }
        == "column 'hits.energy' is float32 of each element of 'hits'; use elements(…)")
    #expect(
      message { _ = try schema.elements("run", as: Int32.self) }
        == "column 'run' is int32 of the event; use scalar(…)")
    #expect(
      message { _ = try schema.text("image") }
        == "column 'image' is not one text an event but float32[2×2] of the event; EventBatch.column(_:) gives every column"
    )
    #expect(message { _ = try schema.scalar("runn", as: Int32.self) }.hasPrefix("no column 'runn'; the file has run, "))
    #expect(
      message { _ = try schema.elements("hits", as: Float.self) }
        == "'hits' is a collection, not a column; name one of its columns")
    #expect(message { _ = try schema.collection("hit") } == "no collection 'hit'; there are hits, samples")
  }
}
