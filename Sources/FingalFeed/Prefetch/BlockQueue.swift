internal import Fingal

/// Blocks read in the order in which they were asked for, by as many threads as wanted: those of the queue read ahead,
/// and the one that takes the blocks reads the next one itself rather than wait. With one thread there is no other.
final class BlockQueue {
  private let state: State
  private var workers: [WorkerThread] = []

  /// Shared with the workers, which do not keep the queue itself alive.
  private final class State: @unchecked Sendable {
    let monitor = Monitor()
    let reader: ImageReader
    /// Blocks that may lie ready or be in work.
    let ahead: Int
    // All guarded by the monitor. Numbers count from the first request of the pass.
    var requests: [Int: BlockRequest] = [:]
    var results: [Int: Result<SparseBlock, FingalError>] = [:]
    var submitted = 0
    var claimed = 0
    var taken = 0
    var isClosed = false

    init(_ reader: ImageReader, ahead: Int) {
      self.reader = reader
      self.ahead = ahead
    }

    /// The next request that nobody has begun; only inside the monitor.
    func claim() -> (number: Int, request: BlockRequest)? {
      guard claimed < submitted, claimed < taken + ahead, let request = requests.removeValue(forKey: claimed) else {
        return nil
      }
      defer { claimed += 1 }
      return (claimed, request)
    }

    func read(_ request: BlockRequest) -> Result<SparseBlock, FingalError> {
      Result { () throws(FingalError) in
        guard let wanted = request.wanted else { return try reader.keptBlock(request.block) }
        return try reader.decode(request.block, wanted: wanted)
      }
    }

    func work() {
      while true {
        let next: (number: Int, request: BlockRequest)? = monitor.locked {
          while !isClosed {
            if let next = claim() { return next }
            monitor.wait()
          }
          return nil
        }
        guard let next else { return }
        let result = read(next.request)
        monitor.locked {
          results[next.number] = result
          monitor.signal()
        }
      }
    }
  }

  /// - Parameter threads: threads that read, the one that calls `take()` among them.
  init(_ reader: ImageReader, threads: Int) {
    let state = State(reader, ahead: 2 * threads)
    self.state = state
    // A thread that the system does not give is not missed: `take()` reads.
    for _ in 1..<max(2, threads) where threads > 1 {
      if let worker = WorkerThread({ state.work() }) { workers.append(worker) }
    }
  }

  deinit {
    state.monitor.locked {
      state.isClosed = true
      state.monitor.signal()
    }
    for worker in workers { worker.join() }
  }

  func submit(_ requests: [BlockRequest]) {
    let state = state
    state.monitor.locked {
      for request in requests {
        state.requests[state.submitted] = request
        state.submitted += 1
      }
      if !workers.isEmpty { state.monitor.signal() }
    }
  }

  /// The next block; one must have been submitted.
  ///
  /// - Throws: what reading it threw.
  func take() throws(FingalError) -> SparseBlock {
    enum Step {
      case ready(Result<SparseBlock, FingalError>)
      case read(number: Int, request: BlockRequest)
    }
    let state = state
    while true {
      let step: Step = state.monitor.locked {
        precondition(state.taken < state.submitted, "no block was asked for")
        while true {
          if let result = state.results.removeValue(forKey: state.taken) {
            state.taken += 1
            if !workers.isEmpty { state.monitor.signal() }
            return .ready(result)
          }
          if let claim = state.claim() { return .read(number: claim.number, request: claim.request) }
          state.monitor.wait()
        }
      }
      switch step {
      case .ready(let result): return try result.get()
      case .read(let number, let request):
        let result = state.read(request)
        state.monitor.locked { state.results[number] = result }
      }
    }
  }
}
