import Fingal
import Glibc

/// Writes events whose values follow from their number, in small clusters, as fast as it can: for `KillTests` to kill.
///
///     FingalTestWriter create|append FILE FIRST COUNT
///
/// `create` replaces a file of that name; `append` adds the events `FIRST..<FIRST + COUNT` to it.
@main
enum TestWriter {
  static let schema = Schema(
    collections: [.init("hits")],
    fields: [.init("event", .int64), .init("tag", .string), .init("energy", .float32, in: "hits")])

  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 5, let first = Int(arguments[3]), let count = Int(arguments[4]) else { exit(2) }
    let options = WriterOptions(clusterBytes: 4 << 10, pageBytes: 1 << 10, overwrite: true)
    do throws(FingalError) {
      let writer =
        try arguments[1] == "append"
        ? EventWriter(appending: arguments[2], options: options)
        : EventWriter(creating: arguments[2], schema: schema, options: options)
      var event = first
      while event < first + count {
        let next = min(first + count, event + 25)
        try writer.append(batch(event..<next))
        event = next
      }
      try writer.finish()
    } catch {
      unsafe perror("\(error)")
      exit(1)
    }
  }

  /// `KillTests` has the same formulas.
  static func batch(_ events: Range<Int>) -> EventBatch {
    var batch = EventBatch(schema)
    for event in events {
      let hits = event * 7919 % 6
      batch.counts[0].append(UInt32(hits))
      batch.columns[0].append(Int64(event))
      batch.columns[1].append("event \(event * event)")
      for hit in 0..<hits { batch.columns[2].append(Float((event * 31 + hit) % 1000) / 8) }
    }
    batch.eventCount = events.count
    return batch
  }
}
