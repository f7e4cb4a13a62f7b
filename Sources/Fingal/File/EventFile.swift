/// A Fingal file open for reading. Opening reads header, schema, trailer and footer, nothing else. Safe to share
/// between threads: every read is its own `pread`.
public final class EventFile: Sendable {
  public let path: String
  public let schema: Schema
  public let eventCount: Int
  /// Key-values that the writer gave at the end.
  public let metadata: [String: String]
  public let byteCount: Int

  /// - Throws: `missingFile`, `notFingal`, `truncated`, `damaged`, `unsupported`, `invalidSchema`, `inputOutput`; each
  ///   names the file.
  public init(opening path: String) throws(FingalError) {
    throw FingalError(.unsupported, "not written yet", file: path)
  }

  /// Reads and decodes events, verifying the checksum of every page it touches. Reads only the pages of those columns
  /// and events.
  ///
  /// - Parameters:
  ///   - columns: paths of fields or names of collections; nil for all. The batch's schema is the projection, in this
  ///     order.
  ///   - events: which events; clamped to the file's.
  /// - Throws: `usage` for an unknown column; `damaged`, `truncated` naming column and events.
  public func read(_ columns: [String]? = nil, events: Range<Int>) throws(FingalError) -> EventBatch {
    throw FingalError(.unsupported, "not written yet", file: path)
  }

  /// All events (or a range) in file order, in batches of bounded size: `while let batch = try batches.next()`.
  public func batches(_ columns: [String]? = nil, events: Range<Int>? = nil) throws(FingalError) -> EventBatches {
    throw FingalError(.unsupported, "not written yet", file: path)
  }

  /// Borders at which reading is cheapest, from 0 to `eventCount`: between two neighbours lies one block of at most
  /// `maximumEvents` events that shares its pages. Shuffled reading permutes these blocks.
  public func blocks(of columns: [String]? = nil, maximumEvents: Int) throws(FingalError) -> [Int] {
    throw FingalError(.unsupported, "not written yet", file: path)
  }
}

/// The batches of a file, one after another.
public struct EventBatches {
  /// The next batch, or nil at the end.
  public mutating func next() throws(FingalError) -> EventBatch? { nil }
}
