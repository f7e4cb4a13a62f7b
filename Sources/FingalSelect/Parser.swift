internal import Fingal

/// Tokens to a tree, by recursive descent. Binding, from weak to strong: `||`, `&&`, comparisons (which chain in one
/// direction), `+ -`, `* / %`, `! -`, calls and parentheses. Only parentheses and calls recurse, at most
/// `maximumNesting` deep.
struct Parser {
  static let maximumNesting = 200

  private let tokens: [Token]
  private var position = 0
  private var nesting = 0
  private var tree: SyntaxTree

  static func parse(_ text: String) throws(FingalError) -> SyntaxTree {
    let bytes = Array(text.utf8)
    var parser = Parser(tokens: try Lexer.tokens(of: bytes), tree: SyntaxTree(text: bytes))
    if parser.token.kind == .end { throw FingalError(.usage, "the expression is empty") }
    _ = try parser.disjunction()
    if parser.token.kind != .end { throw parser.unexpected() }
    return parser.tree
  }

  private init(tokens: [Token], tree: SyntaxTree) {
    self.tokens = tokens
    self.tree = tree
  }

  private var token: Token { tokens[position] }

  private func symbol() -> Token.Symbol? {
    if case .symbol(let symbol) = token.kind { symbol } else { nil }
  }

  private mutating func accept(_ wanted: Token.Symbol) -> Bool {
    if symbol() == wanted {
      position += 1
      return true
    }
    return false
  }

  private func unexpected() -> FingalError {
    let found: String
    var advice: String?
    switch token.kind {
    case .end: return fault("the expression ends too early", at: token.range.lowerBound, in: tree.text)
    case .number: found = "number"
    case .string: found = "text"
    case .name(let name, _):
      found = "'\(name)'"
      advice = ["and": "use &&", "or": "use ||", "not": "use !", "in": "use == and ||"][name.lowercased()]
    case .symbol(let symbol): found = "'\(symbol.rawValue)'"
    }
    return fault("unexpected \(found)", at: token.range.lowerBound, in: tree.text, advice: advice)
  }

  private mutating func disjunction() throws(FingalError) -> Int {
    let offset = token.range.lowerBound
    var operands = [try conjunction()]
    while accept(.or) { operands.append(try conjunction()) }
    return operands.count == 1 ? operands[0] : tree.add(.or, operands, at: offset)
  }

  private mutating func conjunction() throws(FingalError) -> Int {
    let offset = token.range.lowerBound
    var operands = [try comparison()]
    while accept(.and) { operands.append(try comparison()) }
    return operands.count == 1 ? operands[0] : tree.add(.and, operands, at: offset)
  }

  private mutating func comparison() throws(FingalError) -> Int {
    var operands = [try sum()]
    var operators: [Comparison] = []
    let offset = token.range.lowerBound
    while let symbol = symbol(), let next = Comparison(rawValue: symbol.rawValue) {
      if let first = operators.first, first.direction != next.direction || next.direction == 0 {
        throw fault(
          "'\(next.rawValue)' cannot follow '\(first.rawValue)' in a chain", at: token.range.lowerBound, in: tree.text,
          advice: "join two comparisons with &&")
      }
      operators.append(next)
      position += 1
      operands.append(try sum())
    }
    return operators.isEmpty ? operands[0] : tree.add(.comparison(operators), operands, at: offset)
  }

  private mutating func sum() throws(FingalError) -> Int {
    var left = try product()
    while let symbol = symbol(), symbol == .plus || symbol == .minus {
      let offset = token.range.lowerBound
      position += 1
      left = tree.add(.arithmetic(symbol == .plus ? .add : .subtract), [left, try product()], at: offset)
    }
    return left
  }

  private mutating func product() throws(FingalError) -> Int {
    var left = try unary()
    while let symbol = symbol(), symbol == .times || symbol == .over || symbol == .remainder {
      let offset = token.range.lowerBound
      position += 1
      left = tree.add(.arithmetic(Arithmetic(rawValue: symbol.rawValue)!), [left, try unary()], at: offset)
    }
    return left
  }

  private mutating func unary() throws(FingalError) -> Int {
    var prefixes: [(Token.Symbol, Int)] = []
    while let symbol = symbol(), symbol == .minus || symbol == .plus || symbol == .not {
      prefixes.append((symbol, token.range.lowerBound))
      position += 1
    }
    var operand = try primary()
    for (symbol, offset) in prefixes.reversed() where symbol != .plus {
      operand = tree.add(symbol == .not ? .not : .negate, [operand], at: offset)
    }
    return operand
  }

  private mutating func primary() throws(FingalError) -> Int {
    let first = token
    let offset = first.range.lowerBound
    switch first.kind {
    case .number(let value, let whole):
      position += 1
      return tree.add(.number(value, whole: whole), at: offset)
    case .string(let text):
      position += 1
      return tree.add(.string(text), at: offset)
    case .symbol(.open):
      position += 1
      try nest(at: offset)
      let inner = try disjunction()
      nesting -= 1
      try close(opened: offset)
      return inner
    case .name(let name, let quoted):
      position += 1
      if !quoted, name == "true" || name == "false" { return tree.add(.boolean(name == "true"), at: offset) }
      if !quoted, symbol() == .open { return try call(name, at: offset) }
      return tree.add(.name(name), at: offset)
    case .symbol, .end:
      throw unexpected()
    }
  }

  private mutating func call(_ name: String, at offset: Int) throws(FingalError) -> Int {
    let opened = token.range.lowerBound
    position += 1
    try nest(at: opened)
    var arguments: [Int] = []
    if symbol() != .close {
      repeat { arguments.append(try disjunction()) } while accept(.comma)
    }
    nesting -= 1
    try close(opened: opened)
    return tree.add(.call(name), arguments, at: offset)
  }

  private mutating func nest(at offset: Int) throws(FingalError) {
    nesting += 1
    if nesting > Self.maximumNesting {
      throw fault("parentheses are nested more than \(Self.maximumNesting) deep", at: offset, in: tree.text)
    }
  }

  private mutating func close(opened: Int) throws(FingalError) {
    if accept(.close) { return }
    if token.kind == .end { throw fault("the '(' here is not closed", at: opened, in: tree.text) }
    throw unexpected()
  }
}
