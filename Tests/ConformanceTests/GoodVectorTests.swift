import Fingal
import Testing

/// Every good vector reads to what stands beside it, bit for bit.
struct GoodVectorTests {
  @Test func everyFileHasAnExpectationAndEveryExpectationAFile() {
    let files = Vectors.names("good", ".fingal")
    #expect(files == Vectors.names("good", ".json"))
    #expect(files.count > 90)
  }

  @Test(arguments: Vectors.names("good", ".fingal"))
  func readsAsExpected(_ name: String) throws {
    let file = try EventFile(bytes: Vectors.bytes("good/\(name).fingal"), named: name)
    let expected = try Vectors.Contents(expectedOf: name)
    let found = try Vectors.Contents(of: file)
    #expect(found.file == expected.file)
    #expect(found.streams.count == expected.streams.count)
    for (a, b) in zip(found.streams, expected.streams) { #expect(a == b) }
    #expect(file.verify().faults == [])
  }

  /// Events one by one take other ways through the reader than all at once.
  @Test(arguments: Vectors.names("good", ".fingal"))
  func singleEventsMakeTheWhole(_ name: String) throws {
    let file = try EventFile(bytes: Vectors.bytes("good/\(name).fingal"), named: name)
    var joined = EventBatch(file.schema)
    for event in 0..<min(file.eventCount, 100) {
      let one = try file.read(events: event..<event + 1)
      joined.append(0..<1, of: one)
    }
    let whole = try file.read(events: 0..<min(file.eventCount, 100))
    for (a, b) in zip(Vectors.Contents.StreamLine.all(of: joined), Vectors.Contents.StreamLine.all(of: whole)) {
      #expect(a == b)
    }
  }

  /// Together they hold every encoding and every codec.
  @Test func nothingIsLeftOut() throws {
    var seen = Set<Substring>()
    for name in Vectors.names("good", ".fingal") {
      for page in try Vectors.Contents(expectedOf: name).file.pages { seen.formUnion(page.split(separator: "/")) }
    }
    for encoding in Encoding.allCases { #expect(seen.contains(Substring(encoding.name)), "\(encoding.name)") }
    for codec in Codec.allCases { #expect(seen.contains(Substring(codec.name)), "\(codec.name)") }
  }
}
