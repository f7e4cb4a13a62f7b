internal import FingalKernels

/// The words that BYTE_SPLIT, DELTA and RLE take apart; `fingal_planes.h` says what the kernels do.
protocol PlaneWord: PackedWord {
  static func splitPlane(
    _ values: UnsafePointer<Self>, count: Int, base: Self, shift: Int, into plane: UnsafeMutablePointer<UInt8>)
  static func lowBits(
    _ values: UnsafePointer<Self>, count: Int, base: Self, mask: Self, into low: UnsafeMutablePointer<Self>)
  static func widen(
    _ plane: UnsafePointer<UInt8>, count: Int, base: Self, into output: UnsafeMutablePointer<Self>)
  static func widen(
    _ low: UnsafePointer<UInt8>, _ high: UnsafePointer<UInt8>, count: Int, base: Self,
    into output: UnsafeMutablePointer<Self>)
  static func add(
    _ plane: UnsafePointer<UInt8>, count: Int, shift: Int, to output: UnsafeMutablePointer<Self>)
  static func differences(_ values: UnsafePointer<Self>, count: Int, into output: UnsafeMutablePointer<Self>)
  static func runningSum(_ values: UnsafeMutablePointer<Self>, count: Int, first: Self)
  static func countRuns(_ values: UnsafePointer<Self>, count: Int) -> Int
  static func findRuns(
    _ values: UnsafePointer<Self>, count: Int, found: UnsafeMutablePointer<Self>,
    lengths: UnsafeMutablePointer<UInt32>)
  static func expandRuns(
    _ found: UnsafePointer<Self>, _ lengths: UnsafePointer<UInt32>, runs: Int,
    into output: UnsafeMutablePointer<Self>, count: Int)
}

extension UInt8: PlaneWord {
  static func splitPlane(
    _ values: UnsafePointer<Self>, count: Int, base: Self, shift: Int, into plane: UnsafeMutablePointer<UInt8>
  ) {
    unsafe fingal_split_plane8(values, count, base, UInt32(shift), plane)
  }

  static func lowBits(
    _ values: UnsafePointer<Self>, count: Int, base: Self, mask: Self, into low: UnsafeMutablePointer<Self>
  ) {
    unsafe fingal_low_bits8(values, count, base, mask, low)
  }

  static func widen(
    _ plane: UnsafePointer<UInt8>, count: Int, base: Self, into output: UnsafeMutablePointer<Self>
  ) {
    unsafe fingal_widen_plane8(plane, count, base, output)
  }

  static func widen(
    _ low: UnsafePointer<UInt8>, _ high: UnsafePointer<UInt8>, count: Int, base: Self,
    into output: UnsafeMutablePointer<Self>
  ) {
    unsafe fingal_widen_planes8(low, high, count, base, output)
  }

  static func add(
    _ plane: UnsafePointer<UInt8>, count: Int, shift: Int, to output: UnsafeMutablePointer<Self>
  ) {
    unsafe fingal_add_plane8(plane, count, UInt32(shift), output)
  }

  static func differences(_ values: UnsafePointer<Self>, count: Int, into output: UnsafeMutablePointer<Self>) {
    unsafe fingal_differences8(values, count, output)
  }

  static func runningSum(_ values: UnsafeMutablePointer<Self>, count: Int, first: Self) {
    unsafe fingal_running_sum8(values, count, first)
  }

  static func countRuns(_ values: UnsafePointer<Self>, count: Int) -> Int {
    unsafe fingal_count_runs8(values, count)
  }

  static func findRuns(
    _ values: UnsafePointer<Self>, count: Int, found: UnsafeMutablePointer<Self>,
    lengths: UnsafeMutablePointer<UInt32>
  ) {
    unsafe fingal_find_runs8(values, count, found, lengths)
  }

  static func expandRuns(
    _ found: UnsafePointer<Self>, _ lengths: UnsafePointer<UInt32>, runs: Int,
    into output: UnsafeMutablePointer<Self>, count: Int
  ) {
    unsafe fingal_expand_runs8(found, lengths, runs, output, count)
  }
}

extension UInt16: PlaneWord {
  static func splitPlane(
    _ values: UnsafePointer<Self>, count: Int, base: Self, shift: Int, into plane: UnsafeMutablePointer<UInt8>
  ) {
    unsafe fingal_split_plane16(values, count, base, UInt32(shift), plane)
  }

  static func lowBits(
    _ values: UnsafePointer<Self>, count: Int, base: Self, mask: Self, into low: UnsafeMutablePointer<Self>
  ) {
    unsafe fingal_low_bits16(values, count, base, mask, low)
  }

  static func widen(
    _ plane: UnsafePointer<UInt8>, count: Int, base: Self, into output: UnsafeMutablePointer<Self>
  ) {
    unsafe fingal_widen_plane16(plane, count, base, output)
  }

  static func widen(
    _ low: UnsafePointer<UInt8>, _ high: UnsafePointer<UInt8>, count: Int, base: Self,
    into output: UnsafeMutablePointer<Self>
  ) {
    unsafe fingal_widen_planes16(low, high, count, base, output)
  }

  static func add(
    _ plane: UnsafePointer<UInt8>, count: Int, shift: Int, to output: UnsafeMutablePointer<Self>
  ) {
    unsafe fingal_add_plane16(plane, count, UInt32(shift), output)
  }

  static func differences(_ values: UnsafePointer<Self>, count: Int, into output: UnsafeMutablePointer<Self>) {
    unsafe fingal_differences16(values, count, output)
  }

