import ArgumentParser

/// Events as the user names them, counted over the file from 0: `100...109`, `100..<110`, `100:110`, `5`, `100...`,
/// `:10`. The form with the colon is half-open as well, and needs no quotes in a shell.
struct EventRange: ExpressibleByArgument, Equatable {
  /// The first event.
  var first: Int
  /// One past the last; nil for the end of the file.
  var end: Int?

  init?(argument: String) {
    let parts: (Substring, Substring, closed: Bool)
    if let open = argument.firstRange(of: "..<") {
      parts = (argument[..<open.lowerBound], argument[open.upperBound...], false)
      if parts.1.isEmpty { return nil }
    } else if let colon = argument.firstIndex(of: ":") {
      parts = (argument[..<colon], argument[argument.index(after: colon)...], false)
    } else if let closed = argument.firstRange(of: "...") {
      parts = (argument[..<closed.lowerBound], argument[closed.upperBound...], true)
    } else {
      guard let event = Self.number(argument[...]), event < Int.max else { return nil }
      (first, end) = (event, event + 1)
      return
    }
    guard let low = parts.0.isEmpty ? 0 : Self.number(parts.0) else { return nil }
    first = low
    if parts.1.isEmpty {
      end = nil
    } else {
      guard let high = Self.number(parts.1), high < Int.max else { return nil }
      end = parts.closed ? high + 1 : high
      if end! < low { return nil }
    }
  }

  private static func number(_ text: Substring) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    return Int(text)
  }
}

extension String {
  /// The first occurrence of a text, without Foundation.
  fileprivate func firstRange(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
