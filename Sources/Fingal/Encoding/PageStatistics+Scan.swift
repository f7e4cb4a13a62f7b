internal import FingalKernels

/// The bounds of a page, found before it is encoded.
extension PageStatistics {
  init(_ page: NumberPage) {
    self.init()
    if page.count == 0 { return }
    switch page.type {
    case .bool, .uint8: bounds = Self.unsigned(UInt8.self, page)
    case .uint16, .enumeration: bounds = Self.unsigned(UInt16.self, page)
    case .uint32: bounds = Self.unsigned(UInt32.self, page)
    case .uint64: bounds = Self.unsigned(UInt64.self, page)
    case .int8: bounds = Self.signed(UInt8.self, page) { Int64(Int8(bitPattern: $0)) }
    case .int16: bounds = Self.signed(UInt16.self, page) { Int64(Int16(bitPattern: $0)) }
    case .int32: bounds = Self.signed(UInt32.self, page) { Int64(Int32(bitPattern: $0)) }
    case .int64: bounds = Self.signed(UInt64.self, page) { Int64(bitPattern: $0) }
    case .float32:
      var (low, high) = (Float(0), Float(0))
      unsafe fingal_bounds32f(page.start.assumingMemoryBound(to: Float.self), page.count, &low, &high, &nanCount)
      setBounds(Double(low), Double(high), page.count)
    case .float64:
      var (low, high) = (0.0, 0.0)
      unsafe fingal_bounds64f(page.start.assumingMemoryBound(to: Double.self), page.count, &low, &high, &nanCount)
      setBounds(low, high, page.count)
    case .string: break
    }
  }

  private static func unsigned<Word: PackedWord>(_: Word.Type, _ page: NumberPage) -> (UInt64, UInt64) {
    let (low, high) = unsafe Word.range(page.bits(Word.self), count: page.count, flip: 0)
    return (UInt64(low), UInt64(high))
  }

  private static func signed<Word: PackedWord>(
    _: Word.Type, _ page: NumberPage, _ value: (Word) -> Int64
  ) -> (UInt64, UInt64) {
    let (low, high) = unsafe Word.range(page.bits(Word.self), count: page.count, flip: 1 << (Word.bitWidth - 1))
    return (UInt64(bitPattern: value(low)), UInt64(bitPattern: value(high)))
  }

  /// Adding +0 turns −0 into +0 and changes nothing else.
  private mutating func setBounds(_ low: Double, _ high: Double, _ count: Int) {
    if nanCount < count { bounds = ((low + 0).bitPattern, (high + 0).bitPattern) }
  }
}
