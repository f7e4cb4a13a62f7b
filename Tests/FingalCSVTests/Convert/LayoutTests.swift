import Fingal
import FingalCSV
import Testing

/// How lines become events, and that export gives the lines back.
@Suite struct LayoutTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var text: String
    var layout: LayoutKind
    var paths: [String]
    var events: Int
    var testDescription: String { text.split(separator: "\n").first.map(String.init) ?? "" }
  }

  static let cases: [Case] = [
    Case(
      text: "event,beamEnergy,rechit_x,rechit_energy\n0,50,1,2.5\n0,50,2,3.5\n1,80,3,4.5\n", layout: .hits,
      paths: ["event", "beamEnergy", "hits.x", "hits.energy"], events: 2),
    // The key stands last, the event's columns between those of the hits.
    Case(
      text: "x,e,y,run,EventID\n1,5,2,1,7\n3,5,4,1,7\n5,6,6,1,8\n7,6,8,2,8\n", layout: .hits,
      paths: ["hits.x", "e", "hits.y", "run", "EventID"], events: 3),
    // One event only; duplicate lines are two hits.
    Case(text: "event,x,z\n4,1,9\n4,2,9\n", layout: .hits, paths: ["event", "hits.x", "z"], events: 1),
    Case(text: "evt,x\n4,1\n4,1\n5,1\n5,1\n", layout: .hits, paths: ["evt", "x"], events: 2),
    // Every event has its line.
    Case(
      text: "Run,Event,pt1,eta1\n1,1,5,6\n1,2,6,7\n2,1,7,8\n", layout: .rows, paths: ["Run", "Event", "pt1", "eta1"],
      events: 3),
    Case(text: "a,b\n1,2\n1,3\n", layout: .rows, paths: ["a", "b"], events: 2),
    Case(text: "x1,x2,x3\n1,2,3\n", layout: .rows, paths: ["x1", "x2", "x3"], events: 1),
    Case(
      text: "pt1,eta1,phi1,pt2,eta2,phi2,pt3,eta3,phi3\n1,2,3,4,5,6,7,8,9\n", layout: .rows,
      paths: ["pt1", "eta1", "phi1", "pt2", "eta2", "phi2", "pt3", "eta3", "phi3"], events: 1),
    Case(
      text: "event,pixel0,pixel1,pixel2,pixel3,pixel4,pixel5,pixel6,pixel7\n1,0,0,0,0,1.5,0,0,2\n", layout: .rows,
      paths: ["event", "pixel"], events: 1),
    Case(
      text: "a,px_0_0,px_0_1,px_0_2,px_0_3,px_1_0,px_1_1,px_1_2,px_1_3,b\n1,0,0,0,0,1,0,0,2,5\n", layout: .rows,
      paths: ["a", "image", "b"], events: 1),
    // No full grid, or a cell that is no number: separate columns.
    Case(
      text: "v0,v1,v2,v3,v4,v5,v6,v8\n1,2,3,4,5,6,7,8\n", layout: .rows,
      paths: ["v0", "v1", "v2", "v3", "v4", "v5", "v6", "v8"], events: 1),
    Case(
      text: "v0,v1,v2,v3,v4,v5,v6,v7\n1,2,3,,5,6,7,8\n", layout: .rows,
      paths: ["v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7"], events: 1),
    // Lists.
    Case(
      text: "event,nhits,x,y\n1,2,\"[1.5, 2.5]\",\"[3, 4]\"\n2,0,[],[]\n", layout: .cells,
      paths: ["event", "nhits", "hits.x", "hits.y"], events: 2),
    Case(text: "event,x\n1,1;2;3\n2,4\n3,\n4,5;6\n", layout: .cells, paths: ["event", "hits.x"], events: 4),
    Case(text: "a,v,w\n1,(1 2 3),(4 5 6)\n2,(),()\n", layout: .cells, paths: ["a", "hits.v", "hits.w"], events: 2),
    Case(
      text: "event,jet_pt,jet_eta,mu\n1,1.5;2.5,3;4,1;2;3\n2,,,5\n", layout: .cells,
      paths: ["event", "jet.pt", "jet.eta", "mu.value"], events: 2),
  ]

  @Test(arguments: cases)
  func detectsAndRestores(_ test: Case) throws {
    let workspace = try Workspace()
    let summary = try workspace.convert(test.text)
    #expect(summary.layout == test.layout)
    let file = try workspace.result
    #expect(file.schema.fields.map(\.path) == test.paths)
    #expect(file.eventCount == test.events)
    #expect(try workspace.exported() == test.text)
  }

  @Test func readsTheValues() throws {
    let workspace = try Workspace()
    try workspace.convert("event,rechit_x,rechit_e\n0,1,2.5\n0,2,3.5\n1,3,4.5\n")
    let batch = try workspace.result.read(events: 0..<2)
    #expect(batch.counts(of: "hits")?.integer(at: 0) == 2)
    #expect(batch.counts(of: "hits")?.integer(at: 1) == 1)
    #expect((0..<3).map { batch.column("hits.e")?.double(at: $0) } == [2.5, 3.5, 4.5])
    #expect((0..<3).map { batch.column("hits.x")?.integer(at: $0) } == [1, 2, 3])
  }

  @Test func namesOfGridsAreRegenerated() throws {
    let pattern = try #require(ColumnPattern(code: "L{01..28}_v{-6..6}_u{-6..6}"))
    #expect(pattern.shape == [28, 13, 13])
    #expect(pattern.name(0) == "L01_v-6_u-6")
    #expect(pattern.name(28 * 13 * 13 - 1) == "L28_v6_u6")
    let names = (0..<pattern.count).map(pattern.name)
    let runs = ColumnPattern.runs(in: ["event", "E"] + names + ["weight"])
    #expect(runs.count == 1)
    #expect(runs.first?.columns == 2..<2 + pattern.count)
    #expect(runs.first?.pattern == pattern)
    #expect(
      ColumnPattern.runs(in: (0..<12).map { "E[\($0 / 4)][\($0 % 4)]" }).first?.pattern.code == "E[{0..2}][{0..3}]")
    #expect(ColumnPattern(code: "no grid") == nil)
    #expect(ColumnPattern(code: "x{5..1}") == nil)
  }

  @Test func headersGiveNamesAndUnits() {
    let columns = SourceColumn.columns(header: ["E [GeV]", "x", " x ", "", "x_2", "p (MeV/c)", "f(x)", "E[3]"])
    #expect(columns.map(\.name) == ["E", "x", "x_3", "column4", "x_2", "p", "f(x)", "E[3]"])
    #expect(columns.map(\.unit) == ["GeV", nil, nil, nil, nil, "MeV/c", nil, nil])
  }

  @Test func optionsShapeTheResult() throws {
    let workspace = try Workspace()
    var options = ConvertOptions()
    options.eventKey = ["spill"]
    options.collections = [.init("cells", "c_*")]
    options.renames = [.init("c_e", "energy"), .init("t", "time")]
    options.units = [.init("cells.energy", "MIP"), .init("t", "ns")]
    options.drops = ["junk"]
    let text = "spill,junk,c_e,c_id,t\n1,9,2.5,7,100\n1,8,3.5,7,100\n2,9,4.5,7,200\n"
    try workspace.convert(text, options: options)
    let schema = try workspace.result.schema
    #expect(schema.fields.map(\.path) == ["spill", "cells.energy", "cells.id", "time"])
    #expect(schema.field("cells.energy")?.unit == "MIP")
    #expect(schema.field("time")?.unit == "ns")
    #expect(try workspace.exported() == "spill,c_e,c_id,t\n1,2.5,7,100\n1,3.5,7,100\n2,4.5,7,200\n")
  }

  @Test func filesThatWereNeverCSVExport() throws {
    let workspace = try Workspace()
    let schema = Schema(
      collections: [.init("hits")],
      fields: [.init("run", .int32), .init("energy", .float32, in: "hits"), .init("image", .uint8, shape: [2, 2])])
    func write(_ counts: [UInt32]) throws {
      var options = WriterOptions()
      options.overwrite = true
      let writer = try EventWriter(creating: workspace.path("out.fingal"), schema: schema, options: options)
      let total = Int(counts.reduce(0, +))
      try writer.append(
        EventBatch(
          schema, eventCount: 2, counts: [ColumnValues(counts)],
          columns: [
            ColumnValues([1, 2] as [Int32]), ColumnValues((0..<total).map { Float($0) + 0.1 }),
            ColumnValues([1, 2, 3, 4, 5, 6, 7, 8] as [UInt8]),
          ]))
      try writer.finish()
    }
    try write([1, 2])
    #expect(
      try workspace.exported() == """
        run,hits_energy,image_0_0,image_0_1,image_1_0,image_1_1
        1,0.1,1,2,3,4
        2,1.1,5,6,7,8
        2,2.1,5,6,7,8

        """)
    // An event without hits has no line of its own: lists instead.
    try write([0, 2])
    #expect(
      try workspace.exported() == """
        run,hits_energy,image_0_0,image_0_1,image_1_0,image_1_1
        1,[],1,2,3,4
        2,"[0.1, 1.1]",5,6,7,8

        """)
    #expect(throws: FingalError.self) { try workspace.exported(layout: .hits) }
  }
}
