/// The bounds of a page, found before it is encoded.
extension PageStatistics {
  init(_ page: NumberPage) {
    switch page.type {
    case .bool, .uint8: self = Self.integers(UInt8.self, page) { UInt64($0) }
    case .uint16: self = Self.integers(UInt16.self, page) { UInt64($0) }
    case .uint32: self = Self.integers(UInt32.self, page) { UInt64($0) }
    case .uint64: self = Self.integers(UInt64.self, page) { $0 }
    case .int8: self = Self.integers(Int8.self, page) { UInt64(bitPattern: Int64($0)) }
    case .int16: self = Self.integers(Int16.self, page) { UInt64(bitPattern: Int64($0)) }
    case .int32: self = Self.integers(Int32.self, page) { UInt64(bitPattern: Int64($0)) }
    case .int64: self = Self.integers(Int64.self, page) { UInt64(bitPattern: $0) }
    case .float32: self = Self.floats(Float.self, page) { Double($0) }
    case .float64: self = Self.floats(Double.self, page) { $0 }
    case .string: self.init()
    }
  }

  @inline(__always)
  private static func integers<T: FixedWidthInteger>(_: T.Type, _ page: NumberPage, _ widen: (T) -> UInt64) -> Self {
    if page.count == 0 { return Self() }
    let values = unsafe UnsafeBufferPointer(start: page.start.assumingMemoryBound(to: T.self), count: page.count)
    var low = T.max
    var high = T.min
    for i in 0..<page.count {
      let value = unsafe values[i]
      low = value < low ? value : low
      high = value > high ? value : high
    }
    return Self(bounds: (widen(low), widen(high)))
  }

  /// Eight minima and maxima side by side: one of each would be a chain of dependent comparisons.
  @inline(__always)
  private static func floats<T: BinaryFloatingPoint & SIMDScalar>(
    _: T.Type, _ page: NumberPage, _ widen: (T) -> Double
  ) -> Self {
    let values = unsafe UnsafeBufferPointer(start: page.start.assumingMemoryBound(to: T.self), count: page.count)
    var lows = SIMD8<T>(repeating: .infinity)
    var highs = SIMD8<T>(repeating: -.infinity)
    var nans = 0
    var i = 0
    while i &+ 8 <= page.count {
      let block = unsafe UnsafeRawPointer(values.baseAddress! + i).loadUnaligned(as: SIMD8<T>.self)
      // A comparison with NaN is false, so that NaN replaces nothing.
      lows.replace(with: block, where: block .< lows)
      highs.replace(with: block, where: block .> highs)
      let notANumber = block .!= block
      if any(notANumber) { for lane in 0..<8 where notANumber[lane] { nans += 1 } }
      i &+= 8
    }
    var low = lows.min()
    var high = highs.max()
    while i < page.count {
      let value = unsafe values[i]
      if value < low { low = value }
      if value > high { high = value }
      if value != value { nans += 1 }
      i &+= 1
    }
    if nans == page.count { return Self(nanCount: nans) }
    // Adding +0 turns −0 into +0 and changes nothing else.
    return Self(bounds: ((widen(low) + 0).bitPattern, (widen(high) + 0).bitPattern), nanCount: nans)
  }
}
