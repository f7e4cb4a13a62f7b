import Fingal

/// Events with a column of every kind: scalars of all types, nulls, strings, tensors, two collections, empty events.
enum SampleEvents {
  static let schema: Schema = {
    var fields = ScalarType.allCases.map {
      Schema.Field(
        "s_\($0.rawValue)", $0, labels: $0 == .enumeration ? ["electron", "pion", "π⁻ or μ⁻"] : [],
        unit: $0 == .float32 ? "GeV" : nil)
    }
    fields += [
      Schema.Field("n_float32", .float32, nullable: true),
      Schema.Field("n_string", .string, nullable: true, description: "may be missing"),
      Schema.Field("image", .float32, shape: [2, 3, 4], unit: "MIP"),
      Schema.Field("layer", .uint8, in: "hits"),
      Schema.Field("energy", .float32, in: "hits", unit: "MIP"),
      Schema.Field("time", .float64, in: "hits", nullable: true, unit: "ns"),
      Schema.Field("tag", .string, in: "hits"),
      Schema.Field("id", .int64, in: "tracks"),
    ]
    return Schema(
      collections: [.init("hits", description: "cells above 0.5 MIP"), .init("tracks"), .init("bare")], fields: fields,
      metadata: ["source": "SampleEvents"])
  }()

  static func make(_ count: Int, seed: UInt64) -> EventBatch {
    var random = SeededGenerator(seed: seed)
    var batch = EventBatch(schema)
    batch.eventCount = count
    for event in 0..<count {
      let hits = event % 7 == 3 ? 0 : Int.random(in: 0...9, using: &random)
      let tracks = Int.random(in: 0...2, using: &random)
      batch.counts[0].append(UInt32(hits))
      batch.counts[1].append(UInt32(tracks))
      batch.counts[2].append(UInt32(event % 3))
      for (field, column) in zip(schema.fields, batch.columns) {
        let elements =
          field.collection == "hits" ? hits : field.collection == "tracks" ? tracks : field.elementsPerValue
        for _ in 0..<elements { append(field, column, &random) }
      }
    }
    return batch
  }

  private static func append(_ field: Schema.Field, _ column: ColumnValues, _ random: inout SeededGenerator) {
    if field.nullable && Bool.random(using: &random) { return column.appendNull() }
    let bits = random.next()
    switch field.type {
    case .bool: column.append(UInt8(bits & 1))
    case .int8: column.append(Int8(truncatingIfNeeded: bits))
    case .int16: column.append(Int16(truncatingIfNeeded: bits))
    case .int32: column.append(Int32(truncatingIfNeeded: bits))
    case .int64: column.append(Int64(truncatingIfNeeded: bits))
    case .uint8: column.append(UInt8(bits % 28))
    case .uint16: column.append(UInt16(truncatingIfNeeded: bits))
    case .enumeration: column.append(UInt16(bits % UInt64(field.labels.count)))
    case .uint32: column.append(UInt32(truncatingIfNeeded: bits))
    case .uint64: column.append(bits)
    case .float32:
      column.append(field.shape.isEmpty ? Float(bits % 100_000) / 1000 : bits % 8 == 0 ? Float(bits % 97) : 0)
    case .float64: column.append(bits % 9 == 0 ? Double.nan : Double(bits % 1_000_000) / 1000)
    case .string: column.append(["", "EB", "EE", "π⁻ 100 GeV", String(bits, radix: 36)][Int(bits % 5)])
    }
  }
}

/// Equality of decoded events, bit for bit.
func sameEvents(_ a: EventBatch, _ b: EventBatch) -> Bool {
  a.eventCount == b.eventCount && a.schema.fields == b.schema.fields
    && zip(a.counts + a.columns, b.counts + b.columns).allSatisfy { sameValues($0, $1) }
}

func sameValues(_ a: ColumnValues, _ b: ColumnValues) -> Bool {
  guard a.type == b.type, a.count == b.count, a.nullCount == b.nullCount else { return false }
  for i in 0..<a.count where a.isNull(i) != b.isNull(i) { return false }
  if a.type == .string { return (0..<a.count).allSatisfy { a.string(at: $0) == b.string(at: $0) } }
  return unsafe a.storage.bytes.elementsEqual(b.storage.bytes)
}
