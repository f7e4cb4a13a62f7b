import Fingal
import FingalNet
import Glibc
import Testing

/// Gradients: the reference against finite differences, then the engine against the reference.
@Suite struct GradientTests {
  /// Central differences in double precision. A step of 1e-7 keeps clear of the kinks of ReLU and max-pool, where 1e-5 would
  /// cross some; its rounding error is about 1e-16 / 1e-7 = 1e-9 of a loss of order 1.
  static let step = 1e-7

  /// Every kind of layer by itself: the sum of outputs weighted by random numbers is differentiated by every input and every
  /// parameter.
  @Test(arguments: ReferenceLayerCase.all)
  func layerAgreesWithFiniteDifferences(_ example: ReferenceLayerCase) {
    let random = CounterRandom(seed: 11, stream: example.stream)
    let input = (0..<example.inputs).map { 2 * random.uniform($0) - 1 }
    let weights = (0..<example.weights).map { random.uniform(10_000 + $0) - 0.5 }
    let biases = (0..<example.biases).map { random.uniform(20_000 + $0) - 0.5 }
    let outputs = example.layer(weights, biases).forward(input).count
    let direction = (0..<outputs).map { random.uniform(30_000 + $0) - 0.5 }
    func value(_ input: [Double], _ weights: [Double], _ biases: [Double]) -> Double {
      zip(example.layer(weights, biases).forward(input), direction).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let gradients = example.layer(weights, biases).backward(input: input, outputGradient: direction)
    #expect(gradients.input.count == input.count)
    #expect(gradients.weights.count == weights.count)
    #expect(gradients.biases.count == biases.count)

    let byInput = differences(of: input) { value($0, weights, biases) }
    let byWeights = differences(of: weights) { value(input, $0, biases) }
    let byBiases = differences(of: biases) { value(input, weights, $0) }
    #expect(worst(gradients.input, byInput) < 1e-6)
    #expect(worst(gradients.weights, byWeights) < 1e-6)
    #expect(worst(gradients.biases, byBiases) < 1e-6)
  }

  @Test(arguments: [-30.0, -2, 0, 0.3, 4, 30], [0.0, 1])
  func lossAgreesWithFiniteDifferences(logit: Double, label: Double) {
    let above = ReferenceLoss.loss(logit: logit + 1e-5, label: label)
    let below = ReferenceLoss.loss(logit: logit - 1e-5, label: label)
    #expect(abs((above - below) / 2e-5 - ReferenceLoss.gradient(logit: logit, label: label)) < 1e-9)
  }

  /// Whole nets: some parameters of every tensor.
  @Test(arguments: ["cnn2d 4×5×5", "cnn3d 4×5×5", "odd3d", "linear"])
  func referenceNetAgreesWithFiniteDifferences(_ name: String) throws {
    let example = try Example(name, events: 2, seed: 21)
    var reference = try ReferenceNet(example.net, weights: example.weights)
    let images = example.images.map(Double.init)
    let labels = example.labels.map(Double.init)
    let weights = example.eventWeights.map(Double.init)
    let analytic = reference.gradients(images, labels: labels, weights: weights)
    for (number, gradient) in analytic.enumerated() {
      let scale = gradient.map(abs).max() ?? 0
      #expect(scale > 0)
      let count = gradient.count
      for index in Set([0, 2 * count / 5, count - 1]) {
        let kept = reference.parameters[number][index]
        reference.parameters[number][index] = kept + Self.step
        let above = reference.loss(images, labels: labels, weights: weights)
        reference.parameters[number][index] = kept - Self.step
        let below = reference.loss(images, labels: labels, weights: weights)
        reference.parameters[number][index] = kept
        let numeric = (above - below) / (2 * Self.step)
        #expect(
          abs(numeric - gradient[index]) < 1e-7 + 1e-6 * scale,
          "\(example.weights[number].name)[\(index)]: \(numeric) by differences, \(gradient[index]) by rules")
      }
    }
  }

