package import Fingal

/// How a column's numbers are written as text.
package enum NumberFormat: Sendable, Equatable, Hashable {
  /// Digits only; a float is rounded to the nearest whole number, ties to even.
  case integer
  /// The fewest digits that read back as the same value: `7153368`, `0.1`, `1e-07`.
  case shortest
  /// The same, with `.0` on whole numbers, as Python prints floats: `7153368.0`.
  case shortestWithPoint
  /// `%.Nf`.
  case fixed(decimals: Int)
  /// `%.Ng`.
  case general(digits: Int)
  /// `%.Ne`, as `numpy.savetxt` writes by default with N = 18.
  case scientific(decimals: Int)

  /// The form that metadata keeps: `integer`, `shortest`, `repr`, `%.4f`, `%.9g`, `%.18e`.
  package var metadata: String {
    switch self {
    case .integer: "integer"
    case .shortest: "shortest"
    case .shortestWithPoint: "repr"
    case .fixed(let decimals): "%.\(decimals)f"
    case .general(let digits): "%.\(digits)g"
    case .scientific(let decimals): "%.\(decimals)e"
    }
  }

  /// Reads what `metadata` gives; nil for anything else. Up to 100 digits.
  package init?(metadata: String) {
    switch metadata {
    case "integer": self = .integer
    case "shortest": self = .shortest
    case "repr": self = .shortestWithPoint
    default:
      guard metadata.hasPrefix("%."), let kind = metadata.last,
        let digits = Int(metadata.dropFirst(2).dropLast()), (0...100).contains(digits),
        metadata.dropFirst(2).dropLast().allSatisfy(\.isNumber)
      else { return nil }
      switch kind {
      case "f": self = .fixed(decimals: digits)
      case "g": self = .general(digits: digits)
      case "e": self = .scientific(decimals: digits)
      default: return nil
      }
    }
  }

  /// Whether writing `value` in this format gives exactly `text`.
  ///
  /// - Parameter scratch: a buffer to write to, emptied before and after.
  package func reproduces(_ text: UnsafeRawBufferPointer, _ value: Double, point: UInt8 = 0x2E, scratch: AlignedBytes)
    -> Bool
  {
    scratch.removeAll()
    NumberWriter.append(value, self, point: point, to: scratch)
    return unsafe Self.takes(scratch, text)
  }

  package func reproduces(_ text: UnsafeRawBufferPointer, _ value: Float, point: UInt8 = 0x2E, scratch: AlignedBytes)
    -> Bool
  {
    scratch.removeAll()
    NumberWriter.append(value, self, point: point, to: scratch)
    return unsafe Self.takes(scratch, text)
  }

  private static func takes(_ scratch: AlignedBytes, _ text: UnsafeRawBufferPointer) -> Bool {
    defer { scratch.removeAll() }
    guard scratch.count == text.count else { return false }
    return unsafe scratch.bytes.elementsEqual(text)
  }
}
