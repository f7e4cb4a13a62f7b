import Fingal

/// A tensor of weights, biases or moments with its name, in plain order: the outermost axis first.
public struct NamedTensor: Equatable, Sendable {
  /// The layer's name and what it is: "conv1.weight", "dense2.bias".
  public var name: String
  /// (out, in, [depth,] height, width), (out, in) or (out).
  public var shape: [Int]
  public var values: [Float]

  public init(name: String, shape: [Int], values: [Float]) {
    self.name = name
    self.shape = shape
    self.values = values
  }
}

/// What is learnt of a net: where each parameter lies in a buffer of all of them, and in which order.
///
/// The layouts are those that the backward pass writes weight gradients in, so that a gradient is summed and applied as it
/// comes. Blocked layouts are longer than the parameter: their padding is zero and stays so, because its gradient is zero.
final class ParameterStore: Sendable {
  struct Parameter: Sendable {
    var name: String
    /// The shape as the world sees it.
    var shape: [Int]
    /// The shape that the layout has: dense layers keep the axes of the image that they flatten.
    var layoutShape: [Int]
    var layout: Layout
    /// In floats, from the start of the buffer.
    var offset: Int
    /// For the initial values; 0 for biases.
    var fanIn: Int
    var fanOut: Int

    var count: Int { shape.reduce(1, *) }
  }

  let parameters: [Parameter]
  /// Floats in a buffer of all parameters.
  let floatCount: Int

  init(_ layers: [ResolvedLayer], layouts: [Layout]) {
    var parameters: [Parameter] = []
    var offset = 0
    func add(_ name: String, _ shape: [Int], _ layoutShape: [Int], fanIn: Int, fanOut: Int) {
      let layout = layouts[parameters.count]
      parameters.append(
        Parameter(
          name: name, shape: shape, layoutShape: layoutShape, layout: layout, offset: offset, fanIn: fanIn,
          fanOut: fanOut))
      // A multiple of 16 floats: each parameter starts on a cache line.
      offset += (layout.byteCount / MemoryLayout<Float>.stride + 15) / 16 * 16
    }
    for layer in layers where !layer.weightShape.isEmpty {
      add(
        layer.name + ".weight", layer.weightShape, layer.computedWeightShape, fanIn: layer.fanIn, fanOut: layer.fanOut)
      add(layer.name + ".bias", [layer.biasCount], [layer.biasCount], fanIn: 0, fanOut: 0)
    }
    self.parameters = parameters
    floatCount = offset
  }

  /// All parameters of a buffer in plain order.
  func read(_ buffer: FloatBuffer) throws(FingalError) -> [NamedTensor] {
    let stream = try Stream()
    var tensors: [NamedTensor] = []
    for parameter in parameters {
      let plain = try Tensor(Layout(parameter.layoutShape, plain: true))
      let own = try tensor(parameter, in: buffer)
      try copy(own, to: plain, name: parameter.name, on: stream)
      let values = unsafe Array(UnsafeBufferPointer(start: plain.floats, count: parameter.count))
      tensors.append(NamedTensor(name: parameter.name, shape: parameter.shape, values: values))
    }
    return tensors
  }

  /// Fills a buffer from tensors in plain order. Nothing is changed if one does not fit.
  ///
  /// - Throws: `usage` if the names or shapes are not those of the net.
  func write(_ tensors: [NamedTensor], to buffer: FloatBuffer) throws(FingalError) {
    guard tensors.count == parameters.count else {
      throw FingalError(.usage, "the net has \(parameters.count) parameter tensors, \(tensors.count) are given")
    }
    for (tensor, parameter) in zip(tensors, parameters) {
      guard tensor.name == parameter.name, tensor.shape == parameter.shape, tensor.values.count == parameter.count
      else {
        throw FingalError(
          .usage,
          "the net's parameter '\(parameter.name)' of shape \(parameter.shape) does not fit tensor '\(tensor.name)' of "
            + "shape \(tensor.shape) with \(tensor.values.count) values")
      }
    }
    let stream = try Stream()
    for (tensor, parameter) in zip(tensors, parameters) {
      let plain = try Tensor(Layout(parameter.layoutShape, plain: true))
      unsafe plain.floats.update(from: tensor.values, count: parameter.count)
      try copy(plain, to: self.tensor(parameter, in: buffer), name: parameter.name, on: stream)
    }
  }

  private func tensor(_ parameter: Parameter, in buffer: FloatBuffer) throws(FingalError) -> Tensor {
    unsafe try Tensor(parameter.layout, at: UnsafeMutableRawPointer(buffer.base + parameter.offset))
  }

  private func copy(_ source: Tensor, to destination: Tensor, name: String, on stream: Stream) throws(FingalError) {
    let plan = try Plan.reorder(from: source.layout, to: destination.layout, name: name)
    var arguments: [(Role, Tensor)] = [(.source, source), (.destination, destination)]
    if let scratchpad = try plan.scratchpad() { arguments.append((.scratchpad, try Tensor(scratchpad))) }
    try Operation(plan, arguments, name: name).run(on: stream)
  }
}

extension ResolvedLayer {
  /// The weights as the engine computes with them: a dense layer that flattens an image keeps the axes of the image,
  /// (out, channels, [depth,] height, width), which in plain order is the same sequence of values.
  var computedWeightShape: [Int] {
    if case .dense = layer { return [weightShape[0]] + inputShape }
    return weightShape
  }
}
