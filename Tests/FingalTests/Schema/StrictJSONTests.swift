import Fingal
import Testing

/// What RFC 8259 allows and `FORMAT.md §3.1` demands beyond it.
@Suite struct StrictJSONTests {
  private func fault(_ text: [UInt8], _ wholeNumbers: [String] = []) -> StrictJSON.Fault? {
    do throws(StrictJSON.Fault) { try StrictJSON.check(text, wholeNumbersIn: wholeNumbers) } catch { return error }
    return nil
  }

  @Test(arguments: [
    "{}", "[]", " \t\r\n{ } \n", #"{"a":[],"b":{}}"#, "[0,-0,10,1.5,-0.25,1e3,1E+3,2e-3,0e0]", "[true,false,null]",
    #"["\"\\\/\b\f\n\r\t\u0041\u00e9\uD83D\uDE00é😀"]"#, #"{"":1," ":2,"a":{"a":1}}"#, "\"\u{7F}\"", "7",
    #"["\u0000","\uFFFF"]"#,
  ])
  func theRulesAllow(text: String) {
    #expect(fault(Array(text.utf8)) == nil)
  }

  @Test(arguments: [
    ("", "no value where one must be", 0), ("{", "no key where one must be", 1),
    (#"{"a":1,}"#, "no key where one must be", 7), ("{,}", "no key where one must be", 1),
    ("[1,]", "no value where one must be", 3), ("[,1]", "no value where one must be", 1),
    ("[1,,2]", "no value where one must be", 3), (#"{"a"}"#, "a key without a colon", 4),
    (#"{"a":}"#, "no value where one must be", 5), (#"{"a":1 "b":2}"#, "neither a comma nor the end of the object", 7),
    ("[1 2]", "neither a comma nor the end of the array", 3), ("[1}", "neither a comma nor the end of the array", 2),
    ("[1", "neither a comma nor the end of the array", 2), ("{}{}", "something behind the value", 2),
    ("[1]]", "something behind the value", 3), ("{a:1}", "no key where one must be", 1),
    ("{'a':1}", "no key where one must be", 1), ("// {}", "no value where one must be", 0),
    ("[01]", "neither a comma nor the end of the array", 2), ("[-01]", "neither a comma nor the end of the array", 3),
    ("[-]", "a number in a form that does not exist", 1), ("[+1]", "no value where one must be", 1),
    ("[5.]", "a number in a form that does not exist", 1), ("[.5]", "no value where one must be", 1),
    ("[1e]", "a number in a form that does not exist", 1), ("[1e+]", "a number in a form that does not exist", 1),
    ("[0x10]", "neither a comma nor the end of the array", 2), ("[NaN]", "no value where one must be", 1),
    ("[Infinity]", "no value where one must be", 1), ("[-Infinity]", "a number in a form that does not exist", 1),
    ("[nul]", "no value where one must be", 1), ("[True]", "no value where one must be", 1),
    (#"["a]"#, "a text without an end", 4), (#"["\"#, "a text without an end", 3),
    ("[\"a\tb\"]", "a control character in a text", 3), ("[\"\u{1}\"]", "a control character in a text", 2),
    (#"["\q"]"#, "an escape that does not exist", 2), (#"["\x41"]"#, "an escape that does not exist", 2),
    (#"["\u12G4"]"#, "an escape that does not exist", 2), (#"["\u12"]"#, "an escape that does not exist", 2),
    (#"["\U0041"]"#, "an escape that does not exist", 2), (#"["\uD800"]"#, "half of a surrogate pair", 2),
    (#"["\uDC00"]"#, "half of a surrogate pair", 2), (#"["\uD800\u0041"]"#, "half of a surrogate pair", 2),
    (#"["\uD800\n"]"#, "half of a surrogate pair", 2), (#"{"\uDFFF":1}"#, "half of a surrogate pair", 2),
    ("\u{FEFF}{}", "no value where one must be", 0), ("[\u{A0}1]", "no value where one must be", 1),
    (#"{"a":1,"a":2}"#, "a key twice", 7), (#"{"a":1,"\u0061":2}"#, "a key twice", 7),
    // The same letter, composed and decomposed.
    (#"[{"\u00e9":1,"e\u0301":2}]"#, "a key twice", 13),
  ])
  func theRulesForbid(text: String, what: String, byte: Int) {
    #expect(fault(Array(text.utf8)) == StrictJSON.Fault(what: what, byte: byte))
  }

  @Test(arguments: [[0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]])
  func textsAreUTF8(bytes: [UInt8]) {
    let fault = fault(Array(#"{"a":""#.utf8) + bytes + Array(#""}"#.utf8))
    #expect(fault == StrictJSON.Fault(what: "bytes that are not UTF-8", byte: 6))
  }

  @Test func levelsAreSixtyFour() {
    func nested(_ levels: Int) -> [UInt8] {
      let inner = levels % 2 == 1 ? "[]" : "0"
      return Array(
        (String(repeating: #"[{"a":"#, count: levels / 2) + inner + String(repeating: "}]", count: levels / 2)).utf8)
    }
    #expect(fault(nested(64)) == nil)
    #expect(fault(nested(65)) == StrictJSON.Fault(what: "more than 64 levels", byte: 32 * 6))
    #expect(fault([UInt8](repeating: UInt8(ascii: "["), count: 1 << 20))?.what == "more than 64 levels")
  }

  @Test(arguments: ["2.0", "2e0", "20e-1", "2E0"]) func integersAreWrittenAsSuch(number: String) {
    func text(_ key: String) -> [UInt8] { Array(#"{"fields":[{"\#(key)":[3,\#(number)]}]}"#.utf8) }
    let refused = StrictJSON.Fault(what: "an integer with a fraction or an exponent", byte: 23)
    #expect(fault(text("shape"), ["fields", "shape"]) == refused)
    #expect(fault(text("other"), ["fields", "shape"]) == nil)
    #expect(fault(text("shape")) == nil)
  }

  /// Were the keys before it copied for each key, this would take hours.
  @Test func manyKeys() {
    let pairs = (0..<300_000).map { "\"\($0)\":0" }.joined(separator: ",")
    #expect(fault(Array("{\(pairs)}".utf8)) == nil)
    #expect(fault(Array("{\(pairs),\"7\":0}".utf8))?.what == "a key twice")
  }
}
