import Fingal
internal import FingalDNN

/// A net compiled for a fixed number of events: operations, tensors between them and a scratchpad.
///
/// One thread at a time runs it; several compiled nets share the weights, which stay outside (`attach`). The final sigmoid
/// is left to whoever reads the logits.
@safe
final class CompiledNet: @unchecked Sendable {
  /// Events that are computed at once, also when fewer are asked for.
  let capacity: Int
  private let inputCount: Int
  private let stream: Stream
  private let input: Tensor
  private let output: Tensor
  private let outputGradient: Tensor?
  private let weights: [Tensor]
  private let weightGradients: [Tensor]
  private let steps: [NetBuilder.Phase: [any ComputeStep]]
  /// The operations work in it; kept alive here.
  private let scratchpad: FloatBuffer
  /// Holds the events of a partial minibatch, followed by zeros; made when first needed.
  private var padded: FloatBuffer?

  /// - Parameters:
  ///   - capacity: events computed at once.
  ///   - layouts: of the parameters, if they are settled already; nil lets the net choose the best.
  /// - Throws: `usage` if the layers do not fit, `unsupported` if oneDNN has no implementation.
  init(
    _ net: NetDescription, capacity: Int, purpose: Purpose, layouts: [Layout]? = nil
  ) throws(FingalError) {
    ComputeLibrary.useOneThreadPerOperation()
    self.capacity = capacity
    inputCount = net.inputCount
    stream = try Stream()
    let builder = try NetBuilder(inputShape: net.inputShape, capacity: capacity, purpose: purpose, layouts: layouts)
    let layers = try net.resolved()
    var previous: ResolvedLayer?
    for (position, layer) in layers.enumerated() {
      try builder.plan(layer, previous: previous, next: layers.dropFirst(position + 1).first)
      previous = layer
    }
    input = builder.input
    output = builder.activation
    if purpose == .training {
      let gradient = try Tensor(output.layout)
      outputGradient = gradient
      try builder.planBackward(from: gradient)
    } else {
      outputGradient = nil
    }
    (steps, scratchpad) = try builder.compile()
    weights = builder.weights
    weightGradients = builder.weightGradients
  }

  /// The layouts in which the net takes its parameters.
  var parameterLayouts: [Layout] { weights.map(\.layout) }

  /// Gives the net its weights, and a place for its gradients if it was compiled for training. The caller keeps both
  /// buffers alive as long as the net.
  func attach(_ store: ParameterStore, weights values: FloatBuffer, gradients: FloatBuffer?) throws(FingalError) {
    for (tensor, parameter) in zip(weights, store.parameters) {
      try unsafe tensor.place(at: UnsafeMutableRawPointer(values.base + parameter.offset))
    }
    guard let gradients else { return }
    for (tensor, parameter) in zip(weightGradients, store.parameters) {
      try unsafe tensor.place(at: UnsafeMutableRawPointer(gradients.base + parameter.offset))
    }
  }

  /// Computes the logits of `count` events, 1 to `capacity`.
  ///
  /// The input is looked through for values that are not finite first: ReLU and max-pool turn NaN into zero, so that such an
  /// event would get a plausible score.
  ///
  /// - Parameters:
  ///   - images: `count` × input shape, plain order. It is only read.
  ///   - first: what the first event is counted as in errors.
  /// - Returns: the logits; of the events up to `capacity` beyond `count` they mean nothing.
  /// - Throws: `badInput` if an image holds NaN or an infinite value.
  func forward(
    _ images: UnsafePointer<Float>, count: Int, first: Int
  ) throws(FingalError) -> UnsafeMutablePointer<Float> {
    precondition(count >= 1 && count <= capacity)
    if unsafe fdnn_all_below(images, count * inputCount, .infinity) == 0 {
      let bad = (0..<count).first { unsafe fdnn_all_below(images + $0 * inputCount, inputCount, .infinity) == 0 }
      throw FingalError(
        .badInput, "image \(first + (bad ?? 0)) of the minibatch holds a value that is NaN or infinite",
        advice: "look for such values in the columns that the image is made of")
    }
    let place = unsafe count == capacity ? images : pad(images, count: count)
    try unsafe input.place(at: UnsafeMutableRawPointer(mutating: place))
    try run(.weights)
    try run(.forward)
    return unsafe output.floats
  }

  /// Where the gradient of the loss by the logits goes before `backward()`; `capacity` floats.
  var logitGradients: UnsafeMutablePointer<Float> {
    guard let outputGradient else { preconditionFailure("the net was compiled for inference") }
    return unsafe outputGradient.floats
  }

  /// Computes the gradients of all parameters for the events of the last `forward`, which are still at their place.
  func backward() throws(FingalError) { try run(.backward) }

  private func run(_ phase: NetBuilder.Phase) throws(FingalError) {
    for step in steps[phase] ?? [] { try step.run(on: stream) }
  }

  private func pad(_ images: UnsafePointer<Float>, count: Int) -> UnsafePointer<Float> {
    let buffer = padded ?? FloatBuffer(capacity * inputCount)
    padded = buffer
    unsafe buffer.base.update(from: images, count: count * inputCount)
    unsafe (buffer.base + count * inputCount).update(repeating: 0, count: (capacity - count) * inputCount)
    return unsafe UnsafePointer(buffer.base)
  }
}
