internal import Fingal
internal import FingalKernels

/// Which pixel each hit lights: an axis at a time, each by a kernel for its column's type. One of the few files with
/// unsafe code.
enum PixelIndex {
  /// Goes one axis on for the hits of a range: `pixel = pixel * bins + bin`, or -1 outside.
  ///
  /// - Parameter pixels: as many as the range is long.
  static func bin(
    _ column: ColumnValues, _ range: Range<Int>, low: Double, high: Double, bins: Int,
    _ pixels: UnsafeMutablePointer<Int32>
  ) {
    precondition(range.lowerBound >= 0 && range.upperBound <= column.count, "the columns of a batch differ in length")
    let (start, count) = (range.lowerBound, range.count)
    let perUnit = Double(bins) / (high - low)
    // A bin a whole number: what doubles would give, in integers.
    let whole = perUnit == 1 && low == low.rounded() && abs(low) <= 0x1p30
    let width = Int32(bins)
    switch column.type {
    case .bool, .uint8:
      let x = unsafe column.unsafeValues(as: UInt8.self).baseAddress! + start
      if whole {
        unsafe fingal_whole_u8(x, count, Int32(low), width, pixels)
      } else {
        unsafe fingal_bin_u8(x, count, low, high, perUnit, width, pixels)
      }
    case .int8:
      let x = unsafe column.unsafeValues(as: Int8.self).baseAddress! + start
      if whole {
        unsafe fingal_whole_i8(x, count, Int32(low), width, pixels)
      } else {
        unsafe fingal_bin_i8(x, count, low, high, perUnit, width, pixels)
      }
    case .uint16, .enumeration:
      let x = unsafe column.unsafeValues(as: UInt16.self).baseAddress! + start
      if whole {
        unsafe fingal_whole_u16(x, count, Int32(low), width, pixels)
      } else {
        unsafe fingal_bin_u16(x, count, low, high, perUnit, width, pixels)
      }
    case .int16:
      let x = unsafe column.unsafeValues(as: Int16.self).baseAddress! + start
      if whole {
        unsafe fingal_whole_i16(x, count, Int32(low), width, pixels)
      } else {
        unsafe fingal_bin_i16(x, count, low, high, perUnit, width, pixels)
      }
    case .uint32:
      let x = unsafe column.unsafeValues(as: UInt32.self).baseAddress! + start
      unsafe fingal_bin_u32(x, count, low, high, perUnit, width, pixels)
    case .int32:
      let x = unsafe column.unsafeValues(as: Int32.self).baseAddress! + start
      unsafe fingal_bin_i32(x, count, low, high, perUnit, width, pixels)
    case .uint64:
      let x = unsafe column.unsafeValues(as: UInt64.self).baseAddress! + start
      unsafe fingal_bin_u64(x, count, low, high, perUnit, width, pixels)
    case .int64:
      let x = unsafe column.unsafeValues(as: Int64.self).baseAddress! + start
      unsafe fingal_bin_i64(x, count, low, high, perUnit, width, pixels)
    case .float32:
      let x = unsafe column.unsafeValues(as: Float.self).baseAddress! + start
      unsafe fingal_bin_f32(x, count, low, high, perUnit, width, pixels)
    case .float64:
      let x = unsafe column.unsafeValues(as: Double.self).baseAddress! + start
      unsafe fingal_bin_f64(x, count, low, high, perUnit, width, pixels)
    case .string: preconditionFailure("checked against the schema")
    }
    unsafe markNulls(column, range, -1, pixels)
  }

  /// Goes on by the two axes of the grid of cells.
  static func hex(
    _ iu: ColumnValues, _ iv: ColumnValues, _ range: Range<Int>, _ pixels: UnsafeMutablePointer<Int32>
  ) {
    if range.isEmpty { return }
    unsafe iu.withDoubles(range) { u in
      unsafe iv.withDoubles(range) { v in
        unsafe fingal_hex(u.baseAddress!, v.baseAddress!, range.count, pixels)
      }
    }
  }

  /// Puts `mark` in the place of the pixel of every null.
  static func markNulls(
    _ column: ColumnValues, _ range: Range<Int>, _ mark: Int32, _ pixels: UnsafeMutablePointer<Int32>
  ) {
    if column.nullCount == 0 { return }
    let valid = unsafe column.validity.values(UInt8.self)
    precondition(range.lowerBound >= 0 && range.upperBound <= valid.count)
    unsafe fingal_mark_nulls(valid.baseAddress! + range.lowerBound, range.count, mark, pixels)
  }

  /// All values as `Float`: those of the column where it holds them, else converted to `buffer`. Nulls keep their zeros.
  static func floats(_ column: ColumnValues, _ buffer: ScratchMemory) -> UnsafePointer<Float> {
    let count = column.count
    if column.type == .float32 { return unsafe UnsafePointer(column.unsafeValues(as: Float.self).baseAddress!) }
    let out = unsafe buffer.reserve(Float.self, count)
    switch column.type {
    case .bool, .uint8: unsafe fingal_floats_u8(column.unsafeValues(as: UInt8.self).baseAddress!, count, out)
    case .int8: unsafe fingal_floats_i8(column.unsafeValues(as: Int8.self).baseAddress!, count, out)
    case .int16: unsafe fingal_floats_i16(column.unsafeValues(as: Int16.self).baseAddress!, count, out)
    case .int32: unsafe fingal_floats_i32(column.unsafeValues(as: Int32.self).baseAddress!, count, out)
    case .int64: unsafe fingal_floats_i64(column.unsafeValues(as: Int64.self).baseAddress!, count, out)
    case .uint16, .enumeration: unsafe fingal_floats_u16(column.unsafeValues(as: UInt16.self).baseAddress!, count, out)
    case .uint32: unsafe fingal_floats_u32(column.unsafeValues(as: UInt32.self).baseAddress!, count, out)
    case .uint64: unsafe fingal_floats_u64(column.unsafeValues(as: UInt64.self).baseAddress!, count, out)
    case .float64: unsafe fingal_floats_f64(column.unsafeValues(as: Double.self).baseAddress!, count, out)
    case .float32, .string: preconditionFailure("checked against the schema")
    }
    return unsafe UnsafePointer(out)
  }
}

/// Memory that grows and never shrinks, for what a loop needs again and again.
@safe
final class ScratchMemory {
  private var base: UnsafeMutableRawPointer?
  private(set) var capacity = 0

  deinit { unsafe base?.deallocate() }

  /// Room for values, whose contents are lost when it grows.
  func reserve<T: BitwiseCopyable>(_: T.Type, _ count: Int) -> UnsafeMutablePointer<T> {
    let bytes = max(64, count * MemoryLayout<T>.stride)
    if bytes > capacity {
      unsafe base?.deallocate()
      capacity = max(bytes, capacity + capacity / 2)
      unsafe base = .allocate(byteCount: capacity, alignment: 64)
    }
    return unsafe base!.assumingMemoryBound(to: T.self)
  }
}
