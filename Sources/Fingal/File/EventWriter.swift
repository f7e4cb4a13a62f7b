/// Writes a Fingal file in one pass. The file appears under its name only when `finish()` has succeeded: until then the
/// bytes go to a temporary file beside it, which an error or `deinit` removes.
public final class EventWriter {
  public let schema: Schema
  public private(set) var eventCount = 0

  /// - Throws: `invalidSchema`; `usage` if the name exists and `overwrite` is not set; `inputOutput`.
  public init(creating path: String, schema: Schema, options: WriterOptions = .init()) throws(FingalError) {
    self.schema = schema
  }

  /// Appends the events of a batch whose fields and collections are those of the schema. The batch may be reused when
  /// the call returns. Batches of any size give the same file.
  ///
  /// - Throws: `badInput` if the batch does not fit the schema; `inputOutput` if the disk refuses.
  public func append(_ batch: EventBatch) throws(FingalError) {}

  /// Writes what is left, the footer and the trailer, and puts the file under its name.
  ///
  /// - Parameter metadata: what only the end knows (counts, timings of the source); stored in the footer.
  public func finish(metadata: [String: String] = [:]) throws(FingalError) {}

  /// Gives up: removes the temporary file. Also done by `deinit`.
  public func cancel() {}
}
