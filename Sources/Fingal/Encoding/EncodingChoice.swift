/// How the writer chooses among encodings and codecs. A reader needs none of it (`FORMAT.md`, Design notes).
///
/// Every rule is a comparison of sizes that were measured on the values, with fixed weights and no clock, so that the
/// same values and options give the same bytes on every machine.
enum EncodingChoice {
  /// A page encoded one way, before the codec.
  struct Candidate {
    var encoding: Encoding
    var bytes: AlignedBytes
  }

  /// Every encoded form of a page of numbers among `allowed` that might be worth its bytes, PLAIN first, in the order of
  /// their ids. CONST, where it applies, is the only one: nothing takes less.
  static func candidates(
    _ page: NumberPage, among allowed: Set<Encoding> = Set(Encoding.allCases), _ options: EncodingOptions
  ) -> [Candidate] {
    if allowed.contains(.const), let const = ConstEncoding.encode(page) {
      return [Candidate(encoding: .const, bytes: const)]
    }
    var found = [Candidate(encoding: .plain, bytes: PlainEncoding.encode(page))]
    if page.count == 0 { return found }
    func add(_ encoding: Encoding, _ bytes: AlignedBytes?) {
      if let bytes { found.append(Candidate(encoding: encoding, bytes: bytes)) }
    }
    // Cheap ones first: what they reach bounds what the others must beat on a sample before they run in full.
    var limit: Int { found.map(\.bytes.count).min()! }
    add(.frameOfReference, FrameOfReferenceEncoding.encode(page))
    func guided(_ encoding: Encoding, _ encode: (NumberPage, inout EncodingGuide) -> AlignedBytes?) {
      guard allowed.contains(encoding) else { return }
      var guide = EncodingGuide(choosing: encoding, options)
      add(encoding, encode(page, &guide))
    }
    guided(.sparse, SparseEncoding.encode)
    guided(.dictionary) { page, guide in DictionaryEncoding.encode(page, limit: limit, &guide) }
    if allowed.contains(.alp) { add(.alp, ALPEncoding.encode(page, limit: limit)) }
    return found.sorted { $0.encoding.rawValue < $1.encoding.rawValue }
  }

  static func candidates(
    _ page: StringPage, among allowed: Set<Encoding> = Set(Encoding.allCases), _ options: EncodingOptions
  ) -> [Candidate] {
    if allowed.contains(.const), let const = ConstEncoding.encode(page) {
      return [Candidate(encoding: .const, bytes: const)]
    }
    var found = [Candidate(encoding: .plain, bytes: PlainEncoding.encode(page))]
    if page.count == 0 { return found }
    found.append(Candidate(encoding: .frameOfReference, bytes: FrameOfReferenceEncoding.encode(page)))
    var guide = EncodingGuide(choosing: .dictionary, options)
    if allowed.contains(.dictionary),
      let bytes = DictionaryEncoding.encode(page, limit: page.decodedLength, &guide)
    {
      found.append(Candidate(encoding: .dictionary, bytes: bytes))
    }
    return found
  }

  /// The candidate of the fewest bytes before any codec, ties to the lowest id: for values inside another encoding.
  static func smallest(_ page: NumberPage, among allowed: Set<Encoding>, _ options: EncodingOptions) -> Candidate {
    smallest(candidates(page, among: allowed, options))
  }

  /// A page inside another encoding, by a recipe if there is one.
  static func inside(
    _ page: NumberPage, among allowed: Set<Encoding>, _ recipe: EncodingRecipe?, _ options: EncodingOptions
  ) -> (Candidate, EncodingRecipe) {
    let best = smallest(page, among: allowed, options)
    return (best, EncodingRecipe(encoding: best.encoding))
  }

  static func smallest(_ page: StringPage, among allowed: Set<Encoding>) -> Candidate {
    smallest(candidates(page, among: allowed, .init()))
  }

  private static func smallest(_ candidates: [Candidate]) -> Candidate {
    var best = candidates[0]
    for candidate in candidates.dropFirst() where candidate.bytes.count < best.bytes.count { best = candidate }
    return best
  }

