import ArgumentParser
import Fingal
import FingalCSV
import FingalSelect
import Glibc

/// `fingal convert`: CSV to a Fingal file.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Convert CSV to a Fingal file.",
    discussion: """
      Finds out by itself how the file is written (separator, quotes, header, gzip, zstd), how its lines make events, and \
      which type each column has. Nothing is altered: every value comes back from 'fingal export' with the text it had \
      wherever the numbers were written in a regular way, and with the same value everywhere.

      LAYOUTS:
        hits   one line a hit; consecutive lines with the same event key are an event. Columns that vary inside an \
      event become the collection 'hits'.
        rows   one line an event. Consecutive columns that number a full grid (p01_00_00 …) become one tensor.
        cells  one line an event, with lists inside cells: [1, 2], 1;2;3, (1 2 3).

      TYPES:
        Whole numbers become int32, int64 or uint64, whichever holds all of them; never a float. Decimals become float32 \
      if every text comes back from it, else float64. Codes such as 007 and numbers beyond 64 bits stay text. An empty \
      cell in a column of numbers is a null. A column is text if its first value is no number, or half of its first \
      values are not; anything else that is no number is an error that names file, line and column.
        With --type particle=enum a column of texts such as electron and pion is stored as numbers with labels; cuts go on \
      comparing the texts. Give the labels in full where several files are to be merged.

      PRECISION:
        --precision time=step:0.01 keeps the nearest multiples of 0.01; --precision energy=10 keeps 10 bits of the \
      mantissa, a relative error of at most 1/2048. This is the one way to lose digits: the bound is recorded in the \
      schema of the file, shown by 'fingal columns' and kept by every value.

      EXAMPLES:
        fingal convert hits.csv.gz -o hits.fingal
        fingal convert run1.csv run2.csv -o both.fingal --unit beamEnergy=GeV
        zcat dump.csv.gz | fingal convert - -o dump.fingal --type id=string
        fingal convert images.csv -o images.fingal --tensor 'image=L*:28x13x13'
        fingal convert hits.csv -o cut.fingal --where 'beamEnergy > 70'
        fingal convert hits.csv -o small.fingal --precision time=step:0.01 --precision energy=10
        fingal convert hits.csv --dry-run
      """
  )

  @Argument(
    help: ArgumentHelp(
      "CSV files with the same columns, plain, .gz or .zst; '-' for standard input.", valueName: "input"))
  var inputs: [String]

  @Option(name: [.customShort("o"), .long], help: "The Fingal file to write.")
  var output: String?

  @Flag(help: "Replace the output if it exists.")
  var force = false

  @Flag(help: "Write nothing: print layout, schema and why each type was chosen.")
  var dryRun = false

  @Flag(help: "Print the summary as JSON on standard output.")
  var json = false

  @Flag(name: [.short, .long], help: "Say nothing but errors.")
  var quiet = false

  // MARK: Layout

  @Option(help: "How lines make events: auto, hits, rows or cells.")
  var layout = "auto"

  @Option(help: ArgumentHelp("The columns that tell events apart, for the hits layout.", valueName: "column,…"))
  var eventKey: String?

  @Option(help: ArgumentHelp("Columns of a collection, as 'hits=rechit_*'.", valueName: "name=pattern"))
  var collection: [String] = []

  @Option(
    help: ArgumentHelp(
      "Consecutive columns that are one tensor, as 'image=L*:28x13x13'.", valueName: "name=pattern:shape"))
  var tensor: [String] = []

  // MARK: Columns

  @Option(
    help: ArgumentHelp(
      "Type of a column: int8 … uint64, float32, float64, bool, string, or enum: texts of a few kinds, whose labels are "
        + "gathered, or given as enum(electron,\"muon, other\",pion).",
      valueName: "column=type"))
  var type: [String] = []

  @Option(help: ArgumentHelp("Unit of a column.", valueName: "column=unit"))
  var unit: [String] = []

  @Option(help: ArgumentHelp("Description of a column.", valueName: "column=text"))
  var describe: [String] = []

  @Option(
    help: ArgumentHelp(
      "Give up digits of a column: keep so many bits of the mantissa, or multiples of a number.",
      valueName: "column=bits|step:x"))
  var precision: [String] = []

  @Option(help: ArgumentHelp("Anything the file should say of itself.", valueName: "key=value"))
  var meta: [String] = []

  @Option(help: ArgumentHelp("New name of a column.", valueName: "old=new"))
  var rename: [String] = []

  @Option(help: ArgumentHelp("Leave a column out; may be a pattern.", valueName: "column"))
  var drop: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A text that means no value, such as NA or -999.", valueName: "text"))
  var null: [String] = []

  @Option(
    name: .customLong("where"), parsing: .unconditional,
    help: ArgumentHelp("Keep the events that pass.", valueName: "expression"))
  var filter: String?

  // MARK: Text

  @Option(help: "Separator: comma, tab, semicolon, pipe, spaces, or one character.")
  var separator: String?

  @Option(help: "Quote character, or none.")
  var quote: String?

  @Option(help: "Character that begins a comment line, or none.")
  var comment: String?

  @Option(help: ArgumentHelp("Whether the first line names the columns.", valueName: "yes|no"))
  var header: String?

  @Flag(help: "Numbers are written 1,5.")
  var decimalComma = false

  @Option(
    help: ArgumentHelp(
      "Of the text: utf-8, latin-1, utf-16le or utf-16be. Of the pages of the result, where it applies: DELTA or another"
        + " name that 'fingal columns' shows, except LOOKUP; of one column: time=DELTA.", valueName: "name|column=name")
  )
  var encoding: [String] = []

  // MARK: Trouble and output

  @Option(help: "At a line that cannot be read: stop, skip the line, or null (cells that are no numbers become nulls).")
  var onError = "stop"

  @Option(help: ArgumentHelp("With --on-error skip: keep the lines that were left out here.", valueName: "file"))
  var rejects: String?

  @Option(
    help: ArgumentHelp(
      "What the choice of encodings aims at: balanced, size (several times slower to write), or speed (of reading).",
      valueName: "aim"))
  var optimize = "balanced"

  @Option(
    help: ArgumentHelp(
      "Compression: auto, none, lz4, zlib or zstd; of one column: time=zstd.", valueName: "codec|column=codec"))
  var codec: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Level of the codec: lz4 0 to 12, zlib 1 to 9, zstd 1 to 22; of one column: time=19.",
      valueName: "level|column=level"))
  var level: [String] = []

  @Option(help: "Threads that compress.")
  var threads = 1

  mutating func validate() throws {
    if output == nil && !dryRun { throw ValidationError("Missing expected argument '-o <output>'") }
    if threads < 1 { throw ValidationError("--threads must be at least 1") }
  }

  func run() throws {
    let options = try ConvertArguments(self).options()
    if !dryRun { try checkOutputs() }
    let meter = ProgressMeter(enabled: !quiet && isatty(STDERR_FILENO) == 1)
    let clock = ContinuousClock()
    let start = clock.now
    let summary: ConvertSummary
    do {
      let converter = try Converter(inputs, output: output, options: options) { meter.show($0) }
      summary = try converter.run()
    } catch {
      meter.clear()
      throw error
    }
    meter.clear()
    let elapsed = start.duration(to: clock.now)
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    let report = ConvertReport(summary, seconds: seconds, output: dryRun ? nil : output)
    if json {
      let out = Output()
      try out.line(jsonText(report))
      try out.flush()
    } else if dryRun {
      let out = Output()
      try report.writeDryRun(to: out, schema: summary.schema)
      try out.flush()
    }
    if !quiet {
      for warning in summary.warnings { printNote("warning: \(warning)") }
      if !dryRun { printNote(report.line) }
    }
    if summary.skipped > 0 { throw ExitCode(1) }
  }
}

