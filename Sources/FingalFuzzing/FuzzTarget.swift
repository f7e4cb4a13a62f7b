/// What the fuzzers run, apart from libFuzzer, so that the tests run every seed and every found case through the very same
/// code.
///
/// Each target takes any bytes. It may refuse them with a `FingalError`; it must not trap, hang, read outside its memory
/// or allocate beyond what its input explains. Where it accepts them, it checks what must hold then and traps if it
/// does not: that is a find, too.
public enum FuzzTarget: String, CaseIterable, Sendable {
  /// A whole file with its checksums repaired: opened, verified, read.
  case open
  /// One page and a forged description of it.
  case page
  /// Values of any type: encoded, decoded, equal.
  case values
  /// A schema as JSON.
  case schema
  /// CSV text: dialect, records, layout, types.
  case csv
  /// CSV text to a file and back to text.
  case convert
  /// The cut language: parsed, checked, evaluated.
  case expression

  public func run(_ bytes: UnsafeRawBufferPointer) {
    let input = unsafe [UInt8](bytes)
    switch self {
    case .open: fuzzOpen(input)
    case .page: fuzzPage(input)
    case .values: fuzzValues(input)
    case .schema: fuzzSchema(input)
    case .csv: fuzzCSV(input)
    case .convert: fuzzConvert(input)
    case .expression: fuzzExpression(input)
    }
  }

  public func run(_ bytes: [UInt8]) { unsafe bytes.withUnsafeBytes { unsafe run($0) } }
}

/// The bytes of an input as choices, from the front; zeros once they are spent.
struct Choices {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  mutating func word() -> Int { Int(byte()) | Int(byte()) << 8 }

  /// All that was not spent.
  mutating func all() -> [UInt8] {
    defer { rest = [] }
    return Array(rest)
  }
}
