/// Decides whether a text begins with the names of its columns.
enum HeaderJudge {
  /// A number, blanks around it aside; `nan` and `inf` are numbers.
  static func isNumber(_ text: [UInt8], decimalPoint: UInt8) -> Bool {
    unsafe text.withUnsafeBytes { bytes in
      let trimmed = unsafe NumberText.trimmed(bytes)
      return unsafe DecimalText(trimmed, point: decimalPoint) != nil || NumberText.hexadecimal(trimmed) != nil
    }
  }

  /// The first record is a header if some column is text in it and a number in all later records, or if it holds no
  /// number and no name twice. Numbers among its names must be bare digits (`label,0,1,2,…`), each once: a row of values
  /// with one stray word is no header.
  static func firstRecordIsHeader(_ records: [[DialectDetector.Cell]], decimalPoint: UInt8) -> Bool {
    guard let first = records.first else { return false }
    let isText = first.map { !$0.text.isEmpty && !isNumber($0.text, decimalPoint: decimalPoint) }
    guard isText.contains(true) else { return false }
    let digits = zip(first, isText).filter { !$0.text.isEmpty && !$1 }.map(\.0.text)
    guard digits.allSatisfy({ $0.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }), Set(digits).count == digits.count
    else { return false }
    let later = records.dropFirst()
    for column in first.indices where isText[column] {
      var numbers = 0
      var others = 0
      for record in later where column < record.count && !record[column].text.isEmpty {
        if isNumber(record[column].text, decimalPoint: decimalPoint) { numbers += 1 } else { others += 1 }
      }
      if numbers > 0 && others == 0 { return true }
    }
    let names = first.filter { !$0.text.isEmpty }.map { String(decoding: $0.text, as: UTF8.self) }
    let allText = zip(first, isText).allSatisfy { $0.text.isEmpty || $1 }
    return allText && Set(names).count == names.count
  }

  /// The names in a comment are the header if they are as many as the fields, and no numbers.
  static func headerInComment(_ header: RecordReader.HeaderRow?, _ fields: Int?) -> Bool {
    guard let header, let fields, header.names.count == fields else { return false }
    return header.names.allSatisfy { !$0.isEmpty && !isNumber(Array($0.utf8), decimalPoint: 0x2E) }
      && Set(header.names).count == fields
  }
}
