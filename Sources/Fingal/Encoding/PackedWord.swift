internal import FingalKernels

/// The unsigned word as wide as a type's values: encodings that care for bits only (PLAIN, CONST, FOR, DICT, SPARSE)
/// have one generic body over it, and values of any type pass through as bit patterns.
///
/// The requirements are the kernels of that width; `fingal_bitpacking.h` and `fingal_values.h` say what they do.
protocol PackedWord: FixedWidthInteger, UnsignedInteger, BitwiseCopyable, Sendable {
  static func unpack(
    _ packed: UnsafeRawPointer, count: Int, width: Int, base: Self, into output: UnsafeMutablePointer<Self>)
  static func pack(_ values: UnsafePointer<Self>, count: Int, width: Int, into packed: UnsafeMutableRawPointer)
  static func range(_ values: UnsafePointer<Self>, count: Int, flip: Self) -> (minimum: Self, maximum: Self)
  static func outside(
    _ values: UnsafePointer<Self>, count: Int, minimum: Self, maximum: Self, mask: Self
  ) -> (above: Int, below: Int)
  static func frame(
    _ values: UnsafePointer<Self>, count: Int, base: Self, mask: Self, deltas: UnsafeMutablePointer<Self>,
    exceptions: UnsafeMutablePointer<UInt16>
  ) -> Int
  static func countZeros(_ values: UnsafePointer<Self>, count: Int) -> Int
  static func nonZeros(
    _ row: UnsafePointer<Self>, count: Int, gaps: UnsafeMutablePointer<UInt32>, found: UnsafeMutablePointer<Self>
  ) -> Int
  static func distinct(
    _ values: UnsafePointer<Self>, count: Int, slots: UnsafeMutablePointer<UInt32>, bits: Int, limit: Int,
    distinct: UnsafeMutablePointer<Self>, indices: UnsafeMutablePointer<UInt32>
  ) -> Int
}

extension UInt8: PackedWord {
  static func unpack(
    _ packed: UnsafeRawPointer, count: Int, width: Int, base: Self, into output: UnsafeMutablePointer<Self>
  ) {
    if count == PackedVectors.vectorLength {
      unsafe fingal_unpack8(packed, UInt32(width), base, output)
    } else {
      unsafe fingal_unpack_short8(packed, UInt32(count), UInt32(width), base, output)
    }
  }

  static func pack(_ values: UnsafePointer<Self>, count: Int, width: Int, into packed: UnsafeMutableRawPointer) {
    if count == PackedVectors.vectorLength {
      unsafe fingal_pack8(values, UInt32(width), packed)
    } else {
      unsafe fingal_pack_short8(values, UInt32(count), UInt32(width), packed)
    }
  }

  static func range(_ values: UnsafePointer<Self>, count: Int, flip: Self) -> (minimum: Self, maximum: Self) {
    var minimum: Self = 0
    var maximum: Self = 0
    unsafe fingal_range8(values, count, flip, &minimum, &maximum)
    return (minimum, maximum)
  }

  static func outside(
    _ values: UnsafePointer<Self>, count: Int, minimum: Self, maximum: Self, mask: Self
  ) -> (above: Int, below: Int) {
    var above: UInt32 = 0
    var below: UInt32 = 0
    unsafe fingal_outside8(values, count, minimum, maximum, mask, &above, &below)
    return (Int(above), Int(below))
  }

  static func frame(
    _ values: UnsafePointer<Self>, count: Int, base: Self, mask: Self, deltas: UnsafeMutablePointer<Self>,
    exceptions: UnsafeMutablePointer<UInt16>
  ) -> Int {
    unsafe fingal_frame8(values, count, base, mask, deltas, exceptions)
  }

  static func countZeros(_ values: UnsafePointer<Self>, count: Int) -> Int {
    unsafe fingal_count_zeros8(values, count)
  }

  static func nonZeros(
    _ row: UnsafePointer<Self>, count: Int, gaps: UnsafeMutablePointer<UInt32>, found: UnsafeMutablePointer<Self>
  ) -> Int {
    unsafe fingal_nonzeros8(row, count, gaps, found)
  }

