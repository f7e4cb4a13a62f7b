import ArgumentParser
import Fingal
import Glibc

/// The training program: thin commands over the library.
@main
struct FingalTrainTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fingal-train",
    abstract: "Train networks on Fingal event files.",
    discussion: """
      Events become images while the network computes; no dense copy of the data is made, on disk or in memory.

      EXAMPLES:
        fingal-train fit electrons.fingal pions.fingal \\
          --signal 'abs(pdgID) == 11' --background 'abs(pdgID) == 211' --where '70 < beamEnergy < 100' \\
          --image 'hits.energy @ layer:1..28, hex(iu,iv)' --net cnn2d --epochs 10 --balance -o model
        fingal-train evaluate model electrons.fingal pions.fingal --by beamEnergy
        fingal-train predict model unknown.fingal -o scores.csv

      EXIT CODES:
        0  fine
        1  the data is at fault: a damaged file, values that are not numbers
        2  the call is at fault: a wrong option, an unknown column, a class without events, a missing file
      """,
    version: "0.1.0",
    subcommands: [FitCommand.self, EvaluateCommand.self, PredictCommand.self, BenchCommand.self]
  )

  /// Parses and runs, with the exit codes of this tool in place of the parser's own (64 for a usage error).
  static func main() {
    _ = signal(SIGPIPE, SIG_DFL)
    // A limit on the size of files is an error of the write, as a full disk is.
    _ = signal(SIGXFSZ, SIG_IGN)
    UnfinishedFiles.removeOnSignals()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      exitReporting(error)
    }
  }
}
