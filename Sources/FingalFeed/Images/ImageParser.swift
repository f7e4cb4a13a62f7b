internal import Fingal

/// Reads the text of `--image`.
struct ImageParser {
  private let text: String

  init(_ text: String) { self.text = text }

  func parse() throws(FingalError) -> ImageDescription.Kind {
    let sides = split(text, at: "@")
    let value = try name(sides[0], what: "the column of values")
    if sides.count == 1 { return .tensor(column: value) }
    if sides.count > 2 { throw refuse("'@' stands once, between the column of values and the axes") }
    guard value.contains(".") else {
      throw refuse(
        "'\(value)' is no field of a collection", advice: "an image is made of hits, as in 'hits.energy @ …'")
    }
    var axes: [ImageAxis] = []
    for part in split(sides[1], at: ",") { axes.append(try axis(trimmed(part))) }
    var pixels = 1
    for extent in axes.flatMap(\.extents) {
      let (product, overflow) = pixels.multipliedReportingOverflow(by: extent)
      if overflow || product > ImageDescription.maximumPixels {
        throw refuse("more than \(ImageDescription.maximumPixels) pixels")
      }
      pixels = product
    }
    return .grid(value: value, axes: axes)
  }

  private func axis(_ part: String) throws(FingalError) -> ImageAxis {
    let example = "an axis is written name:lo..hi, name:lo..hi:bins or hex(iu,iv)"
    if part.hasPrefix("hex("), part.hasSuffix(")") {
      let names = split(String(part.dropFirst(4).dropLast()), at: ",")
      if names.count != 2 { throw refuse("hex(…) takes two fields", advice: "write hex(iu,iv)") }
      return .hex(iu: try name(names[0], what: "a field"), iv: try name(names[1], what: "a field"))
    }
    let pieces = split(part, at: ":")
    guard pieces.count == 2 || pieces.count == 3 else { throw refuse("'\(part)' is no axis", advice: example) }
    let field = try name(pieces[0], what: "an axis")
    guard let dots = bounds(pieces[1]) else { throw refuse("'\(pieces[1])' is no range", advice: example) }
    if pieces.count == 2 {
      guard let low = Int(dots.0), let high = Int(dots.1), low.magnitude <= 1 << 31, high.magnitude <= 1 << 31 else {
        throw refuse(
          "the range of '\(field)' is not of whole numbers", advice: "give a number of bins: \(field):\(pieces[1]):10")
      }
      if low > high { throw refuse("the range of '\(field)' is empty: \(low) is above \(high)") }
      return .whole(name: field, low: low, high: high)
    }
    guard let low = Double(dots.0), let high = Double(dots.1), low.isFinite, high.isFinite else {
      throw refuse("the range of '\(field)' is not of numbers", advice: example)
    }
    if low >= high { throw refuse("the range of '\(field)' is empty: \(dots.0) is not below \(dots.1)") }
    guard let bins = Int(trimmed(pieces[2])), bins > 0 else {
      throw refuse("'\(trimmed(pieces[2]))' is no number of bins")
    }
    // Bins are found by a product: their width and its inverse must be numbers, too.
    guard (high - low).isFinite, (Double(bins) / (high - low)).isFinite else {
      throw refuse("the range of '\(field)' is too wide or too narrow for \(bins) bins")
    }
    return .binned(name: field, low: low, high: high, bins: bins)
  }

  private func bounds(_ text: String) -> (String, String)? {
    let words = trimmed(text).split(separator: "..", maxSplits: 1, omittingEmptySubsequences: false)
    return words.count == 2 ? (trimmed(String(words[0])), trimmed(String(words[1]))) : nil
  }

  /// Parts between a mark, where backquotes and parentheses hold together what stands in them.
  private func split(_ text: String, at mark: Character) -> [String] {
    var parts = [""]
    var isQuoted = false
    var depth = 0
    for character in text {
      if character == "`" { isQuoted.toggle() }
      if !isQuoted, character == "(" { depth += 1 }
      if !isQuoted, character == ")" { depth -= 1 }
      if character == mark, !isQuoted, depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
    }
    return parts
  }

  private func name(_ text: String, what: String) throws(FingalError) -> String {
    let word = trimmed(text)
    let plain = word.filter { $0 != "`" }
    if plain.isEmpty { throw refuse("the name of \(what) is missing") }
    if !word.contains("`"), let odd = word.first(where: { " ():,@\t\"'".contains($0) }) {
      throw refuse("'\(odd)' in the name of \(what)", advice: "put the name in backquotes if it is meant")
    }
    return plain
  }

  private func trimmed(_ text: String) -> String {
    var part = text[...]
    while let first = part.first, first.isWhitespace { part.removeFirst() }
    while let last = part.last, last.isWhitespace { part.removeLast() }
    return String(part)
  }

  private func refuse(_ message: String, advice: String? = nil) -> FingalError {
    FingalError(.usage, "image '\(text)': \(message)", advice: advice)
  }
}
