/// What a value belongs to: the event, or each element of something in the event.
enum Level: Hashable, Sendable {
  case event
  case collection(String)
  /// The elements of tensors of this many values an event.
  case tensor(Int)
  /// The elements of tensors of so many values, one tensor for each element of a collection.
  case tensors(String, Int)
}

enum ValueType: Equatable, Sendable {
  /// Whole numbers carry a bound on their magnitude in bits, so that it is known where float64 stays exact (53) and
  /// where 128-bit integers are needed; nil for floating point.
  case number(wholeBits: Int?)
  case condition
  /// A column of type bool, or `true`: a condition that also serves as 0 and 1.
  case flag
  case string
  /// The name of a collection, only for `count`.
  case collection

  var name: String {
    switch self {
    case .number: "a number"
    case .condition, .flag: "a condition"
    case .string: "a text"
    case .collection: "a collection"
    }
  }
}

enum Aggregate: String, Sendable {
  case count, sum, mean, min, max, any, all
}

enum Operation: Sendable {
  case number(Double, whole: Int128?)
  case string([UInt8])
  case boolean(Bool)
  case column(String)
  /// A collection, for `count`.
  case collection(String)
  case negate
  case not
  case arithmetic(Arithmetic)
  case comparison([Comparison])
  case and
  case or
  case unary(UnaryFunction)
  case binary(BinaryFunction)
  /// The smallest or largest of several operands, value by value.
  case smallest
  case largest
  /// Over the elements of each event; a second child is the condition that elements must meet.
  case aggregate(Aggregate)
}

/// A node of the tree with its name resolved and its type known.
struct BoundNode: Sendable {
  var operation: Operation
  var children: [Int]
  var type: ValueType
  var level: Level
  /// Evaluated in 128-bit integers, because a comparison above it would lose digits in float64.
  var isExact = false
}

enum UnaryFunction: String, Sendable, CaseIterable {
  case abs, sqrt, log, log10, exp, sin, cos, tan, sinh, cosh, tanh, floor, ceil, round
}

enum BinaryFunction: String, Sendable, CaseIterable {
  case pow, atan2, hypot
}
