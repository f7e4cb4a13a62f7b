/// What a read with a cut touched and what it could leave out.
public struct ReadStatistics: Sendable, Equatable {
  /// Clusters that hold wanted events.
  public var clusters = 0
  /// Of these, clusters that no page was read of: no event in them can pass.
  public var skippedClusters = 0
  /// Pages of the columns wanted (those of the cut included) with wanted events in them, in the clusters that were not
  /// skipped.
  public var pages = 0
  /// Of these, pages that were read and decoded.
  public var readPages = 0
  /// Of these, pages that were left alone.
  public var skippedPages: Int { pages - readPages }

  public init() {}

  package mutating func add(_ other: ReadStatistics) {
    clusters += other.clusters
    skippedClusters += other.skippedClusters
    pages += other.pages
    readPages += other.readPages
  }
}

/// Statistics that several threads add to.
package final class ReadTally: Sendable {
  private let state = Guarded(ReadStatistics())

  package init() {}

  package var statistics: ReadStatistics { state.withLock { $0 } }
  package func add(_ part: ReadStatistics) { state.withLock { $0.add(part) } }
}
