import Fingal
import Foundation
import Testing

/// Every bad vector is refused, with just the error that is expected.
struct BadVectorTests {
  @Test func everyFileHasAnExpectationAndEveryExpectationAFile() throws {
    let files = Vectors.names("bad", ".fingal")
    #expect(files == (try Vectors.refusals()).keys.sorted())
    #expect(files.count > 400)
  }

  /// `FINGAL_PRINT_REFUSALS=1` prints what the library says, a line of name, tab and error each, for
  /// `spec/vectors/check.py --library`.
  @Test func refusedAsExpected() throws {
    let expected = try Vectors.refusals()
    let printing = ProcessInfo.processInfo.environment["FINGAL_PRINT_REFUSALS"] != nil
    for name in Vectors.names("bad", ".fingal") {
      let found = try refusal(of: name)
      if printing { print("refusal\t\(name)\t\(found)") }
      #expect(found == expected[name]?.library, "\(name)")
      #expect(!found.isEmpty, "\(name) is read as if it were sound: \(expected[name]?.why ?? "")")
    }
  }

  /// What a reader of the whole file is told first; empty if it is told nothing.
  private func refusal(of name: String) throws -> String {
    let bytes = try Vectors.bytes("bad/\(name).fingal")
    do throws(FingalError) {
      let file = try EventFile(bytes: bytes, named: name)
      let report = file.verify()
      if let fault = report.faults.first { return fault.description }
      _ = try file.read(events: 0..<file.eventCount)
      return ""
    } catch {
      return error.description
    }
  }
}

extension Vectors {
  /// What is expected of a bad vector: the errors of the library and of the reference reader, and the rule it breaks.
  struct Refusal: Decodable {
    var library: String
    var reference: String
    var why: String
  }

  static func refusals() throws -> [String: Refusal] {
    try JSONDecoder().decode([String: Refusal].self, from: Data(bytes("bad/expected.json")))
  }
}
