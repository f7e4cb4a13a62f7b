/// How the pages of one stream of one cluster are made: chosen once, on a sample of them, so that a page costs one
/// encoding and not a trial of all.
package struct PageRecipe: Sendable {
  /// Ways to encode, best first; each page keeps the smaller. One, or two to optimize for size.
  var ways: [Way]

  struct Way: Sendable {
    var encoding: EncodingRecipe
    var codec: Codec
    /// Stored bytes a page's element took in the sample.
    var bytesPerElement: Double
  }

  /// Chooses for pages of one stream.
  ///
  /// - Parameter pages: at least one.
  static func choose(_ pages: [NumberPage], _ options: EncodingOptions) -> PageRecipe {
    if let encoding = options.encoding { return pinned(encoding, options) }
    let filled = pages.filter { $0.count > 0 }
    guard let first = filled.first else { return PageRecipe(ways: []) }
    let length = options.optimize == .size ? 4 * EncodingChoice.sampled : EncodingChoice.sampled
    var total = 0
    for page in filled { total += page.count }
    if total <= 2 * EncodingChoice.sampled && filled.count == 1 { return choose(sample: first, options) }
    // A few pages from all over the cluster.
    let wanted = min(filled.count, 3)
    let picked = (0..<wanted).map { filled[$0 * (filled.count - 1) / max(1, wanted - 1)] }
    let sample = PageSample(picked, count: length)
    return choose(sample: sample.page, options)
  }

  private static func choose(sample: NumberPage, _ options: EncodingOptions) -> PageRecipe {
    let count = Double(sample.count)
    var ways: [(cost: Double, way: Way)] = []
    func add(_ trial: EncodingChoice.Trial, _ codec: Codec, stored: Int, time: Double) {
      ways.append(
        (
          Double(stored) + options.bytesPerNanosecond * time,
          Way(encoding: trial.recipe, codec: codec, bytesPerElement: Double(stored) / count)
        ))
    }
    var tried = 0
    for trial in EncodingChoice.trials(sample, among: Set(Encoding.allCases), options) {
      let encoding = trial.candidate.encoding
      let bytes = trial.candidate.bytes
      add(trial, .none, stored: bytes.count, time: trial.nanoseconds)
      // A codec sees repetitions in plain values that packing hides; else only the best have a chance.
      if trial.hasCompressed || (tried >= 2 && encoding != .plain) { continue }
      tried += 1
      for codec in options.pageCodecs {
        let limit = bytes.count - (bytes.count + 19) / 20
        guard let stored = unsafe codec.compress(bytes.bytes, level: options.codecLevel, limit: limit) else { continue }
        let time = EncodingCost.decompress(codec, from: stored.count, to: bytes.count)
        add(trial, codec, stored: stored.count, time: trial.nanoseconds + time)
      }
    }
    // Stable, so that ties go to what was tried first.
    let order = ways.indices.sorted { (ways[$0].cost, $0) < (ways[$1].cost, $1) }
    return PageRecipe(ways: order.prefix(options.optimize == .size ? 2 : 1).map { ways[$0].way })
  }

  /// What the caller wants is done on every page; only what it leaves open is chosen, on each page anew.
  private static func pinned(_ encoding: Encoding, _ options: EncodingOptions) -> PageRecipe {
    PageRecipe(
      ways: ([.none] + options.pageCodecs).map {
        Way(encoding: EncodingRecipe(encoding: encoding), codec: $0, bytesPerElement: .infinity)
      })
  }

  /// The best way in short, such as `DELTA(BYTE_SPLIT 0)`, with the codec behind it: for tests and benchmarks.
  package var summary: String {
    guard let way = ways.first else { return "PLAIN" }
    return way.encoding.summary + (way.codec == .none ? "" : " " + way.codec.name)
  }

  // MARK: Following

  /// A page by the recipe. Never larger than PLAIN.
  func encode(_ page: NumberPage, _ options: EncodingOptions) -> EncodedPage {
    let statistics = PageStatistics(page)
    if page.count == 0 { return Self.finish(EncodingChoice.plain(page), .none, options, statistics) }
    // Equal values take least as CONST, unless the caller wants to see another encoding.
    if options.encoding == nil, let const = ConstEncoding.encode(page) {
      return EncodedPage(
        encoding: .const, codec: .none, stored: unsafe Array(const.bytes), encodedLength: const.count,
        statistics: statistics)
    }
    var best: EncodedPage?
    func consider(_ trial: EncodingChoice.Trial, _ codec: Codec) {
      // A codec for the page finds nothing in what is compressed already.
      let page = Self.finish(trial, trial.hasCompressed ? .none : codec, options, statistics)
      if page.stored.count < best?.stored.count ?? .max { best = page }
    }
    for way in ways {
      if let trial = EncodingChoice.follow(way.encoding, page, options) { consider(trial, way.codec) }
    }
    // A page that is not like the sample gets a choice of its own.
    let expected = (ways.first?.bytesPerElement ?? 0) * Double(page.count)
    if options.encoding == nil, best == nil || Double(best!.stored.count) > expected * 1.3 + 512 {
      let own = Self.choose([page], options)
      for way in own.ways {
        if let trial = EncodingChoice.follow(way.encoding, page, options) { consider(trial, way.codec) }
      }
    }
    if let best { return best }
    // A pin that does not apply leaves PLAIN with the codec that pays.
    return Self.finish(EncodingChoice.plain(page).candidate, hasCompressed: false, options, statistics)
  }

  /// A page that was encoded without a recipe, with the codec that costs least.
  static func finish(
    _ candidate: EncodingChoice.Candidate, hasCompressed: Bool, _ options: EncodingOptions,
    _ statistics: PageStatistics
  ) -> EncodedPage {
    let bytes = candidate.bytes
    var page = EncodedPage(
      encoding: candidate.encoding, codec: .none, stored: unsafe Array(bytes.bytes), encodedLength: bytes.count,
      statistics: statistics)
    var lowest = Double(bytes.count)
    if hasCompressed { return page }
    for codec in options.pageCodecs {
      let limit = bytes.count - (bytes.count + 19) / 20
      guard let stored = unsafe codec.compress(bytes.bytes, level: options.codecLevel, limit: limit) else { continue }
      let time = EncodingCost.decompress(codec, from: stored.count, to: bytes.count)
      let cost = Double(stored.count) + options.bytesPerNanosecond * time
      if cost < lowest { (page.codec, page.stored, lowest) = (codec, stored, cost) }
    }
    return page
  }

  private static func finish(
    _ trial: EncodingChoice.Trial, _ codec: Codec, _ options: EncodingOptions, _ statistics: PageStatistics
  ) -> EncodedPage {
    let bytes = trial.candidate.bytes
    let limit = bytes.count - (bytes.count + 19) / 20
    let compressed = unsafe codec.compress(bytes.bytes, level: options.codecLevel, limit: limit)
    return EncodedPage(
      encoding: trial.candidate.encoding, codec: compressed == nil ? .none : codec,
      stored: unsafe compressed ?? Array(bytes.bytes), encodedLength: bytes.count, statistics: statistics)
  }
}

extension EncodingOptions {
  /// The codecs that whole pages are tried with.
  var pageCodecs: [Codec] {
    switch codec {
    case .automatic: [.lz4, .zstd]
    case .only(.none): []
    case .only(let codec): [codec]
    }
  }
}
