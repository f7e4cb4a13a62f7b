public import Fingal

/// A sequential net: the shape of one event and the layers, with nothing of how it is computed.
///
/// The last layer is a dense layer of one unit with a sigmoid: its output is the probability that an event is signal.
public struct NetDescription: Codable, Equatable, Sendable {
  /// A name for people, such as "cnn2d".
  public var name: String
  /// Shape of one event, channels first: (channels, height, width) or (channels, depth, height, width).
  public var inputShape: [Int]
  public var layers: [Layer]

  private enum CodingKeys: String, CodingKey {
    case name
    case inputShape = "input"
    case layers
  }

  public init(name: String, inputShape: [Int], layers: [Layer]) {
    self.name = name
    self.inputShape = inputShape
    self.layers = layers
  }

  /// Number of floats of one event.
  public var inputCount: Int { inputShape.reduce(1, *) }

  /// The layers with names and shapes.
  ///
  /// - Throws: `usage` if the layers do not fit together; the message names the layer.
  public func resolved() throws(FingalError) -> [ResolvedLayer] {
    try ShapeChecker(net: self).resolve()
  }

  /// Number of weights and biases.
  ///
  /// - Throws: as `resolved()`.
  public func parameterCount() throws(FingalError) -> Int {
    try resolved().reduce(0) { $0 + $1.parameterCount }
  }
}

/// A layer of a net whose shapes fit, with the shapes.
public struct ResolvedLayer: Equatable, Sendable {
  public var layer: Layer
  /// Unique in the net: the kind and a number from 1, such as "conv2", "pool1", "dense1".
  public var name: String
  /// Shapes of one event. The input of the first dense layer is that of what it flattens.
  public var inputShape: [Int]
  public var outputShape: [Int]
  /// Shape of the weights, (out, in, [depth,] height, width) or (out, in); empty if the layer has none.
  /// A dense layer that flattens an input of C×H×W takes its inputs in that order, channels outermost, as PyTorch does
  /// (Keras with channels last flattens H×W×C).
  public var weightShape: [Int]

  public var biasCount: Int { weightShape.first ?? 0 }
  public var parameterCount: Int { weightShape.isEmpty ? 0 : weightShape.reduce(1, *) + biasCount }

  /// Inputs of one output: input channels times kernel size.
  public var fanIn: Int { weightShape.dropFirst().reduce(1, *) }
  /// Outputs of one input: output channels times kernel size.
  public var fanOut: Int { weightShape.isEmpty ? 0 : weightShape[0] * weightShape.dropFirst(2).reduce(1, *) }
}

/// Walks through a net and finds every shape, or what does not fit.
private struct ShapeChecker {
  let net: NetDescription
  var shape: [Int] = []
  var counts: [String: Int] = [:]

  init(net: NetDescription) { self.net = net }

  /// More than any net of this kind needs, and small enough that no product of shapes overflows.
  static let maximumUnits = 1 << 16
  static let maximumValues = 1 << 28

  func resolve() throws(FingalError) -> [ResolvedLayer] {
    var checker = self
    return try checker.walk()
  }

  private mutating func walk() throws(FingalError) -> [ResolvedLayer] {
    let input = net.inputShape
    guard input.count == 3 || input.count == 4, input.allSatisfy({ $0 >= 1 && $0 <= Self.maximumUnits }) else {
      throw wrong(
        "the input shape \(text(input)) is not (channels, height, width) or (channels, depth, height, width)")
    }
    guard input.reduce(1.0, { $0 * Double($1) }) <= Double(Self.maximumValues) else {
      throw wrong("the input shape \(text(input)) holds too many values")
    }
    guard let last = net.layers.last, case .dense(1, .sigmoid) = last else {
      throw wrong("the last layer must be dense with 1 unit and activation sigmoid")
    }
    shape = input
    var resolved: [ResolvedLayer] = []
    for (position, layer) in net.layers.enumerated() {
      if layer.activation == .sigmoid && position != net.layers.count - 1 {
        throw wrong("layer \(position + 1) (\(layer.kind)): sigmoid is for the last layer only; use relu")
      }
      resolved.append(try resolve(layer, at: position + 1))
    }
    return resolved
  }

  private mutating func resolve(_ layer: Layer, at position: Int) throws(FingalError) -> ResolvedLayer {
    let input = shape
    let place = "layer \(position) (\(layer.kind))"
    var weights: [Int] = []
    let word: String
    switch layer {
    case .conv2d(let filters, let kernel, _), .conv3d(let filters, let kernel, _):
      word = "conv"
      let spatial = layer.kind == "conv2d" ? 2 : 3
      guard input.count == spatial + 1 else {
        throw wrong("\(place) needs an input of \(spatial + 1) axes, its input is \(text(input))")
      }
      guard filters >= 1 && filters <= Self.maximumUnits else {
        throw wrong("\(place): \(filters) filters; it must be 1 to \(Self.maximumUnits)")
      }
      guard kernel >= 1 && kernel % 2 == 1 && kernel <= 31 else {
        throw wrong("\(place): a kernel of \(kernel); it must be odd, 1 to 31")
      }
      weights = [filters, input[0]] + [Int](repeating: kernel, count: spatial)
      shape = [filters] + input.dropFirst()
    case .maxPool(let size):
      word = "pool"
      guard input.count >= 3 else {
        throw wrong("\(place) comes after a dense layer, where there is nothing to pool")
      }
      guard size >= 2 && size <= 16 else {
        throw wrong("\(place): a size of \(size); it must be 2 to 16")
      }
      guard input.dropFirst().allSatisfy({ $0 >= size }) else {
        throw wrong(
          "\(place) pools by \(size), but its input is \(text(input)): too small",
          advice: "take a larger image or fewer poolings; the image is \(text(net.inputShape))")
      }
      shape = [input[0]] + input.dropFirst().map { $0 / size }
    case .dense(let units, _):
      word = "dense"
      guard units >= 1 && units <= Self.maximumUnits else {
        throw wrong("\(place): \(units) units; it must be 1 to \(Self.maximumUnits)")
      }
      weights = [units, input.reduce(1, *)]
      shape = [units]
    }
    let largest = [weights, shape].map { $0.reduce(1.0) { $0 * Double($1) } }.max() ?? 0
    guard largest <= Double(Self.maximumValues) else {
      throw wrong("\(place) holds too many values: weights \(text(weights)), output \(text(shape))")
    }
    counts[word, default: 0] += 1
    return ResolvedLayer(
      layer: layer, name: "\(word)\(counts[word, default: 0])", inputShape: input, outputShape: shape,
      weightShape: weights)
  }

  private func wrong(_ message: String, advice: String? = nil) -> FingalError {
    FingalError(.usage, "net '\(net.name)': \(message)", advice: advice)
  }

  private func text(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: "×") }
}
