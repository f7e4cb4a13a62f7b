import Fingal
import Foundation
import Testing

/// The reader in Python (`spec/reference`) is the second implementation: both must say the same of every file.
/// `scripts/test` provides its interpreter and names it in `FINGAL_PYTHON`.
struct ReferenceReaderTests {
  @Test func agreesOnEveryVector() throws {
    let (status, output) = try python(["\(Vectors.folder)/check.py"])
    #expect(status == 0, "\(output)")
    #expect(output.contains("all vectors are as expected"))
  }

  /// The contents of all good vectors, written anew by the library as it chooses to.
  @Test(arguments: EncodingOptions.Optimize.allCases)
  func readsWhatTheLibraryWrites(_ optimize: EncodingOptions.Optimize) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fingal-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var paths: [String] = []
    var lines: [Vectors.Contents] = []
    for name in Vectors.names("good", ".fingal") {
      let file = try EventFile(bytes: Vectors.bytes("good/\(name).fingal"), named: name)
      let path = "\(folder)/\(name).fingal"
      let writer = try EventWriter(
        creating: path, schema: file.schema, options: WriterOptions(encoding: EncodingOptions(optimize: optimize)))
      if file.eventCount > 0 { try writer.append(file.read(events: 0..<file.eventCount)) }
      try writer.finish()
      let written = try EventFile(opening: path)
      #expect(written.contentHashText == file.contentHashText, "\(name)")
      paths.append(path)
      lines.append(try Vectors.Contents(of: written))
    }
    let (status, output) = try python(["\(Vectors.folder)/../reference/fingal_reader.py", "--values"] + paths)
    #expect(status == 0, "\(output.suffix(2000))")
    var found = output.utf8.split(separator: 0x0A)[...]
    let decoder = JSONDecoder()
    for (path, contents) in zip(paths, lines) {
      guard found.count > contents.streams.count else {
        Issue.record("the reader says too little of \(path)")
        return
      }
      let file = try decoder.decode(Vectors.Contents.FileLine.self, from: Data(found.removeFirst()))
      #expect(file == contents.file, "\(path)")
      for stream in contents.streams {
        #expect(
          try decoder.decode(Vectors.Contents.StreamLine.self, from: Data(found.removeFirst())) == stream, "\(path)")
      }
    }
    #expect(found.isEmpty)
  }

  private func python(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let name = ProcessInfo.processInfo.environment["FINGAL_PYTHON"] ?? "python3"
    let output = FileManager.default.temporaryDirectory.appendingPathComponent("fingal-\(UUID().uuidString).txt")
    _ = FileManager.default.createFile(atPath: output.path, contents: nil)
    defer { try? FileManager.default.removeItem(at: output) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [name] + arguments
    let handle = try FileHandle(forWritingTo: output)
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    try handle.close()
    return (process.terminationStatus, String(decoding: try Data(contentsOf: output), as: UTF8.self))
  }
}
