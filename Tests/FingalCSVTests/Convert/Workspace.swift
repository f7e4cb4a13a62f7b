import Fingal
import FingalCSV
import FoundationEssentials

/// A folder of its own for one test, removed when the test lets go of it.
final class Workspace {
  let root: String

  init() throws {
    root = FileManager.default.temporaryDirectory.path + "/fingal-convert-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func path(_ name: String) -> String { root + "/" + name }
  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).sorted() }

  func write(_ text: String, _ name: String = "in.csv") throws -> String {
    try Data(text.utf8).write(to: URL(filePath: path(name)))
    return path(name)
  }

  /// Converts texts, each a file.
  @discardableResult
  func convert(_ texts: String..., options: ConvertOptions = .init()) throws -> ConvertSummary {
    var paths: [String] = []
    for (index, text) in texts.enumerated() { paths.append(try write(text, "in\(index).csv")) }
    var options = options
    options.writer.overwrite = true
    return try Converter(paths, output: path("out.fingal"), options: options).run()
  }

  var result: EventFile { get throws { try EventFile(opening: path("out.fingal")) } }

  func bytes() throws -> Data { try Data(contentsOf: URL(filePath: path("out.fingal"))) }

  /// What `out.fingal` gives as CSV.
  func exported(columns: [String]? = nil, layout: LayoutKind? = nil) throws -> String {
    let text = AlignedBytes()
    let exporter = try CSVExporter(try result, columns: columns, layout: layout) { piece throws(FingalError) in
      unsafe text.append(piece.bytes)
    }
    try exporter.run()
    return unsafe String(decoding: text.bytes, as: UTF8.self)
  }
}
