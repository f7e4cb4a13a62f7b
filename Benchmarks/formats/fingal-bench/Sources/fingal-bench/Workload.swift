import Fingal
import FoundationEssentials

/// The truth, as `workloads.py` dumped it: every column as an array in memory, the borders of the hits, and the order
/// in which random events are read.
struct Workload {
  struct Description: Decodable {
    struct Field: Decodable {
      var name: String
      var type: String
      var shape: [Int]
      var collection: String?
      var file: String
    }
    var kind: String
    var events: Int
    var fields: [Field]
  }

  let description: Description
  /// All events as one batch: what the writer is given.
  let batch: EventBatch
  /// For each event where its hits begin, and the end of the last; empty without hits.
  let offsets: [Int64]
  let order: [Int]

  var hasHits: Bool { description.kind == "hits" }
  var schema: Schema { batch.schema }
  /// Two columns of many.
  static let two = ["hits.layer", "hits.energy"]
  static let pixels = 28 * 15 * 15

  init(_ folder: String) throws {
    let json = try Data(contentsOf: URL(filePath: folder + "/workload.json"))
    description = try JSONDecoder().decode(Description.self, from: json)
    let hasHits = description.fields.contains { $0.collection != nil }
    offsets = hasHits ? try Self.array(folder + "/offsets.bin") : []
    order = (try Self.array(folder + "/order.bin") as [Int64]).map(Int.init)
    var fields: [Schema.Field] = []
    var columns: [ColumnValues] = []
    for field in description.fields {
      guard let type = ScalarType(rawValue: field.type) else { throw Complaint("no type \(field.type)") }
      fields.append(Schema.Field(field.name, type, in: field.collection, shape: field.shape))
      columns.append(try Self.column(type, folder + "/" + field.file))
    }
    var counts: [UInt32] = []
    var low: Int64?
    for high in offsets {
      if let low { counts.append(UInt32(high - low)) }
      low = high
    }
    let schema = Schema(collections: hasHits ? [Schema.Collection("hits")] : [], fields: fields)
    batch = EventBatch(
      schema, eventCount: description.events, counts: hasHits ? [ColumnValues(counts)] : [], columns: columns)
    try batch.validate()
  }

  private static func column(_ type: ScalarType, _ path: String) throws -> ColumnValues {
    switch type {
    case .int8: ColumnValues(try array(path) as [Int8])
    case .int16: ColumnValues(try array(path) as [Int16])
    case .int32: ColumnValues(try array(path) as [Int32])
    case .int64: ColumnValues(try array(path) as [Int64])
    case .uint8: ColumnValues(try array(path) as [UInt8])
    case .float32: ColumnValues(try array(path) as [Float])
    default: throw Complaint("no workload has columns of type \(type.rawValue)")
    }
  }

  /// A raw little-endian file as an array; this program runs on little-endian machines only.
  private static func array<T: BitwiseCopyable>(_ path: String) throws -> [T] {
    let data = try Data(contentsOf: URL(filePath: path))
    let count = data.count / MemoryLayout<T>.stride
    return unsafe [T](unsafeUninitializedCapacity: count) { buffer, initialized in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      unsafe data.withUnsafeBytes { unsafe bytes.copyMemory(from: $0) }
      initialized = count
    }
  }
}
