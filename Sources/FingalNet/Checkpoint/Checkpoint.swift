public import Fingal

/// A trained net with everything needed to use it, or to go on training it: what a folder MODEL/ holds.
///
///     MODEL/model.json    what it is (JSON; see ModelDocument)
///     MODEL/weights.bin   the tensors: float32, little-endian, plain order, one after another
///
/// NumPy reads a tensor with `np.fromfile("MODEL/weights.bin", "<f4", count, offset=offset).reshape(shape)`, where shape and
/// offset are those of model.json.
public struct Checkpoint: Equatable, Sendable {
  public var net: NetDescription
  /// Epochs done.
  public var epoch: Int
  /// The seed of the initial weights and of whatever else the training made random.
  public var seed: UInt64
  /// Free text: how events become images, scaling, the expressions of signal and background.
  public var metadata: [String: String]
  public var weights: [NamedTensor]
  /// To go on with training; nil if only the net is kept.
  public var optimizer: OptimizerState?

  public init(
    net: NetDescription, epoch: Int, seed: UInt64, metadata: [String: String], weights: [NamedTensor],
    optimizer: OptimizerState?
  ) {
    self.net = net
    self.epoch = epoch
    self.seed = seed
    self.metadata = metadata
    self.weights = weights
    self.optimizer = optimizer
  }

  /// The state of a trainer.
  public init(of trainer: Trainer, epoch: Int, metadata: [String: String]) {
    self.init(
      net: trainer.net, epoch: epoch, seed: trainer.seed, metadata: metadata, weights: trainer.weights,
      optimizer: trainer.optimizerState)
  }
}

extension Trainer {
  /// A trainer that goes on where a checkpoint stopped: weights, and the optimiser's moments if they were kept.
  ///
  /// - Throws: `usage` if the tensors do not fit the net, and as the other initialiser.
  public convenience init(
    _ checkpoint: Checkpoint, batch: Int, threads: Int, learningRate: Float = 1e-3
  ) throws(FingalError) {
    try self.init(
      checkpoint.net, batch: batch, threads: threads, seed: checkpoint.seed, learningRate: learningRate)
    try setWeights(checkpoint.weights)
    if let optimizer = checkpoint.optimizer { try setOptimizerState(optimizer) }
  }
}
