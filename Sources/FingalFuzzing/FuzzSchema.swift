import Fingal

/// Input: JSON if it begins with `{`, else choices that make some: the parser of JSON is the toolchain's and gives a
/// fuzzer no coverage to follow, so that it would hardly ever hit on valid JSON by itself.
///
/// A schema that is accepted is written and read back as itself, and the text it is written as does not change again.
func fuzzSchema(_ input: [UInt8]) {
  let json = input.first == UInt8(ascii: "{") ? input : madeJSON(input)
  guard let text = String(validating: json, as: UTF8.self) else { return }
  let schema: Schema
  do throws(FingalError) {
    schema = try Schema(json: text)
  } catch {
    check(error.code == .invalidSchema || error.code == .limit || error.code == .unsupported, "\(error)")
    return
  }
  let written = schema.json()
  for text in [written, schema.json(pretty: true)] {
    do throws(FingalError) {
      let back = try Schema(json: text)
      check(back == schema, "the schema is not the one that was written: \(text)")
      check(back.json() == written, "the schema is written in two ways: \(text)")
    } catch {
      fail("the schema that was written is refused: \(error) in \(text)")
    }
  }
  check(schema.streams.count >= schema.fields.count + schema.collections.count, "a field without a stream")
  for stream in schema.streams { check(stream.rowLength > 0, "a stream without rows") }
  for (index, field) in schema.fields.enumerated() { check(schema.fieldIndex(field.path) == index, field.path) }
}

private func madeJSON(_ input: [UInt8]) -> [UInt8] {
  var choices = Choices(input[...])
  var json = Array("{".utf8)
  let how = choices.byte()
  if how & 1 != 0 {
    json += Array(#""collections":["#.utf8)
    let count = Int(choices.byte() % 6)
    for index in 0..<count { appendEntry(&json, &choices, isFirst: index == 0, keys: collectionKeys) }
    json += Array("],".utf8)
  }
  if how & 2 != 0 {
    json += Array(#""metadata":"#.utf8)
    appendValue(&json, &choices, name: false)
    json += Array(",".utf8)
  }
  json += Array(#""fields":["#.utf8)
  let count = Int(choices.byte() % 12)
  for index in 0..<count { appendEntry(&json, &choices, isFirst: index == 0, keys: fieldKeys) }
  json += Array("]}".utf8)
  return json + choices.all()
}

private let collectionKeys = ["parent", "description", "metadata", "unknown"]
private let fieldKeys = [
  "collection", "shape", "nullable", "unit", "description", "metadata", "labels", "precision", "encoding", "codec",
  "level", "unknown",
]

/// An object with a name (and a type), and optional keys with values of any form.
private func appendEntry(_ json: inout [UInt8], _ choices: inout Choices, isFirst: Bool, keys: [String]) {
  json += Array((isFirst ? "{" : ",{").utf8)
  json += Array(#""name":"#.utf8)
  appendValue(&json, &choices, name: true)
  if keys.count > 4 {
    let type = Int(choices.byte())
    let name = type < 240 ? ScalarType.allCases[type % ScalarType.allCases.count].rawValue : "int128"
    json += Array(#","type":"\#(name)""#.utf8)
  }
  var how = choices.word()
  for key in keys {
    if how & 1 != 0 {
      json += Array(#","\#(key)":"#.utf8)
      appendValue(&json, &choices, name: key == "collection" || key == "parent")
    }
    how >>= 1
  }
  json += Array("}".utf8)
}

private func appendValue(_ json: inout [UInt8], _ choices: inout Choices, name: Bool) {
  let names = ["a", "b", "c", "hits", "a.b", "", "é", "e\u{301}", "a b", "\\u0000", "x", "layer"]
  let kind = choices.byte()
  let text =
    if name || kind < 64 {
      kind < 240 ? #""\#(names[Int(kind) % names.count])""# : "null"
    } else {
      switch kind % 12 {
      case 0: "[]"
      case 1: "[\(choices.byte())]"
      case 2: "[\(choices.byte()),\(choices.byte() % 8),\(choices.byte() % 3)]"
      case 3: "[1,1,1,1,1,1,1,1,\(choices.byte())]"
      case 4: "[\"e-\",\"\(names[Int(choices.byte()) % names.count])\"]"
      case 5: "{}"
      case 6: "{\"k\":\"\(names[Int(choices.byte()) % names.count])\",\"csv.header\":\"v\"}"
      case 7: "true"
      case 8: "false"
      case 9: "\(choices.word() - 100)"
      case 10: "[16777216,\(choices.word())]"
      default: "{\"bits\":\(choices.byte()),\"step\":\(choices.byte() % 3).5,\"bound\":1e-3}"
      }
    }
  json += Array(text.utf8)
}
