import Fingal
internal import FingalDNN

// The Swift side of the C layer over oneDNN: each class owns one of its objects. With `FloatBuffer.swift` and
// `CompiledNet.swift` the files that touch raw memory; what is above them works on typed, counted things.

/// Facts about the library that computes.
public enum ComputeLibrary {
  /// Version and instruction set, such as "oneDNN 2.6.3 (avx512_core_bf16)".
  public static var description: String {
    let version = unsafe String(cString: fdnn_version())
    let set = unsafe String(cString: fdnn_instruction_set())
    let prefix = "cpu_isa_"
    return "oneDNN \(version) (\(set.hasPrefix(prefix) ? String(set.dropFirst(prefix.count)) : set))"
  }

  /// One OpenMP thread inside an operation, for operations created or run by the calling thread. Parallelism comes from
  /// events shared out over own threads, which also holds up on a loaded machine; OpenMP teams inside each operation
  /// collapse there. Set from inside the program, so that nobody needs to export OMP_NUM_THREADS.
  static func useOneThreadPerOperation() { fdnn_set_operation_threads(1) }
}

/// Turns a status of the C layer into an error that says what was being done.
private func check(_ status: Int32, _ what: @autoclosure () -> String) throws(FingalError) {
  if status == 0 { return }
  let reason = unsafe String(cString: fdnn_last_error())
  throw FingalError(.unsupported, "oneDNN failed at \(what()): \(reason)")
}

/// Calls a creating function of the C layer and returns what it made.
private func create(
  _ what: @autoclosure () -> String, _ make: (inout OpaquePointer?) -> Int32
) throws(FingalError) -> OpaquePointer {
  var result: OpaquePointer?
  try check(unsafe make(&result), what())
  guard let result = unsafe result else { throw FingalError(.unsupported, "oneDNN made nothing for \(what())") }
  return unsafe result
}

/// Shape and order of a tensor in memory.
@safe
final class Layout: @unchecked Sendable {
  fileprivate let handle: OpaquePointer

  /// - Parameter plain: outermost axis first, as in C; otherwise an operation that is planned with it chooses.
  init(_ shape: [Int], plain: Bool) throws(FingalError) {
    let axes = shape.map(Int64.init)
    unsafe handle = try create("a layout of \(shape)") {
      unsafe fdnn_layout_create(&$0, Int32(axes.count), axes, Int32(plain ? FDNN_ORDER_PLAIN : FDNN_ORDER_ANY))
    }
  }

  fileprivate init(owning handle: OpaquePointer) { unsafe self.handle = unsafe handle }

  deinit { unsafe fdnn_layout_destroy(handle) }

  /// Bytes in memory, padding of blocked layouts included.
  var byteCount: Int { unsafe fdnn_layout_bytes(handle) }

  func equals(_ other: Layout) -> Bool { unsafe fdnn_layout_equal(handle, other.handle) != 0 }
}

/// A tensor: a layout and the place of its elements.
@safe
final class Tensor: @unchecked Sendable {
  fileprivate let handle: OpaquePointer
  let layout: Layout

  /// A tensor of zeros in memory of its own.
  init(_ layout: Layout) throws(FingalError) {
    self.layout = layout
    unsafe handle = try create("a tensor") { unsafe fdnn_memory_create(&$0, layout.handle) }
  }

  /// A tensor over memory that somebody else keeps alive; nil until `place(at:)`.
  init(_ layout: Layout, at bytes: UnsafeMutableRawPointer?) throws(FingalError) {
    self.layout = layout
    unsafe handle = try create("a tensor") { unsafe fdnn_memory_create_at(&$0, layout.handle, bytes) }
  }

  deinit { unsafe fdnn_memory_destroy(handle) }

  func place(at bytes: UnsafeMutableRawPointer) throws(FingalError) {
    try check(unsafe fdnn_memory_set_bytes(handle, bytes), "placing a tensor")
  }

  /// The elements in the order of the layout.
  var floats: UnsafeMutablePointer<Float> {
    unsafe fdnn_memory_bytes(handle).assumingMemoryBound(to: Float.self)
  }
}

/// Where operations run; one a thread at a time.
@safe
final class Stream: @unchecked Sendable {
  fileprivate let handle: OpaquePointer

  init() throws(FingalError) { unsafe handle = try create("a stream") { unsafe fdnn_stream_create(&$0) } }

  deinit { unsafe fdnn_stream_destroy(handle) }
}

/// The place of a tensor among the arguments of an operation.
enum Role {
  case source, destination, weights, bias, workspace, scratchpad
  case sourceGradient, destinationGradient, weightsGradient, biasGradient

