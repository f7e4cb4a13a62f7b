import ArgumentParser
import Fingal
import FingalCSV
import Glibc

/// `fingal export`: a Fingal file back to CSV.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a file as CSV: the original header and values.",
    discussion: """
      A file that was made from CSV gets its header, the order of its columns and its layout back. Every value is equal; \
      the text of numbers is as it was where it was written in a regular way (%.4f, %g, Python's repr, …), else the \
      shortest that reads back. A value that the recorded format would change, as in merged files, is written in the \
      shortest form too, and a note says how many. Other files are written a line a hit if they have one collection, \
      else a line an event with lists in cells.

      A line a hit cannot say that an event has no hits, or keep two events apart that follow one another with the same \
      key: such files are written a line an event, and refused with --layout hits.

      EXAMPLES:
        fingal export hits.fingal -o hits.csv
        fingal export hits.fingal -o - | head
        fingal export hits.fingal -o some.csv --columns event,hits.energy
      """
  )

  @Argument(help: ArgumentHelp("The Fingal file.", valueName: "file"))
  var path: String

  @Option(name: [.customShort("o"), .long], help: "The CSV file to write; '-' for standard output.")
  var output: String

  @Option(help: ArgumentHelp("Columns or collections, comma-separated.", valueName: "names"))
  var columns: String?

  @Option(help: "How events make lines: hits, rows or cells; the original's by default.")
  var layout: String?

  @Flag(help: "Replace the output if it exists.")
  var force = false

  func run() throws {
    var kind: LayoutKind?
    if let layout {
      guard let known = LayoutKind(rawValue: layout) else {
        throw FingalError(.usage, "--layout '\(layout)' is not known", advice: "it takes hits, rows or cells")
      }
      kind = known
    }
    for ending in [".npz", ".npy", ".arrow"] where output.hasSuffix(ending) {
      throw FingalError(.usage, "only CSV is written; '\(output)' does not look like one")
    }
    let names = columns?.split(separator: ",").map(String.init)
    let file = try EventFile(opening: path)
    if output == "-" {
      try export(file, names, kind) { text throws(FingalError) in
        if let failure = writeAll(unsafe Array(text.bytes), to: STDOUT_FILENO) {
          throw FingalError(.inputOutput, "cannot write to standard output: \(systemMessage(failure))")
        }
      }
      return
    }
    try OutputFile.check(output, given: "-o", isNoneOf: [(role: "the input", path: path)])
    let target = try OutputFile(output, overwrite: force)
    try export(file, names, kind) { text throws(FingalError) in try unsafe target.write(text.bytes) }
    try target.commit()
  }

  private func export(
    _ file: EventFile, _ names: [String]?, _ kind: LayoutKind?,
    _ sink: @escaping (AlignedBytes) throws(FingalError) -> Void
  ) throws {
    let exporter = try CSVExporter(file, columns: names, layout: kind, sink: sink)
    try exporter.run()
    for note in exporter.notes { printNote(printable("note: " + note)) }
  }
}
