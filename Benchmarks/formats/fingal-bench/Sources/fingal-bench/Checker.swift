import Fingal

/// Compares what was read with the truth, bit for bit.
struct Checker {
  let workload: Workload

  init(_ workload: Workload) { self.workload = workload }

  /// The columns of a batch that begins at an event.
  func check(_ batch: EventBatch, from start: Int) throws {
    let events = start..<start + batch.eventCount
    for (field, column) in zip(batch.schema.fields, batch.columns) {
      guard let truth = workload.batch.column(field.path) else { throw Complaint("no column \(field.path)") }
      let rows = field.collection == nil ? events : hits(events)
      let width = field.elementsPerValue
      let elements = rows.lowerBound * width..<rows.upperBound * width
      let isEqual =
        switch column.type {
        case .int8: equal(column, truth, elements, Int8.self) { $0 == $1 }
        case .int16: equal(column, truth, elements, Int16.self) { $0 == $1 }
        case .int32: equal(column, truth, elements, Int32.self) { $0 == $1 }
        case .int64: equal(column, truth, elements, Int64.self) { $0 == $1 }
        case .uint8: equal(column, truth, elements, UInt8.self) { $0 == $1 }
        case .float32: equal(column, truth, elements, Float.self) { $0.bitPattern == $1.bitPattern }
        default: false
        }
      if !isEqual { throw Complaint("column \(field.path) differs from the truth in events \(events)") }
    }
    for (collection, counts) in zip(batch.schema.collections, batch.counts) {
      guard let truth = workload.batch.counts(of: collection.name),
        equal(counts, truth, events, UInt32.self, { $0 == $1 })
      else { throw Complaint("the counts of \(collection.name) differ from the truth in events \(events)") }
    }
  }

  private func hits(_ events: Range<Int>) -> Range<Int> {
    Int(workload.offsets[events.lowerBound])..<Int(workload.offsets[events.upperBound])
  }

  private func equal<T: ColumnElement>(
    _ found: ColumnValues, _ truth: ColumnValues, _ range: Range<Int>, _: T.Type, _ isSame: (T, T) -> Bool
  ) -> Bool {
    guard found.type == truth.type, found.count == range.count, found.nullCount == 0 else { return false }
    let values = found.values(as: T.self)
    let wanted = truth.values(as: T.self)
    for i in values.indices where !isSame(values[i], wanted[range.lowerBound + i]) { return false }
    return true
  }

  /// One image, made from the truth in the simplest way.
  func check(_ image: [Float], isImageOf event: Int) throws {
    var truth = [Float](repeating: 0, count: Workload.pixels)
    let columns = workload.batch.columns
    if workload.hasHits {
      let all = HitColumns(columns, layer: 4, x: 5, y: 6, energy: 8)
      all.forEachPixel(hits(event..<event + 1)) { pixel, energy in truth[pixel] += energy }
    } else {
      let column = columns[4]
      let values = column.values(as: Float.self)
      for i in 0..<Workload.pixels { truth[i] = values[event * Workload.pixels + i] }
    }
    guard image.count == truth.count else { throw Complaint("an image has \(image.count) pixels") }
    for i in truth.indices where truth[i].bitPattern != image[i].bitPattern {
      throw Complaint("the image of event \(event) differs from the truth at pixel \(i)")
    }
  }
}
