public import Fingal

/// Images of any events of a data set, in any order, at the speed of drawing.
///
///     let reader = try ImageReader(DataSet(opening: paths), image: image, memory: 2 << 30)
///     let batch = ImageBatch(capacity: 256, shape: reader.shape)
///     for start in stride(from: 0, to: order.count, by: 256) {
///       try reader.fill(batch, events: order[start..<min(start + 256, order.count)])
///       …                                       // batch.images: batch.count × shape floats
///     }
///
/// A block of events is decoded when one of them is asked for the first time, and kept as lists of lit pixels (about
/// 1.3 kB for an event of 220 hits) while the budget lasts; beyond it, blocks that were not asked for lately are decoded
/// again when needed. What comes out does not depend on budget or threads.
///
/// Several threads may use one reader, each with a batch of its own. A reader may be shared by the feeds of all epochs:
/// see `BatchFeed`. For one pass in the order of the files it is of no use.
public final class ImageReader: Sendable {
  public let dataSet: DataSet
  public let image: ImageDescription
  public let scale: PixelScale
  /// The shape of an image, outermost axis first.
  public let shape: [Int]
  /// Bytes that the lists of lit pixels may take.
  public let memory: Int
  /// Threads that decode in `fill`, the calling one among them.
  public let threads: Int
  let blockEvents: Int
  let table: BlockTable
  /// For each file, the columns of the image.
  private let projections: [EventFile.Projection]
  /// For each event of each file, 0 if its image will never be asked for; nil to keep all.
  private let kept: [[UInt8]]?
  /// Whether all lists certainly find room.
  let holdsEverything: Bool
  private let cache: Guarded<BlockCache>
  /// Decoders that nobody uses now.
  private let idle = Guarded<[Decoder]>([])

  /// What one thread needs to decode, with the memory of the block before: fresh memory for each would cost more than
  /// the decoding.
  private final class Decoder: @unchecked Sendable {
    let imaging: Imaging
    var batch: EventBatch?
    /// The file that the batch is for.
    var file = 0

    init(_ imaging: Imaging) { self.imaging = imaging }
  }

  /// - Parameters:
  ///   - memory: budget in bytes for what is kept decoded.
  ///   - threads: threads that decode in `fill`.
  ///   - blockEvents: events of a block at most.
  /// - Throws: `usage` if the image does not fit a file or an option is out of range; `damaged` if a directory is.
  public convenience init(
    _ dataSet: DataSet, image: ImageDescription, scale: PixelScale = .none, memory: Int = FeedOptions.defaultMemory,
    threads: Int = 1, blockEvents: Int = 256
  ) throws(FingalError) {
    var options = FeedOptions(blockEvents: blockEvents, scale: scale)
    options.memory = memory
    options.threads = threads
    try self.init(dataSet, image: image, options: options, kept: nil, share: 1)
  }

  /// For the events that a selection takes part of, whichever part they belong to: the others are not kept, and their
  /// images are empty.
  ///
  /// - Parameter options: scale, memory, threads and blockEvents of it count.
  /// - Throws: as the other one.
  public convenience init(
    _ selection: EventSelection, image: ImageDescription, options: FeedOptions
  ) throws(FingalError) {
    let share = Double(selection.counts(.all).total) / Double(max(1, selection.dataSet.eventCount))
    try self.init(selection.dataSet, image: image, options: options, kept: selection.codes, share: share)
  }

  private init(
    _ dataSet: DataSet, image: ImageDescription, options: FeedOptions, kept: [[UInt8]]?, share: Double
  ) throws(FingalError) {
    try options.validate()
    self.dataSet = dataSet
    self.image = image
    scale = options.scale
    shape = try dataSet.imageShape(image)
    memory = options.memory
    threads = options.threads
    blockEvents = options.blockEvents
    self.kept = kept
    table = try BlockTable(dataSet, columns: image.columns, blockEvents: options.blockEvents)
    projections = try dataSet.files.map { (file) throws(FingalError) in
      try EventFile.Projection(image.columns, of: file)
    }
    // Every element a pixel of its own: 6 or 8 bytes. Ends and tallies: 16 an event.
    let bytesPerElement = shape.reduce(1, *) <= 1 << 16 ? 6.0 : 8
    let bound =
      Double(table.elements) * bytesPerElement * share + Double(table.eventCount * 16)
      + Double(table.count * SparseBlock.overhead)
    holdsEverything = bound <= Double(options.memory)
    cache = Guarded(BlockCache(blocks: table.count, budget: options.memory))
  }

  /// Events of the data set, which `fill` numbers file after file.
  public var eventCount: Int { table.eventCount }

  /// Bytes that are kept decoded now.
  public var keptBytes: Int { cache.withLock { $0.byteCount } }

  /// Draws the images of events, in this order; an event may stand in it several times.
  ///
  /// - Parameters:
  ///   - batch: takes the images; what it held is gone. Its shape must be the reader's.
  ///   - events: numbers in the data set, file after file; at most as many as the batch takes.
  /// - Throws: `usage` for an event that is not there or too many of them; what reading throws.
  public func fill(_ batch: ImageBatch, events: ArraySlice<Int>) throws(FingalError) {
    try fill(batch, of: events)
  }

  /// Draws the images of events, in this order; an event may stand in it several times.
  ///
  /// - Throws: as the other ones.
  public func fill(_ batch: ImageBatch, events: [Int]) throws(FingalError) { try fill(batch, of: events) }