  static func distinct(
    _ values: UnsafePointer<Self>, count: Int, slots: UnsafeMutablePointer<UInt32>, bits: Int, limit: Int,
    distinct: UnsafeMutablePointer<Self>, indices: UnsafeMutablePointer<UInt32>
  ) -> Int {
    unsafe fingal_distinct8(values, count, slots, UInt32(bits), limit, distinct, indices)
  }
}

extension UInt16: PackedWord {
  static func unpack(
    _ packed: UnsafeRawPointer, count: Int, width: Int, base: Self, into output: UnsafeMutablePointer<Self>
  ) {
    if count == PackedVectors.vectorLength {
      unsafe fingal_unpack16(packed, UInt32(width), base, output)
    } else {
      unsafe fingal_unpack_short16(packed, UInt32(count), UInt32(width), base, output)
    }
  }

  static func pack(_ values: UnsafePointer<Self>, count: Int, width: Int, into packed: UnsafeMutableRawPointer) {
    if count == PackedVectors.vectorLength {
      unsafe fingal_pack16(values, UInt32(width), packed)
    } else {
      unsafe fingal_pack_short16(values, UInt32(count), UInt32(width), packed)
    }
  }

  static func range(_ values: UnsafePointer<Self>, count: Int, flip: Self) -> (minimum: Self, maximum: Self) {
    var minimum: Self = 0
    var maximum: Self = 0
    unsafe fingal_range16(values, count, flip, &minimum, &maximum)
    return (minimum, maximum)
  }

  static func outside(
    _ values: UnsafePointer<Self>, count: Int, minimum: Self, maximum: Self, mask: Self
  ) -> (above: Int, below: Int) {
    var above: UInt32 = 0
    var below: UInt32 = 0
    unsafe fingal_outside16(values, count, minimum, maximum, mask, &above, &below)
    return (Int(above), Int(below))
  }

  static func frame(
    _ values: UnsafePointer<Self>, count: Int, base: Self, mask: Self, deltas: UnsafeMutablePointer<Self>,
    exceptions: UnsafeMutablePointer<UInt16>
  ) -> Int {
    unsafe fingal_frame16(values, count, base, mask, deltas, exceptions)
  }

  static func countZeros(_ values: UnsafePointer<Self>, count: Int) -> Int {
    unsafe fingal_count_zeros16(values, count)
  }

  static func nonZeros(
    _ row: UnsafePointer<Self>, count: Int, gaps: UnsafeMutablePointer<UInt32>, found: UnsafeMutablePointer<Self>
  ) -> Int {
    unsafe fingal_nonzeros16(row, count, gaps, found)
  }

  static func distinct(
    _ values: UnsafePointer<Self>, count: Int, slots: UnsafeMutablePointer<UInt32>, bits: Int, limit: Int,
    distinct: UnsafeMutablePointer<Self>, indices: UnsafeMutablePointer<UInt32>
  ) -> Int {
    unsafe fingal_distinct16(values, count, slots, UInt32(bits), limit, distinct, indices)
  }
}

extension UInt32: PackedWord {
  static func unpack(
    _ packed: UnsafeRawPointer, count: Int, width: Int, base: Self, into output: UnsafeMutablePointer<Self>
  ) {
    if count == PackedVectors.vectorLength {
      unsafe fingal_unpack32(packed, UInt32(width), base, output)
    } else {
      unsafe fingal_unpack_short32(packed, UInt32(count), UInt32(width), base, output)
    }
  }

  static func pack(_ values: UnsafePointer<Self>, count: Int, width: Int, into packed: UnsafeMutableRawPointer) {
    if count == PackedVectors.vectorLength {
      unsafe fingal_pack32(values, UInt32(width), packed)
    } else {
      unsafe fingal_pack_short32(values, UInt32(count), UInt32(width), packed)
    }
  }

  static func range(_ values: UnsafePointer<Self>, count: Int, flip: Self) -> (minimum: Self, maximum: Self) {
    var minimum: Self = 0
    var maximum: Self = 0
    unsafe fingal_range32(values, count, flip, &minimum, &maximum)
    return (minimum, maximum)
  }

