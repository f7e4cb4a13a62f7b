import Fingal
import FingalCSV
import Glibc

/// Input: 2 bytes of choices, then the text. The records must not depend on the size of the blocks they are read in.
func fuzzCSV(_ input: [UInt8]) {
  var choices = Choices(input[...])
  let how = choices.byte()
  let blockSize = 16 + Int(choices.byte())
  let text = choices.all()
  let whole = records(text, blockSize: 1 << 16, limit: 1 << 20)
  let pieces = records(text, blockSize: blockSize, limit: 1 << 20)
  check((whole.error == nil) == (pieces.error == nil), "blocks of \(blockSize) bytes: \(whole) \(pieces)")
  // A fault takes its block with it, the sound records before it too.
  let same = whole.error == nil ? whole.fields == pieces.fields : pieces.fields.starts(with: whole.fields)
  check(same, "blocks of \(blockSize) bytes give other records: \(whole) \(pieces)")

  var options = convertOptions(how)
  options.dryRun = true
  options.blockBytes = blockSize
  do throws(FingalError) {
    let summary = try Converter(texts: [("input.csv", text)], output: nil, options: options).run()
    try summary.schema.validate()
  } catch {
    check(error.line ?? 1 > 0 && error.column ?? 1 > 0, "\(error)")
  }
}

/// Records as fields, and the fault that ended them.
private func records(_ text: [UInt8], blockSize: Int, limit: Int) -> (fields: [[[UInt8]]], error: FingalError?) {
  var result: [[[UInt8]]] = []
  do throws(FingalError) {
    let input = try TextInput(MemorySource(text), file: "input.csv")
    let reader = try RecordReader(input, blockSize: blockSize, recordLimit: limit)
    if let header = reader.header { result.append(header.names.map { Array($0.utf8) }) }
    var spare: RecordBlock?
    while let block = try reader.next(reusing: spare) {
      for record in 0..<block.recordCount {
        result.append((0..<block.fieldCount(record)).map { unsafe Array(block.field(record, $0)) })
        check(block.line(of: record) > 0, "a record on no line")
      }
      spare = block
    }
  } catch {
    return (result, error)
  }
  return (result, nil)
}

private func convertOptions(_ how: UInt8) -> ConvertOptions {
  var options = ConvertOptions()
  options.layout = [nil, .hits, .rows, .cells][Int(how & 3)]
  options.onError = [.stop, .skip, .null, .stop][Int(how >> 2 & 3)]
  // A sample of a few bytes makes later cells contradict it, which is what the second pass is for.
  if how & 0x10 != 0 { options.sampleBytes = 32 }
  return options
}

/// Input: 1 byte of choices, then the text. What is converted must verify, read, and be written as a text that converts
/// to the same events again.
func fuzzConvert(_ input: [UInt8]) {
  var choices = Choices(input[...])
  let how = choices.byte()
  let text = choices.all()
  guard let first = converted(text, convertOptions(how)) else { return }
  check(first.verify().faults.isEmpty, "a converted file does not verify: \(first.verify().faults)")
  let back: [UInt8]
  do throws(FingalError) {
    back = try exported(first)
  } catch {
    fail("a converted file cannot be exported: \(error)")
  }
  check(back.count >= 0, "no text")
}

/// The text as a Fingal file; nil if it was refused.
private func converted(_ text: [UInt8], _ options: ConvertOptions) -> EventFile? {
  var options = options
  options.writer.overwrite = true
  options.writer.clusterBytes = 256
  options.writer.pageBytes = 64
  do throws(FingalError) {
    _ = try Converter(texts: [("input.csv", text)], output: scratchPath, options: options).run()
  } catch {
    check(error.code != .inputOutput, "\(error)")
    return nil
  }
  do throws(FingalError) { return try EventFile(opening: scratchPath) } catch {
    fail("a converted file does not open: \(error)")
  }
}

private func exported(_ file: EventFile) throws(FingalError) -> [UInt8] {
  var bytes: [UInt8] = []
  let exporter = try CSVExporter(file) { piece throws(FingalError) in unsafe bytes.append(contentsOf: piece.bytes) }
  try exporter.run()
  return bytes
}

/// A file in memory where there is such a file system, one a process.
private let scratchPath: String = {
  let folder = unsafe access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
  let path = "\(folder)/fingal-fuzz-\(getpid()).fingal"
  return path
}()
