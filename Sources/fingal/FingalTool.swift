import ArgumentParser
import Fingal

/// The command-line tool: thin commands over the library.
@main
struct FingalTool: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "fingal",
    abstract: "Convert, inspect and verify Fingal event files.",
    discussion: """
      A Fingal file holds events of particle physics by column: scalars, jagged collections such as hits, and tensors \
      of fixed shape. It is made from CSV and read back to CSV bit for bit.

      EXAMPLES:
        fingal convert hits.csv.gz -o hits.fingal
        fingal info hits.fingal
        fingal dump hits.fingal --events 0...2
        fingal dump hits.fingal --where 'beamEnergy > 70' --format json
        fingal verify hits.fingal
        fingal merge run1.fingal run2.fingal -o both.fingal
        fingal select both.fingal -o cut.fingal --where 'beamEnergy > 70'
        fingal diff both.fingal cut.fingal

      EXIT CODES:
        0  fine
        1  the data is at fault: a bad row, a damaged file, a difference
        2  the call is at fault: a wrong option, an unknown column, a missing file
      """,
    version: version,
    subcommands: [
      ConvertCommand.self,
      ExportCommand.self,
      InfoCommand.self,
      SchemaCommand.self,
      ColumnsCommand.self,
      PagesCommand.self,
      DumpCommand.self,
      VerifyCommand.self,
      SalvageCommand.self,
      MergeCommand.self,
      AppendCommand.self,
      SelectCommand.self,
      DiffCommand.self,
    ]
  )

  /// Parses and runs, with the exit codes of this tool in place of the parser's own (64 for a usage error).
  static func main() {
    dieQuietlyOnClosedPipe()
    reportFileSizeLimit()
    UnfinishedFiles.removeOnSignals()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      exitReporting(error, root: Self.self)
    }
  }
}
