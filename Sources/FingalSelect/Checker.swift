internal import Fingal

/// Resolves names against a schema and checks types: one loop over the nodes, operands before what uses them.
struct Checker {
  let tree: SyntaxTree
  let schema: Schema
  private var nodes: [BoundNode] = []

  init(tree: SyntaxTree, schema: Schema) {
    self.tree = tree
    self.schema = schema
  }

  mutating func bound(
    expecting expectation: Expression.Expectation, text: String
  ) throws(FingalError) -> BoundExpression {
    for node in tree.nodes { nodes.append(try check(node)) }
    let root = nodes[nodes.count - 1]
    let offset = tree.nodes[tree.nodes.count - 1].offset
    switch expectation {
    case .condition:
      guard root.type == .condition || root.type == .flag else {
        throw refuse(
          "a condition is needed, but this is \(root.type.name)", at: offset, advice: "compare it, as in `x != 0`")
      }
    case .number, .any:
      if root.type == .string || root.type == .collection {
        throw refuse("a number is needed, but this is \(root.type.name)", at: offset)
      }
    }
    if root.level != .event, expectation != .any {
      throw refuse(
        "this gives a value for each element of '\(name(of: root.level))', but one for each event is needed",
        at: offset,
        advice: "wrap it in any(…), all(…), sum(…), max(…) or another function over a collection")
    }
    markExact()
    return BoundExpression(text: text, nodes: nodes, columns: columns(), schema: schema)
  }

  private func refuse(_ message: String, at offset: Int, advice: String? = nil) -> FingalError {
    fault(message, at: offset, in: tree.text, advice: advice)
  }

  private func name(of level: Level) -> String {
    switch level {
    case .event: "event"
    case .collection(let name): name
    case .tensor: schema.fields.first { !$0.shape.isEmpty && $0.collection == nil }?.path ?? "tensor"
    case .tensors(let name, _): schema.fields.first { !$0.shape.isEmpty && $0.collection == name }?.path ?? name
    }
  }

  // MARK: One node

  private mutating func check(_ node: SyntaxTree.Node) throws(FingalError) -> BoundNode {
    func made(_ operation: Operation, _ type: ValueType, _ level: Level) -> BoundNode {
      BoundNode(operation: operation, children: node.children, type: type, level: level)
    }
    switch node.kind {
    case .number(let value, let whole):
      return made(.number(value, whole: whole), .number(wholeBits: whole.map(bits)), .event)
    case .string(let text): return made(.string(Array(text.utf8)), .string, .event)
    case .boolean(let value): return made(.boolean(value), .flag, .event)
    case .name(let name): return try resolve(name, at: node.offset)
    case .negate:
      let wholeBits = try number(node.children[0])
      return made(.negate, .number(wholeBits: wholeBits), nodes[node.children[0]].level)
    case .not:
      try condition(node.children[0], "'!' stands before", at: node.offset)
      return made(.not, .condition, nodes[node.children[0]].level)
    case .arithmetic(let kind):
      let left = try number(node.children[0])
      let right = try number(node.children[1])
      var whole: Int?
      if let left, let right {
        switch kind {
        case .add, .subtract: whole = max(left, right) + 1
        case .multiply: whole = left + right
        case .remainder: whole = min(left, right)
        case .divide: whole = nil
        }
      }
      if let bits = whole, bits > 126 { whole = nil }
      return made(.arithmetic(kind), .number(wholeBits: whole), try common(node.children, at: node.offset))
    case .comparison(let kinds):
      let texts = node.children.filter { nodes[$0].type == .string }
      if texts.isEmpty {
        for child in node.children { _ = try number(child) }
      } else if texts.count != node.children.count {
        throw refuse("a text cannot be compared with a number", at: node.offset)
      } else if kinds.count == 1, kinds[0] == .equal || kinds[0] == .unequal {
        try compareLabels(node)
      }
      return made(.comparison(kinds), .condition, try common(node.children, at: node.offset))
    case .and, .or:
      let word = node.kind == .and ? "'&&' joins" : "'||' joins"
      for child in node.children { try condition(child, word, at: tree.nodes[child].offset) }
      return made(node.kind == .and ? .and : .or, .condition, try common(node.children, at: node.offset))
    case .call(let name): return try call(name, node)
    }
  }

  /// `particle == "pion"` with an enumeration compares indices: as fast as numbers, and pages have bounds of them.
  private mutating func compareLabels(_ node: SyntaxTree.Node) throws(FingalError) {
    for (column, constant) in [(node.children[0], node.children[1]), (node.children[1], node.children[0])] {
      guard case .column(let path) = nodes[column].operation, case .string(let text) = nodes[constant].operation,
        let field = schema.field(path), field.type == .enumeration
      else { continue }
      let label = String(decoding: text, as: UTF8.self)
      guard let index = field.labels.firstIndex(of: label) else {
        let near = NameSuggestion.near(label, among: field.labels)
        throw refuse(
          "'\(path)' is never '\(label)'", at: tree.nodes[constant].offset,
          advice: near.isEmpty
            ? "its labels are " + field.labels.prefix(20).joined(separator: ", ")
              + (field.labels.count > 20 ? ", …" : "")
            : "did you mean '\(near[0])'?")
      }
      nodes[column].type = .number(wholeBits: 16)
      nodes[constant].operation = .number(Double(index), whole: Int128(index))
      nodes[constant].type = .number(wholeBits: 16)
      return
    }
  }

