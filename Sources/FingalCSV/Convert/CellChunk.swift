import Fingal
internal import FingalKernels

/// Some cells of a column as the kernels of `fingal_cells.h` read them, with memory that is used again and again. One of
/// the few files with unsafe code.
@safe
final class CellChunk {
  /// Few enough for the first-level cache.
  static let capacity = 1024

  private(set) var count = 0
  private let texts: UnsafeMutablePointer<UnsafePointer<UInt8>?>
  private let lengths: UnsafeMutablePointer<UInt32>
  private let whole: UnsafeMutablePointer<Int64>
  private let cells: fingal_cells
  /// Where the cells are, if they lie side by side; else `texts` and `lengths` tell.
  private var run: RecordBlock.FieldRun?
  private(set) var facts = fingal_cell_facts()

  init() {
    let capacity = Self.capacity
    unsafe texts = .allocate(capacity: capacity)
    unsafe lengths = .allocate(capacity: capacity)
    unsafe whole = .allocate(capacity: capacity)
    unsafe cells = fingal_cells(
      mantissas: .allocate(capacity: capacity), decimals: .allocate(capacity: capacity),
      digits: .allocate(capacity: capacity), kinds: .allocate(capacity: capacity),
      values: .allocate(capacity: capacity))
  }

  deinit {
    unsafe texts.deallocate()
    unsafe lengths.deallocate()
    unsafe whole.deallocate()
    unsafe cells.mantissas.deallocate()
    unsafe cells.decimals.deallocate()
    unsafe cells.digits.deallocate()
    unsafe cells.kinds.deallocate()
    unsafe cells.values.deallocate()
  }

  /// Takes the next cells of a source, which lie in a `RecordBlock`: at most so many, at least one.
  func fill<S: TextSource>(_ source: inout S, most: Int) {
    let most = min(most, Self.capacity)
    run = source.nextRun(most)
    if let run {
      count = run.count
      return
    }
    count = most
    for index in 0..<count {
      let text = unsafe source.next()
      unsafe texts[index] = text.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe lengths[index] = UInt32(truncatingIfNeeded: min(text.count, Int(UInt32.max)))
    }
  }

  /// Reads the cells and finds what they have in common.
  func read(point: UInt8, tracksFloat32: Bool) {
    unsafe withUnsafePointer(to: cells) { cells in
      if let run {
        _ = unsafe fingal_read_fields(run.text, run.starts, run.ends, count, point, cells)
      } else {
        _ = unsafe fingal_read_cells(texts, lengths, count, point, cells)
      }
      unsafe fingal_cells_note(cells, count, tracksFloat32 ? 1 : 0, &facts)
    }
  }

  @inline(__always)
  func text(_ index: Int) -> UnsafeRawBufferPointer {
    if let run { return unsafe run.field(index) }
    return unsafe UnsafeRawBufferPointer(start: texts[index], count: Int(lengths[index]))
  }

  /// Whether the kernel left a cell to the caller.
  @inline(__always)
  func isOdd(_ index: Int) -> Bool { unsafe cells.kinds[index] == UInt8(FINGAL_CELL_ODD) }

  @inline(__always)
  func isDecimal(_ index: Int) -> Bool { unsafe cells.kinds[index] & UInt8(FINGAL_CELL_DECIMAL) != 0 }

  func digits(_ index: Int) -> Int { unsafe Int(cells.digits[index]) }

  func relativeError(_ index: Int) -> Double {
    unsafe fingal_cell_relative_error(cells.mantissas[index], cells.decimals[index], cells.digits[index])
  }

  var oddCount: Int { count - Int(facts.integers) - Int(facts.decimals) }

  /// Writes the values of the cells that are not odd; false, and nothing is worth anything, if the type does not hold
  /// them all.
  func store<T: CellNumber>(_ out: UnsafeMutablePointer<T>) -> Bool {
    unsafe withUnsafePointer(to: cells) { cells in
      if let floats = unsafe UnsafeMutableRawPointer(out).asFloats(T.self) {
        if facts.lost_by_float32 > 0 { return false }
        unsafe fingal_cells_to_float32(cells, count, floats)
        return true
      }
      if let doubles = unsafe UnsafeMutableRawPointer(out).asDoubles(T.self) {
        unsafe fingal_cells_to_float64(cells, count, doubles)
        return true
      }
      if facts.decimals > 0 { return false }
      unsafe fingal_cells_to_int64(cells, count, whole)
      var fits = true
      for index in 0..<count {
        let value = unsafe whole[index]
        let (stored, isExact) = T.narrowed(value)
        unsafe out[index] = stored
        fits = fits && isExact
      }
      return fits
    }
  }
}

extension UnsafeMutableRawPointer {
  fileprivate func asFloats<T>(_: T.Type) -> UnsafeMutablePointer<Float>? {
    T.self == Float.self ? unsafe assumingMemoryBound(to: Float.self) : nil
  }

  fileprivate func asDoubles<T>(_: T.Type) -> UnsafeMutablePointer<Double>? {
    T.self == Double.self ? unsafe assumingMemoryBound(to: Double.self) : nil
  }
}
