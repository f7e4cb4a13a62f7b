import Fingal
import FingalNet
import FoundationEssentials
import Testing

/// The first steps of both nets on images of full size against an implementation in NumPy; see Reference/README.md.
@Suite struct FirstStepsTests {
  struct Reference: Decodable, Sendable, CustomTestStringConvertible {
    struct Weights: Decodable {
      var norm: Double
      var places: [Int]
      var values: [Double]
    }

    var name: String
    var image: [Int]
    var seed: UInt64
    var counts: [Int]
    var losses: [Double]
    var gradientNorms: [[String: Double]]
    var weights: [String: Weights]
    var scores: [Double]

    var testDescription: String { "\(name) \(image)" }
  }

  static func references() throws -> [Reference] {
    let path = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    let data = try #require(FileManager.default.contents(atPath: "/\(path)/Data/first-steps.json"))
    return try JSONDecoder().decode([Reference].self, from: data)
  }

  /// As `events` in reference.py.
  private func events(_ reference: Reference, step: Int, count: Int) -> (
    images: [Float], labels: [Float], weights: [Float]
  ) {
    let size = reference.image.reduce(1, *)
    let voxels = CounterRandom(seed: reference.seed, stream: 1000 + step)
    let weights = CounterRandom(seed: reference.seed, stream: 2000 + step)
    let labels = (0..<count).map { Float($0 % 3 == 0 ? 1 : 0) }
    var images: [Float] = []
    images.reserveCapacity(count * size)
    for (event, label) in labels.enumerated() {
      let factor: Float = label == 1 ? 1.5 : 1
      for index in event * size..<(event + 1) * size {
        let lit = voxels.uniform(2 * index) < 0.07
        images.append(lit ? Float(2 * voxels.uniform(2 * index + 1)) * factor : 0)
      }
    }
    return (images, labels, (0..<count).map { Float(0.5 + weights.uniform($0)) })
  }

  @Test(arguments: try references(), [1, 2])
  func stepsAgreeWithNumPy(_ reference: Reference, threads: Int) throws {
    let net = try NetDescription.preset(reference.name, image: reference.image)
    let batch = try #require(reference.counts.max())
    let trainer = try Trainer(net, batch: batch, threads: threads, seed: reference.seed)
    for (step, count) in reference.counts.enumerated() {
      let (images, labels, weights) = events(reference, step: step, count: count)
      let (_, gradients) = try unsafe trainer.lossAndGradients(
        images: images, labels: labels, weights: weights, count: count)
      for tensor in gradients {
        let expected = try #require(reference.gradientNorms[step][tensor.name])
        #expect(abs(norm(tensor.values) / expected - 1) < 1e-4, "\(tensor.name), step \(step + 1)")
      }
      let loss = try unsafe trainer.step(images: images, labels: labels, weights: weights, count: count)
      #expect(abs(Double(loss) / reference.losses[step] - 1) < 1e-6, "step \(step + 1)")
    }
    for tensor in trainer.weights {
      let expected = try #require(reference.weights[tensor.name])
      #expect(abs(norm(tensor.values) / expected.norm - 1) < 1e-5, "\(tensor.name)")
      for (place, value) in zip(expected.places, expected.values) {
        #expect(abs(Double(tensor.values[place]) - value) < 1e-6, "\(tensor.name)[\(place)]")
      }
    }
    var scores = [Float](repeating: -1, count: reference.scores.count)
    let (images, _, _) = events(reference, step: reference.counts.count, count: scores.count)
    try unsafe trainer.predict(images: images, count: scores.count, into: &scores)
    for (score, expected) in zip(scores, reference.scores) { #expect(abs(Double(score) - expected) < 1e-6) }
  }

  private func norm(_ values: [Float]) -> Double {
    values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