  fileprivate var number: Int32 {
    switch self {
    case .source: Int32(FDNN_ARGUMENT_SOURCE)
    case .destination: Int32(FDNN_ARGUMENT_DESTINATION)
    case .weights: Int32(FDNN_ARGUMENT_WEIGHTS)
    case .bias: Int32(FDNN_ARGUMENT_BIAS)
    case .workspace: Int32(FDNN_ARGUMENT_WORKSPACE)
    case .scratchpad: Int32(FDNN_ARGUMENT_SCRATCHPAD)
    case .sourceGradient: Int32(FDNN_ARGUMENT_SOURCE_GRADIENT)
    case .destinationGradient: Int32(FDNN_ARGUMENT_DESTINATION_GRADIENT)
    case .weightsGradient: Int32(FDNN_ARGUMENT_WEIGHTS_GRADIENT)
    case .biasGradient: Int32(FDNN_ARGUMENT_BIAS_GRADIENT)
    }
  }
}

/// Kernel, stride and padding of a window that slides over the spatial axes, one entry an axis.
struct Window {
  var kernel: [Int64]
  var stride: [Int64]
  var paddingBegin: [Int64]
  var paddingEnd: [Int64]

  /// Stride 1 and as much padding as keeps the sizes.
  static func same(kernel: Int, axes: Int) -> Window {
    let all = { (value: Int) in [Int64](repeating: Int64(value), count: axes) }
    return Window(kernel: all(kernel), stride: all(1), paddingBegin: all(kernel / 2), paddingEnd: all(kernel / 2))
  }

  /// Blocks side by side. What does not fill a block at the end is cut off: oneDNN wants that said as negative padding.
  static func blocks(of size: Int, input: [Int], output: [Int]) -> Window {
    let all = { (value: Int) in [Int64](repeating: Int64(value), count: input.count) }
    return Window(
      kernel: all(size), stride: all(size), paddingBegin: all(0),
      paddingEnd: zip(input, output).map { Int64($1 * size - $0) })
  }
}

/// An implementation of one operation, chosen for given layouts.
@safe
final class Plan: @unchecked Sendable {
  fileprivate let handle: OpaquePointer

  private init(_ what: String, _ make: (inout OpaquePointer?) -> Int32) throws(FingalError) {
    unsafe handle = try create(what, make)
  }

  deinit { unsafe fdnn_plan_destroy(handle) }

  /// The name of the implementation, such as "jit:avx512_core".
  var implementation: String { unsafe String(cString: fdnn_plan_implementation(handle)) }

  /// Whether it is oneDNN's plain loops, there for completeness and very slow.
  var isReference: Bool { implementation.hasPrefix("ref") }

  private func layout(_ which: some BinaryInteger) throws(FingalError) -> Layout? {
    var result: OpaquePointer?
    try check(unsafe fdnn_plan_layout(&result, handle, Int32(which)), "asking for a layout")
    return unsafe result.map { unsafe Layout(owning: $0) }
  }

  private func required(_ which: some BinaryInteger) throws(FingalError) -> Layout {
    guard let layout = try layout(which) else { throw FingalError(.unsupported, "oneDNN gives no layout \(which)") }
    return layout
  }

  func source() throws(FingalError) -> Layout { try required(FDNN_LAYOUT_SOURCE) }
  func weights() throws(FingalError) -> Layout { try required(FDNN_LAYOUT_WEIGHTS) }
  func destination() throws(FingalError) -> Layout { try required(FDNN_LAYOUT_DESTINATION) }
  func destinationGradient() throws(FingalError) -> Layout { try required(FDNN_LAYOUT_DESTINATION_GRADIENT) }
  func weightsGradient() throws(FingalError) -> Layout { try required(FDNN_LAYOUT_WEIGHTS_GRADIENT) }
  func workspace() throws(FingalError) -> Layout? { try layout(FDNN_LAYOUT_WORKSPACE) }
  func scratchpad() throws(FingalError) -> Layout? { try layout(FDNN_LAYOUT_SCRATCHPAD) }

  static func convolution(
    training: Bool, relu: Bool, source: Layout, weights: Layout, bias: Layout, destination: Layout, window: Window,
    name: String
  ) throws(FingalError) -> Plan {
    unsafe try Plan("\(name) forward") {
      unsafe fdnn_convolution_forward(
        &$0, training ? 1 : 0, relu ? 1 : 0, source.handle, weights.handle, bias.handle, destination.handle,
        window.stride, window.paddingBegin, window.paddingEnd)
    }
  }

