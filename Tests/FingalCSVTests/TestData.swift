import FingalCSV
import FoundationEssentials

/// Files under `Data/`, found beside this source file so that no bundle is needed.
enum TestData {
  static func path(_ name: String) -> String {
    let here = #filePath
    return here[..<here.lastIndex(of: "/")!] + "/Data/" + name
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    try DescriptorSource(path: path(name)).readUp(to: .max)
  }
}

/// A text in memory, opened as a file would be.
func input(_ text: String, file: String = "test.csv") throws -> TextInput {
  try TextInput(MemorySource(Array(text.utf8)), file: file)
}

/// All records of a text as strings, and what the reader found out about it.
func records(
  _ input: TextInput, dialect: Dialect? = nil, blockSize: Int = 1 << 20, recordLimit: Int = 256 << 20
) throws -> (header: [String]?, records: [[String]], lines: [Int]) {
  let reader = try RecordReader(input, dialect: dialect, blockSize: blockSize, recordLimit: recordLimit)
  var found: [[String]] = []
  var lines: [Int] = []
  var previous: RecordBlock?
  while let block = try reader.next(reusing: previous) {
    for record in 0..<block.recordCount {
      found.append(
        (0..<block.fieldCount(record)).map { unsafe String(decoding: block.field(record, $0), as: UTF8.self) })
      lines.append(block.line(of: record))
    }
    previous = block
  }
  return (reader.header?.names, found, lines)
}

extension TestData {
  static func files(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(folder))
  }
}
