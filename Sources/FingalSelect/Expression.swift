public import Fingal

/// An expression of the cut language, parsed but not yet held against a schema.
///
///     abs(pdgID) == 11 && 70 < beamEnergy < 100
///     sum(hits.energy, hits.layer <= 7) / sum(hits.energy) > 0.3
///     any(hits.energy > 500) || type1 == 'EB'
///
/// - Values: numbers, texts in single or double quotes, `true`, `false`, columns (`beamEnergy`, `hits.energy`; names
///   with odd characters in backquotes). A column of type bool serves as a condition and as 0 or 1.
///   One of an enumeration is the text of its label.
/// - Operators, from weak to strong: `||`, `&&`, `== != < <= > >=` (which chain: `70 < e <= 100`), `+ -`, `* / %`,
///   `! -`. `/` divides as floating point; `%` has the sign of its left side.
/// - Functions of numbers: `abs sqrt log log10 exp pow sin cos tan sinh cosh tanh atan2 hypot floor ceil round min max`.
/// - Over a collection (or the elements of a tensor): `count(hits)`, `sum mean min max (hits.energy)`,
///   `any all (hits.energy > 5)`. Each takes a condition as a last argument: `sum(hits.energy, hits.layer <= 7)`.
///   Inside, values of the event may be mixed with those of its hits, and values of hits with those of the samples inside
///   them: `sum(samples.charge, hits.layer <= 7)`. Whatever the depth, all elements of the event count, and the result
///   is one value an event. A tensor counts by its elements.
/// - `count` of a condition, `count(hits.energy > 5)`, counts the elements for which it is true: the same as
///   `count(hits, hits.energy > 5)`. A column of type bool is a condition, too, and a null is not true. `count` of a
///   number, `count(hits.adc)`, counts the values that are not null.
/// - Nulls: a number made from a null is null, and any comparison with a null is false, `!=` too. Sums, means, minima
///   and maxima skip nulls (minima and maxima also NaN); over nothing, a sum is 0 and the others are null.
/// - Whole numbers compare exactly, also beyond 2^53; everything else is float64.
public struct Expression: Sendable, CustomStringConvertible {
  /// What the context wants of an expression.
  public enum Expectation: Sendable {
    /// True or false for each event: a cut.
    case condition
    /// A number (or a condition, as 0 and 1) for each event.
    case number
    /// A number or a condition, for each event or for each element of a collection or tensor: something to plot.
    case any
  }

  /// The text as it was given.
  public let text: String
  let tree: SyntaxTree

  /// - Throws: `usage` that points at the character.
  public init(parsing text: String) throws(FingalError) {
    self.text = text
    tree = try Parser.parse(text)
  }

  public var description: String { text }

  /// The columns (and collections, for `count(hits)`) that it names, in the order of their first use.
  public var columns: [String] {
    var names: [String] = []
    for node in tree.nodes {
      if case .name(let name) = node.kind, !names.contains(name) { names.append(name) }
    }
    return names
  }

  /// Holds it against a schema: resolves names, checks types.
  ///
  /// - Throws: `usage` that points at the character, with the nearest column names where one is unknown.
  public func checked(
    against schema: Schema, expecting expectation: Expectation = .condition
  ) throws(FingalError) -> BoundExpression {
    var checker = Checker(tree: tree, schema: schema)
    return try checker.bound(expecting: expectation, text: text)
  }
}
