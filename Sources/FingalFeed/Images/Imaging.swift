internal import Fingal
internal import FingalKernels

/// Turns the hits of a block of events into lists of lit pixels: the pixel of every hit by one kernel an axis, then the
/// sums of each event by another. Reuses its memory from block to block; one thread at a time. One of the few files with
/// unsafe code.
@safe
final class Imaging: @unchecked Sendable {
  let description: ImageDescription
  let scale: PixelScale
  private let pixelCount: Int
  private let pixelOfHit = ScratchMemory()
  private let converted = ScratchMemory()
  private let lit = ScratchMemory()
  private let litValues = ScratchMemory()
  private let ends = ScratchMemory()
  private let tallies = ScratchMemory()
  /// Where the kernel found each pixel last. Made when first needed.
  private var places: PixelPlaces?

  /// Hits whose pixels are found at a time, axis after axis: few enough for the first-level cache.
  private static let hitsAtATime = 4096

  init(_ description: ImageDescription, scale: PixelScale, pixels: Int) {
    self.description = description
    self.scale = scale
    pixelCount = pixels
  }

  private var isNarrow: Bool { pixelCount <= 1 << 16 }

  /// The lists of those events of a batch whose byte of `wanted` is not zero; the others get empty ones.
  ///
  /// - Throws: `usage` if the batch lacks a column of the image.
  func block(_ batch: EventBatch, wanted: [UInt8]) throws(FingalError) -> SparseBlock {
    precondition(wanted.count == batch.eventCount)
    return switch description.kind {
    case .tensor(let name): tensors(try column(name, batch), wanted)
    case .grid(let value, let axes): try hits(value, axes, batch, wanted)
    }
  }

  private func column(_ path: String, _ batch: EventBatch) throws(FingalError) -> ColumnValues {
    guard let column = batch.column(path) else { throw FingalError(.usage, "the batch has no column '\(path)'") }
    return column
  }

  private func sparseBlock(_ events: Int, _ count: Int) -> SparseBlock {
    let values = unsafe litValues.reserve(Float.self, count)
    unsafe scale.apply(to: values, count)
    return unsafe SparseBlock(
      values: UnsafePointer(values), pixels: UnsafeRawPointer(lit.reserve(UInt8.self, 0)), isNarrow: isNarrow,
      ends: UnsafeBufferPointer(start: ends.reserve(UInt32.self, events), count: events),
      tallies: UnsafePointer(tallies.reserve(fingal_hit_tally.self, events)))
  }

  // MARK: Tensors

  private func tensors(_ column: ColumnValues, _ wanted: [UInt8]) -> SparseBlock {
    precondition(column.count == wanted.count * pixelCount)
    let values = unsafe PixelIndex.floats(column, converted)
    let chosen = wanted.reduce(0) { $0 + ($1 == 0 ? 0 : 1) }
    // One more than there are: the kernel writes a pixel before it knows whether it is lit.
    let room = chosen * pixelCount + 1
    let pixels = unsafe lit.reserve(UInt8.self, room * (isNarrow ? 2 : 4))
    let out = unsafe litValues.reserve(Float.self, room)
    let ends = unsafe ends.reserve(UInt32.self, wanted.count)
    let tallies = unsafe tallies.reserve(fingal_hit_tally.self, wanted.count)
    var count = 0
    for event in wanted.indices {
      unsafe tallies[event] = fingal_hit_tally()
      if wanted[event] != 0 {
        let row = unsafe values + event * pixelCount
        let place = unsafe UnsafeMutableRawPointer(pixels + count * (isNarrow ? 2 : 4))
        let added: Int
        if isNarrow {
          added = unsafe fingal_light_row16(
            row, pixelCount, place.assumingMemoryBound(to: UInt16.self), out + count, tallies + event)
        } else {
          added = unsafe fingal_light_row32(
            row, pixelCount, place.assumingMemoryBound(to: UInt32.self), out + count, tallies + event)
        }
        if column.nullCount(in: event * pixelCount..<(event + 1) * pixelCount) > 0 {
          // A tensor is null as a whole, and its zero bits light nothing: it has no value anywhere.
          unsafe tallies[event] = fingal_hit_tally(hits: UInt32(pixelCount), outside: 0, skipped: UInt32(pixelCount))
        } else {
          count += added
        }
      }
      unsafe ends[event] = UInt32(count)
    }
    return sparseBlock(wanted.count, count)
  }

  // MARK: Hits