  static func outside(
    _ values: UnsafePointer<Self>, count: Int, minimum: Self, maximum: Self, mask: Self
  ) -> (above: Int, below: Int) {
    var above: UInt32 = 0
    var below: UInt32 = 0
    unsafe fingal_outside32(values, count, minimum, maximum, mask, &above, &below)
    return (Int(above), Int(below))
  }

  static func frame(
    _ values: UnsafePointer<Self>, count: Int, base: Self, mask: Self, deltas: UnsafeMutablePointer<Self>,
    exceptions: UnsafeMutablePointer<UInt16>
  ) -> Int {
    unsafe fingal_frame32(values, count, base, mask, deltas, exceptions)
  }

  static func countZeros(_ values: UnsafePointer<Self>, count: Int) -> Int {
    unsafe fingal_count_zeros32(values, count)
  }

  static func nonZeros(
    _ row: UnsafePointer<Self>, count: Int, gaps: UnsafeMutablePointer<UInt32>, found: UnsafeMutablePointer<Self>
  ) -> Int {
    unsafe fingal_nonzeros32(row, count, gaps, found)
  }

  static func distinct(
    _ values: UnsafePointer<Self>, count: Int, slots: UnsafeMutablePointer<UInt32>, bits: Int, limit: Int,
    distinct: UnsafeMutablePointer<Self>, indices: UnsafeMutablePointer<UInt32>
  ) -> Int {
    unsafe fingal_distinct32(values, count, slots, UInt32(bits), limit, distinct, indices)
  }
}

extension UInt64: PackedWord {
  static func unpack(
    _ packed: UnsafeRawPointer, count: Int, width: Int, base: Self, into output: UnsafeMutablePointer<Self>
  ) {
    if count == PackedVectors.vectorLength {
      unsafe fingal_unpack64(packed, UInt32(width), base, output)
    } else {
      unsafe fingal_unpack_short64(packed, UInt32(count), UInt32(width), base, output)
    }
  }

  static func pack(_ values: UnsafePointer<Self>, count: Int, width: Int, into packed: UnsafeMutableRawPointer) {
    if count == PackedVectors.vectorLength {
      unsafe fingal_pack64(values, UInt32(width), packed)
    } else {
      unsafe fingal_pack_short64(values, UInt32(count), UInt32(width), packed)
    }
  }

  static func range(_ values: UnsafePointer<Self>, count: Int, flip: Self) -> (minimum: Self, maximum: Self) {
    var minimum: Self = 0
    var maximum: Self = 0
    unsafe fingal_range64(values, count, flip, &minimum, &maximum)
    return (minimum, maximum)
  }

  static func outside(
    _ values: UnsafePointer<Self>, count: Int, minimum: Self, maximum: Self, mask: Self
  ) -> (above: Int, below: Int) {
    var above: UInt32 = 0
    var below: UInt32 = 0
    unsafe fingal_outside64(values, count, minimum, maximum, mask, &above, &below)
    return (Int(above), Int(below))
  }

  static func frame(
    _ values: UnsafePointer<Self>, count: Int, base: Self, mask: Self, deltas: UnsafeMutablePointer<Self>,
    exceptions: UnsafeMutablePointer<UInt16>
  ) -> Int {
    unsafe fingal_frame64(values, count, base, mask, deltas, exceptions)
  }

  static func countZeros(_ values: UnsafePointer<Self>, count: Int) -> Int {
    unsafe fingal_count_zeros64(values, count)
  }

  static func nonZeros(
    _ row: UnsafePointer<Self>, count: Int, gaps: UnsafeMutablePointer<UInt32>, found: UnsafeMutablePointer<Self>
  ) -> Int {
    unsafe fingal_nonzeros64(row, count, gaps, found)
  }

  static func distinct(
    _ values: UnsafePointer<Self>, count: Int, slots: UnsafeMutablePointer<UInt32>, bits: Int, limit: Int,
    distinct: UnsafeMutablePointer<Self>, indices: UnsafeMutablePointer<UInt32>
  ) -> Int {
    unsafe fingal_distinct64(values, count, slots, UInt32(bits), limit, distinct, indices)
  }
}
