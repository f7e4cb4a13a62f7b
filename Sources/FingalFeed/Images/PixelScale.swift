public import Fingal
internal import FingalKernels
internal import Glibc

/// What is done to a pixel after its hits have been added up. Zero stays zero, always: empty pixels cost nothing.
public enum PixelScale: Sendable, Equatable, CustomStringConvertible {
  case none
  /// log(1 + x), and -log(1 - x) for a negative pixel.
  case log1p
  case factor(Float)

  /// - Throws: `usage`.
  public init(parsing text: String) throws(FingalError) {
    switch text {
    case "none": self = .none
    case "log1p": self = .log1p
    default:
      guard let factor = Float(text), factor.isFinite, factor != 0 else {
        throw FingalError(.usage, "'\(text)' is no scale", advice: "use none, log1p or a factor such as 0.01")
      }
      self = .factor(factor)
    }
  }

  public var description: String {
    switch self {
    case .none: "none"
    case .log1p: "log1p"
    case .factor(let factor): "\(factor)"
    }
  }

  /// Scales the sums of lit pixels.
  func apply(to values: UnsafeMutablePointer<Float>, _ count: Int) {
    switch self {
    case .none: break
    case .factor(let factor): unsafe fingal_scale(values, count, factor)
    case .log1p:
      for i in 0..<count {
        let value = unsafe values[i]
        unsafe values[i] = value > 0 ? log1pf(value) : -log1pf(-value)
      }
    }
  }
}
