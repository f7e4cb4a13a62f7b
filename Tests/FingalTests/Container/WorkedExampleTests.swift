import Fingal
import Foundation
import Testing

/// The hex dump of `spec/FORMAT.md §10` is a file: it decodes to what the text says, and the writer makes it.
@Suite struct WorkedExampleTests {
  /// The bytes of the block marked `hexdump`, lines of `offset  16 bytes`.
  static func bytesOfSpecification() throws -> [UInt8] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "spec/FORMAT.md"), encoding: .utf8)
    let block = try #require(text.components(separatedBy: "```hexdump\n").last?.components(separatedBy: "```").first)
    return try block.split(separator: "\n").flatMap { line in
      try line.split(separator: " ").dropFirst().map { try #require(UInt8($0, radix: 16)) }
    }
  }

  static let schema = Schema(
    collections: [.init("hits")],
    fields: [Schema.Field("beamEnergy", .float32, unit: "GeV"), Schema.Field("layer", .uint8, in: "hits")])

  @Test func theDumpDecodesToTheValuesInTheText() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.bytesOfSpecification(), to: "example")
    let file = try EventFile(opening: folder("example"))
    #expect(file.schema == Self.schema)
    #expect(file.verify().faults == [])
    let batch = try file.read(events: 0..<3)
    #expect((0..<3).map { batch.counts[0].integer(at: $0) } == [2, 0, 3])
    #expect((0..<3).map { batch.columns[0].double(at: $0) } == [20, 50, 80])
    #expect((0..<5).map { batch.columns[1].integer(at: $0) } == [1, 2, 1, 2, 3])
  }

  @Test func theWriterMakesTheSameBytes() throws {
    let folder = try TemporaryFolder()
    let writer = try EventWriter(creating: folder("example"), schema: Self.schema)
    try writer.append(
      EventBatch(
        Self.schema, eventCount: 3, counts: [ColumnValues([UInt32(2), 0, 3])],
        columns: [ColumnValues([Float(20), 50, 80]), ColumnValues([UInt8(1), 2, 1, 2, 3])]))
    try writer.finish()
    let bytes = try folder.bytes("example")
    // After a change that is meant, FINGAL_PRINT_EXAMPLE=1 prints what belongs into the specification.
    if ProcessInfo.processInfo.environment["FINGAL_PRINT_EXAMPLE"] != nil {
      for start in stride(from: 0, to: bytes.count, by: 16) {
        let row = bytes[start..<min(bytes.count, start + 16)].map { String(format: "%02x", $0) }
        print(String(format: "%06x ", start), row.joined(separator: " "))
      }
    }
    #expect(try bytes == Self.bytesOfSpecification())
  }
}
