import FingalFuzzing
import Foundation
import Testing

/// Every seed and every input that a fuzzer ever found, through the code of the fuzzers: once fixed, fixed for ever.
@Suite struct CaseTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fuzz")

  static func files(_ kind: String, _ target: FuzzTarget) throws -> [URL] {
    let place = folder.appending(path: "\(kind)/\(target.rawValue)")
    guard FileManager.default.fileExists(atPath: place.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(at: place, includingPropertiesForKeys: nil)
      .filter { !$0.lastPathComponent.hasPrefix(".") }.sorted { $0.path < $1.path }
  }

  @Test(arguments: FuzzTarget.allCases) func seedsAndFoundCasesAreHandled(target: FuzzTarget) throws {
    let seeds = try Self.files("Seeds", target)
    #expect(!seeds.isEmpty, "the target has no seeds")
    for file in seeds + (try Self.files("Found", target)) {
      // The name goes first: a case that traps takes the process with it.
      print("\(target.rawValue): \(file.lastPathComponent)")
      target.run(Array(try Data(contentsOf: file)))
    }
  }
}
