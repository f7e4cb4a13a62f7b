import Fingal
import FingalFeed

/// The operations that are measured, one function each. This is the file to change when Fingal's API gets better ones.
final class Operations {
  let workload: Workload
  let options: Options
  private var place = 0
  private var epoch = 0
  /// The reader of the lines in which it is kept.
  private var kept: ImageReader?
  /// The file of the lines that open it once.
  private var opened: EventFile?

  init(_ workload: Workload, _ options: Options) {
    self.workload = workload
    self.options = options
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
    guard let optimize = EncodingOptions.Optimize(rawValue: options.optimize) else {
      throw Complaint("Fingal does not optimize for '\(options.optimize)'")
    }
    return WriterOptions(encoding: EncodingOptions(optimize: optimize), threads: options.threads, overwrite: true)
  }

  // MARK: Scan

  enum Scan: String, CaseIterable {
    /// All events in one batch.
    case whole
    /// Batch after batch, whose memory is used again.
    case batches
  }

  /// Opens the file and decodes the columns (nil: all) of all events.
  func scan(_ columns: [String]?, _ way: Scan, _ body: (EventBatch) throws -> Void) throws {
    let file = try EventFile(opening: options.file)
    switch way {
    case .whole: try body(try file.read(columns, events: 0..<file.eventCount))
    case .batches: try file.batches(columns: columns, options: BatchOptions(threads: options.threads)).forEach(body)
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

  /// Dense batches of images in a random order of all events: whole epochs, from opening the file, so that everything
  /// that is decoded is decoded in the time measured.
  enum Random: String, CaseIterable {
    /// The workload's order, asked of a reader.
    case reader
    /// The feed's own global order, as training takes it.
    case feed
  }

  func randomBatches(_ way: Random, _ deadline: Double, _ checker: Checker?) throws -> Int {
    switch way {
    case .reader:
      return try epochs(deadline, checker) { try drawEpoch(try newReader(), checker) }
    case .feed:
      return try epochs(deadline, checker) {
        let selection = try newSelection()
        return try feedEpoch(selection, .global(seed: 7, epoch: nextEpoch()), checker)
      }
    }
  }

  /// The same from the second epoch on: what the reader has decoded is kept.
  func laterEpochs(_ deadline: Double, _ checker: Checker?) throws -> Int {
    let reader: ImageReader
    if let kept { reader = kept } else { reader = try newReader() }
    if kept == nil { _ = try drawEpoch(reader, nil) }
    kept = reader
    return try epochs(deadline, checker) { try drawEpoch(reader, checker) }
  }

  /// Block-shuffled minibatches of images, as the training takes them. Every epoch reads the file again.
  func blockBatches(_ deadline: Double, _ checker: Checker?) throws -> Int {
    let selection = try newSelection()
    return try epochs(deadline, checker) {
      try feedEpoch(selection, .shuffled(seed: 7, epoch: nextEpoch()), checker)
    }
  }

  /// Epochs until the deadline; to verify, one is enough.
  private func epochs(_ deadline: Double, _ checker: Checker?, _ body: () throws -> Int) rethrows -> Int {
    var done = 0
    repeat { done += try body() } while checker == nil && now(options.clock) < deadline
    return done
  }

  private func drawEpoch(_ reader: ImageReader, _ checker: Checker?) throws -> Int {
    let batch = ImageBatch(capacity: options.batch, shape: reader.shape)
    var done = 0
    while done < workload.order.count {
      let events = workload.order[done..<min(done + options.batch, workload.order.count)]
      try reader.fill(batch, events: events)
      if let checker {
        for (slot, event) in events.enumerated() {
          let image = unsafe UnsafeBufferPointer(start: batch.images + slot * Workload.pixels, count: Workload.pixels)
          try checker.check(unsafe Array(image), isImageOf: event)
        }
      }
      done += events.count
    }
    return done
  }

  private func feedEpoch(_ selection: EventSelection, _ order: FeedOrder, _ checker: Checker?) throws -> Int {
    let feed = try BatchFeed(
      selection, image: try image(), part: .all, order: order,
      options: FeedOptions(
        batch: options.batch, prefetch: 4, blockEvents: options.block, windowEvents: options.window,
        threads: options.threads))
    var done = 0
    while let minibatch = try feed.next() {
      done += minibatch.count
      guard let checker else { continue }
      for slot in 0..<minibatch.count {
        try checker.check(minibatch.image(slot), isImageOf: minibatch.origin(of: slot).event)
      }
    }
    guard done == workload.order.count else { throw Complaint("an epoch had \(done) events") }
    return done
  }

  private func newReader() throws -> ImageReader {
    try ImageReader(DataSet(opening: [options.file]), image: try image(), threads: options.threads)
  }

  private func newSelection() throws -> EventSelection {
    try EventSelection(
      DataSet(opening: [options.file]), cuts: ClassCuts(signal: "label == 1", background: "label == 0"),
      validation: 0, needsBothClasses: false)
  }

  private func image() throws -> ImageDescription {
    try ImageDescription(
      parsing: workload.hasHits ? "hits.energy @ layer:1..28, x:-7.5..7.5:15, y:-7.5..7.5:15" : "image")
  }

  private func nextEpoch() -> Int {
    epoch += 1
    return epoch
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
