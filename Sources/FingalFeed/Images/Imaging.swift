internal import Fingal

/// Turns the hits of a block of events into lit pixels, a column at a time: each axis adds its part to the pixel index
/// of every hit. Reuses its buffers from block to block; one thread at a time.
struct Imaging {
  let description: ImageDescription
  private var pixelOfHit: [Int32] = []
  private var valueOfHit: [Float] = []
  private(set) var tally = ImageTally()

  init(_ description: ImageDescription) { self.description = description }

  /// Appends the images of those events of a batch for which `origin` gives one.
  mutating func append(
    _ batch: EventBatch, to images: inout SparseImages, origin: (_ event: Int) -> SparseImages.Origin?
  ) throws(FingalError) {
    switch description.kind {
    case .tensor(let name): try appendTensor(try column(name, batch), batch, &images, origin)
    case .grid(let value, let axes): try appendHits(value, axes, batch, &images, origin)
    }
  }

  private func column(_ path: String, _ batch: EventBatch) throws(FingalError) -> ColumnValues {
    guard let column = batch.column(path) else { throw FingalError(.usage, "the batch has no column '\(path)'") }
    return column
  }

  // MARK: Tensors

  private mutating func appendTensor(
    _ column: ColumnValues, _ batch: EventBatch, _ images: inout SparseImages,
    _ origin: (Int) -> SparseImages.Origin?
  ) throws(FingalError) {
    guard batch.eventCount > 0 else { return }
    readValues(column)
    let width = column.count / batch.eventCount
    for event in 0..<batch.eventCount {
      guard let origin = origin(event) else { continue }
      let first = event * width
      for i in first..<first + width where valueOfHit[i] != 0 {
        tally.hits += 1
        if valueOfHit[i].isNaN { tally.skipped += 1 } else { images.add(pixel: Int32(i - first), value: valueOfHit[i]) }
      }
      images.endEvent(origin)
    }
  }

  // MARK: Hits

  private mutating func appendHits(
    _ value: String, _ axes: [ImageAxis], _ batch: EventBatch, _ images: inout SparseImages,
    _ origin: (Int) -> SparseImages.Origin?
  ) throws(FingalError) {
    guard let dot = value.firstIndex(of: "."), let counts = batch.counts(of: String(value[..<dot])) else {
      throw FingalError(.usage, "the batch has no collection for '\(value)'")
    }
    readValues(try column(value, batch))
    pixelOfHit.removeAll(keepingCapacity: true)
    pixelOfHit.append(contentsOf: repeatElement(0, count: valueOfHit.count))
    for axis in axes {
      switch axis {
      case .whole(let name, let low, let high):
        let column = try column(ImageDescription.path(of: name, besides: value), batch)
        bin(column, low: Double(low), high: Double(high) + 1, bins: high - low + 1)
      case .binned(let name, let low, let high, let bins):
        bin(try column(ImageDescription.path(of: name, besides: value), batch), low: low, high: high, bins: bins)
      case .hex(let iu, let iv):
        hex(
          try column(ImageDescription.path(of: iu, besides: value), batch),
          try column(ImageDescription.path(of: iv, besides: value), batch))
      }
    }
    let numbers = counts.values(as: UInt32.self)
    var hit = 0
    for event in numbers.indices {
      let end = hit + Int(numbers[event])
      if let origin = origin(event) {
        tally.hits += end - hit
        for i in hit..<end {
          let pixel = pixelOfHit[i]
          if valueOfHit[i].isNaN {
            tally.skipped += 1
          } else if pixel < 0 {
            tally.outside += 1
          } else {
            images.add(pixel: pixel, value: valueOfHit[i])
          }
        }
        images.endEvent(origin)
      }
      hit = end
    }
  }

