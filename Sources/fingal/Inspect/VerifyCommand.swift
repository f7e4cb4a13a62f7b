import ArgumentParser
import Fingal

/// `fingal verify`: is every byte of a file what was written?
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every checksum and every invariant; name what is damaged.",
    discussion: """
      Reads and decodes the whole file. Each fault is a line on standard error with column, events and byte. Exit code 0 \
      if all files are sound, 1 if one is damaged, 2 if one is missing.

      EXAMPLES:
        fingal verify run12.fingal
        fingal verify --json /data/*.fingal
      """
  )

  @Argument(help: ArgumentHelp("Fingal files.", valueName: "file"))
  var files: [String]

  @Flag(help: "Print a JSON array, one object a file.")
  var json = false

  func run() throws {
    let output = Output()
    var reports: [FileReport] = []
    var status: Int32 = 0
    for path in files {
      let report = Self.check(path)
      for fault in report.errors {
        // A damaged file outweighs a missing one.
        status = status == 1 ? 1 : exitStatus(of: fault)
        if !json { printError(fault.description) }
      }
      if !json, report.errors.isEmpty {
        try output.line(
          "\(path): sound: \(Numbers.counted(report.events ?? 0, "event")), "
            + "\(Numbers.counted(report.pages, "page")) in \(Numbers.counted(report.clusters, "cluster")), "
            + "\(Numbers.bytes(report.bytes)) checked")
      }
      reports.append(report)
      try output.flush()
    }
    if json {
      try output.line(jsonText(reports))
      try output.flush()
    }
    if status != 0 { throw ExitCode(status) }
  }

  private static func check(_ path: String) -> FileReport {
    var report = FileReport(file: path)
    do throws(FingalError) {
      let file = try EventFile(opening: path)
      let meter = PercentMeter("verifying")
      let found = file.verify { meter.show($0, of: file.byteCount) }
      meter.clear()
      report.events = file.eventCount
      report.clusters = found.clusters
      report.pages = found.pages
      report.bytes = found.bytes
      report.errors = found.faults.map { $0.naming(file: path) }
    } catch {
      report.errors = [error]
    }
    return report
  }
}

/// One file of `fingal verify --json`.
struct FileReport: Encodable {
  var file: String
  /// Nil if the file cannot be opened.
  var events: Int?
  var clusters = 0
  var pages = 0
  var bytes = 0
  var errors: [FingalError] = []

  struct Fault: Encodable {
    var code: String
    var message: String
    var byte: Int?
    var firstEvent: Int?
    var eventCount: Int?
    var advice: String?
  }

  enum CodingKeys: CodingKey {
    case file, sound, events, clusters, pages, bytes, faults
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(file, forKey: .file)
    try container.encode(errors.isEmpty, forKey: .sound)
    try container.encodeIfPresent(events, forKey: .events)
    try container.encode(clusters, forKey: .clusters)
    try container.encode(pages, forKey: .pages)
    try container.encode(bytes, forKey: .bytes)
    let faults = errors.map {
      Fault(
        code: $0.code.rawValue, message: $0.message, byte: $0.byte, firstEvent: $0.events?.lowerBound,
        eventCount: $0.events?.count, advice: $0.advice)
    }
    try container.encode(faults, forKey: .faults)
  }
}
