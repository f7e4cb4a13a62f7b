public import Fingal
internal import FingalSelect

/// The events that take part, found by one streaming scan of the columns that the cuts name: which class each is of,
/// and whether it trains or validates. One byte an event is all that is kept.
///
/// The split hashes the name of the file (without its folder) and the number of the event in it. So it is the same
/// whatever the seed, the order of the files, their folder or the cuts: an event never moves from training to validation
/// between two runs on the same files.
public struct EventSelection: Sendable {
  public enum Part: String, Sendable, CaseIterable {
    case training, validation
    /// Both.
    case all
  }

  /// Events of each class.
  public struct ClassCounts: Sendable, Equatable {
    public var signal = 0
    public var background = 0
    public var total: Int { signal + background }

    public init(signal: Int = 0, background: Int = 0) {
      self.signal = signal
      self.background = background
    }
  }

  public let dataSet: DataSet
  /// Share of the events that validates.
  public let validation: Double
  /// One byte an event of each file: 0 takes no part, else `takesPart` with `isSignal` and `validates`.
  let codes: [[UInt8]]
  private let trainingCounts: ClassCounts
  private let validationCounts: ClassCounts
  /// Events that pass the cut but are of neither class.
  public let unclassified: Int

  static let takesPart: UInt8 = 1
  static let isSignal: UInt8 = 2
  static let validates: UInt8 = 4

  /// - Parameters:
  ///   - validation: share of events that validates, 0 to below 1.
  ///   - needsBothClasses: fails unless each part has events of both classes, as training needs; else one event is enough.
  /// - Throws: `usage` if a cut does not fit a file, an event is of both classes, or events are missing; what reading
  ///   throws.
  public init(
    _ dataSet: DataSet, cuts: ClassCuts, validation: Double, needsBothClasses: Bool = true
  ) throws(FingalError) {
    guard validation >= 0, validation < 1 else {
      throw FingalError(.usage, "a validation share of \(validation) is not from 0 to below 1")
    }
    var codes: [[UInt8]] = []
    var parts = [ClassCounts(), ClassCounts()]
    var unclassified = 0
    for file in dataSet.files {
      let bound = try cuts.bound(to: file)
      let split = ValidationSplit(file: file.path, share: validation)
      var ofFile = [UInt8](repeating: 0, count: file.eventCount)
      // The cut that all events must pass is left to the reader, which skips the pages that cannot.
      let batches: EventBatches
      if let selection = cuts.selection {
        batches = try file.batches(columns: bound.columns(of: file.schema), where: selection)
      } else {
        batches = try file.batches(columns: bound.columns(of: file.schema))
      }
      while let batch = try batches.next() {
        let signal = try bound.signal.mask(batch)
        let background = try bound.background.mask(batch)
        for event in 0..<batch.eventCount {
          let number = batch.eventNumber(at: event)
          switch (signal[event], background[event]) {
          case (false, false): unclassified += 1
          case (true, true):
            throw FingalError(
              .usage, "event \(number) meets both --signal and --background", file: file.path,
              advice: "make the two exclude each other")
          case (let isSignal, _):
            let validates = split.validates(event: number)
            if isSignal { parts[validates ? 1 : 0].signal += 1 } else { parts[validates ? 1 : 0].background += 1 }
            ofFile[number] = Self.takesPart | (isSignal ? Self.isSignal : 0) | (validates ? Self.validates : 0)
          }
        }
      }
      codes.append(ofFile)
    }
    self.dataSet = dataSet
    self.validation = validation
    self.codes = codes
    self.unclassified = unclassified
    trainingCounts = parts[0]
    validationCounts = parts[1]
    if needsBothClasses {
      try requireBothClasses(cuts)
    } else if parts[0].total + parts[1].total == 0 {
      throw FingalError(
        .usage, "none of \(dataSet.eventCount) events is selected\(cuts.cutText)",
        advice: "look at the columns with `fingal dump`")
    }
  }

  public func counts(_ part: Part) -> ClassCounts {
    switch part {
    case .training: trainingCounts
    case .validation: validationCounts
    case .all:
      ClassCounts(
        signal: trainingCounts.signal + validationCounts.signal,
        background: trainingCounts.background + validationCounts.background)
    }
  }

  /// Whether an event of a file belongs to a part, and to which class; nil if not.
  @inline(__always)
  func isSignal(file: Int, event: Int, in part: Part) -> Bool? {
    let code = codes[file][event]
    guard code != 0, part == .all || (code & Self.validates != 0) == (part == .validation) else { return nil }
    return code & Self.isSignal != 0
  }

  private func requireBothClasses(_ cuts: ClassCuts) throws(FingalError) {
    let all = counts(.all)
    for (name, expression, count) in [
      ("signal", cuts.signal, all.signal), ("background", cuts.background, all.background),
    ] where count == 0 {
      throw FingalError(
        .usage,
        "no event is \(name): none of \(dataSet.eventCount) meets '\(expression)'\(cuts.cutText)",
        advice: "the other class has \(all.total) events; look at the columns with `fingal dump`")
    }
    if validation == 0 { return }
    for part in [Part.training, .validation] {
      for (name, count, whole) in [
        ("signal", counts(part).signal, all.signal), ("background", counts(part).background, all.background),
      ] where count == 0 {
        throw FingalError(
          .usage,
          "the \(part.rawValue) part has no \(name) event: \(whole) are too few to split with --validation \(validation)",
          advice: "give more events or another share")
      }
    }
  }
}

/// Which events of a file validate.
struct ValidationSplit {
  private let hash: CounterGenerator
  private let threshold: UInt64

  init(file path: String, share: Double) {
    var name: UInt64 = 0
    for byte in (path.split(separator: "/").last ?? "").utf8 {
      name = CounterGenerator.mix(name &* 257 &+ UInt64(byte) &+ 1)
    }
    hash = CounterGenerator(0x5350_4C49_54, name)
    threshold = UInt64(share * 0x1p64)
  }

  @inline(__always)
  func validates(event: Int) -> Bool { hash(UInt64(event)) < threshold }
}
