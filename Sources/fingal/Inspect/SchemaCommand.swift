import ArgumentParser
import Fingal

/// `fingal schema`: the schema as JSON.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "The schema as JSON: columns, types, units, collections.",
    discussion: """
      EXAMPLES:
        fingal schema run12.fingal
        fingal schema run12.fingal > schema.json
      """
  )

  @Argument(help: ArgumentHelp("The Fingal file.", valueName: "file"))
  var path: String

  @Flag(help: "Accepted for uniformity: the schema is JSON in any case.")
  var json = false

  func run() throws {
    let file = try EventFile(opening: path)
    let output = Output()
    try output.line(file.schema.json(pretty: true))
    try output.flush()
  }
}
