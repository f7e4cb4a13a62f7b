/// Caps on clusters and pages, with reasons (`FORMAT.md §9`).
package enum ClusterLimits {
  /// Decoded bytes of one page. A page holds at least one event, so this is also the largest single event of a column:
  /// 2^28 hits of float32. It bounds what one row of a directory can make a reader allocate.
  package static let pageBytes = 1 << 30
  /// Decoded bytes of a cluster of several events. A reader takes a cluster at a time, so this is what a reader must be
  /// ready to hold, however few bytes say so.
  package static let clusterBytes = 1 << 28
  /// Decoded bytes of a cluster of one event: the largest event there is.
  package static let eventBytes = 1 << 30
  /// Elements of one collection in a cluster: bounds what counts can ask for where no field says how large they are.
  package static let collectionElements = 1 << 28
  /// Events of a file are fewer: keeps sums within 64 bits.
  package static let fileEvents = 1 << 60
  /// log2 of the events of a page.
  package static let pageShift = 32
  /// A directory is read whole; 2^28 bytes are four million pages.
  package static let directoryBytes = 1 << 28
}
