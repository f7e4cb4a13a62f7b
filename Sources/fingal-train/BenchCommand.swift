import ArgumentParser
import Fingal
import FingalFeed
import FingalNet

/// `fingal-train bench`: which of feed and network waits for the other.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure the feed alone, the network alone, and both.",
    discussion: """
      EXAMPLE:
        fingal-train bench electrons.fingal pions.fingal --signal 'pdgID == 11' --background 'pdgID == 211' \\
          --image 'hits.energy @ layer:1..28, hex(iu,iv)' --net cnn3d
      """
  )

  @Argument(help: ArgumentHelp("Fingal files.", valueName: "data"))
  var data: [String]

  @Option(help: ArgumentHelp("Condition of signal events.", valueName: "expr"))
  var signal: String

  @Option(help: ArgumentHelp("Condition of background events.", valueName: "expr"))
  var background: String

  @Option(
    name: .customLong("where"), parsing: .unconditional,
    help: ArgumentHelp("Only events that pass this cut.", valueName: "expr"))
  var selection: String?

  @Option(help: ArgumentHelp("How an event becomes an image.", valueName: "image"))
  var image: String

  @Option(help: ArgumentHelp("cnn2d, cnn3d, or a JSON file that describes a net.", valueName: "net"))
  var net = "cnn2d"

  @Option(help: ArgumentHelp("Events of a minibatch.", valueName: "n"))
  var batch = 128

  @Option(help: ArgumentHelp("Scale of the pixels: log1p, none or a factor.", valueName: "scale"))
  var scale = "log1p"

  @Option(help: ArgumentHelp("Minibatches made ahead while the network computes.", valueName: "n"))
  var prefetch = 4

  @Option(help: ArgumentHelp("Memory for events that wait decoded, such as 512MiB or 4GiB.", valueName: "size"))
  var memory = "1GiB"

  @Option(help: ArgumentHelp("Threads that compute (default: one a core).", valueName: "n"))
  var threads: Int?

  @Option(help: ArgumentHelp("Time for each of the three.", valueName: "s"))
  var seconds = 5.0

  @Flag(help: "Report as JSON.")
  var json = false

  func run() throws {
    guard seconds > 0, seconds < 86_400 else { throw FingalError(.usage, "--seconds \(seconds) is not a time") }
    let image = try ImageDescription(parsing: image)
    let options = FeedOptions(
      batch: batch, prefetch: prefetch, scale: try PixelScale(parsing: scale),
      memory: try byteCount(memory, option: "--memory"))
    try options.validate()
    let cuts = try ClassCuts(signal: signal, background: background, where: selection)
    let dataSet = try DataSet(opening: data)
    let shape = try dataSet.imageShape(image)
    let network = try NetDescription.named(net, image: shape)
    try Fit.requireMatch(network, shape, image)
    let events = try EventSelection(dataSet, cuts: cuts, validation: 0)
    try BatchFeed.requireHits(events, image: image)
    let trainer = try Trainer(
      network, batch: batch, threads: threads ?? min(availableCores(), batch), seed: 1)
    let result = try Throughput(trainer, events, image: image, options: options, seed: 1, seconds: seconds)
    if json { return try printLine(jsonText(result, pretty: true)) }
    try printLine("feed alone     \(right(grouped(Int(result.feed)), 9)) events/s")
    try printLine("network alone  \(right(grouped(Int(result.network)), 9)) events/s")
    try printLine(
      "both           \(right(grouped(Int(result.both)), 9)) events/s, waited \(fixed(100 * result.waitShare, 1)) %")
  }
}
