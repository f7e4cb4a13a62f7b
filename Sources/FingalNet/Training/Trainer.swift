public import Fingal
import FingalDNN

/// Trains a net: minibatches in, weights improved.
///
/// The events of a minibatch are shared out over `threads` threads in equal parts; each computes the gradients of its part,
/// the gradients are summed in the order of the threads, and every thread applies Adam (Keras' defaults) to a slice of
/// the parameters. With the same seed, minibatches, number of threads and processor the weights come out the same, bit for bit;
/// another number of threads changes the order of sums and so the last digits.
///
/// One thread at a time uses a trainer. The calling thread works too; `threads − 1` others sleep between the steps.
@safe
public final class Trainer {
  public let net: NetDescription
  /// The most events of a minibatch.
  public let batch: Int
  public let threads: Int
  /// The seed of the initial weights.
  public let seed: UInt64
  /// Of the steps to come.
  public var learningRate: Float

  private struct PartResult {
    var loss = 0.0
    /// Events called what they are.
    var correct = 0
    var hasUsableGradients = true
  }

  private let team: WorkerTeam
  private let store: ParameterStore
  private let values: FloatBuffer
  private var adam: Adam
  private let workers: [CompiledNet]
  /// One a worker, of all parameters.
  private let gradients: [FloatBuffer]
  /// One a worker, of its part of the last minibatch.
  private var results: [PartResult]
  private var predictor: ParallelForward?

  /// - Parameters:
  ///   - batch: the most events of a minibatch; operations are compiled for that many.
  ///   - threads: worker threads, the calling one included; at most `batch`.
  ///   - seed: of the initial weights (`NetDescription.initialWeights`).
  /// - Throws: `usage` if the net's layers do not fit, or `batch` or `threads` is not sensible; `unsupported` if
  ///   oneDNN cannot compute a layer.
  public init(
    _ net: NetDescription, batch: Int, threads: Int, seed: UInt64, learningRate: Float = 1e-3
  ) throws(FingalError) {
    let capacity = try ParallelForward.capacity(batch: batch, threads: threads)
    let first = try CompiledNet(net, capacity: capacity, purpose: .training)
    store = ParameterStore(try net.resolved(), layouts: first.parameterLayouts)
    values = FloatBuffer(store.floatCount)
    adam = Adam(count: store.floatCount)
    var workers = [first]
    while workers.count < threads {
      workers.append(try CompiledNet(net, capacity: capacity, purpose: .training, layouts: first.parameterLayouts))
    }
    gradients = workers.map { [store] _ in FloatBuffer(store.floatCount) }
    for (worker, gradient) in zip(workers, gradients) {
      try worker.attach(store, weights: values, gradients: gradient)
    }
    self.workers = workers
    team = try WorkerTeam(count: threads)
    results = [PartResult](repeating: PartResult(), count: threads)
    self.net = net
    self.batch = batch
    self.threads = threads
    self.seed = seed
    self.learningRate = learningRate
    try store.write(net.initialWeights(seed: seed), to: values)
  }

  /// Steps done.
  public var stepCount: Int { adam.step }

  /// How many events of the last minibatch were called what they are, with the weights before the step.
  public private(set) var correctInStep = 0

  /// One minibatch: forward, backward, Adam.
  ///
  /// - Parameters:
  ///   - images: `count` × input shape floats, event after event, outermost axis first.
  ///   - labels: `count` labels, 1 for signal, 0 for background.
  ///   - weights: `count` weights of the events in the loss, or nil for 1 each.
  ///   - count: events, 1 to `batch`.
  /// - Returns: the mean loss, that is the sum of weight × binary cross-entropy over `count`, as in Keras.
  /// - Throws: `usage` if `count` is out of range; `badInput` if an image holds NaN or an infinite value, or the
  ///   loss or a gradient comes out so or too large to square. The weights are as before the step then.
  @discardableResult
  public func step(
    images: UnsafePointer<Float>, labels: UnsafePointer<Float>, weights: UnsafePointer<Float>?, count: Int
  ) throws(FingalError) -> Float {
    let mean = try unsafe computeGradients(images: images, labels: labels, weights: weights, count: count)
    adam.step += 1
    let alpha = adam.alpha(learningRate)
    let active = activeWorkers(count)
    // A multiple of 16 floats each: no two threads write to one cache line.
    let length = (store.floatCount / threads + 15) / 16 * 16
    try team.run { (worker) throws(FingalError) in
      let start = min(worker * length, store.floatCount)
      let slice = start..<(worker == threads - 1 ? store.floatCount : min(start + length, store.floatCount))
      for other in 1..<max(active, 2) where other < active {
        unsafe fdnn_add(gradients[0].base + slice.lowerBound, gradients[other].base + slice.lowerBound, slice.count)
      }
      adam.apply(gradient: gradients[0], to: values, slice: slice, alpha: alpha)
    }
    return Float(mean)
  }

