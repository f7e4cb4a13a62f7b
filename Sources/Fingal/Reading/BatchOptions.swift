import Glibc

/// How a file is read in batches. The events and their order do not depend on it, only speed and memory do.
public struct BatchOptions: Sendable, Equatable {
  /// Threads that decode, the calling one among them: with 1 everything happens inside `next()`, with more the rest
  /// decode ahead while the caller works on the batch it has.
  public var threads: Int
  /// Decoded bytes that may exist at once: the batch in use and those decoded ahead. At least one batch is always
  /// allowed, and a batch holds at least one event, however large.
  public var memory: Int
  /// Decoded bytes a batch aims at. Small batches stay in the processor's caches; a batch never splits an event and
  /// splits a page only where decoding it twice costs little.
  public var batchBytes: Int

  /// - Parameters:
  ///   - threads: at least 1; by default one for each processor, at most 16.
  ///   - memory: bytes, 64 MiB by default.
  ///   - batchBytes: bytes, 2 MiB by default.
  public init(threads: Int = Self.processors, memory: Int = 64 << 20, batchBytes: Int = 2 << 20) {
    precondition(threads > 0 && memory > 0 && batchBytes > 0, "threads and sizes are positive")
    self.threads = threads
    self.memory = memory
    self.batchBytes = batchBytes
  }

  /// Processors of the machine, 1 to 16.
  public static let processors = max(1, min(16, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
}
