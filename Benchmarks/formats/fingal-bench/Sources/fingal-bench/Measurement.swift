import Fingal
import Glibc

/// Runs every line of the benchmark and keeps its figures.
final class Measurement {
  let options: Options
  let workload: Workload
  var result: Result
  var checker: Checker
  var operations: Operations

  init(_ options: Options) throws {
    self.options = options
    workload = try Workload(options.workload)
    checker = Checker(workload)
    operations = Operations(workload, options)
    result = Result(
      peer: options.optimize == "balanced" ? "fingal" : "fingal-\(options.optimize)",
      options: "optimize \(options.optimize)", threads: options.threads)
  }

  func run() throws {
    if options.wants("write") {
      result.lines["write"] = try (0..<options.repeats).map { _ in try seconds { try operations.write() } }
    }
    result.size = try EventFile(opening: options.file).byteCount
    if options.wants("scan") { try measureScan("scan", columns: nil) }
    if options.wants("two"), workload.hasHits { try measureScan("two", columns: Workload.two) }
    try measureRate("single", ["read"]) { _, deadline, check in try operations.singleEvents(deadline, check) }
    try measureRate("random", Operations.Random.allCases) { way, deadline, check in
      try operations.randomBatches(way, deadline, check)
    }
    // A reader begins with nothing in memory, and ends with everything.
    result.lines["epoch"] = result.lines["random"]
    try measureRate("later", ["reader"]) { _, deadline, check in try operations.laterEpochs(deadline, check) }
    try measureRate("block", ["feed"]) { _, deadline, check in try operations.blockBatches(deadline, check) }
  }

  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let started = now(options.clock)
    try body()
    return now(options.clock) - started
  }

  /// Opening the file and decoding the columns, each way verified once; the faster way counts.
  private func measureScan(_ line: String, columns: [String]?) throws {
    var best: (way: Operations.Scan, seconds: Double)?
    for way in Operations.Scan.allCases {
      var start = 0
      try operations.scan(columns, way) { batch in
        try checker.check(batch, from: start)
        start += batch.eventCount
      }
      guard start == workload.description.events else { throw Complaint("\(line): \(start) events came back") }
      for _ in 0..<2 {
        let time = try seconds { try operations.scan(columns, way) { _ in } }
        if time < best?.seconds ?? .infinity { best = (way, time) }
      }
    }
    guard let way = best?.way else { return }
    result.ways[line] = way.rawValue
    result.lines[line] = try (0..<options.repeats).map { _ in
      var spent = 0.0
      var runs = 0.0
      while spent < options.seconds {
        spent += try seconds { try operations.scan(columns, way) { _ in } }
        runs += 1
      }
      return spent / runs
    }
  }

  /// Events a second, in the fastest of some ways. The first run of each verifies every value, the second warms up.
  private func measureRate<Way>(
    _ line: String, _ ways: [Way], _ body: (_ way: Way, _ deadline: Double, _ check: Checker?) throws -> Int
  ) throws {
    guard options.wants(Substring(line)) else { return }
    func rate(_ way: Way) throws -> Double {
      let started = now(options.clock)
      let events = try body(way, started + options.seconds, nil)
      return Double(events) / (now(options.clock) - started)
    }
    var best: (way: Way, rate: Double)?
    for way in ways {
      _ = try body(way, now(options.clock) + 5, checker)
      let found = try rate(way)
      if found > best?.rate ?? 0 { best = (way, found) }
    }
    guard let way = best?.way else { return }
    result.ways[line] = "\(way)"
    result.lines[line] = try (0..<options.repeats).map { _ in try rate(way) }
  }
}