  /// The engine in float32 against the reference in double precision: every value of every gradient tensor.
  @Test(arguments: Example.nets)
  func engineAgreesWithReference(_ name: String) throws {
    let example = try Example(name, events: 3, seed: 31)
    let reference = try ReferenceNet(example.net, weights: example.weights)
    let images = example.images.map(Double.init)
    let labels = example.labels.map(Double.init)
    let weights = example.eventWeights.map(Double.init)
    let logits = reference.logits(images)
    let loss = reference.loss(images, labels: labels, weights: weights)
    let gradients = reference.gradients(images, labels: labels, weights: weights)

    for threads in [1, 2] {
      let trainer = try Trainer(example.net, batch: 3, threads: threads, seed: 1)
      try trainer.setWeights(example.weights)
      let engine = try unsafe trainer.lossAndGradients(
        images: example.images, labels: example.labels, weights: example.eventWeights, count: 3)
      #expect(abs(engine.loss - loss) < 2e-6 * max(loss, 1))
      #expect(engine.gradients.count == gradients.count)
      for (tensor, gradient) in zip(engine.gradients, gradients) {
        let scale = gradient.map(abs).max() ?? 0
        #expect(scale > 0)
        let error = worst(tensor.values.map(Double.init), gradient)
        #expect(error < 1e-5 * scale, "\(tensor.name): off by \(error), largest \(scale), \(threads) threads")
      }

      var scores = [Float](repeating: -1, count: 3)
      try unsafe trainer.predict(images: example.images, count: 3, into: &scores)
      for (score, logit) in zip(scores, logits) { #expect(abs(Double(score) - 1 / (1 + exp(-logit))) < 2e-6) }
    }
  }

  private func differences(of values: [Double], _ function: ([Double]) -> Double) -> [Double] {
    var moved = values
    var result: [Double] = []
    for (index, kept) in values.enumerated() {
      moved[index] = kept + Self.step
      let above = function(moved)
      moved[index] = kept - Self.step
      let below = function(moved)
      moved[index] = kept
      result.append((above - below) / (2 * Self.step))
    }
    return result
  }

  private func worst(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(a.count == b.count ? 0 : .infinity) { max($0, abs($1.0 - $1.1)) }
  }
}

/// A reference layer with sizes, for the check of one layer by itself.
struct ReferenceLayerCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var stream: Int
  var inputs: Int
  var weights: Int
  var biases: Int
  var layer: @Sendable (_ weights: [Double], _ biases: [Double]) -> any ReferenceLayer

  static let image = ReferenceShape(channels: 2, depth: 1, height: 4, width: 5)
  static let volume = ReferenceShape(channels: 2, depth: 3, height: 4, width: 3)

  static let all = [
    ReferenceLayerCase(
      testDescription: "conv2d 3×3", stream: 0, inputs: image.count, weights: 3 * 2 * 9, biases: 3,
      layer: { ReferenceConvolution(input: image, filters: 3, kernel: (1, 3, 3), weights: $0, biases: $1) }),
    ReferenceLayerCase(
      testDescription: "conv2d 5×5, wider than the image", stream: 1, inputs: image.count, weights: 2 * 2 * 25,
      biases: 2,
      layer: { ReferenceConvolution(input: image, filters: 2, kernel: (1, 5, 5), weights: $0, biases: $1) }),
    ReferenceLayerCase(
      testDescription: "conv3d 3×3×3", stream: 2, inputs: volume.count, weights: 3 * 2 * 27, biases: 3,
      layer: { ReferenceConvolution(input: volume, filters: 3, kernel: (3, 3, 3), weights: $0, biases: $1) }),
    ReferenceLayerCase(
      testDescription: "ReLU", stream: 3, inputs: 20, weights: 0, biases: 0, layer: { _, _ in ReferenceReLU() }),
    ReferenceLayerCase(
      testDescription: "maxpool 2D of odd size", stream: 4, inputs: image.count, weights: 0, biases: 0,
      layer: { _, _ in
        ReferenceMaxPool(
          input: image, output: ReferenceShape(channels: 2, depth: 1, height: 2, width: 2), size: (1, 2, 2))
      }),
    ReferenceLayerCase(
      testDescription: "maxpool 3D of odd size", stream: 5, inputs: volume.count, weights: 0, biases: 0,
      layer: { _, _ in
        ReferenceMaxPool(
          input: volume, output: ReferenceShape(channels: 2, depth: 1, height: 2, width: 1), size: (2, 2, 2))
      }),
    ReferenceLayerCase(
      testDescription: "dense", stream: 6, inputs: 7, weights: 28, biases: 4,
      layer: { ReferenceDense(inputs: 7, units: 4, weights: $0, biases: $1) }),
  ]
}
