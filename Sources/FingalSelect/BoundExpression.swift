public import Fingal

/// An expression held against a schema: ready to run over batches of events. Immutable, so threads may share it.
public struct BoundExpression: Sendable {
  public let text: String
  let nodes: [BoundNode]
  /// What must be read to evaluate it, as paths for `EventFile.read`.
  public let columns: [String]
  private let schema: Schema

  init(text: String, nodes: [BoundNode], columns: [String], schema: Schema) {
    self.text = text
    self.nodes = nodes
    self.columns = columns
    self.schema = schema
  }

  private var root: BoundNode { nodes[nodes.count - 1] }

  /// Whether it is a condition (and not a number).
  public var isCondition: Bool { root.type == .condition || root.type == .flag }

  /// The collection (or tensor column) whose elements it gives values for; nil if it gives one value an event.
  public var collection: String? {
    switch root.level {
    case .event: nil
    case .collection(let name): name
    case .tensor(let elements):
      schema.fields.first { !$0.shape.isEmpty && $0.collection == nil && $0.elementsPerValue == elements }?.path
    case .tensors(let name, let elements):
      schema.fields.first { !$0.shape.isEmpty && $0.collection == name && $0.elementsPerValue == elements }?.path
    }
  }

  /// Which events pass, one flag an event. The batch holds at least `columns`; their order does not matter.
  ///
  /// Only for conditions of the event: check with `expecting: .condition`.
  /// - Throws: `usage` if the batch lacks a column.
  public func mask(_ batch: EventBatch) throws(FingalError) -> [Bool] {
    precondition(isCondition && root.level == .event, "not a condition of the event")
    return try Evaluator(nodes: nodes, batch: batch).run().conditions(count: batch.eventCount)
  }

  /// The values, one an event (or, where `collection` is set, one an element, events one after another). A null is NaN,
  /// a condition 0 or 1.
  ///
  /// - Throws: `usage` if the batch lacks a column.
  public func values(_ batch: EventBatch) throws(FingalError) -> [Double] {
    let evaluator = Evaluator(nodes: nodes, batch: batch)
    let result = try evaluator.run()
    return result.doublesWithNaN(count: try evaluator.count(at: root.level))
  }
}
