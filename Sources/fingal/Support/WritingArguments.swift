import ArgumentParser
import Fingal

/// The options of writing that commands share.
struct WritingArguments: ParsableArguments {
  @Option(
    help: "What the choice of encodings aims at: balanced, size (several times slower to write), or speed (of reading)."
  )
  var optimize = "balanced"

  @Option(help: "Compression: auto, none, lz4, zlib or zstd.")
  var codec = "auto"

  @Option(parsing: .unconditional, help: "Level of the codec: lz4 0 to 12, zlib 1 to 9, zstd 1 to 22.")
  var level: Int?

  @Option(help: "Threads that compress. The bytes written do not depend on it.")
  var threads = 1

  mutating func validate() throws {
    if threads < 1 { throw ValidationError("--threads must be at least 1") }
  }

  /// - Throws: `usage` naming the option that is wrong.
  func options() throws(FingalError) -> WriterOptions {
    var options = WriterOptions(threads: threads)
    options.encoding.level = level
    guard let optimize = EncodingOptions.Optimize(rawValue: optimize) else {
      throw FingalError(
        .usage, "--optimize '\(self.optimize)' is not known",
        advice: "it takes " + EncodingOptions.Optimize.allCases.map(\.rawValue).joined(separator: ", "))
    }
    options.encoding.optimize = optimize
    if codec != "auto" {
      guard let codec = Codec.allCases.first(where: { $0.name == codec }) else {
        throw FingalError(
          .usage, "--codec '\(self.codec)' is not known",
          advice: "it takes auto, " + Codec.allCases.map(\.name).joined(separator: ", "))
      }
      options.encoding.codec = .only(codec)
    }
    guard let level else { return options }
    let levels: ClosedRange<Int>? =
      switch codec {
      case "none": nil
      case "lz4": 0...12
      case "zlib": 1...9
      default: 1...22
      }
    guard let levels else { throw FingalError(.usage, "--level needs a codec; '--codec none' has no levels") }
    guard levels.contains(level) else {
      throw FingalError(
        .usage, "--level '\(level)' is not known",
        advice: "it takes \(levels.lowerBound) to \(levels.upperBound) with --codec \(codec)")
    }
    return options
  }
}
