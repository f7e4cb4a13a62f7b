import Fingal

/// Decoded bytes that a file of the fuzzer may hold. The format's own limits allow a gigabyte from a few bytes, which is
/// legal and slow.
private let decodedLimit = 1 << 20

/// The whole file: first as it is, then with its checksums repaired, which is what reaches the code behind them.
func fuzzOpen(_ input: [UInt8]) {
  readAll(input)
  var repaired = input
  FileRepair.repair(&repaired)
  if repaired != input { readAll(repaired) }
}

private func readAll(_ bytes: [UInt8]) {
  recover(bytes)
  let file: EventFile
  do throws(FingalError) {
    file = try EventFile(bytes: bytes, named: "input.fingal")
  } catch {
    check(error.file == "input.fingal" && !error.message.isEmpty, "\(error)")
    return
  }
  var decoded = 0
  for index in file.clusters.indices {
    do throws(FingalError) {
      for stream in try file.directory(ofCluster: index).streams {
        for page in stream.pages { decoded += page.decodedLength }
      }
    } catch { continue }
  }
  if decoded > decodedLimit || file.schema.fields.count > 1 << 12 { return }
  let report = file.verify()
  do throws(FingalError) {
    let batch = try file.read(events: 0..<file.eventCount)
    do throws(FingalError) { try batch.validate() } catch { fail("read a batch that is not valid: \(error)") }
    do throws(FingalError) { try readInPieces(file, batch) } catch {
      fail("a file that was read whole cannot be read in pieces: \(error)")
    }
  } catch {
    check(!report.faults.isEmpty, "a file that verifies does not read: \(error)")
  }
}

/// What can be saved of the file, and whether what is said to be saved can be read.
private func recover(_ bytes: [UInt8]) {
  do throws(FingalError) {
    let recovery = try FileRecovery(PosixFile(bytes: bytes, named: "input.fingal"))
    check(recovery.eventCount >= 0 && recovery.isWhole == (recovery.losses.isEmpty && recovery.hasEnd), "\(recovery)")
    for loss in recovery.losses { check(!loss.reason.isEmpty && loss.bytes.upperBound <= bytes.count, "\(loss)") }
  } catch {
    check(error.file == "input.fingal" && !error.message.isEmpty, "\(error)")
  }
}

/// Ranges and projections are what the whole says.
private func readInPieces(_ file: EventFile, _ whole: EventBatch) throws(FingalError) {
  var seen = 0
  let batches = try file.batches()
  while let batch = try batches.next() {
    check(batch.firstEvent == seen, "a batch begins at the wrong event")
    seen += batch.eventCount
  }
  check(seen == file.eventCount, "the batches hold \(seen) events of \(file.eventCount)")
  let middle = file.eventCount / 2
  let tail = try file.read(events: middle..<file.eventCount)
  check(tail.eventCount == file.eventCount - middle, "a range of the wrong length")
  do throws(FingalError) { try tail.validate() } catch { fail("read a range that is not valid: \(error)") }
  for (part, all) in zip(tail.columns, whole.columns) {
    let expected = ColumnValues(all.type)
    expected.append(contentsOf: all, all.count - part.count..<all.count)
    check(sameBits(part, expected), "a range differs from the whole")
  }
  if let field = whole.schema.fields.last {
    let one = try file.read([field.path], events: 0..<file.eventCount)
    check(sameBits(one.columns[0], whole.columns[whole.columns.count - 1]), "a projection differs from the whole")
  }
}
