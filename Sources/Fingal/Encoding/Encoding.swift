/// How the values of a page became bytes (`FORMAT.md §6`). The raw value is the byte on disk; ids are never reused.
public enum Encoding: UInt8, Sendable, CaseIterable {
  case plain = 0
  case const = 1
  case frameOfReference = 2
  case delta = 3
  case dictionary = 4
  case runLength = 5
  case byteSplit = 6
  case alp = 7
  case alpRightDigits = 8
  case sparse = 9
  case decimal = 10
  case lookup = 11

  /// The name in tables, on the command line and in the specification.
  public var name: String {
    switch self {
    case .plain: "PLAIN"
    case .const: "CONST"
    case .frameOfReference: "FOR"
    case .delta: "DELTA"
    case .dictionary: "DICT"
    case .runLength: "RLE"
    case .byteSplit: "BYTE_SPLIT"
    case .alp: "ALP"
    case .alpRightDigits: "ALP_RD"
    case .sparse: "SPARSE"
    case .decimal: "DECIMAL"
    case .lookup: "LOOKUP"
    }
  }

  /// An encoding may hold pages of lower levels only (`FORMAT.md §6.5`): so nesting ends, whatever a forged page says.
  package var level: Int {
    switch self {
    case .plain, .const, .frameOfReference, .byteSplit: 0
    case .delta: 1
    case .runLength: 2
    case .alp, .alpRightDigits, .decimal: 3
    case .dictionary: 4
    case .sparse: 5
    case .lookup: 6
    }
  }

  /// The encodings that may stand inside one of `level`.
  static func below(_ level: Int) -> Set<Encoding> { Set(allCases.filter { $0.level < level }) }
}

/// What compresses an encoded page (`FORMAT.md §7`). The raw value is the byte on disk.
public enum Codec: UInt8, Sendable, CaseIterable {
  case none = 0
  case lz4 = 1
  case zlib = 2
  case zstd = 3

  public var name: String { "\(self)" }
}
