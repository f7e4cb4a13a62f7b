import Fingal

/// Whether a compiled net can run backwards.
enum Purpose {
  case training
  case inference
}

/// Plans the operations of a net, layer by layer: forward as it goes, backward in reverse once all layers are known.
///
/// Every tensor between two operations keeps the order that oneDNN chose (blocks of 16 channels on AVX-512); values are
/// reordered at the ends of the net only. How each kind of layer is planned is in `NetBuilder+Layers.swift`.
final class NetBuilder {
  /// The passes of a step, in the order in which they run.
  enum Phase: CaseIterable {
    /// Copies of the weights in the orders that the operations want, where these differ from the store's.
    case weights
    case forward
    case backward
  }

  private struct PlannedOperation {
    var plan: Plan
    var arguments: [(Role, Tensor)]
    var name: String
  }

  let purpose: Purpose
  let capacity: Int
  let input: Tensor
  /// What comes out of the layer planned last.
  var activation: Tensor
  /// While the backward pass is planned: the gradient of the loss by the input of the layer planned last.
  var gradient: Tensor
  /// Layouts to keep parameters in, if a net compiled before has settled them.
  private let givenLayouts: [Layout]?
  private(set) var weights: [Tensor] = []
  private(set) var weightGradients: [Tensor] = []
  private var planned: [Phase: [PlannedOperation]] = [:]
  private var backward: [() throws(FingalError) -> Void] = []

  init(inputShape: [Int], capacity: Int, purpose: Purpose, layouts: [Layout]?) throws(FingalError) {
    self.purpose = purpose
    self.capacity = capacity
    givenLayouts = layouts
    unsafe input = try Tensor(Layout([capacity] + inputShape, plain: true), at: nil)
    activation = input
    gradient = input
  }

  var isTraining: Bool { purpose == .training }

  func add(_ plan: Plan, _ phase: Phase, _ name: String, _ arguments: [(Role, Tensor)]) {
    planned[phase, default: []].append(PlannedOperation(plan: plan, arguments: arguments, name: name))
  }

  /// Keeps what the backward pass does for a layer until its turn comes.
  func later(_ body: @escaping () throws(FingalError) -> Void) { backward.append(body) }

  /// The tensor in another layout: itself where the layout is the same, else a copy that `phase` makes.
  func reordered(_ tensor: Tensor, to layout: Layout, _ phase: Phase, _ name: String) throws(FingalError) -> Tensor {
    if tensor.layout.equals(layout) { return tensor }
    let copy = try Tensor(layout)
    add(
      try Plan.reorder(from: tensor.layout, to: layout, name: name), phase, name + " reorder",
      [(.source, tensor), (.destination, copy)])
    return copy
  }

  /// A parameter of the net, placed by whoever owns the buffers.
  ///
  /// - Parameter preferred: the layout that suits the operations best; taken unless a layout is given already.
  func parameter(preferred: Layout) throws(FingalError) -> Tensor {
    let layout = givenLayouts.map { $0[weights.count] } ?? preferred
    let tensor = try unsafe Tensor(layout, at: nil)
    weights.append(tensor)
    if isTraining { weightGradients.append(try unsafe Tensor(layout, at: nil)) }
    return tensor
  }

  /// Where an operation writes the gradient of a parameter: the gradient itself, or a tensor in the operation's own
  /// layout that `deliver` copies there.
  func gradientTarget(_ parameter: Int, layout: Layout) throws(FingalError) -> Tensor {
    let target = weightGradients[parameter]
    return target.layout.equals(layout) ? target : try Tensor(layout)
  }

  func deliver(_ written: Tensor, toGradient parameter: Int, _ name: String) throws(FingalError) {
    let target = weightGradients[parameter]
    if written === target { return }
    add(
      try Plan.reorder(from: written.layout, to: target.layout, name: name), .backward, name + " gradient reorder",
      [(.source, written), (.destination, target)])
  }

  /// Plans the backward pass from the gradient of the logits.
  func planBackward(from logitGradient: Tensor) throws(FingalError) {
    gradient = logitGradient
    for body in backward.reversed() { try body() }
    backward = []
  }

  /// Compiles what was planned. All operations of the net run one after another and share one scratchpad.
  func compile() throws(FingalError) -> (steps: [Phase: [any ComputeStep]], scratchpad: FloatBuffer) {
    var largest = 0
    for phase in Phase.allCases {
      for operation in planned[phase] ?? [] {
        largest = max(largest, try operation.plan.scratchpad()?.byteCount ?? 0)
      }
    }
    let shared = FloatBuffer(largest / MemoryLayout<Float>.stride + 16)
    var steps: [Phase: [any ComputeStep]] = [:]
    for phase in Phase.allCases {
      var compiled: [any ComputeStep] = []
      for operation in planned[phase] ?? [] {
        var arguments = operation.arguments
        if let layout = try operation.plan.scratchpad() {
          arguments.append((.scratchpad, unsafe try Tensor(layout, at: UnsafeMutableRawPointer(shared.base))))
        }
        compiled.append(try Operation(operation.plan, arguments, name: operation.name))
      }
      steps[phase] = compiled
    }
    return (steps, shared)
  }
}
