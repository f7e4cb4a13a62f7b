internal import Fingal
internal import Glibc

/// Runs the nodes over a batch, one whole column at a time. Dispatch is per node; the loops know their types.
struct Evaluator {
  let nodes: [BoundNode]
  let batch: EventBatch

  func run() throws(FingalError) -> Vector {
    var results: [Vector?] = Array(repeating: nil, count: nodes.count)
    var counts: [Step: [Int]] = [:]
    func elements(_ step: Step) throws(FingalError) -> [Int] {
      if let known = counts[step] { return known }
      let found = try elementCounts(step)
      counts[step] = found
      return found
    }
    for (index, node) in nodes.enumerated() {
      // What the operands have in common: the level of the result, or the one that an aggregate runs over.
      var level = node.level
      if case .aggregate = node.operation { level = nodes[node.children[0]].level }
      var operands: [Vector] = []
      for child in node.children {
        guard var operand = results[child] else { preconditionFailure("an operand is used once") }
        results[child] = nil
        if nodes[child].level != level {
          let each = try elements(Step(from: nodes[child].level, to: level))
          operand = operand.spread(over: each, total: each.reduce(0, +))
        }
        operands.append(operand)
      }
      if case .aggregate(let aggregate) = node.operation {
        results[index] = self.aggregate(
          aggregate, operands, try elements(Step(from: .event, to: level)), exact: node.isExact)
      } else {
        results[index] = try value(of: node, operands)
      }
    }
    return results[nodes.count - 1]!
  }

  func count(at level: Level) throws(FingalError) -> Int {
    level == .event ? batch.eventCount : try elementCounts(Step(from: .event, to: level)).reduce(0, +)
  }

  /// From one level to one inside it.
  private struct Step: Hashable {
    var from: Level
    var to: Level
  }

  /// For each event (or element) of the outer level, how many elements of the inner one it has.
  private func elementCounts(_ step: Step) throws(FingalError) -> [Int] {
    var each = 1
    var collections: [String] = []
    switch step.to {
    case .event: return Array(repeating: 1, count: batch.eventCount)
    case .tensor(let elements): return Array(repeating: elements, count: batch.eventCount)
    case .collection(let name): collections = batch.schema.lineage(of: name)
    case .tensors(let name, let elements):
      collections = batch.schema.lineage(of: name)
      each = elements
    }
    if case .collection(let outer) = step.from, let place = collections.firstIndex(of: outer) {
      collections.removeFirst(place + 1)
      if collections.isEmpty { return Array(repeating: each, count: try counts(of: outer).reduce(0, +)) }
    }
    guard let innermost = collections.popLast() else { throw FingalError(.usage, "the batch lacks a collection") }
    var result = try counts(of: innermost)
    // Outwards: how many the elements of each collection around have together.
    while let next = collections.popLast() {
      var element = 0
      result = try counts(of: next).map { count in
        var total = 0
        for i in element..<element + count { total += result[i] }
        element += count
        return total
      }
    }
    return each == 1 ? result : result.map { $0 * each }
  }

  /// Of each event, or each element of the collection around.
  private func counts(of collection: String) throws(FingalError) -> [Int] {
    guard let column = batch.counts(of: collection) else {
      throw FingalError(.usage, "the batch has no collection '\(collection)'")
    }
    var counts: [Int] = []
    counts.reserveCapacity(column.count)
    let values = column.values(as: UInt32.self)
    for i in values.indices { counts.append(Int(values[i])) }
    return counts
  }

  private func value(of node: BoundNode, _ operands: [Vector]) throws(FingalError) -> Vector {
    switch node.operation {
    case .number(let value, let whole):
      if node.isExact, let whole { return Vector(content: .wholes(.constant(whole))) }
      return Vector(content: .doubles(.constant(value)))
    case .string(let bytes): return Vector(content: .strings(.constant(bytes)))
    case .boolean(let value): return Vector(content: .conditions(.constant(value)))
    case .collection: return Vector(content: .collection)
    case .column(let path): return try column(path, exact: node.isExact, asText: node.type == .string)
    case .not: return Vector(content: .conditions(operands[0].conditionValues().map { !$0 }))
    case .and: return conjunction(operands, identity: true)
    case .or: return conjunction(operands, identity: false)
    case .comparison(let kinds): return compare(operands, kinds, exact: node.isExact)
    case .negate:
      if node.isExact { return Vector(content: .wholes(operands[0].wholes().map { -$0 }), valid: operands[0].valid) }
      return Vector(content: .doubles(operands[0].doubles().map { -$0 }), valid: operands[0].valid)
    case .arithmetic(let kind): return arithmetic(kind, operands[0], operands[1], exact: node.isExact)
    case .unary(let function):
      if function == .abs, node.isExact {
        return Vector(content: .wholes(operands[0].wholes().map { $0 < 0 ? -$0 : $0 }), valid: operands[0].valid)
      }
      return Vector(content: .doubles(apply(function, operands[0].doubles())), valid: operands[0].valid)
    case .binary(let function):
      let (a, b) = (operands[0].doubles(), operands[1].doubles())
      let values =
        switch function {
        case .pow: a.combined(with: b) { pow($0, $1) }
        case .atan2: a.combined(with: b) { atan2($0, $1) }
        case .hypot: a.combined(with: b) { hypot($0, $1) }
        }
      return Vector(content: .doubles(values), valid: both(operands[0].valid, operands[1].valid))
    case .smallest: return extreme(operands, exact: node.isExact, smallest: true)
    case .largest: return extreme(operands, exact: node.isExact, smallest: false)
    case .aggregate: preconditionFailure("handled by run()")
    }
  }

