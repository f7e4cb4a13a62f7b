import ArgumentParser
import Fingal
import FingalFeed
import FingalNet

/// `fingal-train evaluate`: how well a model separates the events of files.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a model on event files.",
    discussion: """
      Image, scale, classes and cut are the model's; the options put others in their place. A model trained with \
      --balance is measured so too: loss and accuracy weigh both classes alike.

      EXAMPLES:
        fingal-train evaluate model electrons.fingal pions.fingal --part validation
        fingal-train evaluate model all.fingal --where true --by 'floor(beamEnergy / 10) * 10'
      """
  )

  @Argument(help: ArgumentHelp("Folder that fit wrote.", valueName: "model"))
  var model: String

  @Argument(help: ArgumentHelp("Fingal files.", valueName: "data"))
  var data: [String]

  @Option(help: ArgumentHelp("Condition of signal events (default: the model's).", valueName: "expr"))
  var signal: String?

  @Option(help: ArgumentHelp("Condition of background events (default: the model's).", valueName: "expr"))
  var background: String?

  @Option(
    name: .customLong("where"), parsing: .unconditional,
    help: ArgumentHelp("Only events that pass (default: the model's cut; true for all).", valueName: "expr"))
  var selection: String?

  @Option(help: ArgumentHelp("Also a line for each value of this, such as beamEnergy.", valueName: "expr"))
  var by: String?

  @Option(
    help: ArgumentHelp(
      "all, training or validation: on the files that fit saw, the events it trained on or kept back.",
      valueName: "part"))
  var part = EventSelection.Part.all

  @Option(help: ArgumentHelp("Events computed at a time.", valueName: "n"))
  var batch = 128

  @Option(help: ArgumentHelp("Minibatches made ahead while the network computes.", valueName: "n"))
  var prefetch = 4

  @Option(help: ArgumentHelp("Threads that compute (default: one a core).", valueName: "n"))
  var threads: Int?

  @Flag(help: "Report as JSON.")
  var json = false

  private struct Report: Encodable {
    struct Table: Encodable {
      var expression: String
      var rows: [Row]
    }

    struct Row: Encodable {
      /// Nil where the expression is null or NaN.
      var value: Double?
      var evaluation: Evaluation
    }

    var model: String
    var net: String
    var epochs: Int
    var `where`: String?
    var part: String
    var all: Evaluation
    var by: Table?
  }

  func run() throws {
    let model = try LoadedModel(model)
    let settings = model.settings
    let cut = selection ?? settings.selection
    let cuts = try ClassCuts(
      signal: signal ?? settings.signal, background: background ?? settings.background, where: cut)
    let dataSet = try DataSet(opening: data)
    let grouping = try by.map { (text) throws(FingalError) in try Grouping(text, dataSet) }
    let events = try EventSelection(
      dataSet, cuts: cuts, validation: settings.validation, needsBothClasses: false)
    guard events.counts(part).total > 0 else {
      throw FingalError(.usage, "the \(part.rawValue) part has no event", advice: "use --part all")
    }
    let scored = try model.scores(events, part: part, batch: batch, prefetch: prefetch, threads: threads)
    let all = try scored.evaluation(balanced: settings.balance)
    let rows = try grouping.map { (grouping) throws(FingalError) in
      try grouping.rows(scored, balanced: settings.balance)
    }

    if json {
      let report = Report(
        model: self.model, net: model.checkpoint.net.name, epochs: model.checkpoint.epoch, where: cut,
        part: part.rawValue, all: all,
        by: rows.map { .init(expression: by ?? "", rows: $0.map { .init(value: $0.value, evaluation: $0.evaluation) }) }
      )
      return try printLine(jsonText(report, pretty: true))
    }
    try printLine("model     \(self.model): \(model.checkpoint.net.name) after \(model.checkpoint.epoch) epochs")
    try printLine("image     \(settings.image), scale \(settings.scale)")
    if let cut {
      try printLine("where     \(cut)\(selection == nil ? " (the model's cut; --where true takes all)" : "")")
    }
    if part != .all { try printLine("part      \(part.rawValue)") }
    if settings.balance { try printLine("balance   loss and accuracy weigh both classes alike") }
    try printLine("")
    for line in table([Self.titles] + [Self.cells(all)]) { try printLine(line) }
    if let rows, let by {
      try printLine("")
      let body = rows.map { [$0.value.map(short) ?? "–"] + Self.cells($0.evaluation) }
      for line in table([[by] + Self.titles] + body) { try printLine(line) }
    }
  }

  private static let titles = ["events", "signal", "background", "loss", "accuracy", "AUC", "rejection at 90 %"]

  private static func cells(_ evaluation: Evaluation) -> [String] {
    [
      grouped(evaluation.signal + evaluation.background), grouped(evaluation.signal), grouped(evaluation.background),
      fixed(evaluation.loss, 4), fixed(evaluation.accuracy, 4), evaluation.auc.map { fixed($0, 5) } ?? "–",
      evaluation.rejectionAt90.map { fixed($0, 1) } ?? "–",
    ]
  }
}
