/// The choice for pages of strings: every form is made, since there are few.
extension StringPage {
  /// What is allowed for pages of strings.
  private static let applicable: Set<Encoding> = [.plain, .const, .frameOfReference, .dictionary]

  func encode(_ options: EncodingOptions) -> EncodedPage {
    let allowed = options.encoding.map { Set([$0]) } ?? Self.applicable
    var candidates = [EncodingChoice.Candidate(encoding: .plain, bytes: PlainEncoding.encode(self))]
    if count > 0 {
      if allowed.contains(.const), let bytes = ConstEncoding.encode(self) {
        candidates = [.init(encoding: .const, bytes: bytes)]
      } else {
        if allowed.contains(.frameOfReference) {
          candidates.append(.init(encoding: .frameOfReference, bytes: FrameOfReferenceEncoding.encode(self)))
        }
        var guide = EncodingGuide(choosing: .dictionary, options)
        guide.limit = decodedLength
        if allowed.contains(.dictionary), let bytes = DictionaryEncoding.encode(self, &guide) {
          candidates.append(.init(encoding: .dictionary, bytes: bytes))
        }
      }
    }
    // PLAIN is what remains where a given encoding does not apply.
    if candidates.count > 1, let given = options.encoding, given != .plain, candidates[1].bytes.count <= decodedLength {
      candidates.removeFirst()
    }
    var best: EncodedPage?
    for candidate in candidates {
      for codec in [Codec.none] + options.pageCodecs {
        let bytes = candidate.bytes
        let limit = bytes.count - (bytes.count + 19) / 20
        let compressed = unsafe codec.compress(bytes.bytes, level: options.codecLevel, limit: limit)
        if compressed == nil && codec != .none { continue }
        let page = EncodedPage(
          encoding: candidate.encoding, codec: codec, stored: unsafe compressed ?? Array(bytes.bytes),
          encodedLength: bytes.count, statistics: PageStatistics())
        if cost(page, options) < best.map({ cost($0, options) }) ?? .infinity { best = page }
      }
    }
    return best!
  }

  private func cost(_ page: EncodedPage, _ options: EncodingOptions) -> Double {
    let time = EncodingCost.decompress(page.codec, from: page.stored.count, to: page.encodedLength)
    return Double(page.stored.count) + options.bytesPerNanosecond * time
  }

  /// PLAIN or FOR, whichever is smaller: the entries of a dictionary.
  var smallest: EncodingChoice.Candidate {
    let plain = PlainEncoding.encode(self)
    let packed = FrameOfReferenceEncoding.encode(self)
    return packed.count < plain.count
      ? .init(encoding: .frameOfReference, bytes: packed) : .init(encoding: .plain, bytes: plain)
  }
}