  static func convolutionBackwardData(
    sourceGradient: Layout, weights: Layout, destinationGradient: Layout, window: Window, forward: Plan, name: String
  ) throws(FingalError) -> Plan {
    unsafe try Plan("\(name) backward to its input") {
      unsafe fdnn_convolution_backward_data(
        &$0, sourceGradient.handle, weights.handle, destinationGradient.handle, window.stride, window.paddingBegin,
        window.paddingEnd, forward.handle)
    }
  }

  static func convolutionBackwardWeights(
    source: Layout, weightsGradient: Layout, biasGradient: Layout, destinationGradient: Layout, window: Window,
    forward: Plan, name: String
  ) throws(FingalError) -> Plan {
    unsafe try Plan("\(name) backward to its weights") {
      unsafe fdnn_convolution_backward_weights(
        &$0, source.handle, weightsGradient.handle, biasGradient.handle, destinationGradient.handle, window.stride,
        window.paddingBegin, window.paddingEnd, forward.handle)
    }
  }

  static func dense(
    training: Bool, relu: Bool, source: Layout, weights: Layout, bias: Layout, destination: Layout, name: String
  ) throws(FingalError) -> Plan {
    unsafe try Plan("\(name) forward") {
      unsafe fdnn_inner_product_forward(
        &$0, training ? 1 : 0, relu ? 1 : 0, source.handle, weights.handle, bias.handle, destination.handle)
    }
  }

  static func denseBackwardData(
    sourceGradient: Layout, weights: Layout, destinationGradient: Layout, forward: Plan, name: String
  ) throws(FingalError) -> Plan {
    unsafe try Plan("\(name) backward to its input") {
      unsafe fdnn_inner_product_backward_data(
        &$0, sourceGradient.handle, weights.handle, destinationGradient.handle, forward.handle)
    }
  }

  static func denseBackwardWeights(
    source: Layout, weightsGradient: Layout, biasGradient: Layout, destinationGradient: Layout, forward: Plan,
    name: String
  ) throws(FingalError) -> Plan {
    unsafe try Plan("\(name) backward to its weights") {
      unsafe fdnn_inner_product_backward_weights(
        &$0, source.handle, weightsGradient.handle, biasGradient.handle, destinationGradient.handle, forward.handle)
    }
  }

  static func maxPool(
    training: Bool, source: Layout, destination: Layout, window: Window, name: String
  ) throws(FingalError) -> Plan {
    unsafe try Plan("\(name) forward") {
      unsafe fdnn_max_pool_forward(
        &$0, training ? 1 : 0, source.handle, destination.handle, window.kernel, window.stride, window.paddingBegin,
        window.paddingEnd)
    }
  }

  static func maxPoolBackward(
    sourceGradient: Layout, destinationGradient: Layout, window: Window, forward: Plan, name: String
  ) throws(FingalError) -> Plan {
    unsafe try Plan("\(name) backward") {
      unsafe fdnn_max_pool_backward(
        &$0, sourceGradient.handle, destinationGradient.handle, window.kernel, window.stride, window.paddingBegin,
        window.paddingEnd, forward.handle)
    }
  }

  static func reluBackward(destination: Layout, gradient: Layout, name: String) throws(FingalError) -> Plan {
    unsafe try Plan("\(name) ReLU backward") {
      unsafe fdnn_relu_backward(&$0, destination.handle, gradient.handle)
    }
  }

  static func reorder(from source: Layout, to destination: Layout, name: String) throws(FingalError) -> Plan {
    unsafe try Plan("\(name) reorder") {
      unsafe fdnn_reorder(&$0, source.handle, destination.handle)
    }
  }
}

/// A step of the forward or backward pass. oneDNN's operations are steps; kernels of our own can be others.
protocol ComputeStep: AnyObject {
  func run(on stream: Stream) throws(FingalError)
}

/// A compiled plan with its tensors. It keeps them alive.
@safe
final class Operation: ComputeStep, @unchecked Sendable {
  private let handle: OpaquePointer
  private let tensors: [Tensor]
  let name: String

  init(_ plan: Plan, _ arguments: [(Role, Tensor)], name: String) throws(FingalError) {
    self.name = name
    tensors = arguments.map { $0.1 }
    let roles = arguments.map { $0.0.number }
    let handles = unsafe arguments.map { unsafe Optional($0.1.handle) }
    unsafe handle = try create("compiling \(name)") {
      unsafe fdnn_operation_create(&$0, plan.handle, Int32(roles.count), roles, handles)
    }
  }

  deinit { unsafe fdnn_operation_destroy(handle) }

  func run(on stream: Stream) throws(FingalError) {
    try check(unsafe fdnn_operation_run(handle, stream.handle), name)
  }
}
