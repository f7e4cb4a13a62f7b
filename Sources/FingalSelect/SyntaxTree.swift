/// What was parsed, before any schema is known. Nodes lie in an array, children before parents, so that checking and
/// evaluating are plain loops: no recursion on input, whatever its length.
struct SyntaxTree: Sendable {
  struct Node: Sendable {
    var kind: Kind
    /// Indices of the operands, all smaller than the node's own.
    var children: [Int]
    /// Where its operator or name stands, in bytes of the text: what errors point at.
    var offset: Int
  }

  enum Kind: Sendable, Equatable {
    case number(Double, whole: Int128?)
    case string(String)
    case boolean(Bool)
    case name(String)
    case negate
    case not
    case arithmetic(Arithmetic)
    /// Operands `a op b op c`: true where each neighbouring pair compares true.
    case comparison([Comparison])
    case and
    case or
    case call(String)
  }

  var text: [UInt8]
  var nodes: [Node] = []

  mutating func add(_ kind: Kind, _ children: [Int] = [], at offset: Int) -> Int {
    nodes.append(Node(kind: kind, children: children, offset: offset))
    return nodes.count - 1
  }
}

enum Arithmetic: String, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case remainder = "%"
}

enum Comparison: String, Sendable {
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case equal = "=="
  case unequal = "!="

  /// Chains run one way: `70 < e <= 100`, never `70 < e > 60`.
  var direction: Int {
    switch self {
    case .less, .lessOrEqual: -1
    case .greater, .greaterOrEqual: 1
    case .equal, .unequal: 0
    }
  }
}
