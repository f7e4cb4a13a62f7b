import Glibc

/// Removes the temporary files of unfinished outputs, and cuts files that are appended to back to their old size, when a
/// signal ends the program, so that Ctrl-C leaves nothing.
///
/// The handler may run at any moment, inside `malloc` too: all it does is `unlink` the paths and `ftruncate` the
/// descriptors in a table of fixed size whose memory is never moved or freed, and then die by the same signal.
package enum UnfinishedFiles {
  private static let capacity = 64

  /// What to cut back: a negative size where free.
  private struct Appended {
    var descriptor: Int32
    var size: off_t
  }

  private nonisolated(unsafe) static let appended: UnsafeMutablePointer<Appended> = {
    let table = UnsafeMutablePointer<Appended>.allocate(capacity: capacity)
    unsafe table.initialize(repeating: Appended(descriptor: -1, size: -1), count: capacity)
    return unsafe table
  }()

  /// C strings, nil where free.
  private nonisolated(unsafe) static let table: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = {
    let table = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: capacity)
    unsafe table.initialize(repeating: nil, count: capacity)
    return unsafe table
  }()

  /// How many slots are taken; who changes a table holds it. (Not a `Guarded<Void>`: ThreadSanitizer takes the place of an
  /// empty value for the object itself, and reports a race.)
  private static let taken = Guarded(0)

  /// Sets the handlers for the signals that end a program from outside. A signal that the parent ignores, as `nohup`
  /// does with SIGHUP, stays ignored. Programs call it at their start; a library never does.
  package static func removeOnSignals() {
    // The table exists before a handler can run.
    _ = unsafe table[0]
    _ = unsafe appended[0]
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let before = signal(number) { number in
        UnfinishedFiles.removeAll()
        _ = signal(number, SIG_DFL)
        // Blocked while the handler runs: it strikes on return.
        raise(number)
      }
      if unsafe unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
        _ = signal(number, SIG_IGN)
      }
    }
  }

  private static func removeAll() {
    for slot in 0..<capacity {
      if let path = unsafe table[slot] { _ = unsafe unlink(path) }
      let entry = unsafe appended[slot]
      if entry.size >= 0 { _ = ftruncate(entry.descriptor, entry.size) }
    }
  }

  /// Puts a path on the list; nil if the list is full.
  static func add(_ path: String) -> Int? {
    taken.withLock { taken in
      for slot in 0..<capacity where unsafe table[slot] == nil {
        unsafe table[slot] = strdup(path)
        taken += 1
        return slot
      }
      return nil
    }
  }

  /// Puts a file that is appended to on the list; nil if the list is full. Slots of both kinds are one series.
  static func add(_ descriptor: Int32, truncatingTo size: Int) -> Int? {
    taken.withLock { taken in
      for slot in 0..<capacity where unsafe appended[slot].size < 0 {
        unsafe appended[slot].descriptor = descriptor
        unsafe appended[slot].size = off_t(size)
        taken += 1
        return slot + capacity
      }
      return nil
    }
  }

  /// Takes a path off the list. Its few bytes are not freed: a handler on another thread may be reading them.
  static func remove(_ slot: Int?) {
    guard let slot else { return }
    taken.withLock { taken in
      if slot < capacity { unsafe table[slot] = nil } else { unsafe appended[slot - capacity].size = -1 }
      taken -= 1
    }
  }
}
