package import Fingal
import Glibc
import Synchronization

/// A counter that only grows, and threads that wait for it to reach a value.
///
/// Waiting spins for some ten microseconds first, which covers the hand-over between workers that finish together, and
/// then blocks: a trainer whose feed is slow burns no processor time.
@safe
private final class Gate: @unchecked Sendable {
  private let value = Atomic<Int>(0)
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>

  private static let spins = 4_000

  init() {
    unsafe lock = .allocate(capacity: 1)
    unsafe changed = .allocate(capacity: 1)
    unsafe pthread_mutex_init(lock, nil)
    unsafe pthread_cond_init(changed, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(changed)
    unsafe pthread_mutex_destroy(lock)
    unsafe changed.deallocate()
    unsafe lock.deallocate()
  }

  func advance() {
    unsafe pthread_mutex_lock(lock)
    value.add(1, ordering: .releasing)
    unsafe pthread_cond_broadcast(changed)
    unsafe pthread_mutex_unlock(lock)
  }

  func wait(for target: Int) {
    for _ in 0..<Self.spins where value.load(ordering: .acquiring) >= target { return }
    unsafe pthread_mutex_lock(lock)
    while value.load(ordering: .acquiring) < target { unsafe pthread_cond_wait(changed, lock) }
    unsafe pthread_mutex_unlock(lock)
  }
}

/// Threads of one's own that do one job together, again and again; the calling thread is worker 0.
///
/// The cooperative pool is no place for loops that compute for milliseconds. With one worker no thread is made.
package final class WorkerTeam {
  package typealias Job = (_ worker: Int) throws(FingalError) -> Void

  /// What the threads share. They hold this and not the team, so that the team can end them when it goes.
  private final class Desk: @unchecked Sendable {
    let start = Gate()
    let finish = Gate()
    // Written by the calling thread before `start` advances, read by the workers after it.
    var job: Job?
    /// What workers threw in this round.
    let errors = Guarded<[Int: FingalError]>([:])

    func work(_ worker: Int) {
      var round = 0
      while true {
        round += 1
        start.wait(for: round)
        if !doJob(worker) { return }
        finish.advance()
      }
    }

    /// A function of its own, so that the worker holds the job no longer than it does it. False says that there is none.
    @inline(never)
    private func doJob(_ worker: Int) -> Bool {
      guard let job else { return false }
      do throws(FingalError) { try job(worker) } catch { record(error, of: worker) }
      return true
    }

    func record(_ error: FingalError, of worker: Int) { errors.withLock { $0[worker] = error } }
  }

  private final class Seat {
    let desk: Desk
    let worker: Int
    init(_ desk: Desk, _ worker: Int) {
      self.desk = desk
      self.worker = worker
    }
  }

  package let count: Int
  private let desk: Desk
  private var threads: [pthread_t] = []
  private var rounds = 0

  /// - Throws: `limit` if the system gives no more threads.
  package init(count: Int) throws(FingalError) {
    self.count = count
    desk = Desk()
    for worker in 1..<max(count, 2) where worker < count {
      var thread = pthread_t()
      let seat = unsafe Unmanaged.passRetained(Seat(desk, worker))
      let status = unsafe pthread_create(
        &thread, nil,
        { raw in
          guard let raw = unsafe raw else { return nil }
          let seat = unsafe Unmanaged<Seat>.fromOpaque(raw).takeRetainedValue()
          ComputeLibrary.useOneThreadPerOperation()
          seat.desk.work(seat.worker)
          return nil
        }, seat.toOpaque())
      if status != 0 {
        unsafe seat.release()
        throw FingalError(.limit, "cannot start thread \(worker + 1) of \(count)", advice: "use fewer threads")
      }
      threads.append(thread)
    }
  }

  deinit {
    desk.job = nil
    desk.start.advance()
    for thread in threads { _ = pthread_join(thread, nil) }
  }

  /// Runs the job once on every worker and waits for all of them.
  ///
  /// - Throws: the error of the first worker that had one, after all have finished.
  package func run(_ job: Job) throws(FingalError) {
    if count == 1 { return try job(0) }
    withoutActuallyEscaping(job) { job in
      desk.job = job
      desk.errors.withLock { $0.removeAll() }
      rounds += 1
      desk.start.advance()
      do throws(FingalError) { try job(0) } catch { desk.record(error, of: 0) }
      desk.finish.wait(for: rounds * (count - 1))
      desk.job = nil
    }
    if let first = desk.errors.withLock({ errors in errors.min { $0.key < $1.key } }) { throw first.value }
  }
}