  /// Compresses the most promising candidates and keeps the page that takes the fewest bytes, ties to the lowest id.
  ///
  /// Tried are the smallest encoded form and PLAIN: a codec sees repetitions in plain values that bit packing hides. A
  /// codec must save 5 % of what is smallest without one.
  static func finish(
    _ candidates: [Candidate], _ options: EncodingOptions, _ statistics: PageStatistics
  ) -> EncodedPage {
    let smallest = smallest(candidates)
    let limit = smallest.bytes.count - (smallest.bytes.count + 19) / 20
    var page = EncodedPage(
      encoding: smallest.encoding, codec: .none, stored: [], encodedLength: smallest.bytes.count,
      statistics: statistics)
    var best = unsafe compress(smallest.bytes.bytes, options, limit: limit)
    let plain = candidates[0]
    if smallest.encoding != .plain, plain.encoding == .plain, options.codec != .only(.none),
      isWorthCompressing(plain, toReach: best?.bytes.count ?? limit),
      let other = unsafe compress(plain.bytes.bytes, options, limit: best?.bytes.count ?? limit)
    {
      best = other
      page.encoding = .plain
      page.encodedLength = plain.bytes.count
    }
    page.codec = best?.codec ?? .none
    page.stored = unsafe best?.bytes ?? Array(smallest.bytes.bytes)
    return page
  }

  /// Whether a codec might bring plain values below `length`, judged by a quarter of them, at most 16 KiB, from
  /// their middle (generously, since a codec finds more in more).
  private static func isWorthCompressing(_ plain: Candidate, toReach length: Int) -> Bool {
    let bytes = unsafe plain.bytes.bytes
    let sampled = min(16 << 10, bytes.count / 4)
    if sampled < 2 << 10 { return true }
    let sample = unsafe UnsafeRawBufferPointer(rebasing: bytes[bytes.count / 2..<bytes.count / 2 + sampled])
    guard let compressed = unsafe Codec.zstd.compress(sample, level: 1, limit: sampled) else { return false }
    return compressed.count * (bytes.count / sampled) < length + length / 8
  }

  /// The codec for encoded bytes and what it makes of them; nil where none reaches `limit` bytes.
  ///
  /// `automatic` prefers LZ4, which decodes several times faster, to zstd unless zstd stores 10 % less; zlib is never
  /// chosen by itself, because zstd is smaller and faster at once.
  private static func compress(
    _ bytes: UnsafeRawBufferPointer, _ options: EncodingOptions, limit: Int
  ) -> (codec: Codec, bytes: [UInt8])? {
    // A codec must save 5 % of its own input, too: PLAIN may be much longer than the limit, but never shorter.
    let limit = min(limit, bytes.count - (bytes.count + 19) / 20)
    switch options.codec {
    case .only(let codec):
      return unsafe codec.compress(bytes, level: options.level, limit: limit).map { (codec, $0) }
    case .automatic:
      let lz4 = unsafe Codec.lz4.compress(bytes, level: nil, limit: limit)
      if lz4 == nil && !(unsafe hasSkew(bytes)) { return nil }
      let zstdLimit = lz4.map { $0.count - $0.count / 10 } ?? limit
      if let zstd = unsafe Codec.zstd.compress(bytes, level: options.level, limit: zstdLimit) { return (.zstd, zstd) }
      return lz4.map { (.lz4, $0) }
    }
  }

  /// Whether bytes in which LZ4 found no repetitions may still be worth entropy coding, judged by 8 KiB from their
  /// middle. Bit-packed values mostly are not, and zstd takes ten times as long as packing them to find that out.
  private static func hasSkew(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let sampled = 8 << 10
    if bytes.count < 2 * sampled { return true }
    let sample = unsafe UnsafeRawBufferPointer(rebasing: bytes[bytes.count / 2..<bytes.count / 2 + sampled])
    return unsafe Codec.zstd.compress(sample, level: 1, limit: sampled - sampled / 32) != nil
  }
}
