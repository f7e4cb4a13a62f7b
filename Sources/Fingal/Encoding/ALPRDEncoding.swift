/// ALP_RD (`FORMAT.md §6.11`): floats of full precision. Sign, exponent and the first bits of the mantissa have few
/// patterns: a dictionary of up to 16 replaces these left parts by codes; the right parts are noise and are packed as
/// they are. What it saves over PLAIN it decodes at the speed of memory.
///
/// After A. Afroozeh, L. Kuffó, P. Boncz, "ALP: Adaptive Lossless floating-Point Compression", SIGMOD 2024, §3.4.
enum ALPRDEncoding {
  /// Left parts have at most this many bits.
  private static let leftBits = 16
  private static let mostLefts = 16
  /// Marks left parts that are not in the dictionary.
  private static let none: UInt8 = 255

  // MARK: Encoding

  /// Nil for integers, and where it takes no less than PLAIN.
  static func encode(_ page: NumberPage, _ guide: inout EncodingGuide) -> AlignedBytes? {
    switch page.type {
    case .float32: encode(Float.self, page, &guide)
    case .float64: encode(Double.self, page, &guide)
    default: nil
    }
  }

  private static func encode<Value: DecimalFloat>(
    _: Value.Type, _ page: NumberPage, _ guide: inout EncodingGuide
  ) -> AlignedBytes? {
    typealias Word = Value.Word
    if page.count == 0 { return nil }
    let words = unsafe page.bits(Word.self)
    let right = guide.decide { unsafe rightBits(page.start.assumingMemoryBound(to: Value.self), count: page.count) }
    let lefts = unsafe frequentLefts(words, count: page.count, right: right)
    var table = [UInt8](repeating: none, count: 1 << (Word.bitWidth - right))
    for (code, left) in lefts.enumerated() { table[left] = UInt8(code) }

    let codes = AlignedBytes(capacity: page.count)
    let rights = AlignedBytes(capacity: page.count * MemoryLayout<Word>.size)
    // One more than there are: the kernel may write behind the last.
    let places = AlignedBytes(capacity: (page.count + 1) * 4)
    let codeStart = unsafe codes.base.assumingMemoryBound(to: UInt8.self)
    let rightStart = unsafe rights.base.assumingMemoryBound(to: Word.self)
    let placeStart = unsafe places.base.assumingMemoryBound(to: UInt32.self)
    let exceptions = unsafe Value.split(
      words, count: page.count, right: right, table: table, codes: codeStart, rights: rightStart,
      exceptions: placeStart)
    if unsafe exceptions * 6 + page.count * right / 8 >= page.bytes.count { return nil }

    let output = unsafe AlignedBytes(capacity: page.bytes.count)
    output.append(UInt8(right))
    output.append(UInt8(lefts.count))
    for left in lefts { output.append(UInt16(left)) }
    output.append(UInt32(exceptions))
    unsafe output.append(UnsafeRawBufferPointer(start: placeStart, count: exceptions * 4))
    for i in 0..<exceptions {
      unsafe output.append(UInt16(truncatingIfNeeded: words[Int(placeStart[i])] >> Word(right)))
    }
    unsafe guide.child(NumberPage(codeStart, count: page.count, type: .uint8, rowLength: 1), into: output)
    var start = 0
    while start < page.count {
      let length = min(PackedVectors.vectorLength, page.count - start)
      let packed = unsafe output.extend(by: PackedVectors.packedBytes(count: length, width: right))
      unsafe Word.pack(rightStart + start, count: length, width: right, into: packed)
      start += length
    }
    withExtendedLifetime((codes, rights, places)) {}
    return unsafe output.count < page.bytes.count ? output : nil
  }