  // MARK: Columns

  private func column(_ path: String, exact: Bool, asText: Bool) throws(FingalError) -> Vector {
    guard let column = batch.column(path) else { throw FingalError(.usage, "the batch has no column '\(path)'") }
    var valid: Values<Bool>?
    if column.nullCount > 0 { valid = .vector((0..<column.count).map { !column.isNull($0) }) }
    switch column.type {
    case .string:
      return Vector(content: .strings(.vector((0..<column.count).map { unsafe Array(column.utf8($0)) })), valid: valid)
    case .enumeration where asText:
      guard let field = batch.schema.field(path) else { throw FingalError(.usage, "the batch has no column '\(path)'") }
      let labels = field.labels.map { Array($0.utf8) }
      let indices = column.values(as: UInt16.self)
      var texts: [[UInt8]] = []
      texts.reserveCapacity(indices.count)
      for i in indices.indices { texts.append(labels[Int(indices[i])]) }
      return Vector(content: .strings(.vector(texts)), valid: valid)
    case .bool:
      let flags = column.values(as: UInt8.self)
      var values: [Bool] = []
      values.reserveCapacity(flags.count)
      for i in flags.indices { values.append(flags[i] != 0) }
      return Vector(content: .conditions(.vector(values)), valid: valid)
    default:
      if exact { return Vector(content: .wholes(.vector(wholes(column))), valid: valid) }
      let values = unsafe column.withDoubles(0..<column.count) { unsafe Array($0) }
      return Vector(content: .doubles(.vector(values)), valid: valid)
    }
  }

  private func wholes(_ column: ColumnValues) -> [Int128] {
    func read<T: ColumnElement & BinaryInteger>(_: T.Type) -> [Int128] {
      let values = column.values(as: T.self)
      var result: [Int128] = []
      result.reserveCapacity(values.count)
      for i in values.indices { result.append(Int128(values[i])) }
      return result
    }
    switch column.type {
    case .int8: return read(Int8.self)
    case .int16: return read(Int16.self)
    case .int32: return read(Int32.self)
    case .int64: return read(Int64.self)
    case .uint8: return read(UInt8.self)
    case .uint16, .enumeration: return read(UInt16.self)
    case .uint32: return read(UInt32.self)
    case .uint64: return read(UInt64.self)
    case .bool, .float32, .float64, .string: preconditionFailure("not a column of whole numbers")
    }
  }

  // MARK: Conditions

  private func conjunction(_ operands: [Vector], identity: Bool) -> Vector {
    var result = operands[0].conditionValues()
    for operand in operands.dropFirst() {
      let next = operand.conditionValues()
      result = identity ? result.combined(with: next) { $0 && $1 } : result.combined(with: next) { $0 || $1 }
    }
    return Vector(content: .conditions(result))
  }

  private func compare(_ operands: [Vector], _ kinds: [Comparison], exact: Bool) -> Vector {
    var result: Values<Bool>?
    var left = operands[0]
    for (kind, right) in zip(kinds, operands.dropFirst()) {
      var pair: Values<Bool>
      if case .strings(let a) = left.content, case .strings(let b) = right.content {
        pair = compareStrings(a, kind, b)
      } else if exact {
        pair = Self.compare(left.wholes(), kind, right.wholes())
      } else {
        pair = Self.compare(left.doubles(), kind, right.doubles())
      }
      if let valid = both(left.valid, right.valid) { pair = pair.combined(with: valid) { $0 && $1 } }
      result = both(result, pair)
      left = right
    }
    return Vector(content: .conditions(result!))
  }

  private static func compare<T: Comparable>(_ a: Values<T>, _ kind: Comparison, _ b: Values<T>) -> Values<Bool> {
    switch kind {
    case .less: a.combined(with: b) { $0 < $1 }
    case .lessOrEqual: a.combined(with: b) { $0 <= $1 }
    case .greater: a.combined(with: b) { $0 > $1 }
    case .greaterOrEqual: a.combined(with: b) { $0 >= $1 }
    case .equal: a.combined(with: b) { $0 == $1 }
    case .unequal: a.combined(with: b) { $0 != $1 }
    }
  }

  /// Texts compare by their bytes, which for UTF-8 is the order of code points.
  private func compareStrings(_ a: Values<[UInt8]>, _ kind: Comparison, _ b: Values<[UInt8]>) -> Values<Bool> {
    switch kind {
    case .equal: a.combined(with: b) { $0 == $1 }
    case .unequal: a.combined(with: b) { $0 != $1 }
    case .less: a.combined(with: b) { $0.lexicographicallyPrecedes($1) }
    case .greaterOrEqual: a.combined(with: b) { !$0.lexicographicallyPrecedes($1) }
    case .greater: a.combined(with: b) { $1.lexicographicallyPrecedes($0) }
    case .lessOrEqual: a.combined(with: b) { !$1.lexicographicallyPrecedes($0) }
    }
  }
}
