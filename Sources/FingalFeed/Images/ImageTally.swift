/// What happened to the hits on their way into images.
public struct ImageTally: Sendable, Equatable {
  /// Hits of the events used (for a tensor column: pixels that are not zero).
  public var hits = 0
  /// Hits whose coordinates lie outside every pixel, or are null.
  public var outside = 0
  /// Hits whose value is NaN or null.
  public var skipped = 0

  public init() {}

  init(hits: Int, outside: Int, skipped: Int) {
    self.hits = hits
    self.outside = outside
    self.skipped = skipped
  }

  public var outsideShare: Double { hits > 0 ? Double(outside) / Double(hits) : 0 }

  @inline(__always)
  static func += (sum: inout ImageTally, more: ImageTally) {
    sum.hits &+= more.hits
    sum.outside &+= more.outside
    sum.skipped &+= more.skipped
  }
}
