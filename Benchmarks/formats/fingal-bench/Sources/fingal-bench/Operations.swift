import Fingal
import FingalFeed

/// The operations that are measured, one function each. This is the file to change when Fingal's API gets better ones.
final class Operations {
  let workload: Workload
  let options: Options
  private var place = 0
  private var epoch = 0
  private var images: [Float]
  /// The file of the lines that open it once.
  private var opened: EventFile?

  init(_ workload: Workload, _ options: Options) {
    self.workload = workload
    self.options = options
    images = [Float](repeating: 0, count: options.batch * Workload.pixels)
  }

  private func file() throws -> EventFile {
    if let opened { return opened }
    let file = try EventFile(opening: options.file)
    opened = file
    return file
  }

  // MARK: Write

  /// From arrays in memory to a file on disk (the writer syncs it).
  func write() throws {
    opened = nil
    let writer = try EventWriter(
      creating: options.file, schema: workload.schema, options: try writerOptions())
    try writer.append(workload.batch)
    try writer.finish()
  }

  private func writerOptions() throws -> WriterOptions {
    let writer = WriterOptions(threads: options.threads, overwrite: true)
    switch options.optimize {
    case "balanced": break
    default: throw Complaint("this version of Fingal cannot optimize for \(options.optimize)")
    }
    return writer
  }

  // MARK: Scan

  enum Scan: String, CaseIterable {
    /// All events in one batch.
    case whole
    /// Cluster by cluster.
    case batches
  }

  /// Opens the file and decodes the columns (nil: all) of all events.
  func scan(_ columns: [String]?, _ way: Scan, _ body: (EventBatch) throws -> Void) throws {
    let file = try EventFile(opening: options.file)
    switch way {
    case .whole: try body(try file.read(columns, events: 0..<file.eventCount))
    case .batches:
      var batches = try file.batches(columns)
      while let batch = try batches.next() { try body(batch) }
    }
  }

  // MARK: Random events

  /// All columns of one event after another, in the workload's random order. Gives how many.
  func singleEvents(_ deadline: Double, _ checker: Checker?) throws -> Int {
    let file = try file()
    var done = 0
    while done == 0 || now(options.clock) < deadline {
      for event in nextEvents(16) {
        let batch = try file.read(events: event..<event + 1)
        try checker?.check(batch, from: event)
        done += 1
      }
      if checker != nil, done >= 64 { break }
    }
    return done
  }

  /// Dense batches of images of events in the workload's random order.
  func randomBatches(_ deadline: Double, _ checker: Checker?) throws -> Int {
    let file = try file()
    var done = 0
    while done == 0 || now(options.clock) < deadline {
      let events = nextEvents(min(options.batch, workload.order.count))
      for (slot, event) in events.enumerated() {
        let batch = try file.read(workload.imageColumns, events: event..<event + 1)
        draw(batch, into: slot)
      }
      if let checker {
        for (slot, event) in events.enumerated() {
          let low = slot * Workload.pixels
          try checker.check(Array(images[low..<low + Workload.pixels]), isImageOf: event)
        }
      }
      done += events.count
      if checker != nil, done >= 4 * options.batch { break }
    }
    return done
  }

  /// Block-shuffled minibatches of images, as the training takes them.
  func blockBatches(_ deadline: Double, _ checker: Checker?) throws -> Int {
    let selection = try EventSelection(
      DataSet(opening: [options.file]), cuts: ClassCuts(signal: "label == 1", background: "label == 0"),
      validation: 0, needsBothClasses: false)
    let text = workload.hasHits ? "hits.energy @ layer:1..28, x:-7.5..7.5:15, y:-7.5..7.5:15" : "image"
    let description = try ImageDescription(parsing: text)
    var done = 0
    while true {
      let feed = try BatchFeed(
        selection, image: description, part: .all, order: .shuffled(seed: 7, epoch: epoch),
        options: FeedOptions(
          batch: options.batch, prefetch: 4, blockEvents: options.block, windowEvents: options.window))
      epoch += 1
      while let minibatch = try feed.next() {
        done += minibatch.count
        if let checker {
          for slot in 0..<minibatch.count {
            try checker.check(minibatch.image(slot), isImageOf: minibatch.origin(of: slot).event)
          }
        } else if now(options.clock) >= deadline {
          return done
        }
      }
      if checker != nil { return done }
    }
  }

  // MARK: Support

  /// The next events of the random order, going round.
  private func nextEvents(_ count: Int) -> [Int] {
    var events: [Int] = []
    for _ in 0..<count {
      events.append(workload.order[place])
      place = (place + 1) % workload.order.count
    }
    return events
  }

  private func draw(_ batch: EventBatch, into slot: Int) {
    let pixels = slot * Workload.pixels..<(slot + 1) * Workload.pixels
    unsafe images.withUnsafeMutableBufferPointer { images in
      let image = unsafe UnsafeMutableBufferPointer(rebasing: images[pixels])
      if workload.hasHits {
        unsafe image.update(repeating: 0)
        let hits = HitColumns(batch.columns, layer: 0, x: 1, y: 2, energy: 3)
        hits.forEachPixel(0..<hits.layer.count) { pixel, energy in unsafe image[pixel] += energy }
      } else {
        let column = batch.columns[0]
        let values = column.values(as: Float.self)
        for i in values.indices { unsafe image[i] = values[i] }
      }
    }
  }
}

/// The columns that an image is built from.
struct HitColumns {
  let layer: ColumnValues
  let x: ColumnValues
  let y: ColumnValues
  let energy: ColumnValues

  init(_ columns: [ColumnValues], layer: Int, x: Int, y: Int, energy: Int) {
    self.layer = columns[layer]
    self.x = columns[x]
    self.y = columns[y]
    self.energy = columns[energy]
  }

  /// The pixel in the flattened 28×15×15 image and the energy of each hit that falls into it.
  @inline(__always)
  func forEachPixel(_ range: Range<Int>, _ body: (_ pixel: Int, _ energy: Float) -> Void) {
    let layers = layer.values(as: UInt8.self)
    let xs = x.values(as: Float.self)
    let ys = y.values(as: Float.self)
    let energies = energy.values(as: Float.self)
    for i in range {
      let (layer, x, y) = (layers[i], Double(xs[i]), Double(ys[i]))
      guard x >= -7.5, x < 7.5, y >= -7.5, y < 7.5, layer >= 1, layer <= 28 else { continue }
      body(((Int(layer) - 1) * 15 + min(Int(x + 7.5), 14)) * 15 + min(Int(y + 7.5), 14), energies[i])
    }
  }
}
