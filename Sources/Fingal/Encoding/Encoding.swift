/// How the values of a page became bytes (`FORMAT.md §6`). The raw value is the byte on disk; ids are never reused.
public enum Encoding: UInt8, Sendable, CaseIterable {
  case plain = 0
  case const = 1
  case frameOfReference = 2
  case dictionary = 4
  case alp = 7
  case sparse = 9

  /// The name in tables and in the specification.
  public var name: String {
    switch self {
    case .plain: "PLAIN"
    case .const: "CONST"
    case .frameOfReference: "FOR"
    case .dictionary: "DICT"
    case .alp: "ALP"
    case .sparse: "SPARSE"
    }
  }
}

/// What compresses an encoded page (`FORMAT.md §7`). The raw value is the byte on disk.
public enum Codec: UInt8, Sendable, CaseIterable {
  case none = 0
  case lz4 = 1
  case zlib = 2
  case zstd = 3

  public var name: String { "\(self)" }
}
