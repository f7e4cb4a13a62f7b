internal import FingalDNN

/// A fixed number of floats, aligned for vector loads, zero at first. Weights, gradients and moments of all parameters of a
/// net lie in one such buffer each, so that summing and Adam run over one stretch of memory.
@safe
final class FloatBuffer: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  let count: Int

  init(_ count: Int) {
    self.count = count
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 4096)
    unsafe base = bytes.bindMemory(to: Float.self, capacity: max(count, 1))
    unsafe base.initialize(repeating: 0, count: max(count, 1))
  }

  deinit { unsafe UnsafeMutableRawPointer(base).deallocate() }

  func fill(_ value: Float) { unsafe base.update(repeating: value, count: count) }

  /// Whether |value| < limit for all values; NaN is not.
  func isBelow(_ limit: Float) -> Bool { unsafe fdnn_all_below(base, count, limit) != 0 }
}
