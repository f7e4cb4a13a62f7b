import Fingal

/// Nets compiled for inference, one a worker, over weights that live elsewhere.
@safe
final class ParallelForward {
  private let inputCount: Int
  private let team: WorkerTeam
  private let workers: [CompiledNet]

  /// Events of one worker when `batch` are shared out over `threads`.
  ///
  /// - Throws: `usage` if one of the two is not sensible.
  static func capacity(batch: Int, threads: Int) throws(FingalError) -> Int {
    guard batch >= 1 && batch <= 1 << 16 else {
      throw FingalError(.usage, "a minibatch of \(batch) events; it must be 1 to \(1 << 16)")
    }
    guard threads >= 1 && threads <= batch && threads <= 256 else {
      throw FingalError(
        .usage, "\(threads) threads; it must be 1 to \(min(batch, 256)), each thread needs an event of the minibatch")
    }
    return (batch + threads - 1) / threads
  }

  /// The weights lie in `values` in the layouts of `store`.
  init(
    _ net: NetDescription, batch: Int, team: WorkerTeam, store: ParameterStore, values: FloatBuffer
  ) throws(FingalError) {
    inputCount = net.inputCount
    self.team = team
    let capacity = try Self.capacity(batch: batch, threads: team.count)
    var workers: [CompiledNet] = []
    for _ in 0..<team.count {
      let worker = try CompiledNet(
        net, capacity: capacity, purpose: .inference, layouts: store.parameters.map(\.layout))
      try worker.attach(store, weights: values, gradients: nil)
      workers.append(worker)
    }
    self.workers = workers
  }

  /// See `Trainer.predict`.
  func predict(
    images: UnsafePointer<Float>, count: Int, into scores: UnsafeMutablePointer<Float>
  ) throws(FingalError) {
    guard count >= 0 else { throw FingalError(.usage, "a prediction for \(count) events") }
    let capacity = workers[0].capacity
    try team.run { (worker) throws(FingalError) in
      // Worker w takes blocks w, w + n, w + 2n … of `capacity` events.
      var first = worker * capacity
      while first < count {
        let own = min(capacity, count - first)
        let logits = try unsafe workers[worker].forward(images + first * inputCount, count: own, first: first)
        for event in 0..<own { unsafe scores[first + event] = BinaryCrossEntropy.sigmoid(logits[event]) }
        first += capacity * workers.count
      }
    }
  }
}
