/// BYTE_SPLIT (`FORMAT.md §6.9`): differences to a base, of which the low bits, which are noise, are packed, and the bits
/// above are planes of bytes, each compressed. That is where entropy coding happens: a codec sees only bytes that belong
/// together, and none of the noise.
enum ByteSplitEncoding {
  /// Nil where all values are equal.
  static func encode(_ page: NumberPage, _ guide: inout EncodingGuide) -> AlignedBytes? {
    switch page.type.byteWidth {
    case 1: encode(UInt8.self, page, &guide)
    case 2: encode(UInt16.self, page, &guide)
    case 4: encode(UInt32.self, page, &guide)
    default: encode(UInt64.self, page, &guide)
    }
  }

  private static func encode<Word: PlaneWord>(
    _: Word.Type, _ page: NumberPage, _ guide: inout EncodingGuide
  ) -> AlignedBytes? {
    if page.count == 0 { return nil }
    let values = unsafe page.bits(Word.self)
    let range = unsafe WordRange(values, count: page.count)
    if range.spread == 0 { return nil }
    if guide.isChoosing {
      // What the entropy of bytes says is best, and planes alone, where a codec may see more than entropy does.
      let best = unsafe ByteSplitPlan.choose(values, count: page.count, range, guide.options)
      var other = guide
      var output = unsafe encode(values, count: page.count, range, best, &guide)
      if best.low > 0 && best.low < range.width && range.width > 8 {
        let planes = unsafe encode(values, count: page.count, range, ByteSplitPlan(low: 0, phase: -1), &other)
        if other.cost(of: planes) < guide.cost(of: output) { (guide, output) = (other, planes) }
      }
      // Without a codec that finds something, FOR does the same with exceptions; but who asks for planes gets them.
      return guide.hasCompressed || guide.options.encoding == .byteSplit ? output : nil
    }
    return unsafe encode(values, count: page.count, range, nil, &guide)
  }

  private static func encode<Word: PlaneWord>(
    _ values: UnsafePointer<Word>, count: Int, _ range: WordRange<Word>, _ plan: ByteSplitPlan?,
    _ guide: inout EncodingGuide
  ) -> AlignedBytes {
    let plan = ByteSplitPlan(low: guide.decide { plan?.low ?? 0 }, phase: guide.decide { plan?.phase ?? -1 })
    let (base, width) = plan.frame(range)
    let low = min(plan.low, width)
    let output = AlignedBytes(capacity: count * width / 8 + 64)
    output.append(base)
    output.append(UInt8(width))
    output.append(UInt8(low))
    if low > 0 {
      unsafe PackedVectors.encodeBits(count: count, width: low, into: output) { start, length, words in
        unsafe Word.lowBits(
          values + start, count: length, base: base, mask: Word.max >> (Word.bitWidth - low), into: words)
      }
    }
    guide.add(EncodingCost.merge(bytes: MemoryLayout<Word>.size, low: low), for: count)
    let memory = AlignedBytes(capacity: count)
    let plane = unsafe memory.base.assumingMemoryBound(to: UInt8.self)
    var shift = low
    while shift < width {
      unsafe Word.splitPlane(values, count: count, base: base, shift: shift, into: plane)
      unsafe PlaneCodec.append(UnsafeRawBufferPointer(start: plane, count: count), &guide, into: output)
      guide.add(EncodingCost.plane, for: count)
      shift += 8
    }
    withExtendedLifetime(memory) {}
    return output
  }

  // MARK: Decoding

  static func decode(_ reader: inout ByteReader, into target: NumberTarget) throws(FingalError) {
    switch target.type.byteWidth {
    case 1: try decode(UInt8.self, &reader, target)
    case 2: try decode(UInt16.self, &reader, target)
    case 4: try decode(UInt32.self, &reader, target)
    default: try decode(UInt64.self, &reader, target)
    }
  }

  private static func decode<Word: PlaneWord>(
    _: Word.Type, _ reader: inout ByteReader, _ target: NumberTarget
  ) throws(FingalError) {
    if target.count == 0 { throw damagedPage("a BYTE_SPLIT page without values") }
    let base = try reader.read(Word.self, "base")
    let width = Int(try reader.read(UInt8.self, "width"))
    let low = Int(try reader.read(UInt8.self, "split"))
    guard width >= 1, width <= Word.bitWidth, low <= width else {
      throw damagedPage("\(low) low bits of \(width) in words of \(Word.bitWidth)")
    }
    let output = unsafe target.bits(Word.self)
    if low > 0 {
      try unsafe PackedVectors.decodeBits(&reader, count: target.count, width: low, base: base, into: output)
    }
    let count = (width - low + 7) / 8
    if Word.bitWidth == 8 && count == 1 && low == 0 && base == 0 {
      try unsafe PlaneCodec.read(&reader, into: UnsafeMutableRawBufferPointer(start: target.start, count: target.count))
      return try unsafe checkTop(UnsafeRawPointer(target.start), target.count, bits: width)
    }
    let memory = AlignedBytes(capacity: count * target.count)
    for plane in 0..<count {
      let start = unsafe memory.base + plane * target.count
      try unsafe PlaneCodec.read(&reader, into: UnsafeMutableRawBufferPointer(start: start, count: target.count))
      if plane == count - 1 { try unsafe checkTop(start, target.count, bits: width - low - 8 * plane) }
    }
    let planes = unsafe memory.base.assumingMemoryBound(to: UInt8.self)
    unsafe merge(planes, count: count, of: target.count, low: low, base: base, into: output)
    withExtendedLifetime(memory) {}
  }

  /// A vector at a time, so that what the passes leave for each other stays in the nearest cache.
  private static func merge<Word: PlaneWord>(
    _ planes: UnsafePointer<UInt8>, count: Int, of n: Int, low: Int, base: Word,
    into output: UnsafeMutablePointer<Word>
  ) {
    var start = 0
    while start < n {
      let length = min(PackedVectors.vectorLength, n - start)
      let values = unsafe output + start
      let plane = unsafe planes + start
      var next = 0
      if low == 0 {
        if count == 1 {
          unsafe Word.widen(plane, count: length, base: base, into: values)
          next = 1
        } else {
          unsafe Word.widen(plane, plane + n, count: length, base: base, into: values)
          next = 2
        }
      }
      while next < count {
        unsafe Word.add(plane + next * n, count: length, shift: low + 8 * next, to: values)
        next += 1
      }
      start += length
    }
  }

  private static func checkTop(_ plane: UnsafeRawPointer, _ count: Int, bits: Int) throws(FingalError) {
    if bits < 8, unsafe PlaneCodec.anyBits(plane, count) >> UInt8(bits) != 0 {
      throw damagedPage("bits above its width are not zero")
    }
  }
}
