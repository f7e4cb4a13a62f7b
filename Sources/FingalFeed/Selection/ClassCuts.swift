public import Fingal
public import FingalSelect

/// Which events are signal, which are background, and which take part at all.
public struct ClassCuts: Sendable {
  public let signal: Expression
  public let background: Expression
  public let selection: Expression?

  /// - Throws: `usage` naming the option whose expression is wrong.
  public init(signal: String, background: String, where selection: String? = nil) throws(FingalError) {
    self.signal = try Self.parse(signal, "--signal")
    self.background = try Self.parse(background, "--background")
    if let selection { self.selection = try Self.parse(selection, "--where") } else { self.selection = nil }
  }

  /// How messages name the cut.
  var cutText: String { selection.map { " after --where '\($0)'" } ?? "" }

  private static func parse(_ text: String, _ option: String) throws(FingalError) -> Expression {
    do { return try Expression(parsing: text) } catch {
      throw FingalError(error.code, "\(option): \(error.message)", advice: error.advice)
    }
  }

  /// The cuts that make the classes, held against the schema of one file.
  struct Bound {
    var signal: BoundExpression
    var background: BoundExpression

    /// What the classes need; never empty.
    func columns(of schema: Schema) -> [String] {
      var names = signal.columns
      for name in background.columns where !names.contains(name) { names.append(name) }
      if names.isEmpty, let first = schema.fields.first { names.append(first.path) }
      return names
    }
  }

  /// - Throws: `usage` naming the option, also where it is the cut on all events that does not fit the file.
  func bound(to file: EventFile) throws(FingalError) -> Bound {
    func check(_ expression: Expression, _ option: String) throws(FingalError) -> BoundExpression {
      do { return try expression.checked(against: file.schema) } catch {
        throw FingalError(error.code, "\(option): \(error.message)", file: file.path, advice: error.advice)
      }
    }
    let bound = Bound(signal: try check(signal, "--signal"), background: try check(background, "--background"))
    if let selection { _ = try check(selection, "--where") }
    return bound
  }
}
