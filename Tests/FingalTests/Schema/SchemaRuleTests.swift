import Fingal
import Foundation
import Testing

/// What `FORMAT.md §3` allows and forbids, as JSON in a file would say it.
@Suite struct SchemaRuleTests {
  @Test(arguments: [
    (#"[{"name":"a","parent":"b"}]"#, "collection 'a' lies in 'b', which is not declared before it"),
    (#"[{"name":"a","parent":"a"}]"#, "collection 'a' lies in 'a', which is not declared before it"),
    (
      #"[{"name":"a","parent":"b"},{"name":"b","parent":"a"}]"#,
      "collection 'a' lies in 'b', which is not declared before it"
    ),
    (
      #"[{"name":"a"},{"name":"b","parent":"a"},{"name":"c","parent":"b"},{"name":"d","parent":"c"},{"name":"e","parent":"d"}]"#,
      "collection 'e' lies 5 deep; collections nest at most 4 deep"
    ),
    (#"[{"name":"a"},{"name":"a"}]"#, "two collections are called 'a'"),
  ])
  func aBadCollectionIsNamed(collections: String, message: String) {
    let error = #expect(throws: FingalError.self) {
      try Schema(json: #"{"collections":\#(collections),"fields":[]}"#)
    }
    #expect(error?.code == .invalidSchema)
    #expect(error?.message == message)
  }

  @Test(arguments: [
    (#""type":"enum""#, "field 'f' of type enum has no labels"),
    (#""type":"enum","labels":[]"#, "field 'f' of type enum has no labels"),
    (#""type":"enum","labels":["a","b","a"]"#, "field 'f' has the label 'a' twice"),
    // The same letter, composed and decomposed.
    (#""type":"enum","labels":["\u00e9","e\u0301"]"#, "field 'f' has the label 'e\u{301}' twice"),
    (#""type":"enum","labels":["a",""]"#, "a label of field 'f', has an empty name"),
    (#""type":"uint8","labels":["a"]"#, "field 'f' has labels but is of type uint8, not enum"),
    (#""type":"string","shape":[2]"#, "field 'f' of strings cannot have a shape"),
    (#""type":"int8","shape":[0]"#, "field 'f' has an axis of 0 values"),
    (#""type":"int8","shape":[1,1,1,1,1,1,1,1,1]"#, "field 'f' has 9 axes; at most 8 are allowed"),
    (#""type":"int8","shape":[4096,4097]"#, "field 'f' has more than 16777216 elements a value"),
    (#""type":"colour""#, "field 'f' has the unknown type 'colour'"),
  ])
  func aBadFieldIsNamed(field: String, message: String) {
    let error = #expect(throws: FingalError.self) { try Schema(json: #"{"fields":[{"name":"f",\#(field)}]}"#) }
    #expect(error?.code == .invalidSchema)
    #expect(error?.message == message)
  }

  /// The same name, composed and decomposed.
  @Test(arguments: [
    (
      #""collections":[{"name":"\u00e9"}],"fields":[{"name":"x","type":"int8","collection":"e\u0301"}]"#,
      "field 'e\u{301}.x'"
    ),
    (#""collections":[{"name":"\u00e9"},{"name":"a","parent":"e\u0301"}],"fields":[]"#, "collection 'a'"),
  ])
  func referencesHaveTheBytesOfTheName(json: String, what: String) {
    let error = #expect(throws: FingalError.self) { try Schema(json: "{\(json)}") }
    #expect(error?.code == .invalidSchema)
    #expect(error?.message == "\(what) spells the name of collection 'é' with other characters")
    // Equal texts here; what is compared above is theirs, too.
    #expect(throws: Never.self) {
      try Schema(json: "{\(json)}".replacingOccurrences(of: #"\u00e9"#, with: #"e\u0301"#))
    }
  }

  @Test func labelsAreAsManyAsAnIndexHas() throws {
    var field = Schema.Field("f", .enumeration, labels: (0..<65_536).map { "\($0)" })
    try Schema(fields: [field]).validate()
    field.labels.append("more")
    let schema = Schema(fields: [field])
    let error = #expect(throws: FingalError.self) { try schema.validate() }
    #expect(error?.message == "field 'f' has 65537 labels; at most 65536 are allowed")
    field.labels = ["line\nbreak"]
    let other = Schema(fields: [field])
    #expect(throws: FingalError.self) { try other.validate() }
  }

  @Test func theJSONIsWhatTheSpecificationSays() throws {
    let schema = Schema(
      collections: [.init("hits"), .init("samples", in: "hits", description: "of the pulse")],
      fields: [
        .init("particle", .enumeration, labels: ["electron", "pion"], nullable: true),
        .init("position", .float32, in: "hits", shape: [3], nullable: true, unit: "cm"),
        .init("charge", .uint16, in: "samples"),
      ])
    try schema.validate()
    #expect(
      schema.json()
        == #"{"collections":[{"name":"hits"},{"description":"of the pulse","name":"samples","parent":"hits"}],"#
        + #""fields":[{"labels":["electron","pion"],"name":"particle","nullable":true,"type":"enum"},"#
        + #"{"collection":"hits","name":"position","nullable":true,"shape":[3],"type":"float32","unit":"cm"},"#
        + #"{"collection":"samples","name":"charge","type":"uint16"}]}"#)
    #expect(try Schema(json: schema.json()) == schema)
    #expect(schema.lineage(of: "samples") == ["hits", "samples"])
    #expect(schema.lineage(of: "none") == [])
    #expect(try schema.projected(to: ["samples.charge"]).collections.map(\.name) == ["hits", "samples"])
    #expect(try schema.projected(to: ["hits"]).collections.map(\.name) == ["hits"])
  }

  /// The escapes, and keys in the order of their UTF-8 bytes, which is neither that of UTF-16 nor that of NFC.
  @Test func theJSONEscapesWhatTheSpecificationSays() throws {
    let text = String((0..<0x30 as Range<UInt8>).map { Character(Unicode.Scalar($0)) }) + "\\\u{7F}\u{85}\u{2028}😀"
    let keys = ["", "A", "a", "a/b", "z\u{301}", "é", "\u{FF5E}", "😀"]
    let schema = Schema(metadata: Dictionary(uniqueKeysWithValues: keys.map { ($0, $0 == "A" ? text : "") }))
    let escaped =
      #"\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f"#
      + #"\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f"#
      + ##" !\"#$%&'()*+,-./\\"## + "\u{7F}\u{85}\u{2028}😀"
    let pairs = keys.map { "\"\($0)\":\"\($0 == "A" ? escaped : "")\"" }
    #expect(schema.json() == #"{"fields":[],"metadata":{\#(pairs.joined(separator: ","))}}"#)
    #expect(try Schema(json: schema.json()) == schema)
  }

  @Test(arguments: [
    (#"{"fields":[{"name":"x","shape":[2.0],"type":"int8"}]}"#, "an integer with a fraction or an exponent", 32),
    (#"{"fields":[],"z":[01]}"#, "neither a comma nor the end of the array", 19),
    (#"{"fields":[],}"#, "no key where one must be", 13),
  ])
  func whatIsNoJSONIsNamedWithItsPlace(json: String, what: String, byte: Int) {
    let error = #expect(throws: FingalError.self) { try Schema(json: json) }
    #expect(error?.code == .invalidSchema)
    #expect(error?.message == "the schema is not the JSON it must be: " + what)
    #expect(error?.byte == byte)
  }

  @Test func aBatchThatDoesNotFitItsNestingIsRefused() {
    let schema = Schema(
      collections: [.init("hits"), .init("samples", in: "hits")],
      fields: [
        .init("kind", .enumeration, labels: ["a", "b"]), .init("image", .int8, shape: [2], nullable: true),
        .init("charge", .uint16, in: "samples"),
      ])
    func message(_ change: (inout EventBatch) -> Void) -> String? {
      var batch = EventBatch(schema)
      batch.eventCount = 2
      batch.counts[0].append(contentsOf: [2, 1] as [UInt32])
      batch.counts[1].append(contentsOf: [1, 0, 2] as [UInt32])
      batch.columns[0].append(contentsOf: [1, 0] as [UInt16])
      batch.columns[1].append(contentsOf: [1, 2] as [Int8])
      batch.columns[1].appendNull(elements: 2)
      batch.columns[2].append(contentsOf: [7, 8, 9] as [UInt16])
      change(&batch)
      do throws(FingalError) { try batch.validate() } catch { return error.message }
      return nil
    }
    #expect(message { _ in } == nil)
    #expect(
      message { $0.counts[1].append(0 as UInt32) } == "the counts of 'samples' are 4 uint32 for 3 elements of 'hits'")
    #expect(
      message { $0.columns[2].append(0 as UInt16) }
        == "column 'samples.charge' has 4 values of uint16; expected 3 of uint16")
    #expect(
      message {
        $0.columns[0].removeAll()
        $0.columns[0].append(contentsOf: [2, 0] as [UInt16])
      } == "column 'kind' has the index 2, but only 2 labels")
    #expect(
      message {
        $0.columns[1].removeAll()
        $0.columns[1].appendNull()
        $0.columns[1].append(contentsOf: [1, 1, 1] as [Int8])
      } == "column 'image' has a tensor of which only some elements are null")
  }
}

/// Files whose schema says other than their pages, with checksums that are right.
@Suite struct SchemaForgeryTests {
  /// Two events: hits 2 and 1, tracks 0 and 2, samples of the hits 1, 0 and 2.
  private func forged(_ from: String, _ to: String) throws -> (folder: TemporaryFolder, path: String) {
    precondition(from.utf8.count == to.utf8.count)
    let folder = try TemporaryFolder()
    let schema = Schema(
      collections: [.init("hit"), .init("trk"), .init("spl", in: "hit")],
      fields: [
        .init("kind", .enumeration, labels: ["a", "b", "c"]), .init("x", .int32, in: "trk"),
        .init("charge", .uint16, in: "spl"),
      ])
    var batch = EventBatch(schema)
    batch.eventCount = 2
    batch.counts[0].append(contentsOf: [2, 1] as [UInt32])
    batch.counts[1].append(contentsOf: [0, 2] as [UInt32])
    batch.counts[2].append(contentsOf: [1, 0, 2] as [UInt32])
    batch.columns[0].append(contentsOf: [1, 2] as [UInt16])
    batch.columns[1].append(contentsOf: [5, 6] as [Int32])
    batch.columns[2].append(contentsOf: [7, 8, 9] as [UInt16])
    let writer = try EventWriter(creating: folder("sound"), schema: schema)
    try writer.append(batch)
    try writer.finish()
    var forge = try ForgeryTests.Forge(folder("sound"), folder.bytes("sound"))
    let schemaBytes = forge.file.layout.schema
    let text = String(decoding: forge.bytes[schemaBytes], as: UTF8.self)
    let parts = text.components(separatedBy: from)
    try #require(parts.count == 2)
    forge.bytes.replaceSubrange(schemaBytes, with: Array(parts.joined(separator: to).utf8))
    forge.repair()
    try folder.write(forge.bytes, to: "forged")
    return (folder, folder("forged"))
  }

  @Test func anIndexWithoutLabelIsDamage() throws {
    let (folder, path) = try forged(#""b","c""#, #""bcdef""#)
    let file = try EventFile(opening: path)
    let error = #expect(throws: FingalError.self) { try file.read(["kind"], events: 0..<2) }
    #expect(error?.code == .damaged)
    #expect(error?.message == "damaged page of column 'kind': it has the index 2 but only 2 labels")
    #expect(file.verify().faults.contains(error!))
    _ = try file.read(["spl"], events: 0..<2)
    withExtendedLifetime(folder) {}
  }

  @Test func countsOfTheWrongParentAreDamage() throws {
    let (folder, path) = try forged(#""parent":"hit""#, #""parent":"trk""#)
    let file = try EventFile(opening: path)
    let error = #expect(throws: FingalError.self) { try file.read(["spl.charge"], events: 0..<2) }
    #expect(error?.code == .damaged)
    #expect(
      error?.message
        == "damaged page of column 'spl (counts)': the counts of the collection do not add up to its elements")
    #expect(file.verify().faults.contains(error!))
    _ = try file.read(["trk", "kind"], events: 0..<2)
    withExtendedLifetime(folder) {}
  }

  @Test func valuesOfTheWrongCollectionAreDamage() throws {
    let (folder, path) = try forged(#"{"collection":"spl","name":"charge""#, #"{"collection":"trk","name":"charge""#)
    let file = try EventFile(opening: path)
    let error = #expect(throws: FingalError.self) { try file.read(["trk.charge"], events: 0..<2) }
    #expect(error?.code == .damaged)
    #expect(file.verify().faults.contains(error!))
    withExtendedLifetime(folder) {}
  }
}
