import Fingal
import FingalFeed
import FingalNet

/// What `fit` prints: a table that grows by a line an epoch, or JSON lines.
struct FitReporter {
  let json: Bool
  let epochs: Int

  private struct Start: Encodable {
    struct Part: Encodable {
      var signal: Int
      var background: Int
    }

    let record = "start"
    var files: [String]
    var events: Int
    var training: Part
    var validation: Part
    var image: [Int]
    var net: String
    var parameters: Int
    var threads: Int
    var seed: UInt64
  }

  private struct Epoch: Encodable {
    let record = "epoch"
    var epoch: Int
    var loss: Double
    var accuracy: Double
    var validation: Evaluation?
    var events: Int
    var seconds: Double
    var eventsPerSecond: Double
    var waitShare: Double
  }

  private struct End: Encodable {
    let record = "end"
    var model: String
  }

  func start(
    _ selection: EventSelection, _ settings: ModelSettings, shape: [Int], trainer: Trainer
  ) throws(FingalError) {
    let (training, validation) = (selection.counts(.training), selection.counts(.validation))
    let files = selection.dataSet.files.map(\.path)
    let parameters = try trainer.net.parameterCount()
    if json {
      return try printLine(
        jsonText(
          Start(
            files: files, events: selection.dataSet.eventCount,
            training: .init(signal: training.signal, background: training.background),
            validation: .init(signal: validation.signal, background: validation.background), image: shape,
            net: trainer.net.name, parameters: parameters, threads: trainer.threads, seed: trainer.seed),
          pretty: false))
    }
    let selected = training.total + validation.total
    try printLine("data        \(grouped(selected)) of \(grouped(selection.dataSet.eventCount)) events selected")
    let draw =
      settings.balance && training.signal != training.background
      ? "; \(grouped(min(training.signal, training.background))) of each drawn an epoch" : ""
    try printLine("training    \(text(training))\(draw)")
    try printLine("validation  \(validation.total == 0 ? "none" : text(validation))")
    try printLine("image       \(shapeText(shape)), \(settings.image), scale \(settings.scale)")
    try printLine(
      "net         \(trainer.net.name), \(grouped(parameters)) parameters, \(trainer.threads) thread\(trainer.threads == 1 ? "" : "s")"
    )
    try printLine("")
    try printLine("  epoch     loss  accuracy  val loss  val accuracy  val AUC  events/s  waited")
  }

  func epoch(_ report: EpochReport) throws(FingalError) {
    if json {
      return try printLine(
        jsonText(
          Epoch(
            epoch: report.epoch, loss: report.loss, accuracy: report.accuracy, validation: report.validation,
            events: report.events, seconds: report.seconds, eventsPerSecond: report.eventsPerSecond,
            waitShare: report.waitShare), pretty: false))
    }
    func cell(_ value: Double?, _ decimals: Int, _ width: Int) -> String {
      right(value.map { fixed($0, decimals) } ?? "–", width)
    }
    try printLine(
      right("\(report.epoch)/\(epochs)", 7) + cell(report.loss, 4, 9) + cell(report.accuracy, 4, 10)
        + cell(report.validation?.loss, 4, 10) + cell(report.validation?.accuracy, 4, 14)
        + cell(report.validation?.auc, 5, 9) + right(grouped(Int(report.eventsPerSecond)), 10)
        + right("\(fixed(100 * report.waitShare, 1)) %", 8))
  }

  /// Hits that are in no image, once, on standard error.
  func noteHitsLeftOut(_ tally: ImageTally) {
    if tally.outside > 0 {
      printNote("\(fixed(100 * tally.outsideShare, 2)) % of the hits lie outside the image and were left out")
    }
    if tally.skipped > 0 { printNote("\(grouped(tally.skipped)) hits without a value (NaN or null) were left out") }
  }

  func end(_ folder: String) throws(FingalError) {
    if json { return try printLine(jsonText(End(model: folder), pretty: false)) }
    try printLine("")
    try printLine("model written to \(folder)")
  }

  private func text(_ counts: EventSelection.ClassCounts) -> String {
    "\(grouped(counts.signal)) signal, \(grouped(counts.background)) background"
  }
}