  private func resolve(_ name: String, at offset: Int) throws(FingalError) -> BoundNode {
    if let field = schema.field(name) {
      let type: ValueType =
        switch field.type {
        case .bool: .flag
        case .string, .enumeration: .string
        case .float32, .float64: .number(wholeBits: nil)
        default: .number(wholeBits: 8 * field.type.byteWidth)
        }
      let level: Level =
        switch (field.collection, field.shape.isEmpty) {
        case (nil, true): .event
        case (nil, false): .tensor(field.elementsPerValue)
        case (let collection?, true): .collection(collection)
        case (let collection?, false): .tensors(collection, field.elementsPerValue)
        }
      return BoundNode(operation: .column(name), children: [], type: type, level: level)
    }
    if schema.collectionIndex(name) != nil {
      return BoundNode(operation: .collection(name), children: [], type: .collection, level: .collection(name))
    }
    let names = schema.fields.map(\.path) + schema.collections.map(\.name)
    let near = NameSuggestion.near(name, among: names)
    let advice =
      near.isEmpty
      ? "the columns are " + names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
      : "did you mean " + near.map { "'\($0)'" }.joined(separator: " or ") + "?"
    throw refuse("there is no column '\(name)'", at: offset, advice: advice)
  }

  /// The bits of a whole number; nil for floating point.
  private func number(_ child: Int) throws(FingalError) -> Int? {
    switch nodes[child].type {
    case .number(let wholeBits): return wholeBits
    case .flag: return 1
    case .condition, .string, .collection:
      var advice: String?
      if case .collection(let name) = nodes[child].operation { advice = "count its elements with count(\(name))" }
      throw refuse(
        "a number is needed, but this is \(nodes[child].type.name)", at: tree.nodes[child].offset, advice: advice)
    }
  }

  private func condition(_ child: Int, _ what: String, at offset: Int) throws(FingalError) {
    if nodes[child].type == .condition || nodes[child].type == .flag { return }
    throw refuse(
      "\(what) conditions, but this is \(nodes[child].type.name)", at: offset,
      advice: "compare it, as in `x != 0`; put `!( )` around a whole comparison")
  }

  /// Whether the elements of a level lie in the elements of another: samples in the hits they are of.
  private func lies(_ inner: Level, in outer: Level) -> Bool {
    guard case .collection(let collection) = outer else { return false }
    return switch inner {
    case .event, .tensor: false
    case .collection(let name): name != collection && schema.lineage(of: name).contains(collection)
    case .tensors(let name, _): schema.lineage(of: name).contains(collection)
    }
  }

  /// The level of operands that stand together: values of the event go with those of one collection, and values of a
  /// collection with those of one inside it.
  private func common(_ children: [Int], at offset: Int) throws(FingalError) -> Level {
    var level = Level.event
    for child in children where nodes[child].level != .event {
      if level == .event || lies(nodes[child].level, in: level) {
        level = nodes[child].level
      } else if level != nodes[child].level, !lies(level, in: nodes[child].level) {
        throw refuse(
          "elements of '\(name(of: level))' and of '\(name(of: nodes[child].level))' cannot be combined one by one",
          at: tree.nodes[child].offset)
      }
    }
    return level
  }

  private func bits(_ whole: Int128) -> Int { Int128.bitWidth - whole.magnitude.leadingZeroBitCount }

  // MARK: Calls

  private func call(_ name: String, _ node: SyntaxTree.Node) throws(FingalError) -> BoundNode {
    let arguments = node.children
    func made(_ operation: Operation, _ type: ValueType, _ level: Level) -> BoundNode {
      BoundNode(operation: operation, children: arguments, type: type, level: level)
    }
    if let function = UnaryFunction(rawValue: name) {
      try expect(arguments.count == 1, "\(name)(…) takes one number", node)
      let wholeBits = try number(arguments[0])
      let isWhole = function == .abs
      return made(.unary(function), .number(wholeBits: isWhole ? wholeBits : nil), nodes[arguments[0]].level)
    }
    if let function = BinaryFunction(rawValue: name) {
      try expect(arguments.count == 2, "\(name)(…) takes two numbers", node)
      for argument in arguments { _ = try number(argument) }
      return made(.binary(function), .number(wholeBits: nil), try common(arguments, at: node.offset))
    }
    guard let aggregate = Aggregate(rawValue: name) else {
      let functions =
        UnaryFunction.allCases.map(\.rawValue) + BinaryFunction.allCases.map(\.rawValue)
        + ["min", "max", "count", "sum", "mean", "any", "all"]
      let near = NameSuggestion.near(name, among: functions)
      throw refuse(
        "there is no function '\(name)'", at: node.offset,
        advice: near.isEmpty ? "there are \(functions.joined(separator: ", "))" : "did you mean '\(near[0])'?")
    }
    var selects = false
    if let last = arguments.last, arguments.count == 2, nodes[arguments[0]].level != .event {
      selects = nodes[last].type == .condition || nodes[last].type == .flag
    }
    if aggregate == .min || aggregate == .max, arguments.count >= 2, !selects {
      var whole: Int? = 0
      for argument in arguments {
        let next = try number(argument)
        if let bits = whole, let next { whole = max(bits, next) } else { whole = nil }
      }
      return made(
        aggregate == .min ? .smallest : .largest, .number(wholeBits: whole), try common(arguments, at: node.offset))
    }
    return try over(aggregate, node)
  }

