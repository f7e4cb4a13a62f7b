import Fingal
import FingalNet
import Glibc
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

  /// Runs minibatches of the given sizes over the events of an example, one after another.
  private func train(
    _ example: Example, batch: Int, threads: Int, counts: [Int], weighted: Bool = false
  ) throws -> (losses: [Float], trainer: Trainer) {
    let trainer = try Trainer(example.net, batch: batch, threads: threads, seed: 3)
    var losses: [Float] = []
    var first = 0
    for count in counts {
      losses.append(
        try unsafe example.images.withUnsafeBufferPointer { images in
          try unsafe example.labels.withUnsafeBufferPointer { labels in
            try unsafe example.eventWeights.withUnsafeBufferPointer { weights in
              try unsafe trainer.step(
                images: images.baseAddress! + first * example.net.inputCount, labels: labels.baseAddress! + first,
                weights: weighted ? weights.baseAddress! + first : nil, count: count)
            }
          }
        })
      first += count
    }
    return (losses, trainer)
  }

  /// 7 events in a trainer for 7, and in trainers for more: what fills up the minibatch must not count.
  @Test(arguments: ["cnn2d 4×5×5", "cnn3d 4×5×5", "odd2d"], [1, 2, 3])
  func partialMinibatchEqualsAFullOne(_ name: String, threads: Int) throws {
    let example = try Example(name, events: 7, seed: 41)
    let full = try Trainer(example.net, batch: 7, threads: 1, seed: 3)
    let expected = try unsafe full.lossAndGradients(
      images: example.images, labels: example.labels, weights: example.eventWeights, count: 7)
    for batch in [7, 8, 16] {
      let trainer = try Trainer(example.net, batch: batch, threads: threads, seed: 3)
      // A full minibatch before leaves its gradients behind, which must not come back.
      let before = try Example(name, events: batch, seed: 42)
      _ = try unsafe trainer.lossAndGradients(
        images: before.images, labels: before.labels, weights: nil, count: batch)
      let partial = try unsafe trainer.lossAndGradients(
        images: example.images, labels: example.labels, weights: example.eventWeights, count: 7)
      #expect(abs(partial.loss - expected.loss) < 1e-6)
      for (tensor, other) in zip(partial.gradients, expected.gradients) {
        #expect(tensor.name == other.name)
        #expect(relativeDistance(tensor.values, other.values) < 1e-5)
      }
    }
  }

  @Test func anEventOfWeightZeroDoesNotCountButForTheMean() throws {
    let example = try Example("cnn2d 4×5×5", events: 4, seed: 43)
    let trainer = try Trainer(example.net, batch: 4, threads: 1, seed: 3)
    let all = try unsafe trainer.lossAndGradients(
      images: example.images, labels: example.labels, weights: [1, 1, 1, 0], count: 4)
    let three = try unsafe trainer.lossAndGradients(
      images: example.images, labels: example.labels, weights: nil, count: 3)
    #expect(abs(all.loss * 4 - three.loss * 3) < 1e-5)
    for (tensor, other) in zip(all.gradients, three.gradients) {
      #expect(relativeDistance(tensor.values.map { $0 * 4 }, other.values.map { $0 * 3 }) < 1e-5)
    }
  }

  @Test(arguments: ["cnn2d 4×5×5", "cnn3d 4×5×5"], [1, 2])
  func sameSeedAndThreadsGiveTheSameWeightsBitForBit(_ name: String, threads: Int) throws {
    let example = try Example(name, events: 30, seed: 44)
    let first = try train(example, batch: 8, threads: threads, counts: [8, 8, 8, 6], weighted: true)
    let second = try train(example, batch: 8, threads: threads, counts: [8, 8, 8, 6], weighted: true)
    #expect(first.losses == second.losses)
    // Compared outside of #expect, which would print all of them.
    let sameWeights = first.trainer.weights == second.trainer.weights
    let sameMoments = first.trainer.optimizerState == second.trainer.optimizerState
    let otherSeed = try Trainer(example.net, batch: 8, threads: threads, seed: 4)
    let sameAsOtherSeed = otherSeed.weights == first.trainer.weights
    #expect(sameWeights)
    #expect(sameMoments)
    #expect(!sameAsOtherSeed)
  }

  @Test(arguments: ["cnn2d 4×5×5", "cnn3d 4×5×5"])
  func theNumberOfThreadsChangesTheLastDigitsOnly(_ name: String) throws {
    let example = try Example(name, events: 38, seed: 45)
    let counts = [8, 8, 8, 8, 6]
    let one = try train(example, batch: 8, threads: 1, counts: counts)
    for threads in [2, 3] {
      let more = try train(example, batch: 8, threads: threads, counts: counts)
      for (a, b) in zip(one.losses, more.losses) { #expect(abs(a - b) < 1e-4) }
      for (a, b) in zip(one.trainer.weights, more.trainer.weights) {
        // Adam divides by the size of the gradient: where it is all rounding, a step can differ by up to twice the
        // learning rate. So the mean is tight and the worst value loose.
        let distances = zip(a.values, b.values).map { abs($0 - $1) }
        #expect(distances.reduce(0, +) / Float(distances.count) < 1e-5)
        #expect(distances.max()! < 2e-3 * Float(counts.count))
      }
    }
  }

  @Test(arguments: ["cnn2d 4×5×5", "cnn3d 4×5×5", "odd2d", "odd3d", "linear"])
  func predictionIsWhatTheForwardPassOfTrainingSays(_ name: String) throws {
    let example = try Example(name, events: 11, seed: 46)
    let trainer = try Trainer(example.net, batch: 4, threads: 2, seed: 3)
    var scores = [Float](repeating: -1, count: 11)
    try unsafe trainer.predict(images: example.images, count: 11, into: &scores)
    for event in 0..<11 {
      let image = Array(example.images[event * example.net.inputCount..<(event + 1) * example.net.inputCount])
      // With label 0 the loss is −log(1 − p).
      let loss = try unsafe trainer.lossAndGradients(images: image, labels: [0], weights: nil, count: 1).loss
      #expect(abs(Double(scores[event]) - (1 - exp(-loss))) < 1e-6)
    }
    // Also after the weights have changed.
    try unsafe trainer.step(images: example.images, labels: example.labels, weights: nil, count: 4)
    var after = [Float](repeating: -1, count: 11)
    try unsafe trainer.predict(images: example.images, count: 11, into: &after)
    #expect(after != scores)
    try unsafe trainer.predict(images: example.images, count: 0, into: &after)
  }

  @Test func aValueThatIsNoNumberIsReportedAndLeavesTheWeights() throws {
    let example = try Example("cnn2d 4×5×5", events: 4, seed: 47)
    let trainer = try Trainer(example.net, batch: 4, threads: 2, seed: 3)
    try unsafe trainer.step(images: example.images, labels: example.labels, weights: nil, count: 4)
    let before = trainer.weights
    for bad in [Float.nan, .infinity, -.infinity] {
      var images = example.images
      images[images.count - 10] = bad
      let error = #expect(throws: FingalError.self) {
        try unsafe trainer.step(images: images, labels: example.labels, weights: nil, count: 4)
      }
      #expect(error?.code == .badInput)
      #expect(error?.message == "image 3 of the minibatch holds a value that is NaN or infinite")
      var scores = [Float](repeating: 0, count: 4)
      let predicting = #expect(throws: FingalError.self) {
        try unsafe trainer.predict(images: images, count: 4, into: &scores)
      }
      #expect(predicting?.message == error?.message)
    }
    // Finite input, but sums that overflow.
    let images = example.images.map { $0 * 1.5e38 }
    let error = #expect(throws: FingalError.self) {
      try unsafe trainer.step(images: images, labels: example.labels, weights: nil, count: 4)
    }
    #expect(error?.code == .badInput)
    #expect(error?.message.hasSuffix("at step 2") == true, "\(error?.message ?? "")")
    let same = trainer.weights == before
    #expect(same)
    #expect(trainer.stepCount == 1)
    let loss = try unsafe trainer.step(images: example.images, labels: example.labels, weights: nil, count: 4)
    #expect(loss.isFinite)
  }

  @Test func callsThatMakeNoSenseAreRefused() throws {
    let net = try NetDescription.cnn2d(image: [4, 5, 5])
    for (batch, threads) in [(0, 1), (4, 0), (2, 3), (-1, 1), (1 << 20, 1)] {
      let error = #expect(throws: FingalError.self) {
        _ = try Trainer(net, batch: batch, threads: threads, seed: 1)
      }
      #expect(error?.code == .usage)
    }
    let trainer = try Trainer(net, batch: 2, threads: 1, seed: 1)
    let images = [Float](repeating: 0, count: 300)
    for count in [0, 3, -1] {
      let error = #expect(throws: FingalError.self) {
        try unsafe trainer.step(images: images, labels: [0, 1, 0], weights: nil, count: count)
      }
      #expect(error?.message == "a minibatch of \(count) events; the trainer takes 1 to 2")
    }
  }

  @Test func weightsGoOutAndInUnchanged() throws {
    for name in Example.nets {
      let example = try Example(name, events: 1, seed: 48)
      let trainer = try Trainer(example.net, batch: 2, threads: 2, seed: 9)
      let initial = try trainer.weights == example.net.initialWeights(seed: 9)
      #expect(initial)
      trainer.weights = example.weights
      let given = trainer.weights == example.weights
      #expect(given)
    }
    let trainer = try Trainer(.cnn2d(image: [4, 5, 5]), batch: 2, threads: 1, seed: 9)
    var tensors = trainer.weights
    tensors[2].shape[0] += 1
    #expect(throws: FingalError.self) { try trainer.setWeights(tensors) }
    tensors.removeLast()
    #expect(throws: FingalError.self) { try trainer.setWeights(tensors) }
  }

  /// The largest distance, relative to the largest value.
  private func relativeDistance(_ a: [Float], _ b: [Float]) -> Float {
    let scale = b.map(abs).max() ?? 1
    return zip(a, b).reduce(a.count == b.count ? 0 : .infinity) { max($0, abs($1.0 - $1.1)) } / max(scale, 1e-20)
  }
}
