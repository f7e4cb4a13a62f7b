import Fingal

/// A file of four events that holds one of everything: scalars of several types, a nullable one, text, a tensor, and
/// hits; the third event has no hits.
enum TinyFile {
  static let schema = Schema(
    collections: [.init("hits")],
    fields: [
      .init("event", .int64),
      .init("beamEnergy", .float64, unit: "GeV"),
      .init("trigger", .uint8, nullable: true),
      .init("particle", .string),
      .init("image", .float32, shape: [2, 3], unit: "MIP"),
      .init("layer", .uint8, in: "hits"),
      .init("energy", .float32, in: "hits", unit: "MIP"),
    ],
    metadata: ["source.name": "made for the tests"])

  /// Counts, validities and values: what the reports call raw.
  static let decodedBytes = 4 * 4 + 4 * (8 + 8 + 1 + 1) + (4 * 4 + 24) + 4 * 6 * 4 + 6 * (1 + 4)

  static func batch() -> EventBatch {
    var batch = EventBatch(schema)
    batch.eventCount = 4
    batch.counts[0].append(contentsOf: [2, 1, 0, 3] as [UInt32])
    batch.columns[0].append(contentsOf: [9_007_199_254_740_993, 2, 3, 4] as [Int64])
    batch.columns[1].append(contentsOf: [65.846, 80, .nan, 120.5])
    batch.columns[2].append(1 as UInt8)
    batch.columns[2].appendNull()
    batch.columns[2].append(contentsOf: [0, 7] as [UInt8])
    for name in ["electron", "pion", "say \"hi\", ok", ""] { batch.columns[3].append(name) }
    batch.columns[4].append(
      contentsOf: [0, 1.5, 0, 0, 0, 2] + Array(repeating: 0, count: 12) + [0, 0, 0, 0, 0, 3] as [Float])
    batch.columns[5].append(contentsOf: [1, 2, 1, 1, 2, 28] as [UInt8])
    batch.columns[6].append(contentsOf: [0.59616286, 6.75, 1.25, .nan, .infinity, 1e-5] as [Float])
    return batch
  }

  /// Writes the file and returns its path.
  @discardableResult
  static func write(in folder: TemporaryDirectory, named name: String = "tiny.fingal") throws -> String {
    let path = folder.path(name)
    let writer = try EventWriter(creating: path, schema: schema)
    try writer.append(batch())
    try writer.finish(metadata: ["note": "end"])
    return path
  }
}
