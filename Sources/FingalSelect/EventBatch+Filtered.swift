public import Fingal

extension EventBatch {
  /// The events whose flag is set, as a batch of its own: scalars, tensors and strings with their nulls, and of the
  /// collections the elements of the events kept.
  ///
  /// The result knows the number of each event in the file (`eventNumbers`), since they no longer follow one another.
  /// - Parameter mask: one flag an event.
  public func filtered(by mask: [Bool]) -> EventBatch {
    precondition(mask.count == eventCount, "\(mask.count) flags for \(eventCount) events")
    let runs = Self.runs(of: mask)
    var result = EventBatch(schema)
    result.append(runs, of: self, borders: elementBorders)
    result.eventNumbers = runs.flatMap { run in run.map { eventNumber(at: $0) } }
    return result
  }

  /// Runs of set flags, counted from the first.
  static func runs(of mask: some Collection<Bool>) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start: Int?
    for (event, flag) in mask.enumerated() {
      if flag, start == nil { start = event }
      if !flag, let first = start {
        runs.append(first..<event)
        start = nil
      }
    }
    if let first = start { runs.append(first..<mask.count) }
    return runs
  }
}
