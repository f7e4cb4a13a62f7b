internal import FingalKernels

/// Finds out how a text is written from its beginning.
///
/// Every candidate separator splits the first records; the one under which the most records have the same number of
/// fields wins, and among equals the one whose fields look most like values (no other separator left inside them).
package enum DialectDetector {
  /// What the user has decided; the rest is detected.
  package struct Overrides: Sendable {
    package var separator: Dialect.Separator?
    /// `.some(nil)`: no quotes.
    package var quote: UInt8??
    /// `.some(nil)`: no comments.
    package var comment: UInt8??
    package var hasHeader: Bool?
    package var decimalComma: Bool?
    package init() {}
  }

  /// Bytes and records looked at: enough to judge, little enough to cost nothing.
  private static let sampleBytes = 256 << 10
  private static let sampleRecords = 500

  /// - Parameters:
  ///   - prefix: the beginning of the text, in UTF-8 without byte order mark.
  ///   - isAll: whether it is the whole text, so that a last line without line end counts.
  package static func detect(_ prefix: [UInt8], isAll: Bool, _ overrides: Overrides = .init()) -> Dialect {
    var dialect = Dialect()
    if let quote = overrides.quote { dialect.quote = quote }
    dialect.lineEnd = lineEnd(of: prefix, quote: dialect.quote)
    if let comment = overrides.comment {
      dialect.comment = comment
    } else if firstColumnUsesHash(prefix, dialect.lineEnd) {
      dialect.comment = nil
    }
    if let quote = dialect.quote { dialect.blanksAroundQuotes = hasBlankBeforeQuote(prefix, quote) }

    var best = Sample(records: [])
    if let separator = overrides.separator {
      dialect.separator = separator
      best = sample(prefix, isAll, dialect)
    } else {
      let candidates: [Dialect.Separator] = [.byte(0x2C), .byte(0x09), .byte(0x3B), .byte(0x7C), .spaces]
      var bestScore = -1.0
      for candidate in candidates {
        var trial = dialect
        trial.separator = candidate
        let found = sample(prefix, isAll, trial)
        guard let score = score(found, candidate), score > bestScore else { continue }
        bestScore = score
        dialect.separator = candidate
        best = found
      }
      if bestScore < 0 { best = sample(prefix, isAll, dialect) }
    }
    dialect.decimalComma = overrides.decimalComma ?? usesDecimalComma(best, dialect.separator)
    if let hasHeader = overrides.hasHeader {
      dialect.header = hasHeader ? .firstRecord : .none
    } else if HeaderJudge.firstRecordIsHeader(best.records, decimalPoint: dialect.decimalPoint) {
      dialect.header = .firstRecord
    } else if HeaderJudge.headerInComment(
      readPreamble(prefix, dialect.with(header: .comment)).header, best.records.first?.count)
    {
      dialect.header = .comment
    } else {
      dialect.header = .none
    }
    return dialect
  }

  /// The first records under one dialect.
  struct Sample {
    var records: [[Cell]]
  }

  struct Cell {
    var text: [UInt8]
    var quoted: Bool
  }

  private static func sample(_ prefix: [UInt8], _ isAll: Bool, _ dialect: Dialect) -> Sample {
    let count = min(prefix.count, sampleBytes)
    let complete = isAll && count == prefix.count
    let block = RecordBlock(file: "", capacity: count)
    unsafe prefix.withUnsafeBytes { bytes in
      unsafe block.begin(with: UnsafeRawBufferPointer(rebasing: bytes[0..<count]), line: 1, record: 0)
    }
    block.apply(dialect)
    // An unclosed quote or text after one ends the sample; what came before still counts.
    _ = block.index(atEnd: complete)
    block.seal(quote: dialect.quote ?? 0)
    if block.recordCount == 0 && !complete {
      // One line longer than the sample: judge by its beginning.
      _ = block.index(atEnd: true)
      block.seal(quote: dialect.quote ?? 0)
    }
    var records: [[Cell]] = []
    var cells = 0
    for record in 0..<min(block.recordCount, sampleRecords) where cells < 200_000 {
      cells += block.fieldCount(record)
      records.append(
        (0..<block.fieldCount(record)).map { column in
          unsafe Cell(text: Array(block.field(record, column)), quoted: block.wasQuoted(record, column))
        })
    }
    return Sample(records: records)
  }

  /// nil: not a candidate. At most 2: the share of records with the commonest count, and the share of clean fields.
  private static func score(_ sample: Sample, _ separator: Dialect.Separator) -> Double? {
    var counts: [Int: Int] = [:]
    for record in sample.records { counts[record.count, default: 0] += 1 }
    guard let (fields, times) = counts.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }), counts.keys.max()! > 1
    else { return nil }
    // Most records have one field, a few more: the separator is part of somebody's text.
    if fields == 1 && counts.count == 1 { return nil }
    let consistent = Double(times) / Double(sample.records.count)
    var clean = 0
    var all = 0
    for record in sample.records {
      for cell in record where !cell.text.isEmpty {
        all += 1
        if cell.quoted || isClean(cell.text) { clean += 1 }
      }
    }
    let cleanliness = all == 0 ? 1 : Double(clean) / Double(all)
    if separator == .spaces {
      // Words in a sentence are no columns: every line must agree, and numbers must follow.
      guard consistent == 1, fields > 1, sample.records.count > 1 else { return nil }
      let rest = sample.records.dropFirst().joined()
      let numbers = rest.count(where: { HeaderJudge.isNumber($0.text, decimalPoint: 0x2E) })
      guard numbers * 2 >= rest.count else { return nil }
    }
    // A first line with fewer fields than the rest is a header without this separator: it stands in lists (`1;2;3`) or in
    // decimal commas, inside the cells.
    if let head = sample.records.first, head.count < fields { return 0.1 * consistent + 0.5 * cleanliness }
    return (fields == 1 ? 0.1 * consistent : consistent) + cleanliness
  }

  /// No separator left inside: a number (with decimal comma too), a list in brackets, or text without one.
  private static func isClean(_ text: [UInt8]) -> Bool {
    if text.first == 0x5B && text.last == 0x5D { return true }
    if HeaderJudge.isNumber(text, decimalPoint: 0x2C) { return true }
    return !text.contains { $0 == 0x2C || $0 == 0x3B || $0 == 0x09 || $0 == 0x7C }
  }

  /// Semicolons between fields, and fields `1,5` but none `1.5`.
  private static func usesDecimalComma(_ sample: Sample, _ separator: Dialect.Separator) -> Bool {
    guard separator == .byte(0x3B) else { return false }
    var commas = 0
    for cell in sample.records.dropFirst().joined() where !cell.quoted {
      if cell.text.contains(0x2E) && HeaderJudge.isNumber(cell.text, decimalPoint: 0x2E) { return false }
      if cell.text.contains(0x2C) && HeaderJudge.isNumber(cell.text, decimalPoint: 0x2C) { commas += 1 }
    }
    return commas > 0
  }

  /// CR alone only if no LF is outside quotes; CRLF if the first LF there has a CR before it.
  private static func lineEnd(of prefix: [UInt8], quote: UInt8?) -> Dialect.LineEnd {
    var inQuotes = false
    var seenCR = false
    var previous: UInt8 = 0
    for byte in prefix {
      if byte == quote {
        inQuotes.toggle()
      } else if !inQuotes {
        if byte == 0x0A { return previous == 0x0D ? .crlf : .lf }
        if previous == 0x0D { seenCR = true }
      }
      previous = byte
    }
    if seenCR || previous == 0x0D { return prefix.contains(0x0A) && !seenCR ? .lf : .cr }
    return .lf
  }

  /// More than half of the lines behind the first ordinary one begin with `#`: it is how the first column is written, not a
  /// comment.
  private static func firstColumnUsesHash(_ prefix: [UInt8], _ end: Dialect.LineEnd) -> Bool {
    let terminator: UInt8 = end == .cr ? 0x0D : 0x0A
    var lines = 0
    var hashes = 0
    for line in prefix.prefix(sampleBytes).split(separator: terminator).prefix(sampleRecords) {
      let isHash = line.first == 0x23
      if lines == 0 && isHash { continue }
      lines += 1
      if isHash { hashes += 1 }
    }
    return lines >= 4 && hashes * 2 > lines
  }

  /// A comma (or other separator), blanks, then a quote, as in `a, "b"`.
  private static func hasBlankBeforeQuote(_ prefix: [UInt8], _ quote: UInt8) -> Bool {
    var inQuotes = false
    // 0: anything, 1: after a separator, 2: after a separator and blanks.
    var state = 0
    for byte in prefix.prefix(sampleBytes) {
      if byte == quote {
        if state == 2 && !inQuotes { return true }
        inQuotes.toggle()
        state = 0
      } else if byte == 0x2C || byte == 0x3B || byte == 0x7C {
        state = 1
      } else if byte == 0x20 && state > 0 {
        state = 2
      } else {
        state = 0
      }
    }
    return false
  }

  /// The comment lines before the first record, and the names in the last of them if the dialect says so.
  static func readPreamble(
    _ prefix: [UInt8], _ dialect: Dialect
  ) -> (preamble: [String], header: RecordReader.HeaderRow?) {
    guard let comment = dialect.comment else { return ([], nil) }
    let terminator: UInt8 = dialect.lineEnd == .cr ? 0x0D : 0x0A
    var lines: [(text: [UInt8], line: Int)] = []
    var number = 0
    for slice in prefix.split(separator: terminator, omittingEmptySubsequences: false) {
      number += 1
      var line = Array(slice)
      if terminator == 0x0A && line.last == 0x0D { line.removeLast() }
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
      guard line.first == comment else { break }
      lines.append((line, number))
    }
    var header: RecordReader.HeaderRow?
    if dialect.header == .comment, let last = lines.last {
      var plain = dialect
      plain.comment = nil
      plain.header = .none
      var body = last.text
      while let byte = body.first, byte == comment || byte == 0x20 { body.removeFirst() }
      if let cells = sample(body, true, plain).records.first {
        header = RecordReader.HeaderRow(
          names: cells.map { String(decoding: $0.text, as: UTF8.self) }, quoted: cells.map(\.quoted), text: last.text,
          line: last.line)
        lines.removeLast()
      }
    }
    return (lines.map { String(decoding: $0.text, as: UTF8.self) }, header)
  }
}

extension Dialect {
  func with(header: Header) -> Dialect {
    var copy = self
    copy.header = header
    return copy
  }
}
