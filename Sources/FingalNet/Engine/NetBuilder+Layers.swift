import Fingal

extension NetBuilder {
  /// Plans one layer.
  ///
  /// - Parameters:
  ///   - previous: the layer before it; its ReLU may be undone here (see `planMaxPool`).
  ///   - next: the layer after it.
  func plan(_ layer: ResolvedLayer, previous: ResolvedLayer?, next: ResolvedLayer?) throws(FingalError) {
    switch layer.layer {
    case .conv2d(_, let kernel, _), .conv3d(_, let kernel, _):
      try planConvolution(layer, kernel: kernel, isFirst: previous == nil, isPooled: next?.layer.kind == "maxpool")
    case .maxPool(let size):
      try planMaxPool(layer, size: size, isFirst: previous == nil, undoesReLU: previous?.layer.activation == .relu)
    case .dense:
      try planDense(layer, isFirst: previous == nil)
    }
  }

  private func any(_ shape: [Int]) throws(FingalError) -> Layout { try Layout(shape, plain: false) }

  private func planConvolution(
    _ layer: ResolvedLayer, kernel: Int, isFirst: Bool, isPooled: Bool
  ) throws(FingalError) {
    let name = layer.name
    let relu = layer.layer.activation == .relu
    let window = Window.same(kernel: kernel, axes: layer.inputShape.count - 1)
    let biasLayout = try Layout([layer.biasCount], plain: true)
    let forward = try Plan.convolution(
      training: isTraining, relu: relu, source: isFirst ? any([capacity] + layer.inputShape) : activation.layout,
      weights: any(layer.weightShape), bias: biasLayout, destination: any([capacity] + layer.outputShape),
      window: window, name: name)
    let source = try reordered(activation, to: forward.source(), .forward, name + " input")
    let result = try Tensor(forward.destination())

    let backwardWeights: Plan? =
      if isTraining {
        try planWeightGradient(
          layer, source: source.layout, result: result.layout, window: window, forward: forward)
      } else {
        nil
      }
    let number = weights.count
    let preferred = if let backwardWeights { try backwardWeights.weightsGradient() } else { try forward.weights() }
    let kept = try parameter(preferred: preferred)
    let bias = try parameter(preferred: biasLayout)
    let used = try reordered(kept, to: forward.weights(), .weights, name + " weights")
    add(
      forward, .forward, name + " forward",
      [(.source, source), (.weights, used), (.bias, bias), (.destination, result)])
    activation = result
    guard let backwardWeights else { return }

    later { () throws(FingalError) in
      if relu && !isPooled { try self.planReLUBackward(result, name) }
      let target = try self.gradientTarget(number, layout: backwardWeights.weightsGradient())
      let seen = try self.reordered(source, to: backwardWeights.source(), .backward, name + " input for its weights")
      let gradient = try self.reordered(
        self.gradient, to: backwardWeights.destinationGradient(), .backward, name + " gradient for its weights")
      self.add(
        backwardWeights, .backward, name + " backward to its weights",
        [
          (.source, seen), (.destinationGradient, gradient), (.weightsGradient, target),
          (.biasGradient, self.weightGradients[number + 1]),
        ])
      try self.deliver(target, toGradient: number, name)
      if isFirst { return }
      let backwardData = try Plan.convolutionBackwardData(
        sourceGradient: source.layout, weights: self.any(layer.weightShape), destinationGradient: result.layout,
        window: window, forward: forward, name: name)
      let used = try self.reordered(kept, to: backwardData.weights(), .weights, name + " weights for backward")
      let sourceGradient = try Tensor(source.layout)
      self.add(
        backwardData, .backward, name + " backward to its input",
        [(.destinationGradient, self.gradient), (.weights, used), (.sourceGradient, sourceGradient)])
      self.gradient = sourceGradient
    }
  }

  /// The plan for the gradient of a convolution's weights, in the layouts that the forward pass uses.
  ///
  /// Where oneDNN has only its reference loops for these (3D without AVX-512), which are a hundred times slower, plain layouts
  /// let it multiply matrices instead, at the price of two copies.
  private func planWeightGradient(
    _ layer: ResolvedLayer, source: Layout, result: Layout, window: Window, forward: Plan
  ) throws(FingalError) -> Plan {
    func plan(_ source: Layout, _ result: Layout) throws(FingalError) -> Plan {
      try Plan.convolutionBackwardWeights(
        source: source, weightsGradient: any(layer.weightShape), biasGradient: Layout([layer.biasCount], plain: true),
        destinationGradient: result, window: window, forward: forward, name: layer.name)
    }
    let direct = try plan(source, result)
    guard direct.isReference else { return direct }
    let plain = try plan(
      Layout([capacity] + layer.inputShape, plain: true), Layout([capacity] + layer.outputShape, plain: true))
    return plain.isReference ? direct : plain
  }

