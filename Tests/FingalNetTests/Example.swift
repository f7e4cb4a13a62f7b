import Fingal
import FingalNet

/// A small net with events and parameters, all from `CounterRandom`.
struct Example {
  var net: NetDescription
  /// Event-major, a third of the voxels lit, as in a calorimeter zeros prevail.
  var images: [Float]
  var labels: [Float]
  var eventWeights: [Float]
  /// Glorot-uniform, biases not zero: their gradients and their effect at the borders shall show.
  var weights: [NamedTensor]

  /// Names that `init` takes: the two reference nets on small images, and nets whose sizes are no multiple of anything.
  static let nets = ["cnn2d 4×5×5", "cnn2d 3×9×6", "cnn3d 4×5×5", "cnn3d 6×7×4", "odd2d", "odd3d", "dense", "linear"]

  static func net(_ name: String) throws -> NetDescription {
    let parts = name.split(separator: " ")
    if parts.count == 2 {
      return try .preset(String(parts[0]), image: parts[1].split(separator: "×").compactMap { Int($0) })
    }
    return switch name {
    case "odd2d":
      NetDescription(
        name: name, inputShape: [5, 9, 8],
        layers: [
          .conv2d(filters: 7, kernel: 5, activation: .relu), .conv2d(filters: 20, activation: .relu),
          .maxPool(size: 3), .conv2d(filters: 17, kernel: 1, activation: .relu), .dense(units: 11, activation: .relu),
          .dense(units: 1, activation: .sigmoid),
        ])
    case "odd3d":
      NetDescription(
        name: name, inputShape: [3, 5, 7, 6],
        layers: [
          .conv3d(filters: 5, activation: .relu), .maxPool(), .conv3d(filters: 18, activation: .relu),
          .dense(units: 6, activation: .relu), .dense(units: 9, activation: .relu),
          .dense(units: 1, activation: .sigmoid),
        ])
    case "dense":
      NetDescription(
        name: name, inputShape: [4, 3, 3],
        layers: [.dense(units: 10, activation: .relu), .dense(units: 1, activation: .sigmoid)])
    default:
      NetDescription(
        name: name, inputShape: [2, 7, 7],
        layers: [
          .maxPool(), .conv2d(filters: 8, activation: .linear), .maxPool(), .conv2d(filters: 16, activation: .linear),
          .dense(units: 1, activation: .sigmoid),
        ])
    }
  }

  init(_ name: String, events: Int, seed: UInt64) throws {
    net = try Self.net(name)
    let random = CounterRandom(seed: seed, stream: 1000)
    images = (0..<events * net.inputCount).map { index in
      random.uniform(2 * index) < 0.33 ? Float(2 * random.uniform(2 * index + 1)) : 0
    }
    let other = CounterRandom(seed: seed, stream: 1001)
    labels = (0..<events).map { Float($0 % 2) }
    eventWeights = (0..<events).map { Float(0.5 + other.uniform($0)) }
    weights = try net.initialWeights(seed: seed)
    for (number, tensor) in weights.enumerated() where tensor.name.hasSuffix("bias") {
      let random = CounterRandom(seed: seed, stream: 2000 + number)
      weights[number].values = tensor.values.indices.map { Float(0.2 * random.uniform($0) - 0.05) }
    }
  }
}
