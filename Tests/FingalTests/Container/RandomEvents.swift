import Fingal

/// Random schemas and events of them: every type, shapes of up to eight axes, nulls, collections four deep, and
/// everything empty now and then. The same seed makes the same events.
struct RandomEvents {
  var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func schema() -> Schema {
    var collections: [Schema.Collection] = []
    var depths: [Int] = []
    for index in 0..<Int.random(in: 0...6, using: &random) {
      // Prefer the one declared last, so that chains become long.
      let last = collections.indices.last.map { chance(2, 3) ? $0 : Int.random(in: 0...$0, using: &random) }
      if let last, depths[last] < SchemaLimits.depth, chance(3, 4) {
        collections.append(.init("c\(index)", in: collections[last].name))
        depths.append(depths[last] + 1)
      } else {
        collections.append(.init("c\(index)"))
        depths.append(1)
      }
    }
    var fields: [Schema.Field] = []
    for index in 0..<Int.random(in: 0...12, using: &random) {
      let type = ScalarType.allCases.randomElement(using: &random)!
      let collection = chance(1, 3) ? nil : collections.randomElement(using: &random)?.name
      fields.append(
        Schema.Field(
          "f\(index)", type, in: collection, shape: type == .string || chance(1, 2) ? [] : shape(),
          labels: type == .enumeration ? labels() : [], nullable: chance(1, 3)))
    }
    return Schema(collections: collections, fields: fields)
  }

  private mutating func chance(_ part: Int, _ of: Int) -> Bool { Int.random(in: 0..<of, using: &random) < part }

  private mutating func shape() -> [Int] {
    (0..<Int.random(in: 1...8, using: &random)).map { _ in chance(1, 2) ? 1 : Int.random(in: 1...3, using: &random) }
  }

  private mutating func labels() -> [String] {
    (0..<Int.random(in: 1...(chance(1, 4) ? 300 : 4), using: &random)).map { "label \($0) é" }
  }

  mutating func events(_ count: Int, of schema: Schema) -> EventBatch {
    var batch = EventBatch(schema)
    batch.eventCount = count
    var elements: [Int] = []
    for (index, parent) in schema.parentIndices.enumerated() {
      // Some collections are empty throughout.
      let most = chance(1, 5) ? 0 : parent == nil ? 6 : 3
      var total = 0
      for _ in 0..<(parent.map { elements[$0] } ?? count) {
        let size = chance(1, 4) ? 0 : Int.random(in: 0...most, using: &random)
        batch.counts[index].append(UInt32(size))
        total += size
      }
      elements.append(total)
    }
    for (index, (field, collection)) in zip(schema.fields, schema.collectionIndices).enumerated() {
      let onlyNulls = chance(1, 6)
      let small = chance(1, 2)
      for _ in 0..<(collection.map { elements[$0] } ?? count) {
        if field.nullable, onlyNulls || chance(1, 3) {
          batch.columns[index].appendNull(elements: field.elementsPerValue)
        } else {
          for _ in 0..<field.elementsPerValue { append(field, small, to: batch.columns[index]) }
        }
      }
    }
    return batch
  }

  private mutating func append(_ field: Schema.Field, _ small: Bool, to column: ColumnValues) {
    let bits = small ? random.next() % 7 : random.next()
    switch field.type {
    case .bool: column.append(UInt8(bits & 1))
    case .int8: column.append(Int8(truncatingIfNeeded: bits))
    case .int16: column.append(Int16(truncatingIfNeeded: bits))
    case .int32: column.append(Int32(truncatingIfNeeded: bits))
    case .int64: column.append(Int64(truncatingIfNeeded: bits))
    case .uint8: column.append(UInt8(truncatingIfNeeded: bits))
    case .uint16: column.append(UInt16(truncatingIfNeeded: bits))
    case .uint32: column.append(UInt32(truncatingIfNeeded: bits))
    case .uint64: column.append(bits)
    case .float32: column.append(small ? Float(bits) / 10 : Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case .float64: column.append(small ? Double(bits) / 10 : Double(bitPattern: bits))
    case .enumeration: column.append(UInt16(bits % UInt64(field.labels.count)))
    case .string: column.append(["", "EB", "EE", "π⁻ 100 GeV", String(bits, radix: 36)][Int(bits % 5)])
    }
  }

  /// A range of a batch's events, event by event and element by element: slow, and plainly right.
  static func slice(_ batch: EventBatch, _ range: Range<Int>) -> EventBatch {
    var part = EventBatch(batch.schema)
    part.eventCount = range.count
    var kept: [[Range<Int>]] = []
    for (index, parent) in batch.schema.parentIndices.enumerated() {
      let wanted = parent.map { kept[$0] } ?? [range]
      let isWanted = Set(wanted.joined())
      var element = 0
      var runs: [Range<Int>] = []
      for owner in 0..<batch.counts[index].count {
        let size = batch.counts[index].integer(at: owner)!
        if isWanted.contains(owner) {
          part.counts[index].append(UInt32(size))
          runs.append(element..<element + size)
        }
        element += size
      }
      kept.append(runs)
    }
    for (index, (field, collection)) in zip(batch.schema.fields, batch.schema.collectionIndices).enumerated() {
      let length = field.elementsPerValue
      for run in collection.map({ kept[$0] }) ?? [range] {
        part.columns[index].append(
          contentsOf: batch.columns[index], run.lowerBound * length..<run.upperBound * length)
      }
    }
    return part
  }
}
