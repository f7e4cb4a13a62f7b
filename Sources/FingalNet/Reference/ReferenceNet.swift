package import Fingal

/// A whole net on the reference layers, in double precision.
package struct ReferenceNet {
  package let net: NetDescription
  /// In the order of `NetDescription.initialWeights`: weights and biases of each layer that has them.
  package var parameters: [[Double]]
  private let layers: [ResolvedLayer]

  /// - Throws: as `NetDescription.resolved()`.
  package init(_ net: NetDescription, weights: [NamedTensor]) throws(FingalError) {
    self.net = net
    layers = try net.resolved()
    parameters = weights.map { $0.values.map(Double.init) }
  }

  /// The layers with activations as layers of their own, but for the last sigmoid; and the number of the parameter that a
  /// layer's weights are.
  private func chain() -> [(layer: any ReferenceLayer, parameter: Int?)] {
    var chain: [(layer: any ReferenceLayer, parameter: Int?)] = []
    var number = 0
    for resolved in layers {
      switch resolved.layer {
      case .conv2d(let filters, let kernel, _):
        chain.append(
          (
            ReferenceConvolution(
              input: ReferenceShape(resolved.inputShape), filters: filters, kernel: (1, kernel, kernel),
              weights: parameters[number], biases: parameters[number + 1]), number
          ))
        number += 2
      case .conv3d(let filters, let kernel, _):
        chain.append(
          (
            ReferenceConvolution(
              input: ReferenceShape(resolved.inputShape), filters: filters, kernel: (kernel, kernel, kernel),
              weights: parameters[number], biases: parameters[number + 1]), number
          ))
        number += 2
      case .maxPool(let size):
        chain.append(
          (
            ReferenceMaxPool(
              input: ReferenceShape(resolved.inputShape), output: ReferenceShape(resolved.outputShape),
              size: (resolved.inputShape.count == 4 ? size : 1, size, size)), nil
          ))
      case .dense(let units, _):
        chain.append(
          (
            ReferenceDense(
              inputs: resolved.inputShape.reduce(1, *), units: units, weights: parameters[number],
              biases: parameters[number + 1]), number
          ))
        number += 2
      }
      if resolved.layer.activation == .relu { chain.append((ReferenceReLU(), nil)) }
    }
    return chain
  }

  /// The logit of every event.
  package func logits(_ images: [Double]) -> [Double] {
    let chain = chain()
    let size = net.inputCount
    return (0..<images.count / size).map { event in
      chain.reduce(Array(images[event * size..<(event + 1) * size])) { $1.layer.forward($0) }[0]
    }
  }

  /// The mean over the events of weight × binary cross-entropy.
  package func loss(_ images: [Double], labels: [Double], weights: [Double]? = nil) -> Double {
    let logits = logits(images)
    let total = logits.indices.reduce(0.0) {
      $0 + (weights?[$1] ?? 1) * ReferenceLoss.loss(logit: logits[$1], label: labels[$1])
    }
    return total / Double(logits.count)
  }

  /// The gradients of `loss` by all parameters, by the rules of each layer.
  package func gradients(_ images: [Double], labels: [Double], weights: [Double]? = nil) -> [[Double]] {
    let chain = chain()
    let size = net.inputCount
    var total = parameters.map { [Double](repeating: 0, count: $0.count) }
    for (event, label) in labels.enumerated() {
      var inputs: [[Double]] = []
      var values = Array(images[event * size..<(event + 1) * size])
      for (layer, _) in chain {
        inputs.append(values)
        values = layer.forward(values)
      }
      let scale = (weights?[event] ?? 1) / Double(labels.count)
      var gradient = [ReferenceLoss.gradient(logit: values[0], label: label) * scale]
      for (position, (layer, parameter)) in chain.enumerated().reversed() {
        let (below, weightGradient, biasGradient) = layer.backward(input: inputs[position], outputGradient: gradient)
        if let parameter {
          for (index, value) in weightGradient.enumerated() { total[parameter][index] += value }
          for (index, value) in biasGradient.enumerated() { total[parameter + 1][index] += value }
        }
        gradient = below
      }
    }
    return total
  }
}
