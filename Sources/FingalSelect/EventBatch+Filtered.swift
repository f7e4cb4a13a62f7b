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
    var elements: [String: [Range<Int>]] = [:]
    for (index, collection) in schema.collections.enumerated() {
      elements[collection.name] = Self.elementRuns(runs, counts: counts[index])
      for run in runs { result.counts[index].append(contentsOf: counts[index], run) }
    }
    for (index, field) in schema.fields.enumerated() {
      let width = field.elementsPerValue
      if let collection = field.collection {
        for run in elements[collection] ?? [] { result.columns[index].append(contentsOf: columns[index], run) }
      } else {
        for run in runs {
          result.columns[index].append(contentsOf: columns[index], run.lowerBound * width..<run.upperBound * width)
        }
      }
    }
    result.eventCount = runs.reduce(0) { $0 + $1.count }
    result.eventNumbers = runs.flatMap { run in run.map { eventNumber(at: $0) } }
    return result
  }

  /// Runs of set flags.
  private static func runs(of mask: [Bool]) -> [Range<Int>] {
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

  /// The elements of runs of events.
  private static func elementRuns(_ runs: [Range<Int>], counts: ColumnValues) -> [Range<Int>] {
    let values = counts.values(as: UInt32.self)
    var result: [Range<Int>] = []
    var event = 0
    var element = 0
    for run in runs {
      while event < run.lowerBound {
        element += Int(values[event])
        event += 1
      }
      let first = element
      while event < run.upperBound {
        element += Int(values[event])
        event += 1
      }
      result.append(first..<element)
    }
    return result
  }
}