  /// Max-pool keeps in its workspace which value of each block won.
  ///
  /// ReLU and maximum commute: where a ReLU comes right before, its backward pass is applied to the pooled gradient, which
  /// is 4 or 8 times smaller, and the convolution before leaves it out.
  private func planMaxPool(
    _ layer: ResolvedLayer, size: Int, isFirst: Bool, undoesReLU: Bool
  ) throws(FingalError) {
    let name = layer.name
    let window = Window.blocks(
      of: size, input: Array(layer.inputShape.dropFirst()), output: Array(layer.outputShape.dropFirst()))
    let source = activation
    let forward = try Plan.maxPool(
      training: isTraining, source: source.layout, destination: any([capacity] + layer.outputShape), window: window,
      name: name)
    let result = try Tensor(forward.destination())
    var arguments: [(Role, Tensor)] = [(.source, source), (.destination, result)]
    let workspace: Tensor? = if let layout = try forward.workspace() { try Tensor(layout) } else { nil }
    if let workspace { arguments.append((.workspace, workspace)) }
    add(forward, .forward, name + " forward", arguments)
    activation = result
    if !isTraining || isFirst { return }

    later { () throws(FingalError) in
      if undoesReLU { try self.planReLUBackward(result, name) }
      let backward = try Plan.maxPoolBackward(
        sourceGradient: source.layout, destinationGradient: result.layout, window: window, forward: forward, name: name)
      let sourceGradient = try Tensor(source.layout)
      var arguments: [(Role, Tensor)] = [(.destinationGradient, self.gradient), (.sourceGradient, sourceGradient)]
      if let workspace { arguments.append((.workspace, workspace)) }
      self.add(backward, .backward, name + " backward", arguments)
      self.gradient = sourceGradient
    }
  }

  private func planDense(_ layer: ResolvedLayer, isFirst: Bool) throws(FingalError) {
    let name = layer.name
    let relu = layer.layer.activation == .relu
    let weightShape = layer.computedWeightShape
    let biasLayout = try Layout([layer.biasCount], plain: true)
    let source = activation
    let forward = try Plan.dense(
      training: isTraining, relu: relu, source: source.layout, weights: any(weightShape), bias: biasLayout,
      destination: Layout([capacity] + layer.outputShape, plain: true), name: name)
    let result = try Tensor(forward.destination())

    var backwardWeights: Plan?
    if isTraining {
      backwardWeights = try Plan.denseBackwardWeights(
        source: source.layout, weightsGradient: any(weightShape), biasGradient: biasLayout,
        destinationGradient: result.layout, forward: forward, name: name)
    }
    let number = weights.count
    let preferred = if let backwardWeights { try backwardWeights.weightsGradient() } else { try forward.weights() }
    let kept = try parameter(preferred: preferred)
    let bias = try parameter(preferred: biasLayout)
    let used = try reordered(kept, to: forward.weights(), .weights, name + " weights")
    add(
      forward, .forward, name + " forward",
      [(.source, source), (.weights, used), (.bias, bias), (.destination, result)])
    activation = result
    guard let backwardWeights else { return }

    later { () throws(FingalError) in
      if relu { try self.planReLUBackward(result, name) }
      let target = try self.gradientTarget(number, layout: backwardWeights.weightsGradient())
      self.add(
        backwardWeights, .backward, name + " backward to its weights",
        [
          (.source, source), (.destinationGradient, self.gradient), (.weightsGradient, target),
          (.biasGradient, self.weightGradients[number + 1]),
        ])
      try self.deliver(target, toGradient: number, name)
      if isFirst { return }
      let backwardData = try Plan.denseBackwardData(
        sourceGradient: source.layout, weights: self.any(weightShape), destinationGradient: result.layout,
        forward: forward, name: name)
      let used = try self.reordered(kept, to: backwardData.weights(), .weights, name + " weights for backward")
      let sourceGradient = try Tensor(source.layout)
      self.add(
        backwardData, .backward, name + " backward to its input",
        [(.destinationGradient, self.gradient), (.weights, used), (.sourceGradient, sourceGradient)])
      self.gradient = sourceGradient
    }
  }

  /// Zeroes the gradient, in place, where the result of a ReLU is zero.
  private func planReLUBackward(_ result: Tensor, _ name: String) throws(FingalError) {
    add(
      try Plan.reluBackward(destination: result.layout, gradient: gradient.layout, name: name), .backward,
      name + " ReLU backward",
      [(.destination, result), (.destinationGradient, gradient), (.sourceGradient, gradient)])
  }
}
