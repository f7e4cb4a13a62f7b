/// Caps on clusters and pages, with reasons (`FORMAT.md §9`).
package enum ClusterLimits {
  /// Decoded bytes of one page. A page holds at least one event, so this is also the largest single event of a column:
  /// 2^28 hits of float32. It bounds what one row of a directory can make a reader allocate.
  package static let pageBytes = 1 << 30
  /// log2 of the events of a page.
  package static let pageShift = 32
  /// A directory is read whole; 2^28 bytes are four million pages.
  package static let directoryBytes = 1 << 28
}
