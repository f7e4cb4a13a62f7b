/// How the writer chooses among encodings. A reader needs none of it (`FORMAT.md`, Design notes).
///
/// A sample of the values is encoded in every way that may pay; what costs least, in bytes and in the time to decode them
/// (`EncodingCost`), becomes a recipe, and pages follow it. There is no clock in it, so that the same values and options
/// give the same bytes on every machine.
enum EncodingChoice {
  /// A page encoded one way, before the codec.
  struct Candidate {
    var encoding: Encoding
    var bytes: AlignedBytes
  }

  /// A candidate, how it was made, and what it takes to decode.
  struct Trial {
    var candidate: Candidate
    var recipe: EncodingRecipe
    var nanoseconds: Double
    /// Whether something inside is compressed already.
    var hasCompressed = false

    func cost(_ options: EncodingOptions) -> Double {
      Double(candidate.bytes.count) + options.bytesPerNanosecond * nanoseconds
    }
  }

  /// Elements of a sample.
  static let sampled = 8192

  /// A page inside another encoding: by a recipe if there is one that suits, else by choice.
  static func inside(
    _ page: NumberPage, among allowed: Set<Encoding>, _ recipe: EncodingRecipe?, _ options: EncodingOptions
  ) -> Trial {
    if let recipe {
      // Values that happen to be equal here take least as CONST, whatever the sample said.
      if let const = const(page) { return const }
      if let trial = follow(recipe, page, options) { return trial }
    }
    return best(page, among: allowed, options)
  }

  /// The page in its cheapest form among the encodings allowed, chosen on a sample of it if it is large.
  static func best(_ page: NumberPage, among allowed: Set<Encoding>, _ options: EncodingOptions) -> Trial {
    if let const = const(page) { return const }
    if page.count <= 2 * sampled { return trials(page, among: allowed, options)[0] }
    let sample = PageSample(page, count: sampled)
    let chosen = trials(sample.page, among: allowed, options)[0].recipe
    return follow(chosen, page, options) ?? plain(page)
  }

  /// The page as a recipe has it, or PLAIN if that is no larger; nil if the encoding does not apply.
  static func follow(_ recipe: EncodingRecipe, _ page: NumberPage, _ options: EncodingOptions) -> Trial? {
    if page.count == 0 || recipe.encoding == .plain { return plain(page) }
    var guide = EncodingGuide(following: recipe, options)
    guard let bytes = encode(page, &guide) else { return nil }
    if bytes.count >= page.byteCount { return plain(page) }
    return trial(bytes, guide, page)
  }

  /// What each encoding that may pay makes of a sample, cheapest first, ties to the lowest id. PLAIN is among them.
  static func trials(_ page: NumberPage, among allowed: Set<Encoding>, _ options: EncodingOptions) -> [Trial] {
    var found = [plain(page)]
    if page.count == 0 { return found }
    var limit = page.byteCount
    for encoding in order where allowed.contains(encoding) && mayPay(encoding, page) {
      var guide = EncodingGuide(choosing: encoding, options)
      guide.limit = limit
      guard let bytes = encode(page, &guide), bytes.count <= page.byteCount else { continue }
      limit = min(limit, bytes.count)
      found.append(trial(bytes, guide, page))
    }
    let costs = found.map { $0.cost(options) }
    return found.indices.sorted {
      (costs[$0], found[$0].candidate.encoding.rawValue) < (costs[$1], found[$1].candidate.encoding.rawValue)
    }.map { found[$0] }
  }

  /// Cheap ones first: what they reach bounds what the others must beat before they run in full.
  private static let order: [Encoding] = [
    .frameOfReference, .sparse, .dictionary, .alp, .decimal, .byteSplit, .delta, .runLength, .alpRightDigits,
  ]

  /// Whether a look at the values leaves an encoding a chance.
  private static func mayPay(_ encoding: Encoding, _ page: NumberPage) -> Bool {
    switch encoding {
    case .delta: DeltaEncoding.mayPay(page)
    default: true
    }
  }

  /// Encodes a page by the encoding of the guide; nil if it does not apply.
  static func encode(_ page: NumberPage, _ guide: inout EncodingGuide) -> AlignedBytes? {
    switch guide.recipe.encoding {
    case .plain: PlainEncoding.encode(page)
    case .const: ConstEncoding.encode(page)
    case .frameOfReference: FrameOfReferenceEncoding.encode(page)
    case .delta: DeltaEncoding.encode(page, &guide)
    case .dictionary: DictionaryEncoding.encode(page, &guide)
    case .runLength: RunLengthEncoding.encode(page, &guide)
    case .byteSplit: ByteSplitEncoding.encode(page, &guide)
    case .alp: ALPEncoding.encode(page, &guide)
    case .alpRightDigits: ALPRDEncoding.encode(page, &guide)
    case .sparse: SparseEncoding.encode(page, &guide)
    case .decimal: DecimalEncoding.encode(page, &guide)
    case .lookup: nil
    }
  }

  private static func trial(_ bytes: AlignedBytes, _ guide: EncodingGuide, _ page: NumberPage) -> Trial {
    let encoding = guide.recipe.encoding
    let time = EncodingCost.decode(encoding, bytes: page.type.byteWidth) * Double(page.count)
    return Trial(
      candidate: Candidate(encoding: encoding, bytes: bytes), recipe: guide.recipe,
      nanoseconds: guide.nanoseconds + time, hasCompressed: guide.hasCompressed)
  }

  static func plain(_ page: NumberPage) -> Trial {
    trial(PlainEncoding.encode(page), EncodingGuide(choosing: .plain, .init()), page)
  }

  private static func const(_ page: NumberPage) -> Trial? {
    ConstEncoding.encode(page).map { trial($0, EncodingGuide(choosing: .const, .init()), page) }
  }
}

/// A few runs of neighbouring values from all over a page, or several, as one short page.
@safe
struct PageSample {
  private let memory: AlignedBytes
  let page: NumberPage

  /// - Parameter count: about how many elements; whole rows are taken.
  init(_ page: NumberPage, count: Int) {
    self.init([page], count: count)
  }

  init(_ pages: [NumberPage], count: Int) {
    let type = pages[0].type
    let rowLength = pages[0].rowLength
    let pieces = pages.count > 1 ? pages : [pages[0], pages[0]]
    let rows = max(1, count / pieces.count / rowLength)
    memory = AlignedBytes(capacity: pieces.count * rows * rowLength * type.byteWidth)
    for (index, piece) in pieces.enumerated() {
      let length = min(rows * rowLength, piece.count)
      // Where a page is sampled twice, from its first and its second half.
      let room = (piece.count - length) / rowLength
      let first = (pages.count > 1 ? room / 2 : room * (index * 2 + 1) / 4) * rowLength
      unsafe memory.append(
        UnsafeRawBufferPointer(start: piece.start + first * type.byteWidth, count: length * type.byteWidth))
    }
    page = unsafe NumberPage(
      memory.base, count: memory.count / type.byteWidth, type: type, rowLength: rowLength)
  }
}
