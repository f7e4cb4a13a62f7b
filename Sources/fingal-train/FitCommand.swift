import ArgumentParser
import Fingal
import FingalFeed
import FingalNet
import FoundationEssentials
import Glibc

/// `fingal-train fit`: trains a network and writes the model folder.
struct FitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Train a network that tells signal from background.",
    discussion: """
      Images are described as VALUE @ AXIS, AXIS, … with the outermost axis first:
        'hits.energy @ layer:1..28, y:-7..7:12, x:-7..7:15'  one bin a whole number; 12 and 15 half-open bins
        'hits.energy @ layer:1..28, hex(iu,iv)'              the 12 × 15 grid of hexagonal cells
        image                                                a tensor column as it is
      Energies in one pixel add up. Hits outside the image are left out and counted.

      Which events validate is decided by the name of the file and the number of the event, never by the seed: runs \
      with other seeds, cuts or networks keep back the same events.

      EXAMPLE:
        fingal-train fit electrons.fingal pions.fingal --signal 'pdgID == 11' --background 'pdgID == 211' \\
          --image 'hits.energy @ layer:1..28, hex(iu,iv)' --net cnn3d --epochs 10 --balance -o model
      """
  )

  @Argument(help: ArgumentHelp("Fingal files.", valueName: "data"))
  var data: [String]

  @Option(help: ArgumentHelp("Condition of signal events, such as 'abs(pdgID) == 11'.", valueName: "expr"))
  var signal: String

  @Option(
    help: ArgumentHelp("Condition of background events. Events of neither class are left out.", valueName: "expr"))
  var background: String

  @Option(
    name: .customLong("where"), parsing: .unconditional,
    help: ArgumentHelp("Only events that pass this cut.", valueName: "expr"))
  var selection: String?

  @Option(help: ArgumentHelp("How an event becomes an image (see above).", valueName: "image"))
  var image: String

  @Option(help: ArgumentHelp("cnn2d, cnn3d, or a JSON file that describes a net.", valueName: "net"))
  var net = "cnn2d"

  @Option(help: ArgumentHelp("Passes over the training events.", valueName: "n"))
  var epochs = 10

  @Option(help: ArgumentHelp("Events of a minibatch.", valueName: "n"))
  var batch = 128

  @Option(help: ArgumentHelp("Step size of Adam.", valueName: "x"))
  var learningRate: Float = 0.001

  @Option(help: ArgumentHelp("Of the initial weights and the order of events.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Share of events that validate; 0 for none.", valueName: "x"))
  var validation = 0.2

  @Flag(
    help: """
      Balance the classes: each epoch draws as many events of the larger class as the smaller one has, anew each time; \
      in validation, loss and accuracy weigh both classes alike.
      """)
  var balance = false

  @Option(help: ArgumentHelp("Scale of the pixels: log1p, none or a factor.", valueName: "scale"))
  var scale = "log1p"

  @Option(help: ArgumentHelp("Minibatches made ahead while the network computes.", valueName: "n"))
  var prefetch = 4

  @Option(
    help: ArgumentHelp(
      """
      window: blocks of events in a random order, then events inside a window of them; global: all events, kept decoded \
      between epochs as far as --memory goes.
      """, valueName: "shuffle"))
  var shuffle = Shuffle.window

  @Option(help: ArgumentHelp("Memory for events that wait decoded, such as 512MiB or 4GiB.", valueName: "size"))
  var memory = "1GiB"

  @Option(help: ArgumentHelp("Threads that compute (default: one a core).", valueName: "n"))
  var threads: Int?

  @Option(name: [.customShort("o"), .long], help: ArgumentHelp("Folder of the model.", valueName: "model"))
  var output: String

  @Flag(help: "Replace a model that exists.")
  var force = false

  @Flag(help: "Report as JSON, one object a line.")
  var json = false

  func run() throws {
    let reporter = FitReporter(json: json, epochs: epochs)
    // Everything that can be wrong is found before any training.
    if epochs < 1 { throw FingalError(.usage, "--epochs \(epochs) is not at least 1") }
    guard learningRate > 0, learningRate.isFinite else {
      throw FingalError(.usage, "--learning-rate \(learningRate) is not a positive number")
    }
    try checkOutput()
    let cuts = try ClassCuts(signal: signal, background: background, where: selection)
    let settings = ModelSettings(
      image: try ImageDescription(parsing: image), scale: try PixelScale(parsing: scale), signal: signal,
      background: background, selection: selection, balance: balance, validation: validation)
    let feed = FeedOptions(
      batch: batch, prefetch: prefetch, scale: settings.scale, balance: balance,
      memory: try byteCount(memory, option: "--memory"))
    try feed.validate()
    let dataSet = try DataSet(opening: data)
    let shape = try dataSet.imageShape(settings.image)
    let network = try NetDescription.named(net, image: shape)
    try Fit.requireMatch(network, shape, settings.image)
    let events = try EventSelection(dataSet, cuts: cuts, validation: validation)
    try BatchFeed.requireHits(events, image: settings.image)
    let trainer = try Trainer(
      network, batch: batch, threads: threads ?? min(availableCores(), max(batch, 1)), seed: seed,
      learningRate: learningRate)
    let fit = try Fit(
      trainer, events, image: settings.image,
      options: .init(epochs: epochs, seed: seed, feed: feed, shuffle: shuffle))

    try reporter.start(events, settings, shape: shape, trainer: trainer)
    var bar = ProgressBar()
    try fit.run(progress: { bar.show($0, epochs: epochs) }) { (report) throws(FingalError) in
      bar.clear()
      try reporter.epoch(report)
    }
    reporter.noteHitsLeftOut(fit.tally)
    // The loss is looked at before each update; what the last update of all made is looked at here. Weights of a trained
    // net are of order one: far beyond that, sums over a layer overflow and no score is a number.
    for tensor in trainer.weights where !tensor.values.allSatisfy({ abs($0) < 1e9 }) {
      throw FingalError(
        .badInput, "the training ended with weights beyond all use ('\(tensor.name)'); no model is written",
        advice: "lower --learning-rate")
    }
    try Checkpoint(of: trainer, epoch: epochs, metadata: settings.metadata).save(to: output)
    try reporter.end(output)
  }

  /// The model's folder must be new, or `--force` given, and its place must be writable.
  private func checkOutput() throws(FingalError) {
    var status = stat()
    if unsafe stat(output, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR else {
        throw FingalError(.usage, "is a file; the model needs a folder", file: output)
      }
      if !force { throw FingalError(.usage, "exists", file: output, advice: "pass --force to replace the model") }
      return
    }
    var parts = output.split(separator: "/", omittingEmptySubsequences: false)
    while parts.last == "" { parts.removeLast() }
    parts = parts.dropLast()
    let parent = parts.isEmpty ? "." : parts == [""] ? "/" : parts.joined(separator: "/")
    if unsafe access(parent, W_OK | X_OK) != 0 {
      throw FingalError(.missingFile, "is no folder to write the model into", file: parent)
    }
  }
}

extension NetDescription {
  /// A net that comes with the library, or one from a JSON file.
  ///
  /// - Throws: `usage` for an unknown name or a net that does not fit the image; `missingFile`; `badInput` for JSON.
  static func named(_ name: String, image: [Int]) throws(FingalError) -> NetDescription {
    if !name.hasSuffix(".json") { return try preset(name, image: image) }
    guard let data = try? Data(contentsOf: URL(filePath: name)) else {
      throw FingalError(.missingFile, "cannot be read", file: name)
    }
    do throws(FingalError) {
      let net = try NetDescription(json: String(decoding: data, as: UTF8.self))
      _ = try net.resolved()
      return net
    } catch {
      throw error.naming(file: name)
    }
  }
}