  /// How many bits to the right store a sample in the fewest bits.
  private static func rightBits<Value: DecimalFloat>(_ values: UnsafePointer<Value>, count: Int) -> Int {
    let sample = unsafe DecimalSample.take(values, count: count, PackedVectors.vectorLength).map(\.bits)
    let wordBits = Value.Word.bitWidth
    var best = (right: wordBits - 1, cost: Int.max)
    for right in wordBits - leftBits...wordBits - 1 {
      var counts: [Int: Int] = [:]
      for word in sample { counts[Int(word >> Value.Word(right)), default: 0] += 1 }
      let falling = counts.values.sorted(by: >)
      for codeBits in 0...4 {
        let kept = falling.prefix(1 << codeBits).reduce(0, +)
        let cost = sample.count * (right + codeBits) + (sample.count - kept) * 48
        if cost < best.cost { best = (right, cost) }
      }
    }
    return best.right
  }

  /// The most frequent left parts of a page, most frequent first.
  private static func frequentLefts<Word: PackedWord>(
    _ words: UnsafePointer<Word>, count: Int, right: Int
  ) -> [Int] {
    var counts = [UInt32](repeating: 0, count: 1 << (Word.bitWidth - right))
    for i in 0..<count { unsafe counts[Int(truncatingIfNeeded: words[i] >> Word(right))] += 1 }
    let seen = counts.indices.filter { counts[$0] > 0 }
    return Array(seen.sorted { (counts[$1], $0) < (counts[$0], $1) }.prefix(mostLefts))
  }

  // MARK: Decoding

  static func decode(_ reader: inout ByteReader, into target: NumberTarget) throws(FingalError) {
    switch target.type {
    case .float32: try decode(Float.self, &reader, target)
    case .float64: try decode(Double.self, &reader, target)
    default: throw damagedPage("ALP_RD values of type \(target.type)")
    }
  }

  private static func decode<Value: DecimalFloat>(
    _: Value.Type, _ reader: inout ByteReader, _ target: NumberTarget
  ) throws(FingalError) {
    typealias Word = Value.Word
    let right = Int(try reader.read(UInt8.self, "number of right bits"))
    guard (Word.bitWidth - leftBits..<Word.bitWidth).contains(right) else { throw damagedPage("\(right) right bits") }
    let entries = Int(try reader.read(UInt8.self, "number of left parts"))
    guard (1...mostLefts).contains(entries) else { throw damagedPage("\(entries) left parts") }
    let highest = UInt16(truncatingIfNeeded: (1 << (Word.bitWidth - right)) - 1)
    var lefts = [UInt16](repeating: 0, count: mostLefts)
    for code in 0..<entries {
      lefts[code] = try reader.read(UInt16.self, "left parts")
      guard lefts[code] <= highest else { throw damagedPage("a left part has too many bits") }
    }
    let exceptions = try ExceptionBlock<UInt16>(&reader, elements: target.count)

    // A page of no more bytes than its values stands for `target.count` of them: the codes are a fraction of that.
    let codes = AlignedBytes(capacity: target.count)
    let codeStart = unsafe codes.base.assumingMemoryBound(to: UInt8.self)
    try unsafe ChildPage.read(
      &reader, into: NumberTarget(codes.base, count: target.count, type: .uint8, rowLength: 1),
      below: Encoding.alpRightDigits.level)
    if target.count > 0, unsafe UInt8.range(codeStart, count: target.count, flip: 0).maximum >= entries {
      throw damagedPage("a code without a left part")
    }
    let words = unsafe target.bits(Word.self)
    var start = 0
    while start < target.count {
      let length = min(PackedVectors.vectorLength, target.count - start)
      try unsafe PackedVectors.unpack(&reader, count: length, width: right, base: 0, into: words + start)
      unsafe Value.join(words + start, codes: codeStart + start, count: length, lefts: lefts, right: right)
      start += length
    }
    let mask = Word.max >> Word(Word.bitWidth - right)
    for i in 0..<exceptions.count {
      guard exceptions.word(i) <= highest else { throw damagedPage("a left part has too many bits") }
      let position = exceptions.position(i)
      unsafe words[position] = words[position] & mask | Word(exceptions.word(i)) << Word(right)
    }
    withExtendedLifetime(codes) {}
  }
}
