/// One epoch of training in numbers.
public struct EpochReport: Sendable, Equatable, Codable {
  /// From 1.
  public var epoch: Int
  /// Means over the epoch's minibatches as they were trained on: the weights change on the way.
  public var loss: Double
  public var accuracy: Double
  /// On the events kept back, after the epoch; nil if there are none.
  public var validation: Evaluation?
  /// Events trained on.
  public var events: Int
  /// Of training, without validation.
  public var seconds: Double
  /// Time of it that the network waited for data.
  public var waitSeconds: Double
  public var eventsPerSecond: Double { seconds > 0 ? Double(events) / seconds : 0 }
  public var waitShare: Double { seconds > 0 ? waitSeconds / seconds : 0 }
}
