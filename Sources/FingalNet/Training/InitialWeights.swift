public import Fingal

extension NetDescription {
  /// Initial parameters as in Keras: weights Glorot-uniform, that is uniform in ±√(6 / (fan in + fan out))
  /// (X. Glorot, Y. Bengio, AISTATS 2010), biases 0.
  ///
  /// Value `i` of parameter tensor `s` (weights and biases counted together from 0) is number `i` of stream `s` of
  /// `CounterRandom`, spread over the interval in double precision and rounded once.
  ///
  /// - Throws: as `resolved()`.
  public func initialWeights(seed: UInt64) throws(FingalError) -> [NamedTensor] {
    var tensors: [NamedTensor] = []
    for layer in try resolved() where !layer.weightShape.isEmpty {
      let random = CounterRandom(seed: seed, stream: tensors.count)
      let limit = (6 / Double(layer.fanIn + layer.fanOut)).squareRoot()
      let count = layer.weightShape.reduce(1, *)
      tensors.append(
        NamedTensor(
          name: layer.name + ".weight", shape: layer.weightShape,
          values: (0..<count).map { Float((2 * random.uniform($0) - 1) * limit) }))
      tensors.append(
        NamedTensor(
          name: layer.name + ".bias", shape: [layer.biasCount], values: [Float](repeating: 0, count: layer.biasCount)))
    }
    return tensors
  }
}
