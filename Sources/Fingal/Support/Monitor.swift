import Glibc

/// A lock with a condition to wait on: what `Mutex` of the standard library does not offer. One of the few files with
/// unsafe code.
@safe
package final class Monitor: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  package init() {
    unsafe mutex.initialize(to: pthread_mutex_t())
    unsafe condition.initialize(to: pthread_cond_t())
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(condition, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  package func locked<R>(_ body: () -> R) -> R {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return body()
  }

  /// Sleeps until `signal()`; only inside `locked`, in a loop that checks what it waits for.
  package func wait() { unsafe pthread_cond_wait(condition, mutex) }

  package func signal() { unsafe pthread_cond_broadcast(condition) }
}

/// A thread of its own, for work that blocks: the cooperative pool is for work that does not.
@safe
package final class WorkerThread {
  private let id: pthread_t

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts at once; nil if the system has no thread left.
  package init?(_ run: @escaping @Sendable () -> Void) {
    var id = pthread_t()
    let body = unsafe Unmanaged.passRetained(Body(run))
    let status = unsafe pthread_create(
      &id, nil,
      { context in
        unsafe Unmanaged<Body>.fromOpaque(context!).takeRetainedValue().run()
        return nil
      }, body.toOpaque())
    if status != 0 {
      unsafe body.release()
      return nil
    }
    self.id = id
  }

  /// Waits for its end; once.
  package func join() { pthread_join(id, nil) }
}

/// Seconds on a clock that never goes back.
package func monotonicSeconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
