import Fingal
import FoundationEssentials
import Glibc

/// Measures Fingal on one workload, as `measure.py` measures a peer, and prints the figures as JSON in the same form:
///
///     fingal-bench WORKLOAD-FOLDER FILE --threads 1 --repeats 5 [--optimize size] [--lines scan,block]
///
/// `--lines` is for looking at some of them with a profiler; without `write` among them the file must be there.
@main
struct FingalBench {
  static func main() {
    do {
      let options = try Options(CommandLine.arguments.dropFirst())
      let measurement = try Measurement(options)
      try measurement.run()
      let encoder = JSONEncoder()
      print(String(decoding: try encoder.encode(measurement.result), as: UTF8.self))
    } catch {
      complain("fingal-bench: \(error)")
    }
  }

  /// One line on standard error, and the end.
  static func complain(_ message: String) -> Never {
    let line = message + "\n"
    unsafe line.withCString { text in _ = unsafe write(2, text, line.utf8.count) }
    exit(1)
  }
}

/// What the figures are of; the names are those of `measure.py`.
struct Result: Encodable {
  var peer: String
  var options: String
  var threads: Int
  var size = 0
  var lines: [String: [Double]] = [:]
  var ways: [String: String] = [:]
}

struct Options {
  var workload = ""
  var file = ""
  var threads = 1
  var repeats = 5
  var seconds = 0.3
  var optimize = "balanced"
  var clock = Clock.wall
  /// Names of the lines to measure; empty for all.
  var lines: Set<Substring> = []
  let batch = 256
  let block = 1024
  let window = 4096

  init(_ arguments: ArraySlice<String>) throws {
    var rest = arguments
    var places: [String] = []
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("--") else {
        places.append(argument)
        continue
      }
      guard let value = rest.popFirst() else { throw Complaint("\(argument) takes a value") }
      switch argument {
      case "--threads": threads = try number(value)
      case "--repeats": repeats = try number(value)
      case "--seconds":
        guard let parsed = Double(value) else { throw Complaint("'\(value)' is no number of seconds") }
        seconds = parsed
      case "--optimize": optimize = value
      case "--lines": lines = Set(value.split(separator: ","))
      case "--clock":
        guard let parsed = Clock(rawValue: value) else { throw Complaint("the clock is wall or cpu") }
        clock = parsed
      default: throw Complaint("no option \(argument)")
      }
    }
    guard places.count == 2 else { throw Complaint("give the folder of a workload and the file to write") }
    workload = places[0]
    file = places[1]
  }
}

private func number(_ text: String) throws -> Int {
  guard let value = Int(text), value > 0 else { throw Complaint("'\(text)' is no positive number") }
  return value
}

extension Options {
  func wants(_ line: Substring) -> Bool { lines.isEmpty || lines.contains(line) }
}

struct Complaint: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// What `now` reads: wall time, or the processor time of all threads on a machine that is busy with other things.
enum Clock: String {
  case wall, cpu
}

/// Seconds of a clock.
func now(_ clock: Clock) -> Double {
  var time = timespec()
  unsafe clock_gettime(clock == .wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
