import Fingal
import Testing

/// Electrons and pions as a child would draw them: electrons leave their energy early and in the middle, pions late and
/// spread out. Separable, but not by any one hit.
enum TrainFile {
  static let schema = Schema(
    collections: [.init("hits")],
    fields: [
      .init("event", .int64), .init("pdgID", .int32), .init("beamEnergy", .float64, unit: "GeV"),
      .init("layer", .uint8, in: "hits"), .init("x", .float32, in: "hits", unit: "cm"),
      .init("y", .float32, in: "hits", unit: "cm"), .init("iu", .int8, in: "hits"), .init("iv", .int8, in: "hits"),
      .init("energy", .float32, in: "hits", unit: "MIP"), .init("image", .float32, shape: [8, 8, 8]),
    ])

  /// Writes the electrons first, then the pions. Beam energies are 20, 40, 60 and 80 GeV.
  @discardableResult
  static func write(
    _ name: String = "beam.fingal", in folder: TemporaryDirectory, electrons: Int, pions: Int
  ) throws -> String {
    var generator = Generator(state: 12345)
    var batch = EventBatch(schema)
    for event in 0..<electrons + pions {
      let isElectron = event < electrons
      batch.columns[0].append(Int64(event))
      batch.columns[1].append(isElectron ? 11 : 211 as Int32)
      batch.columns[2].append(Double(20 * (1 + event % 4)))
      var image = [Float](repeating: 0, count: 512)
      let hits = 8 + generator.below(12)
      batch.counts[0].append(UInt32(hits))
      for _ in 0..<hits {
        let layer = isElectron ? 1 + generator.below(5) : 3 + generator.below(6)
        let spread = isElectron ? 2 : 4
        let (x, y) = (generator.below(2 * spread) - spread, generator.below(2 * spread) - spread)
        let energy = Float(1 + generator.below(200)) / 4
        batch.columns[3].append(UInt8(layer))
        batch.columns[4].append(Float(x) + 0.5)
        batch.columns[5].append(Float(y) + 0.5)
        batch.columns[6].append(Int8(x))
        batch.columns[7].append(Int8(y))
        batch.columns[8].append(energy)
        image[((layer - 1) * 8 + y + 4) * 8 + x + 4] += energy
      }
      batch.columns[9].append(contentsOf: image)
    }
    batch.eventCount = electrons + pions
    let path = folder.path(name)
    let writer = try EventWriter(creating: path, schema: schema)
    try writer.append(batch)
    try writer.finish()
    return path
  }

  private struct Generator {
    var state: UInt64
    mutating func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
  }
}
