public import Fingal
import FoundationEssentials

extension NetDescription {
  /// Reads a net from JSON and checks that its layers fit together:
  ///
  ///     {"name": "small", "input": [28, 15, 15], "layers": [
  ///       {"type": "conv2d", "filters": 16, "kernel": 3, "activation": "relu"}, {"type": "maxpool", "size": 2},
  ///       {"type": "dense", "units": 1, "activation": "sigmoid"}]}
  ///
  /// - Throws: `usage` if the text is not that JSON or the layers do not fit.
  public init(json: String) throws(FingalError) {
    do {
      self = try JSONDecoder().decode(NetDescription.self, from: Data(json.utf8))
    } catch {
      throw FingalError(.usage, "the description of the net is not the JSON it must be: \(describe(error))")
    }
    _ = try resolved()
  }

  /// The net as JSON over several lines, the same text for the same net.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { preconditionFailure("a net is always encodable") }
    return String(decoding: data, as: UTF8.self)
  }
}

/// What is wrong with a JSON document, in one line.
func describe(_ error: any Error) -> String {
  guard let error = error as? DecodingError else { return "\(error)" }
  func place(_ context: DecodingError.Context) -> String {
    let path = context.codingPath.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }
    return path.isEmpty ? "" : " in " + path.joined(separator: ".")
  }
  switch error {
  case .keyNotFound(let key, let context): return "'\(key.stringValue)' is missing" + place(context)
  case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
    return context.debugDescription + place(context)
  @unknown default: return "\(error)"
  }
}