  /// Draws the images of neighbouring events.
  ///
  /// - Throws: as the other ones.
  public func fill(_ batch: ImageBatch, events: Range<Int>) throws(FingalError) { try fill(batch, of: events) }

  private func fill(_ batch: ImageBatch, of events: some RandomAccessCollection<Int>) throws(FingalError) {
    guard batch.shape == shape else {
      throw FingalError(.usage, "a batch of images of shape \(batch.shape) cannot take images of shape \(shape)")
    }
    guard events.count <= batch.capacity else {
      throw FingalError(.usage, "\(events.count) events for a batch of \(batch.capacity)")
    }
    var places: [(block: Int, offset: Int)] = []
    places.reserveCapacity(events.count)
    for event in events {
      guard event >= 0, event < eventCount else {
        throw FingalError(.usage, "there is no event \(event): the data set has \(eventCount)")
      }
      places.append(table.place(of: event))
    }
    batch.begin(places.count)
    // Held until all is drawn; drawn from without counting references.
    var known: [SparseBlock?] = []
    known.reserveCapacity(places.count)
    cache.withLock { cache in
      for place in places { known.append(cache[place.block]) }
    }
    var missing: [Int] = []
    for index in places.indices {
      let ahead = index + Self.drawsAhead
      if ahead < places.count, let block = known[ahead] { block.lists.prefetch(places[ahead].offset) }
      if let block = known[index] {
        batch.draw(block.lists, places[index].offset, at: index)
      } else {
        missing.append(index)
      }
    }
    withExtendedLifetime(known) {}
    if !missing.isEmpty { try decode(missing, places, into: batch) }
  }

  /// How many events before its turn a list is asked for: about the time that memory takes to answer.
  static let drawsAhead = 2

  /// A few blocks at a time, so that no more of them lie beside the budget.
  private func decode(
    _ missing: [Int], _ places: [(block: Int, offset: Int)], into batch: ImageBatch
  ) throws(FingalError) {
    let order = missing.sorted { places[$0].block < places[$1].block }
    var start = 0
    while start < order.count {
      // The next blocks, as many as threads.
      var blocks: [Int] = []
      var end = start
      while end < order.count {
        let block = places[order[end]].block
        if block != blocks.last {
          if blocks.count == threads { break }
          blocks.append(block)
        }
        end += 1
      }
      let results = Guarded<[Int: Result<SparseBlock, FingalError>]>([:])
      let wanted = blocks
      parallelFor(wanted.count, threads: threads) { index in
        let result = Result { () throws(FingalError) in try self.decode(wanted[index], wanted: nil) }
        results.withLock { $0[wanted[index]] = result }
      }
      let decoded = results.withLock { $0 }
      for position in order[start..<end] {
        let place = places[position]
        guard let result = decoded[place.block] else { preconditionFailure("every block has a result") }
        batch.draw(try result.get().lists, place.offset, at: position)
      }
      cache.withLock { cache in
        for block in blocks {
          if case .success(let list)? = decoded[block] { cache.insert(list, at: block, evicting: true) }
        }
      }
      start = end
    }
  }

  // MARK: For the feed

  /// - Throws: `usage` if it was made from another selection, image or scale.
  func requireMatch(
    _ selection: EventSelection, _ image: ImageDescription, _ options: FeedOptions
  ) throws(FingalError) {
    let isSame =
      self.image == image && scale == options.scale && blockEvents == options.blockEvents
      && dataSet.files.count == selection.dataSet.files.count
      && zip(dataSet.files, selection.dataSet.files).allSatisfy { $0 === $1 }
      && (kept == nil || kept == selection.codes)
    if !isSame {
      throw FingalError(.usage, "the reader was made for other files, events, images or options than the feed")
    }
  }

  /// All kept events of a block, from the cache or decoded and kept if there is room.
  func keptBlock(_ index: Int) throws(FingalError) -> SparseBlock {
    if let known = cache.withLock({ $0[index] }) { return known }
    let block = try decode(index, wanted: nil)
    cache.withLock { $0.insert(block, at: index, evicting: false) }
    return block
  }

  /// Reads a block.
  ///
  /// - Parameter wanted: for each event, not 0 to make its list; nil for those that are kept.
  func decode(_ index: Int, wanted: [UInt8]?) throws(FingalError) -> SparseBlock {
    let number = table.file(of: index)
    let events = table.eventsInFile(of: index)
    let file = dataSet.files[number]
    let decoder =
      idle.withLock { $0.popLast() } ?? Decoder(Imaging(image, scale: scale, pixels: shape.reduce(1, *)))
    defer { idle.withLock { $0.append(decoder) } }
    let chosen: [UInt8]
    if let wanted {
      chosen = wanted
    } else if let kept {
      chosen = Array(kept[number][events])
    } else {
      chosen = Array(repeating: 1, count: events.count)
    }
    do {
      var batch: EventBatch
      if let used = decoder.batch, decoder.file == number {
        batch = used
        batch.removeAll()
      } else {
        batch = EventBatch(projections[number].schema)
      }
      try file.read(projections[number], events: events, into: &batch)
      decoder.batch = batch
      decoder.file = number
      return try decoder.imaging.block(batch, wanted: chosen)
    } catch {
      throw error.naming(file: file.path)
    }
  }
}
