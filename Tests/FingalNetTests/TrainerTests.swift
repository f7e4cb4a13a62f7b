import Fingal
import FingalNet
import Testing

@Suite struct TrainerTests {
  /// Two easily told classes of small images: the loss must fall and the classes come apart.
  @Test func learnsToTellTwoClasses() throws {
    let net = try NetDescription.cnn2d(image: [4, 5, 5])
    let trainer = try Trainer(net, batch: 8, threads: 2, seed: 1)
    let random = CounterRandom(seed: 5, stream: 0)
    let images = (0..<8 * 100).map { Float(random.uniform($0)) * ($0 / 100 % 2 == 0 ? 2 : 1) }
    let labels = (0..<8).map { Float(1 - $0 % 2) }
    var losses: [Float] = []
    for _ in 0..<40 {
      losses.append(try unsafe trainer.step(images: images, labels: labels, weights: nil, count: 8))
    }
    #expect(losses[39] < losses[0] / 4)
    var scores = [Float](repeating: -1, count: 8)
    try unsafe trainer.predict(images: images, count: 8, into: &scores)
    for (score, label) in zip(scores, labels) { #expect((score > 0.5) == (label == 1)) }
  }
}
