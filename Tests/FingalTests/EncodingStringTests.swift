import Fingal
import Testing

@Suite struct EncodingStringTests {
  static let samples: [[String]] = [
    [], [""], ["a"], ["", "", ""], ["pi+", "pi+", "pi+"], ["electron", "pion", "muon"], ["é", "e\u{301}", "∑ 𝛑", "日本"],
    (0..<5000).map { "cell \($0)" }, (0..<5000).map { ["e-", "mu-", "pi+"][$0 * $0 % 3] },
    [String(repeating: "x", count: 70_000), "", "y"],
  ]

  @Test(arguments: samples.indices, [EncodingOptions.CodecChoice.automatic, .only(.none), .only(.zlib)])
  func stringsComeBack(sample: Int, codec: EncodingOptions.CodecChoice) throws {
    try roundTrip(ColumnValues(strings: Self.samples[sample]), options: EncodingOptions(codec: codec))
  }

  @Test func aPageInsideAColumn() throws {
    let all = ColumnValues(strings: ["a", "bc", "def", "", "g"])
    let page = PageCoder.encode(all, 1..<4, rowLength: 1, options: .init())
    let back = ColumnValues(strings: ["before"])
    try decode(page.stored, page.description(of: ColumnValues(strings: ["bc", "def", ""]), rowLength: 1), into: back)
    #expect((0..<back.count).map(back.string(at:)) == ["before", "bc", "def", ""])
  }

  @Test func invalidUTF8IsDamage() {
    let bad: [[UInt8]] = [
      [1, 0, 0, 0, 1, 0, 0, 0, 0xC3, 0xA9],  // cut inside a character
      [1, 0, 0, 0, 1, 0, 0, 0, 0x41, 0xFF], [1, 0, 0, 0, 2, 0, 0, 0, 0x41, 0x42], [1, 0, 0, 0, 0, 0, 0, 0, 0x41, 0x42],
    ]
    for stored in bad {
      let description = PageDescription(
        encoding: .plain, codec: .none, encodedLength: stored.count, decodedLength: stored.count, elements: 2,
        type: .string, rowLength: 1)
      #expect(throws: FingalError.self) { try decode(stored, description, into: ColumnValues(.string)) }
    }
  }

  @Test func labelsAreADictionary() throws {
    let labels = ColumnValues(strings: (0..<4096).map { ["e-", "mu-", "pi+", "é"][$0 * $0 % 7 % 4] })
    let page = try roundTrip(labels, options: EncodingOptions(codec: .only(.none)))
    #expect(page.encoding == .dictionary)
    #expect(page.stored.count < 4096 / 4 + 64)
  }
}