  /// The values as `Float`; a null is NaN.
  private mutating func readValues(_ column: ColumnValues) {
    valueOfHit.removeAll(keepingCapacity: true)
    switch column.type {
    case .bool, .uint8: convert(column, UInt8.self) { Float($0) }
    case .int8: convert(column, Int8.self) { Float($0) }
    case .int16: convert(column, Int16.self) { Float($0) }
    case .int32: convert(column, Int32.self) { Float($0) }
    case .int64: convert(column, Int64.self) { Float($0) }
    case .uint16, .enumeration: convert(column, UInt16.self) { Float($0) }
    case .uint32: convert(column, UInt32.self) { Float($0) }
    case .uint64: convert(column, UInt64.self) { Float($0) }
    case .float32: convert(column, Float.self) { $0 }
    case .float64: convert(column, Double.self) { Float($0) }
    case .string: preconditionFailure("checked against the schema")
    }
    if column.nullCount > 0 {
      for i in valueOfHit.indices where column.isNull(i) { valueOfHit[i] = .nan }
    }
  }

  @inline(__always)
  private mutating func convert<T: ColumnElement>(_ column: ColumnValues, _: T.Type, _ body: (T) -> Float) {
    let values = unsafe column.unsafeValues(as: T.self)
    unsafe valueOfHit.append(contentsOf: UnsafeBufferPointer(values).lazy.map(body))
  }

  /// Goes one axis on: `pixel = pixel * bins + bin`, or -1 outside.
  private mutating func bin(_ column: ColumnValues, low: Double, high: Double, bins: Int) {
    switch column.type {
    case .bool, .uint8: bin(column, UInt8.self, low, high, bins) { Double($0) }
    case .int8: bin(column, Int8.self, low, high, bins) { Double($0) }
    case .int16: bin(column, Int16.self, low, high, bins) { Double($0) }
    case .int32: bin(column, Int32.self, low, high, bins) { Double($0) }
    case .int64: bin(column, Int64.self, low, high, bins) { Double($0) }
    case .uint16, .enumeration: bin(column, UInt16.self, low, high, bins) { Double($0) }
    case .uint32: bin(column, UInt32.self, low, high, bins) { Double($0) }
    case .uint64: bin(column, UInt64.self, low, high, bins) { Double($0) }
    case .float32: bin(column, Float.self, low, high, bins) { Double($0) }
    case .float64: bin(column, Double.self, low, high, bins) { $0 }
    case .string: preconditionFailure("checked against the schema")
    }
    dropNulls(column)
  }

  @inline(__always)
  private mutating func bin<T: ColumnElement>(
    _ column: ColumnValues, _: T.Type, _ low: Double, _ high: Double, _ bins: Int, _ body: (T) -> Double
  ) {
    let values = unsafe column.unsafeValues(as: T.self)
    let perUnit = Double(bins) / (high - low)
    let last = Int32(bins - 1)
    let width = Int32(bins)
    unsafe pixelOfHit.withUnsafeMutableBufferPointer { pixels in
      precondition(pixels.count == values.count)
      for i in pixels.indices {
        let x = unsafe body(values[i])
        let pixel = unsafe pixels[i]
        // Rounding may carry a value just below the upper edge to it: it stays in the last bin.
        let isInside = x >= low && x < high && pixel >= 0
        unsafe pixels[i] = isInside ? pixel &* width &+ min(Int32((x - low) * perUnit), last) : -1
      }
    }
  }

  private mutating func hex(_ iu: ColumnValues, _ iv: ColumnValues) {
    let size = Int32(ImageAxis.hexRows * ImageAxis.hexColumns)
    unsafe iu.withDoubles(0..<iu.count) { u in
      unsafe iv.withDoubles(0..<iv.count) { v in
        for i in pixelOfHit.indices {
          let (a, b) = unsafe (u[i], v[i])
          if pixelOfHit[i] >= 0, abs(a) < 1000, abs(b) < 1000, a == a.rounded(), b == b.rounded(),
            let cell = ImageAxis.hexPixel(iu: Int(a), iv: Int(b))
          {
            pixelOfHit[i] = pixelOfHit[i] * size + Int32(cell)
          } else {
            pixelOfHit[i] = -1
          }
        }
      }
    }
  }

  private mutating func dropNulls(_ column: ColumnValues) {
    if column.nullCount == 0 { return }
    for i in pixelOfHit.indices where column.isNull(i) { pixelOfHit[i] = -1 }
  }
}
