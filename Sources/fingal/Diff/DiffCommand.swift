import ArgumentParser
import Fingal

/// `fingal diff`: do two files hold the same?
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare what two files hold; name the first differences.",
    discussion: """
      Files are equal if they hold equal events in equal columns; encodings, codecs, clusters, units, descriptions and \
      metadata do not matter. If the content hashes agree, nothing is read (--values reads in any case); else the columns \
      whose digests differ are compared value by value. Values are compared by their bits: -0.0 is not 0, a NaN is equal \
      to the same NaN only, a null to a null only. Both values are printed exactly.

      Exit code 0 if they are equal, 1 if they differ.

      EXAMPLES:
        fingal diff before.fingal after.fingal
        fingal diff a.fingal b.fingal --columns event,hits.energy --events 0...999
        fingal diff a.fingal b.fingal --limit 1000 --json
      """
  )

  @Argument(help: ArgumentHelp("A Fingal file.", valueName: "left"))
  var left: String

  @Argument(help: ArgumentHelp("The file to compare with it.", valueName: "right"))
  var right: String

  @Option(help: ArgumentHelp("Compare these columns or collections only, comma-separated.", valueName: "names"))
  var columns: String?

  @Option(
    help: ArgumentHelp(
      "Compare these events only, by position from 0: 5, 100...109, 100:110, 100...", valueName: "range"))
  var events: EventRange?

  @Option(help: ArgumentHelp("Name at most this many differences of values; reading ends there.", valueName: "n"))
  var limit = 10

  @Flag(help: "Compare the values although hashes or digests agree.")
  var values = false

  @Flag(help: "Print a JSON object.")
  var json = false

  @Flag(name: [.short, .long], help: "Print nothing: the exit code says it.")
  var quiet = false

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit takes a number of differences from 1, not \(limit)") }
  }

  func run() throws {
    let names = try columns.map { (text) throws(FingalError) in try columnNames(text) }
    let files = try (EventFile(opening: left), EventFile(opening: right))
    var report = DiffReport(left: left, right: right)
    let comparison = try FileComparison(files.0, files.1, columns: names)
    report.structure = comparison.structure
    report.units = files.0.schema.unitDifferences(in: files.1.schema).map {
      "'\($0.path)' is in \($0.ours) in one, in \($0.theirs) in the other"
    }
    let shared = min(files.0.eventCount, files.1.eventCount)
    let range: Range<Int>
    if let events {
      range = try events.events(of: files.0)
      _ = try events.events(of: files.1)
    } else {
      range = 0..<shared
      if files.0.eventCount != files.1.eventCount { report.eventCounts = [files.0.eventCount, files.1.eventCount] }
    }
    if names == nil, events == nil, comparison.hashesAgree, !values {
      report.comparedBy = "content hash"
    } else {
      let some = try values || events != nil ? comparison.columns : comparison.columnsWithOtherDigests()
      report.comparedBy = some.isEmpty ? "digests" : "values"
      let meter = PercentMeter("comparing", quiet: quiet)
      defer { meter.clear() }
      try comparison.forEachDifference(in: some, events: range, limit: limit) {
        meter.show($0, of: range.count)
      } _: {
        report.differences.append(DiffReport.Difference($0))
      }
      report.complete = report.differences.count < limit
    }
    if !quiet {
      let out = Output()
      if json { try out.line(jsonText(report)) } else { for line in report.lines { try out.line(line) } }
      try out.flush()
    }
    if !report.equal { throw ExitCode(1) }
  }
}