  /// A function over the elements of each event.
  private func over(_ aggregate: Aggregate, _ node: SyntaxTree.Node) throws(FingalError) -> BoundNode {
    let arguments = node.children
    try expect(
      (1...2).contains(arguments.count),
      "\(aggregate.rawValue)(…) takes a value of a collection and perhaps a condition",
      node)
    let subject = nodes[arguments[0]]
    guard subject.level != .event else {
      throw refuse(
        "\(aggregate.rawValue)(…) needs a value for each element of a collection, but this is one an event",
        at: tree.nodes[arguments[0]].offset)
    }
    if arguments.count == 2 {
      try condition(arguments[1], "the last argument selects elements by", at: tree.nodes[arguments[1]].offset)
    }
    let level = try common(arguments, at: node.offset)
    if level != subject.level {
      throw refuse(
        "elements of '\(name(of: subject.level))' cannot be selected by each of their '\(name(of: level))'",
        at: tree.nodes[arguments[1]].offset)
    }
    var type = ValueType.number(wholeBits: nil)
    switch aggregate {
    case .count: type = .number(wholeBits: countBits(level))
    case .sum, .mean: _ = try number(arguments[0])
    case .min, .max: type = .number(wholeBits: try number(arguments[0]))
    case .any, .all:
      try condition(arguments[0], "\(aggregate.rawValue)(…) asks for", at: tree.nodes[arguments[0]].offset)
      type = .condition
    }
    return BoundNode(operation: .aggregate(aggregate), children: arguments, type: type, level: .event)
  }

  /// What bounds the elements of an event: the counts of a collection of the event are of 32 bits. Those of a collection
  /// inside another add up; beyond 2^53 nobody could count them one by one, as the evaluator does.
  private func countBits(_ level: Level) -> Int {
    switch level {
    case .event, .tensor: 32
    case .collection(let name): schema.lineage(of: name).count > 1 ? 53 : 32
    case .tensors: 53
    }
  }

  private func expect(_ holds: Bool, _ message: String, _ node: SyntaxTree.Node) throws(FingalError) {
    if !holds { throw refuse(message, at: node.offset) }
  }

  // MARK: The whole

  /// Marks what must be computed in integers: whole numbers that are made from, or compared with, whole numbers that
  /// may lie beyond 2^53.
  private mutating func markExact() {
    /// The most bits that any whole number has on the way to a node; nil for floating point.
    var peaks: [Int?] = []
    for node in nodes {
      let below = node.children.map { peaks[$0] ?? 0 }.max() ?? 0
      switch node.type {
      case .number(let wholeBits): peaks.append(wholeBits.map { max($0, below) })
      case .flag: peaks.append(1)
      case .condition, .string, .collection: peaks.append(nil)
      }
    }
    for index in nodes.indices.reversed() {
      if let peak = peaks[index], peak > 53 { nodes[index].isExact = true }
      if case .comparison = nodes[index].operation {
        let operands = nodes[index].children.map { peaks[$0] }
        let areWhole = !operands.contains { $0 == nil }
        nodes[index].isExact = areWhole && operands.contains { $0! > 53 }
      }
      guard nodes[index].isExact else { continue }
      for child in nodes[index].children where peaks[child] != nil && !counts(nodes[index]) {
        nodes[child].isExact = true
      }
    }
  }

  /// A count is a whole number whatever it counts.
  private func counts(_ node: BoundNode) -> Bool {
    if case .aggregate(.count) = node.operation { true } else { false }
  }

  /// What to read: each column once; for `count(hits)` the cheapest field of the collection, if none is read anyway.
  private func columns() -> [String] {
    var names: [String] = []
    for node in nodes {
      if case .column(let name) = node.operation, !names.contains(name) { names.append(name) }
    }
    for node in nodes {
      guard case .collection(let collection) = node.operation else { continue }
      if names.contains(collection) || names.contains(where: { schema.field($0)?.collection == collection }) {
        continue
      }
      let fields = schema.fieldIndices(in: collection).map { schema.fields[$0] }
      let cheapest = fields.filter { $0.type != .string }.min { $0.type.byteWidth < $1.type.byteWidth }
      names.append((cheapest ?? fields.first)?.path ?? collection)
    }
    return names
  }
}