  static func runningSum(_ values: UnsafeMutablePointer<Self>, count: Int, first: Self) {
    unsafe fingal_running_sum16(values, count, first)
  }

  static func countRuns(_ values: UnsafePointer<Self>, count: Int) -> Int {
    unsafe fingal_count_runs16(values, count)
  }

  static func findRuns(
    _ values: UnsafePointer<Self>, count: Int, found: UnsafeMutablePointer<Self>,
    lengths: UnsafeMutablePointer<UInt32>
  ) {
    unsafe fingal_find_runs16(values, count, found, lengths)
  }

  static func expandRuns(
    _ found: UnsafePointer<Self>, _ lengths: UnsafePointer<UInt32>, runs: Int,
    into output: UnsafeMutablePointer<Self>, count: Int
  ) {
    unsafe fingal_expand_runs16(found, lengths, runs, output, count)
  }
}

extension UInt32: PlaneWord {
  static func splitPlane(
    _ values: UnsafePointer<Self>, count: Int, base: Self, shift: Int, into plane: UnsafeMutablePointer<UInt8>
  ) {
    unsafe fingal_split_plane32(values, count, base, UInt32(shift), plane)
  }

  static func lowBits(
    _ values: UnsafePointer<Self>, count: Int, base: Self, mask: Self, into low: UnsafeMutablePointer<Self>
  ) {
    unsafe fingal_low_bits32(values, count, base, mask, low)
  }

  static func widen(
    _ plane: UnsafePointer<UInt8>, count: Int, base: Self, into output: UnsafeMutablePointer<Self>
  ) {
    unsafe fingal_widen_plane32(plane, count, base, output)
  }

  static func widen(
    _ low: UnsafePointer<UInt8>, _ high: UnsafePointer<UInt8>, count: Int, base: Self,
    into output: UnsafeMutablePointer<Self>
  ) {
    unsafe fingal_widen_planes32(low, high, count, base, output)
  }

  static func add(
    _ plane: UnsafePointer<UInt8>, count: Int, shift: Int, to output: UnsafeMutablePointer<Self>
  ) {
    unsafe fingal_add_plane32(plane, count, UInt32(shift), output)
  }

  static func differences(_ values: UnsafePointer<Self>, count: Int, into output: UnsafeMutablePointer<Self>) {
    unsafe fingal_differences32(values, count, output)
  }

  static func runningSum(_ values: UnsafeMutablePointer<Self>, count: Int, first: Self) {
    unsafe fingal_running_sum32(values, count, first)
  }

  static func countRuns(_ values: UnsafePointer<Self>, count: Int) -> Int {
    unsafe fingal_count_runs32(values, count)
  }

  static func findRuns(
    _ values: UnsafePointer<Self>, count: Int, found: UnsafeMutablePointer<Self>,
    lengths: UnsafeMutablePointer<UInt32>
  ) {
    unsafe fingal_find_runs32(values, count, found, lengths)
  }

  static func expandRuns(
    _ found: UnsafePointer<Self>, _ lengths: UnsafePointer<UInt32>, runs: Int,
    into output: UnsafeMutablePointer<Self>, count: Int
  ) {
    unsafe fingal_expand_runs32(found, lengths, runs, output, count)
  }
}

extension UInt64: PlaneWord {
  static func splitPlane(
    _ values: UnsafePointer<Self>, count: Int, base: Self, shift: Int, into plane: UnsafeMutablePointer<UInt8>
  ) {
    unsafe fingal_split_plane64(values, count, base, UInt32(shift), plane)
  }

  static func lowBits(
    _ values: UnsafePointer<Self>, count: Int, base: Self, mask: Self, into low: UnsafeMutablePointer<Self>
  ) {
    unsafe fingal_low_bits64(values, count, base, mask, low)
  }

  static func widen(
    _ plane: UnsafePointer<UInt8>, count: Int, base: Self, into output: UnsafeMutablePointer<Self>
  ) {
    unsafe fingal_widen_plane64(plane, count, base, output)
  }

  static func widen(
    _ low: UnsafePointer<UInt8>, _ high: UnsafePointer<UInt8>, count: Int, base: Self,
    into output: UnsafeMutablePointer<Self>
  ) {
    unsafe fingal_widen_planes64(low, high, count, base, output)
  }

  static func add(
    _ plane: UnsafePointer<UInt8>, count: Int, shift: Int, to output: UnsafeMutablePointer<Self>
  ) {
    unsafe fingal_add_plane64(plane, count, UInt32(shift), output)
  }

  static func differences(_ values: UnsafePointer<Self>, count: Int, into output: UnsafeMutablePointer<Self>) {
    unsafe fingal_differences64(values, count, output)
  }

  static func runningSum(_ values: UnsafeMutablePointer<Self>, count: Int, first: Self) {
    unsafe fingal_running_sum64(values, count, first)
  }

  static func countRuns(_ values: UnsafePointer<Self>, count: Int) -> Int {
    unsafe fingal_count_runs64(values, count)
  }

  static func findRuns(
    _ values: UnsafePointer<Self>, count: Int, found: UnsafeMutablePointer<Self>,
    lengths: UnsafeMutablePointer<UInt32>
  ) {
    unsafe fingal_find_runs64(values, count, found, lengths)
  }

  static func expandRuns(
    _ found: UnsafePointer<Self>, _ lengths: UnsafePointer<UInt32>, runs: Int,
    into output: UnsafeMutablePointer<Self>, count: Int
  ) {
    unsafe fingal_expand_runs64(found, lengths, runs, output, count)
  }
}
