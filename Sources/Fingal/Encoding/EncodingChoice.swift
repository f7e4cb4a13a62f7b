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

  /// Encoded forms worth a codec's time, PLAIN always among them.
  static func candidates(_ page: NumberPage) -> [Candidate] {
    if let const = ConstEncoding.encode(page) { return [Candidate(encoding: .const, bytes: const)] }
    var candidates = [
      Candidate(encoding: .plain, bytes: PlainEncoding.encode(page)),
      Candidate(encoding: .frameOfReference, bytes: FrameOfReferenceEncoding.encode(page)),
    ]
    if let decimals = ALPEncoding.encode(page) { candidates.append(Candidate(encoding: .alp, bytes: decimals)) }
    return candidates
  }

  static func candidates(_ page: StringPage) -> [Candidate] {
    if let const = ConstEncoding.encode(page) { return [Candidate(encoding: .const, bytes: const)] }
    return [
      Candidate(encoding: .plain, bytes: PlainEncoding.encode(page)),
      Candidate(encoding: .frameOfReference, bytes: FrameOfReferenceEncoding.encode(page)),
    ]
  }

  /// Compresses the candidates and keeps the one that takes the fewest bytes, ties to the lowest encoding.
  static func finish(
    _ candidates: [Candidate], _ options: EncodingOptions, _ statistics: PageStatistics
  ) -> EncodedPage {
    var best: EncodedPage?
    for candidate in candidates {
      if let best, candidate.bytes.count > best.encodedLength { continue }
      let bytes = unsafe candidate.bytes.bytes
      let (codec, compressed) = unsafe compress(bytes, options)
      let stored = unsafe compressed ?? Array(bytes)
      if let best, best.stored.count <= stored.count { continue }
      best = EncodedPage(
        encoding: candidate.encoding, codec: codec, stored: stored, encodedLength: bytes.count,
        statistics: statistics)
    }
    return best!
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
