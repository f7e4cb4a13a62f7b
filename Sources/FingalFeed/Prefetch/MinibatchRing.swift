internal import Fingal

/// A bounded ring of minibatches between the thread that fills them and the one that trains on them. Slots are recycled:
/// no memory is taken while a pass runs.
final class MinibatchRing: @unchecked Sendable {
  private let monitor = Monitor()
  // All guarded by the monitor.
  private var free: [MinibatchSlot]
  private var ready: [MinibatchSlot] = []
  private var tally = ImageTally()
  private var isFinished = false
  private var isCancelled = false
  private var failure: FingalError?
  private var waited = 0.0

  /// - Parameter prefetch: minibatches that may lie ready; one more is being worked on by the consumer.
  init(prefetch: Int, capacity: Int, shape: [Int]) {
    free = (0...prefetch).map { _ in MinibatchSlot(capacity: capacity, shape: shape) }
  }

  // MARK: For the thread that fills

  /// An empty slot; waits for one. Nil once the pass is cancelled.
  func emptySlot() -> MinibatchSlot? {
    monitor.locked {
      while free.isEmpty && !isCancelled { monitor.wait() }
      if isCancelled { return nil }
      let slot = free.removeLast()
      slot.removeAll()
      return slot
    }
  }

  func publish(_ slot: MinibatchSlot) {
    monitor.locked {
      ready.append(slot)
      monitor.signal()
    }
  }

  /// The end of the pass, or of the attempt.
  func finish(_ tally: ImageTally, _ failure: FingalError?) {
    monitor.locked {
      self.tally = tally
      self.failure = failure
      isFinished = true
      monitor.signal()
    }
  }

  var wasCancelled: Bool { monitor.locked { isCancelled } }

  // MARK: For the consumer

  /// The next minibatch; nil at the end. Gives `used` back to be filled again.
  func next(recycling used: MinibatchSlot?) -> Result<MinibatchSlot?, FingalError> {
    let start = monotonicSeconds()
    return monitor.locked {
      if let used {
        free.append(used)
        monitor.signal()
      }
      let hadToWait = ready.isEmpty && !isFinished && !isCancelled
      while ready.isEmpty && !isFinished && !isCancelled { monitor.wait() }
      if hadToWait { waited += monotonicSeconds() - start }
      if isCancelled { return .success(nil) }
      if !ready.isEmpty { return .success(ready.removeFirst()) }
      if let failure { return .failure(failure) }
      return .success(nil)
    }
  }

  func cancel() {
    monitor.locked {
      isCancelled = true
      monitor.signal()
    }
  }

  var waitSeconds: Double { monitor.locked { waited } }
  /// What became of the hits; complete once the pass has ended.
  var imageTally: ImageTally { monitor.locked { tally } }
}
