import CXXHash

/// XXH3-64 (seed 0) of bytes that come in pieces.
@safe
package final class StreamingHash {
  private let state: OpaquePointer

  package init() {
    guard let state = unsafe XXH3_createState() else { preconditionFailure("no memory for a hash") }
    unsafe self.state = state
    _ = unsafe XXH3_64bits_reset(state)
  }

  deinit { _ = unsafe XXH3_freeState(state) }

  package func append(_ bytes: UnsafeRawBufferPointer) {
    if bytes.count > 0 { _ = unsafe XXH3_64bits_update(state, bytes.baseAddress, bytes.count) }
  }

  /// Of all bytes so far.
  package var value: UInt64 { unsafe XXH3_64bits_digest(state) }
}