  /// Probabilities of signal.
  ///
  /// - Parameters:
  ///   - images: `count` × input shape floats; any count.
  ///   - scores: takes `count` floats in [0, 1].
  /// - Throws: `usage` if `count` is negative; `badInput` if an image holds NaN or an infinite value.
  public func predict(
    images: UnsafePointer<Float>, count: Int, into scores: UnsafeMutablePointer<Float>
  ) throws(FingalError) {
    let predictor: ParallelForward
    if let made = self.predictor {
      predictor = made
    } else {
      predictor = try ParallelForward(net, batch: batch, team: team, store: store, values: values)
      self.predictor = predictor
    }
    try unsafe predictor.predict(images: images, count: count, into: scores)
  }

  /// All weights and biases in plain order. Setting tensors whose names or shapes are not the net's stops the program;
  /// tensors from outside go through `setWeights`.
  public var weights: [NamedTensor] {
    get {
      do { return try store.read(values) } catch { preconditionFailure("reading the weights: \(error)") }
    }
    set {
      do { try setWeights(newValue) } catch { preconditionFailure("setting the weights: \(error)") }
    }
  }

  /// Takes weights and biases in the order and shapes of `weights`.
  ///
  /// - Throws: `usage` if the names or shapes are not the net's.
  public func setWeights(_ tensors: [NamedTensor]) throws(FingalError) { try store.write(tensors, to: values) }

  /// The optimiser's state, to go on with training later.
  public var optimizerState: OptimizerState {
    do {
      return OptimizerState(
        step: adam.step, firstMoments: try store.read(adam.firstMoments),
        secondMoments: try store.read(adam.secondMoments))
    } catch {
      preconditionFailure("reading the optimiser: \(error)")
    }
  }

  /// Goes on with the optimiser where it was.
  ///
  /// - Throws: `usage` if the names or shapes are not the net's.
  public func setOptimizerState(_ state: OptimizerState) throws(FingalError) {
    guard state.step >= 0 else { throw FingalError(.usage, "the optimiser's state has \(state.step) steps") }
    try store.write(state.firstMoments, to: adam.firstMoments)
    try store.write(state.secondMoments, to: adam.secondMoments)
    adam.step = state.step
  }

  /// The loss and the gradients of all parameters, in plain order, without a step; for checks against the reference.
  package func lossAndGradients(
    images: UnsafePointer<Float>, labels: UnsafePointer<Float>, weights: UnsafePointer<Float>?, count: Int
  ) throws(FingalError) -> (loss: Double, gradients: [NamedTensor]) {
    let mean = try unsafe computeGradients(images: images, labels: labels, weights: weights, count: count)
    let sum = FloatBuffer(store.floatCount)
    for worker in 0..<activeWorkers(count) { unsafe fdnn_add(sum.base, gradients[worker].base, sum.count) }
    return (mean, try store.read(sum))
  }

  /// Workers that have events when `count` are there; the first ones are filled up first.
  private func activeWorkers(_ count: Int) -> Int { (count + workers[0].capacity - 1) / workers[0].capacity }

  /// Fills `gradients` of the active workers, each for its own events but scaled by the whole minibatch; returns the mean loss.
  private func computeGradients(
    images: UnsafePointer<Float>, labels: UnsafePointer<Float>, weights: UnsafePointer<Float>?, count: Int
  ) throws(FingalError) -> Double {
    guard count >= 1 && count <= batch else {
      throw FingalError(.usage, "a minibatch of \(count) events; the trainer takes 1 to \(batch)")
    }
    let capacity = workers[0].capacity
    let inputCount = net.inputCount
    let scale = 1 / Float(count)
    let active = activeWorkers(count)
    try unsafe results.withUnsafeMutableBufferPointer { (results) throws(FingalError) in
      try team.run { (worker) throws(FingalError) in
        guard worker < active else { return }
        let first = worker * capacity
        let own = min(capacity, count - first)
        let compiled = workers[worker]
        let logits = try unsafe compiled.forward(images + first * inputCount, count: own, first: first)
        let gradient = unsafe compiled.logitGradients
        let loss = unsafe BinaryCrossEntropy.sum(
          logits: logits, labels: labels + first, weights: weights.map { unsafe $0 + first }, count: own,
          scale: scale, gradients: gradient)
        var right = 0
        for event in 0..<own where unsafe (logits[event] >= 0) == (labels[first + event] > 0.5) { right += 1 }
        // Events that only fill up the minibatch take no part: with a gradient of zero here they add zero everywhere.
        for event in own..<capacity { unsafe gradient[event] = 0 }
        try compiled.backward()
        unsafe results[worker] = PartResult(
          loss: loss, correct: right, hasUsableGradients: gradients[worker].isBelow(Adam.gradientLimit))
      }
    }
    correctInStep = results[..<active].reduce(0) { $0 + $1.correct }
    let mean = results[..<active].reduce(0) { $0 + $1.loss } / Double(count)
    // The gradients too: ReLU turns NaN into zero, so that the loss can look right while the weights are lost.
    guard mean.isFinite && results[..<active].allSatisfy(\.hasUsableGradients) else {
      let what = mean.isFinite ? "a gradient is NaN, infinite or too large" : "the loss is \(mean)"
      throw FingalError(
        .badInput, "\(what) at step \(adam.step + 1)",
        advice: "look for huge values in the input, scale it (log1p), or lower the learning rate")
    }
    return mean
  }
}
