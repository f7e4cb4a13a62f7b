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
  static func candidates(_ page: NumberPage, among allowed: Set<Encoding> = Set(Encoding.allCases)) -> [Candidate] {
    if allowed.contains(.const), let const = ConstEncoding.encode(page) {
      return [Candidate(encoding: .const, bytes: const)]
    }
    var found = [Candidate(encoding: .plain, bytes: PlainEncoding.encode(page))]
    if page.count == 0 { return found }
    func add(_ encoding: Encoding, _ bytes: AlignedBytes?) {
      if let bytes { found.append(Candidate(encoding: encoding, bytes: bytes)) }
    }
    add(.frameOfReference, FrameOfReferenceEncoding.encode(page))
    if allowed.contains(.alp) { add(.alp, ALPEncoding.encode(page)) }
    if allowed.contains(.sparse) { add(.sparse, SparseEncoding.encode(page)) }
    if allowed.contains(.dictionary) {
      let limit = found.map(\.bytes.count).min()!
      add(.dictionary, DictionaryEncoding.encode(page, limit: limit))
    }
    return found.sorted { $0.encoding.rawValue < $1.encoding.rawValue }
  }

  static func candidates(_ page: StringPage, among allowed: Set<Encoding> = Set(Encoding.allCases)) -> [Candidate] {
    if allowed.contains(.const), let const = ConstEncoding.encode(page) {
      return [Candidate(encoding: .const, bytes: const)]
    }
    var found = [Candidate(encoding: .plain, bytes: PlainEncoding.encode(page))]
    if page.count == 0 { return found }
    found.append(Candidate(encoding: .frameOfReference, bytes: FrameOfReferenceEncoding.encode(page)))
    if allowed.contains(.dictionary), let bytes = DictionaryEncoding.encode(page, limit: page.decodedLength) {
      found.append(Candidate(encoding: .dictionary, bytes: bytes))
    }
    return found
  }

  /// The candidate of the fewest bytes before any codec, ties to the lowest id: for values inside another encoding.
  static func smallest(_ page: NumberPage, among allowed: Set<Encoding>) -> Candidate {
    smallest(candidates(page, among: allowed))
  }

  static func smallest(_ page: StringPage, among allowed: Set<Encoding>) -> Candidate {
    smallest(candidates(page, among: allowed))
  }

  private static func smallest(_ candidates: [Candidate]) -> Candidate {
    var best = candidates[0]
    for candidate in candidates.dropFirst() where candidate.bytes.count < best.bytes.count { best = candidate }
    return best
  }

  /// Compresses the most promising candidates and keeps the page that takes the fewest bytes, ties to the lowest id.
  ///
  /// Tried are the smallest encoded form and PLAIN: a codec sees repetitions in plain values that bit packing hides.
  static func finish(
    _ candidates: [Candidate], _ options: EncodingOptions, _ statistics: PageStatistics
  ) -> EncodedPage {
    let smallest = smallest(candidates)
    var page = compress(smallest, options, statistics)
    if smallest.encoding != .plain, let plain = candidates.first, plain.encoding == .plain,
      options.codec != .only(.none)
    {
      let other = compress(plain, options, statistics)
      if other.stored.count <= page.stored.count { page = other }
    }
    return page
  }

  private static func compress(
    _ candidate: Candidate, _ options: EncodingOptions, _ statistics: PageStatistics
  ) -> EncodedPage {
    let bytes = unsafe candidate.bytes.bytes
    let (codec, compressed) = unsafe compress(bytes, options)
    return unsafe EncodedPage(
      encoding: candidate.encoding, codec: codec, stored: compressed ?? Array(bytes), encodedLength: bytes.count,
      statistics: statistics)
  }

  /// The codec for encoded bytes and what it makes of them; `none` and nil where none pays.
  ///
  /// A codec must save 5 % of the encoded bytes. `automatic` prefers LZ4, which decodes several times faster, to zstd
  /// unless zstd stores 10 % less; zlib is never chosen by itself, because zstd is smaller and faster at once.
  private static func compress(
    _ bytes: UnsafeRawBufferPointer, _ options: EncodingOptions
  ) -> (Codec, [UInt8]?) {
    let limit = bytes.count - (bytes.count + 19) / 20
    switch options.codec {
    case .only(let codec):
      guard let compressed = unsafe codec.compress(bytes, level: options.level, limit: limit) else {
        return (.none, nil)
      }
      return (codec, compressed)
    case .automatic:
      let lz4 = unsafe Codec.lz4.compress(bytes, level: nil, limit: limit)
      let zstdLimit = lz4.map { $0.count - $0.count / 10 } ?? limit
      if let zstd = unsafe Codec.zstd.compress(bytes, level: options.level, limit: zstdLimit) { return (.zstd, zstd) }
      return lz4.map { (.lz4, $0) } ?? (.none, nil)
    }
  }
}