  /// How many hits each event has: the counts of the collection, or of all its parents' elements together.
  private func hitsOfEvents(_ value: String, _ batch: EventBatch) throws(FingalError) -> ColumnValues {
    guard let dot = value.firstIndex(of: "."), let index = batch.schema.collectionIndex(String(value[..<dot])) else {
      throw FingalError(.usage, "the batch has no collection for '\(value)'")
    }
    if batch.schema.parentIndices[index] == nil { return batch.counts[index] }
    var counts: [UInt32] = []
    var start = 0
    for end in batch.elementBorders[index].borders.dropFirst() {
      counts.append(UInt32(end - start))
      start = end
    }
    return ColumnValues(counts)
  }

  private func hits(
    _ value: String, _ axes: [ImageAxis], _ batch: EventBatch, _ wanted: [UInt8]
  ) throws(FingalError) -> SparseBlock {
    let counts = try hitsOfEvents(value, batch)
    let valueColumn = try column(value, batch)
    let hits = valueColumn.count
    let values = unsafe PixelIndex.floats(valueColumn, converted)
    let pixels = unsafe pixelOfHit.reserve(Int32.self, hits)
    // Names are looked up once a block.
    var fields: [(axis: ImageAxis, columns: [ColumnValues])] = []
    for axis in axes {
      var columns: [ColumnValues] = []
      for field in axis.fields { columns.append(try column(ImageDescription.path(of: field, besides: value), batch)) }
      fields.append((axis, columns))
    }
    var first = 0
    while first < hits {
      let range = first..<min(hits, first + Self.hitsAtATime)
      let part = unsafe pixels + first
      unsafe part.update(repeating: 0, count: range.count)
      for (axis, columns) in fields {
        switch axis {
        case .whole(_, let low, let high):
          unsafe PixelIndex.bin(
            columns[0], range, low: Double(low), high: Double(high) + 1, bins: high - low + 1, part)
        case .binned(_, let low, let high, let bins):
          unsafe PixelIndex.bin(columns[0], range, low: low, high: high, bins: bins, part)
        case .hex: unsafe PixelIndex.hex(columns[0], columns[1], range, part)
        }
      }
      unsafe fingal_mark_nans(values + first, range.count, part)
      unsafe PixelIndex.markNulls(valueColumn, range, -2, part)
      first = range.upperBound
    }

    let numbers = unsafe counts.unsafeValues(as: UInt32.self)
    var total = 0
    for event in numbers.indices { total += unsafe Int(numbers[event]) }
    precondition(numbers.count == wanted.count && total == hits, "the counts of a batch do not add up to its hits")
    let places = self.places ?? PixelPlaces(pixelCount)
    self.places = places
    places.makeRoom(for: hits + wanted.count)
    let ends = unsafe ends.reserve(UInt32.self, wanted.count)
    let tallies = unsafe tallies.reserve(fingal_hit_tally.self, wanted.count)
    let out = unsafe litValues.reserve(Float.self, hits + 1)
    let count = unsafe wanted.withUnsafeBufferPointer { wanted in
      guard let wantedBase = wanted.baseAddress else { return 0 }
      return unsafe isNarrow
        ? fingal_light16(
          pixels, values, numbers.baseAddress!, wantedBase, wanted.count, places.base, places.next,
          lit.reserve(UInt16.self, hits + 1), out, ends, tallies)
        : fingal_light32(
          pixels, values, numbers.baseAddress!, wantedBase, wanted.count, places.base, places.next,
          lit.reserve(UInt32.self, hits + 1), out, ends, tallies)
    }
    return sparseBlock(wanted.count, count)
  }
}

/// For each pixel, and two places before them, a number that says where the list of an event has it: numbers of earlier
/// events are smaller than those of the one at hand, so that nothing is cleared from event to event.
@safe
final class PixelPlaces {
  let base: UnsafeMutablePointer<UInt32>
  /// The first number of the next event.
  let next: UnsafeMutablePointer<UInt32>
  private let count: Int

  init(_ pixels: Int) {
    count = pixels + 2
    unsafe base = .allocate(capacity: count)
    unsafe next = .allocate(capacity: 1)
    clear()
  }

  deinit {
    unsafe base.deallocate()
    unsafe next.deallocate()
  }

  private func clear() {
    unsafe base.initialize(repeating: 0, count: count)
    unsafe next.initialize(to: 1)
  }

  /// Begins anew where so many more numbers would not fit: once in some ten million events.
  func makeRoom(for numbers: Int) {
    precondition(numbers < Int(UInt32.max), "more hits than a cluster may have")
    if unsafe numbers >= Int(UInt32.max - next.pointee) { clear() }
  }
}
