/// What a writer may choose. The defaults suit files of any size; the same options and events give the same bytes,
/// whatever the batches, the threads or the machine.
public struct WriterOptions: Sendable, Equatable {
  /// Encoding and codec of pages.
  public var encoding: EncodingOptions
  /// Encoding, codec or level of single columns, by their path (`hits.energy`).
  public var pins: [String: EncodingPin]
  /// Decoded bytes after which a cluster is closed, at an event boundary. The writer holds about twice this.
  public var clusterBytes: Int
  /// Decoded bytes a page aims at.
  public var pageBytes: Int
  /// Threads that encode pages.
  public var threads: Int
  /// Replace a file that already exists under the name.
  public var overwrite: Bool
  /// Declared loss is recorded and not applied: for values of a file that declares it. They are within it, and rounding
  /// them again might not be: of a merged file some may have been rounded more finely.
  package var keepsValues = false

  public init(
    encoding: EncodingOptions = .init(), pins: [String: EncodingPin] = [:], clusterBytes: Int = 16 << 20,
    pageBytes: Int = 128 << 10, threads: Int = 1,
    overwrite: Bool = false
  ) {
    self.encoding = encoding
    self.pins = pins
    self.clusterBytes = clusterBytes
    self.pageBytes = pageBytes
    self.threads = threads
    self.overwrite = overwrite
  }
}
