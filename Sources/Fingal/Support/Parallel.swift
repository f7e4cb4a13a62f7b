import Glibc
import Synchronization

/// Runs `body(0) … body(count - 1)` on up to `threads` threads, the calling one among them, and returns when all are
/// done. The threads are made for the call: bodies are whole pages, thousands of times dearer than a thread. Not the
/// cooperative pool, which compute loops would starve.
package func parallelFor(_ count: Int, threads: Int, _ body: @Sendable (Int) -> Void) {
  let helpers = min(threads, count) - 1
  if helpers < 1 {
    for i in 0..<count { body(i) }
    return
  }
  let next = Atomic<Int>(0)
  withoutActuallyEscaping(body) { body in
    let work = Work {
      while true {
        let i = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if i >= count { return }
        body(i)
      }
    }
    var started: [pthread_t] = []
    for _ in 0..<helpers {
      var thread = pthread_t()
      let argument = unsafe Unmanaged.passRetained(work).toOpaque()
      let status = unsafe pthread_create(
        &thread, nil,
        { raw in
          unsafe Unmanaged<Work>.fromOpaque(raw!).takeRetainedValue().run()
          return nil
        }, argument)
      if status == 0 {
        started.append(thread)
      } else {
        unsafe Unmanaged<Work>.fromOpaque(argument).release()
      }
    }
    work.run()
    for thread in started { pthread_join(thread, nil) }
  }
}

private final class Work: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
