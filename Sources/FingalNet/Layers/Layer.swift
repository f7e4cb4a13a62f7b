/// What is applied to every output of a layer.
public enum Activation: String, Codable, Sendable, CaseIterable {
  /// Nothing: the output as it is.
  case linear
  /// max(x, 0)
  case relu
  /// 1 / (1 + exp(−x)); allowed at the end of a net only, where training works on the logit x.
  case sigmoid
}

/// One layer of a sequential net, in Keras' words.
///
/// In JSON a layer is an object whose `type` says which: `conv2d` and `conv3d` (`filters`, `kernel`, `activation`),
/// `maxpool` (`size`), `dense` (`units`, `activation`). `kernel` defaults to 3, `size` to 2, `activation` to `linear`.
public enum Layer: Equatable, Sendable {
  /// Convolution over height and width: a square kernel of odd size, stride 1, zero padding so that sizes stay ("same").
  case conv2d(filters: Int, kernel: Int = 3, activation: Activation)
  /// Convolution over depth, height and width: a cubic kernel of odd size, stride 1, sizes stay ("same").
  case conv3d(filters: Int, kernel: Int = 3, activation: Activation)
  /// Maximum over blocks of `size` along every spatial axis; what does not fill a block at the end is dropped, as in Keras.
  case maxPool(size: Int = 2)
  /// Every input to every unit. What comes out of a convolution is flattened first, channels outermost.
  case dense(units: Int, activation: Activation)

  /// The activation, if the layer has one.
  public var activation: Activation {
    switch self {
    case .conv2d(_, _, let activation), .conv3d(_, _, let activation), .dense(_, let activation): activation
    case .maxPool: .linear
    }
  }

  /// The word for the kind of layer, as in JSON.
  public var kind: String {
    switch self {
    case .conv2d: "conv2d"
    case .conv3d: "conv3d"
    case .maxPool: "maxpool"
    case .dense: "dense"
    }
  }
}

extension Layer: Codable {
  private enum Key: String, CodingKey { case type, filters, kernel, size, units, activation }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let kind = try container.decode(String.self, forKey: .type)
    let activation = try container.decodeIfPresent(Activation.self, forKey: .activation) ?? .linear
    switch kind {
    case "conv2d", "conv3d":
      let filters = try container.decode(Int.self, forKey: .filters)
      let kernel = try container.decodeIfPresent(Int.self, forKey: .kernel) ?? 3
      self =
        kind == "conv2d"
        ? .conv2d(filters: filters, kernel: kernel, activation: activation)
        : .conv3d(filters: filters, kernel: kernel, activation: activation)
    case "maxpool":
      self = .maxPool(size: try container.decodeIfPresent(Int.self, forKey: .size) ?? 2)
    case "dense":
      self = .dense(units: try container.decode(Int.self, forKey: .units), activation: activation)
    default:
      throw DecodingError.dataCorruptedError(
        forKey: .type, in: container,
        debugDescription: "unknown layer type '\(kind)' (known are conv2d, conv3d, maxpool, dense)")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(kind, forKey: .type)
    switch self {
    case .conv2d(let filters, let kernel, let activation), .conv3d(let filters, let kernel, let activation):
      try container.encode(filters, forKey: .filters)
      try container.encode(kernel, forKey: .kernel)
      try container.encode(activation, forKey: .activation)
    case .maxPool(let size):
      try container.encode(size, forKey: .size)
    case .dense(let units, let activation):
      try container.encode(units, forKey: .units)
      try container.encode(activation, forKey: .activation)
    }
  }
}
