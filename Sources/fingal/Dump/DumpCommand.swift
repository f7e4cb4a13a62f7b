import ArgumentParser
import Fingal
import FingalSelect

/// `fingal dump`: the events themselves, as text, JSON lines or CSV.
struct DumpCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, csv
  }

  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Print events: as text for people, as JSON lines or CSV for programs.",
    discussion: """
      Reads only the pages of the columns and events asked for, and holds a few megabytes whatever the size of the file.
      A cut skips clusters and pages whose bounds show that no event in them can pass; --stats tells how many. \
      Of a collection, count(hits) counts all elements and count(hits.energy > 5) those for which it is true; so does \
      count(hits, hits.energy > 5), as sum, mean, min, max, any and all take a condition last.

      EXAMPLES:
        fingal dump run12.fingal --events 100...109
        fingal dump run12.fingal --events 5 --full
        fingal dump run12.fingal --columns event,hits.energy --format json | jq .hits.energy
        fingal dump run12.fingal --where 'beamEnergy > 70' --columns event,beamEnergy --format csv --limit 20
        fingal dump run12.fingal --where 'max(hits.energy) > 500' --columns event --stats

      FORMATS:
        text   scalars with units, the first hits as a table, tensors as a line of facts (--full prints all)
        json   an object an event and line: {"event":7,"hits":{"layer":[1,2],"energy":[0.5,"NaN"]}}; integers exact,
               floats to the last bit, NaN and infinities as strings, tensors nested
        csv    a line an event; with a collection, a line a hit (for the original CSV use fingal export)
      """
  )

  @Argument(help: ArgumentHelp("The Fingal file.", valueName: "file"))
  var path: String

  @Option(
    help: ArgumentHelp(
      "Events by position, from 0: 5, 100...109, 100:110, '100..<110' (quoted: < is the shell's), 100...",
      valueName: "range"))
  var events: EventRange?

  @Option(help: ArgumentHelp("Columns or collections, comma-separated, in this order.", valueName: "names"))
  var columns: String?

  @Option(
    name: .customLong("where"), parsing: .unconditional,
    help: ArgumentHelp("Only events that pass this cut.", valueName: "expr"))
  var cut: String?

  @Option(help: "Output format.")
  var format: Format = .text

  @Flag(help: "The same as --format json.")
  var json = false

  @Option(help: ArgumentHelp("At most this many events.", valueName: "n"))
  var limit: Int?

  @Flag(help: "In text, print every element of a collection and every value of a tensor.")
  var full = false

  @Flag(help: "Say on standard error how many clusters and pages were read.")
  var stats = false

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit takes a number of events, not \(limit)") }
    if json, format == .csv { throw ValidationError("--json and --format csv exclude each other") }
  }

  func run() throws {
    let file = try EventFile(opening: path)
    let range = try events?.events(of: file) ?? 0..<file.eventCount
    let names = try columns.map { (text) throws(FingalError) in try columnNames(text) }
    let shown = try naming(path) { () throws(FingalError) in
      try names.map { (names) throws(FingalError) in try file.schema.projected(to: names) } ?? file.schema
    }
    var writer: any EventFormat
    switch json ? .json : format {
    case .text: writer = TextFormat(full: full)
    case .json: writer = JSONLinesFormat()
    case .csv: writer = CSVFormat()
    }
    let batches = try chosenBatches(of: file, names, range)
    let output = Output()
    try writer.begin(shown, to: output)
    var left = limit ?? Int.max
    while left > 0, let batch = try batches.next() {
      var run = EventRun(batch, showing: shown)
      run.events = run.events.prefix(left)
      left -= run.events.count
      try writer.write(run, to: output)
    }
    try output.flush()
    if stats { printError(Self.text(batches.statistics)) }
  }

  /// The events to be shown. With a limit, little is read ahead: a handful of events must not cost a file.
  private func chosenBatches(
    of file: EventFile, _ names: [String]?, _ range: Range<Int>
  ) throws(FingalError) -> EventBatches {
    let options = limit.map { $0 < 10_000 } == true ? BatchOptions(threads: 1) : BatchOptions()
    guard let cut else { return try file.batches(columns: names, events: range, options: options) }
    return try file.batches(columns: names, where: cut, events: range, options: options)
  }

  private static func text(_ statistics: ReadStatistics) -> String {
    let clusters = statistics.clusters - statistics.skippedClusters
    return "read \(clusters) of \(Numbers.counted(statistics.clusters, "cluster")), in them "
      + "\(statistics.readPages) of \(Numbers.counted(statistics.pages, "page"))"
  }
}

/// Runs `body`; an error that does not name a file yet gets this one.
func naming<R>(_ path: String, _ body: () throws(FingalError) -> R) throws(FingalError) -> R {
  do { return try body() } catch { throw error.naming(file: path) }
}

/// Without blanks at both ends.
func trimmed(_ text: Substring) -> String {
  var text = text
  while text.first == " " { text.removeFirst() }
  while text.last == " " { text.removeLast() }
  return String(text)
}
