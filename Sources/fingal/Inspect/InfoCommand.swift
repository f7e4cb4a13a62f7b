import ArgumentParser
import Fingal

/// `fingal info`: what a file holds, on one screen.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Events, columns, size and provenance of a file, on one screen.",
    discussion: """
      EXAMPLES:
        fingal info run12.fingal
        fingal info --json run*.fingal
      """
  )

  @Argument(help: ArgumentHelp("Fingal files.", valueName: "file"))
  var files: [String]

  @Flag(help: "Print a JSON array, one object a file.")
  var json = false

  func run() throws {
    let output = Output()
    for path in files {
      let file = try EventFile(opening: path)
      try output.line("\(path): \(Numbers.grouped(file.eventCount)) events")
    }
    try output.flush()
  }
}