extension ConvertCommand {
  /// - Throws: `usage` if an output would destroy an input or the other output.
  private func checkOutputs() throws(FingalError) {
    guard let output else { return }
    if output == "-" {
      throw FingalError(
        .usage, "-o - does not work: a Fingal file cannot be written to standard output", advice: "name a file")
    }
    let all = inputs.map { (role: "the input", path: $0) }
    try OutputFile.check(output, given: "-o", isNoneOf: all)
    if let rejects {
      try OutputFile.check(rejects, given: "--rejects", isNoneOf: all + [(role: "the output", path: output)])
    }
  }
}

/// Writes one line to standard error.
func printNote(_ text: String) {
  writeAll(Array((text.split(separator: "\n").joined(separator: " ") + "\n").utf8), to: STDERR_FILENO)
}

/// One line that is rewritten in place while a conversion runs, ten times a second at the most.
final class ProgressMeter {
  private let enabled: Bool
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var last: ContinuousClock.Instant
  private var shown = false

  init(enabled: Bool) {
    self.enabled = enabled
    start = clock.now
    last = start
  }

  func show(_ progress: ConvertProgress) {
    guard enabled else { return }
    let now = clock.now
    if last.duration(to: now) < .milliseconds(100) { return }
    last = now
    let elapsed = start.duration(to: now)
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    let rate = Int(Double(progress.textBytes) / max(seconds, 1e-3))
    var text =
      "\(Numbers.bytes(progress.textBytes)), \(Numbers.grouped(progress.records)) lines, \(Numbers.bytes(rate))/s"
    if !progress.isCompressed && progress.totalBytes > 0 {
      text = "\(min(100, progress.textBytes * 100 / progress.totalBytes)) %  " + text
    }
    if progress.pass > 1 { text += "  (pass \(progress.pass): a type changed)" }
    writeAll(Array("\r\u{1B}[K\(text)".utf8), to: STDERR_FILENO)
    shown = true
  }

  func clear() {
    if shown { writeAll(Array("\r\u{1B}[K".utf8), to: STDERR_FILENO) }
    shown = false
  }
}
