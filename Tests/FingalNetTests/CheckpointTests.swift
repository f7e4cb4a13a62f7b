import Fingal
import FingalNet
import FoundationEssentials
import Testing

@Suite struct CheckpointTests {
  /// A folder that is gone when the test is over.
  private final class TemporaryFolder {
    let path: String

    init() throws {
      path = FileManager.default.temporaryDirectory.path + "/fingal-net-\(UInt64.random(in: 0 ... .max))"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func bytes(_ name: String) throws -> [UInt8] {
      [UInt8](try #require(FileManager.default.contents(atPath: "\(path)/\(name)")))
    }

    func write(_ bytes: [UInt8], _ name: String) throws { try Data(bytes).write(to: URL(filePath: "\(path)/\(name)")) }

    func write(_ text: String, _ name: String) throws { try write([UInt8](text.utf8), name) }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }

  private func trained(_ name: String = "cnn2d 4×5×5", steps: Int = 3) throws -> (Trainer, Example) {
    let example = try Example(name, events: 8, seed: 51)
    let trainer = try Trainer(example.net, batch: 8, threads: 2, seed: 6)
    for _ in 0..<steps {
      try unsafe trainer.step(images: example.images, labels: example.labels, weights: nil, count: 8)
    }
    return (trainer, example)
  }

  private let metadata = ["image": "hits.energy @ layer:1..28, hex(iu,iv)", "signal": "abs(pdgID) == 11 && \"x\" ≠ 1"]

  @Test(arguments: ["cnn2d 4×5×5", "cnn3d 4×5×5", "odd3d"])
  func roundTripPredictsTheSameBitForBitAndTrainsOn(_ name: String) throws {
    let folder = try TemporaryFolder()
    let (trainer, example) = try trained(name)
    let saved = Checkpoint(of: trainer, epoch: 2, metadata: metadata)
    try saved.save(to: folder.path + "/MODEL")
    let loaded = try Checkpoint.load(from: folder.path + "/MODEL")
    let same = loaded == saved
    #expect(same)
    #expect(loaded.epoch == 2)
    #expect(loaded.seed == 6)
    #expect(loaded.metadata == metadata)
    #expect(loaded.optimizer?.step == 3)

    let again = try Trainer(loaded, batch: 8, threads: 2)
    var scores = [Float](repeating: -1, count: 8)
    var scoresAgain = [Float](repeating: -2, count: 8)
    try unsafe trainer.predict(images: example.images, count: 8, into: &scores)
    try unsafe again.predict(images: example.images, count: 8, into: &scoresAgain)
    #expect(scores == scoresAgain)

    // The next steps are those that would have come without the break.
    for _ in 0..<2 {
      let loss = try unsafe trainer.step(images: example.images, labels: example.labels, weights: nil, count: 7)
      let lossAgain = try unsafe again.step(images: example.images, labels: example.labels, weights: nil, count: 7)
      #expect(loss == lossAgain)
    }
    let sameWeights = trainer.weights == again.weights
    #expect(sameWeights)
  }

  @Test func withoutTheOptimiser() throws {
    let folder = try TemporaryFolder()
    let (trainer, _) = try trained()
    var checkpoint = Checkpoint(of: trainer, epoch: 0, metadata: [:])
    checkpoint.optimizer = nil
    try checkpoint.save(to: folder.path)
    let loaded = try Checkpoint.load(from: folder.path)
    #expect(loaded.optimizer == nil)
    #expect(try folder.bytes("weights.bin").count == 4 * 37_377)
    #expect(try Trainer(loaded, batch: 1, threads: 1).stepCount == 0)
  }

  @Test func aSecondSaveReplacesTheFirstAndLeavesOtherFiles() throws {
    let folder = try TemporaryFolder()
    let (trainer, example) = try trained()
    try folder.write("epoch,loss\n", "history.csv")
    try Checkpoint(of: trainer, epoch: 1, metadata: [:]).save(to: folder.path)
    try unsafe trainer.step(images: example.images, labels: example.labels, weights: nil, count: 8)
    let second = Checkpoint(of: trainer, epoch: 2, metadata: [:])
    try second.save(to: folder.path)
    #expect(try folder.names() == ["history.csv", "model.json", "weights.bin"])
    let same = try Checkpoint.load(from: folder.path) == second
    #expect(same)
  }

  /// The states that a kill can leave behind between the steps of a save.
  @Test func interruptedSavesLeaveOneWholeModel() throws {
    let folder = try TemporaryFolder()
    let (trainer, example) = try trained()
    let first = Checkpoint(of: trainer, epoch: 1, metadata: [:])
    try first.save(to: folder.path)
    let firstFiles = (try folder.bytes("model.json"), try folder.bytes("weights.bin"))
    try unsafe trainer.step(images: example.images, labels: example.labels, weights: nil, count: 8)
    let second = Checkpoint(of: trainer, epoch: 2, metadata: [:])
    try second.save(to: folder.path)
    let secondFiles = (try folder.bytes("model.json"), try folder.bytes("weights.bin"))

    // Killed before model.json was replaced: the first model counts.
    try folder.write(firstFiles.0, "model.json")
    try folder.write(firstFiles.1, "weights.bin")
    try folder.write(secondFiles.1, "weights.bin.next")
    let before = try Checkpoint.load(from: folder.path) == first
    #expect(before)

    // Killed after: the second counts, and the next save keeps it until it has its own.
    try folder.write(secondFiles.0, "model.json")
    let after = try Checkpoint.load(from: folder.path) == second
    #expect(after)
    let third = Checkpoint(of: trainer, epoch: 3, metadata: ["name": "third"])
    try third.save(to: folder.path)
    let next = try Checkpoint.load(from: folder.path) == third
    #expect(next)
    #expect(try folder.names() == ["model.json", "weights.bin"])
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var file: String
    var code: FingalError.Code
    /// What the message holds.
    var message: String
    /// A replacement in model.json, or what becomes of the bytes of `file`.
    var change: @Sendable ([UInt8]) -> [UInt8]

    init(
      _ name: String, _ file: String, _ code: FingalError.Code, _ message: String,
      change: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) {
      testDescription = name
      self.file = file
      self.code = code
      self.message = message
      self.change = change
    }

    init(replacing text: String, with other: String, _ code: FingalError.Code, _ message: String) {
      self.init("\(text) → \(other)", "model.json", code, message) { bytes in
        [UInt8](String(decoding: bytes, as: UTF8.self).replacing(text, with: other, maxReplacements: 1).utf8)
      }
    }
  }

  @Test(arguments: [
    Damage("a bit of the weights", "weights.bin", .damaged, "the checksum of the weights differs from model.json's") {
      var bytes = $0
      bytes[1234] ^= 4
      return bytes
    },
    Damage("weights cut short", "weights.bin", .truncated, "is 448000 bytes long where model.json says 448524") {
      Array($0.prefix(448_000))
    },
    Damage("weights too long", "weights.bin", .damaged, "is 448525 bytes long where model.json says 448524") {
      $0 + [0]
    },
    Damage("no weights", "weights.bin", .truncated, "is 0 bytes long where model.json says 448524") { _ in [] },
    Damage("empty model.json", "model.json", .damaged, "is not the JSON of a model: ") { _ in [] },
    Damage("model.json cut short", "model.json", .damaged, "is not the JSON of a model: ") { Array($0.prefix(300)) },
    Damage("not JSON", "model.json", .damaged, "is not the JSON of a model: ") { _ in [UInt8]("hello".utf8) },
    Damage("other JSON", "model.json", .damaged, "is not the JSON of a model: 'format' is missing") { _ in
      [UInt8]("{\"version\": 1}".utf8)
    },
    Damage(replacing: "\"fingal-model\"", with: "\"onnx\"", .unsupported, "is a 'onnx' document, not a fingal-model"),
    Damage(
      replacing: "\"version\" : 1", with: "\"version\" : 2", .unsupported,
      "is of version 2; this program reads up to version 1"),
    Damage(
      replacing: "\"name\" : \"conv1.weight\"", with: "\"name\" : \"conv9.weight\"", .damaged,
      "lacks the tensor 'conv1.weight'"),
    Damage(
      replacing: "\"name\" : \"conv1.weight\"", with: "\"name\" : \"conv1.bias\"", .damaged,
      "lists the tensor 'conv1.bias' twice"),
    Damage(
      replacing: "\"filters\" : 64", with: "\"filters\" : 48", .damaged,
      "has tensor 'conv3.weight' in shape [64, 32, 3, 3] where the net needs [48, 32, 3, 3]"),
    Damage(
      replacing: "\"offset\" : 0", with: "\"offset\" : 448520", .damaged,
      "places tensor 'conv1.weight' outside the weights file"),
    Damage(
      replacing: "\"offset\" : 0", with: "\"offset\" : -4", .damaged,
      "places tensor 'conv1.weight' outside the weights file"),
    Damage(
      replacing: "\"sigmoid\"", with: "\"relu\"", .damaged,
      "net 'cnn2d': the last layer must be dense with 1 unit and activation sigmoid"),
    Damage(
      replacing: "\"adam\"", with: "\"sgd\"", .unsupported,
      "was trained with the optimiser 'sgd'; this program knows adam"),
    Damage(replacing: "\"step\" : 3", with: "\"step\" : -3", .damaged, "counts -3 steps of the optimiser"),
  ])
  func damageIsFound(_ damage: Damage) throws {
    let folder = try TemporaryFolder()
    try Checkpoint(of: trained().0, epoch: 1, metadata: metadata).save(to: folder.path)
    let whole = try folder.bytes(damage.file)
    let damaged = damage.change(whole)
    try #require(damaged != whole)
    try folder.write(damaged, damage.file)
    let error = #expect(throws: FingalError.self) { _ = try Checkpoint.load(from: folder.path) }
    #expect(error?.code == damage.code)
    #expect(error?.message.contains(damage.message) == true, "\(error?.message ?? "")")
    #expect(error?.file == "\(folder.path)/\(damage.file)")
  }

  @Test func whatIsNoModelIsSaid() throws {
    let folder = try TemporaryFolder()
    let nothing = #expect(throws: FingalError.self) { _ = try Checkpoint.load(from: folder.path + "/none") }
    #expect(nothing?.code == .missingFile)
    #expect(nothing?.message == "is not a model: cannot open: No such file or directory")
    try Checkpoint(of: trained().0, epoch: 1, metadata: [:]).save(to: folder.path)
    try folder.remove("weights.bin")
    let lost = #expect(throws: FingalError.self) { _ = try Checkpoint.load(from: folder.path) }
    #expect(lost?.code == .missingFile)
    #expect(lost?.file == folder.path + "/weights.bin")
    let file = #expect(throws: FingalError.self) {
      try Checkpoint(of: trained().0, epoch: 1, metadata: [:]).save(to: folder.path + "/none/MODEL")
    }
    #expect(file?.code == .missingFile)
  }
}
