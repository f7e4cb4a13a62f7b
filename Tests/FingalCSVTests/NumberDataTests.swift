import FingalCSV
import Testing

/// Correct rounding on the collected hard cases of others: equality of bits on every line.
@Suite struct NumberDataTests {
  @Test(arguments: ["lemire-fast-float.txt", "freetype-2-7.txt", "more-test-cases.txt"])
  func everyLineRoundsCorrectly(file: String) throws {
    let bytes = try TestData.bytes("numbers/\(file)")
    var lines = 0
    for line in bytes.split(separator: 0x0A) {
      lines += 1
      let text = Array(line.dropFirst(31))
      let float32 = UInt32(String(decoding: line.dropFirst(5).prefix(8), as: UTF8.self), radix: 16)
      let float64 = UInt64(String(decoding: line.dropFirst(14).prefix(16), as: UTF8.self), radix: 16)
      unsafe text.withUnsafeBytes { raw in
        let shown = String(decoding: text, as: UTF8.self)
        #expect(unsafe NumberText.float32(raw)?.bitPattern == float32, "float32 of \(shown)")
        #expect(unsafe NumberText.float64(raw)?.bitPattern == float64, "float64 of \(shown)")
      }
    }
    #expect(lines >= 60)
  }
}
