import Testing

/// What README and scripts tell people to type must exist.
@Suite struct DocumentationTests {
  /// Calls of the programs in indented or fenced code: `fingal dump hits.fingal --json` as words.
  static func calls(in document: String) throws -> [[String]] {
    let text = String(decoding: try bytes(of: packageRoot + "/" + document), as: UTF8.self)
    var calls: [[String]] = []
    var fenced = false
    var joined = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        fenced.toggle()
        continue
      }
      let shell = document.hasPrefix("scripts/")
      guard fenced || shell || line.hasPrefix("    ") else { continue }
      var command = joined + line.trimmingBlanks()
      joined = ""
      if command.hasSuffix("\\") {
        joined = String(command.dropLast())
        continue
      }
      for prefix in ["$ ", "show "] where command.hasPrefix(prefix) { command.removeFirst(prefix.count) }
      let words = command.split(separator: " ").map(String.init)
      if let first = words.first, first == "fingal" || first == "fingal-train", words.count > 1 { calls.append(words) }
    }
    return calls
  }

  @Test(arguments: ["README.md", "scripts/demo"])
  func commandsAndOptionsExist(document: String) throws {
    let calls = try Self.calls(in: document)
    #expect(calls.count >= 5, "\(document) shows how to use the programs")
    for call in calls {
      let help = try run(call[0], [call[1], "--help"])
      #expect(help.status == 0, "\(document) names `\(call[0]) \(call[1])`")
      for option in call.dropFirst(2) where option.hasPrefix("--") {
        let name = option.split(separator: "=")[0]
        #expect(help.out.contains(name), "`\(call[0]) \(call[1])` has no \(name), which \(document) uses")
      }
    }
  }

  /// An unquoted `0..<2` is a redirection: what people copy must work in a shell.
  @Test(arguments: ["README.md", "scripts/demo"])
  func rangesAreSafeInAShell(document: String) throws {
    for call in try Self.calls(in: document) {
      for word in call { #expect(!word.contains("..<") || word.hasPrefix("'"), "\(document): \(word)") }
    }
  }

  @Test func helpExamplesNameRealOptions() throws {
    for command in [
      "info", "schema", "columns", "pages", "dump", "verify", "convert", "export", "salvage", "merge", "append",
      "select",
      "diff",
    ] {
      let help = try run("fingal", [command, "--help"]).out
      let examples = help.split(separator: "\n").filter { $0.hasPrefix("  fingal \(command) ") }
      #expect(!examples.isEmpty, "\(command) has no example")
      for word in examples.flatMap({ $0.split(separator: " ") }) where word.hasPrefix("--") {
        #expect(help.split(separator: "OPTIONS:").last?.contains(word) == true, "\(command): \(word)")
      }
    }
  }

  @Test func namedFilesExist() throws {
    let text = String(decoding: try bytes(of: packageRoot + "/README.md"), as: UTF8.self)
    for part in text.split(separator: "`", omittingEmptySubsequences: true) {
      let isPath = ["scripts/", "samples/", "spec/", "Sources/", "Benchmarks/", "Tests/"].contains {
        part.hasPrefix($0)
      }
      if isPath, !part.contains(" "), !part.contains("…") {
        #expect(exists(packageRoot + "/" + part), "README.md names \(part)")
      }
    }
  }
}
