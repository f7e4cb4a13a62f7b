/// Names of consecutive columns that run through a full grid in row-major order, such as `L{01..28}_v{-6..6}_u{-6..6}`
/// for `L01_v-6_u-6`, `L01_v-6_u-5`, … `L28_v6_u6`: what makes thousands of columns one tensor, and what regenerates
/// their names.
package struct ColumnPattern: Equatable, Sendable {
  package struct Axis: Equatable, Sendable {
    package var low: Int
    package var high: Int
    /// Digits the number is padded to with zeros; 1 for none.
    package var width: Int
    package var extent: Int { high - low + 1 }
  }

  /// Text before the first number, between numbers, and after the last: one more than axes.
  package var literals: [String]
  package var axes: [Axis]

  package var shape: [Int] { axes.map(\.extent) }
  package var count: Int { axes.reduce(1) { $0 * $1.extent } }

  /// The name number `index`.
  package func name(_ index: Int) -> String {
    var rest = index
    var numbers: [Int] = []
    for axis in axes.reversed() {
      numbers.append(axis.low + rest % axis.extent)
      rest /= axis.extent
    }
    var text = literals[0]
    var place = 1
    for (number, axis) in zip(numbers.reversed(), axes) {
      text += Self.padded(number, axis.width) + literals[place]
      place += 1
    }
    return text
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number.magnitude)
    return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  // MARK: As metadata

  /// `L{01..28}_v{-6..6}_u{-6..6}`.
  package var code: String {
    var text = literals[0]
    var place = 1
    for axis in axes {
      text += "{\(Self.padded(axis.low, axis.width))..\(Self.padded(axis.high, axis.width))}" + literals[place]
      place += 1
    }
    return text
  }

  /// Reads what `code` wrote; nil for anything else.
  package init?(code: String) {
    var literals = [""]
    var axes: [Axis] = []
    var rest = code[...]
    while let open = rest.firstIndex(of: "{") {
      literals[literals.count - 1] += rest[..<open]
      guard let close = rest[open...].firstIndex(of: "}") else { return nil }
      let inside = rest[rest.index(after: open)..<close]
      guard let dots = inside.firstRange(of: "..") else { return nil }
      let first = inside[..<dots.lowerBound]
      guard let low = Int(first), let high = Int(inside[dots.upperBound...]), low <= high, high - low < 1 << 24 else {
        return nil
      }
      let digits = first.hasPrefix("-") ? first.dropFirst() : first
      axes.append(Axis(low: low, high: high, width: digits.hasPrefix("0") ? digits.utf8.count : 1))
      literals.append("")
      rest = rest[rest.index(after: close)...]
    }
    literals[literals.count - 1] += rest
    guard !axes.isEmpty else { return nil }
    self.init(literals: literals, axes: axes)
  }

  init(literals: [String], axes: [Axis]) {
    self.literals = literals
    self.axes = axes
  }

  // MARK: Recognising

  /// A name cut into literals and numbers.
  struct Parts {
    var literals: [String] = [""]
    var numbers: [Int] = []
    /// Digits of each number, without a sign.
    var widths: [Int] = []

    /// - Parameter signed: whether a `-` before a digit, not after one, is a sign.
    init(_ name: String, signed: Bool) {
      let bytes = Array(name.utf8)
      var literal: [UInt8] = []
      var index = 0
      var afterDigit = false
      while index < bytes.count {
        var digits = index
        let byte = bytes[index]
        if signed && byte == 0x2D && !afterDigit { digits += 1 }
        var end = digits
        while end < bytes.count, bytes[end] >= 0x30, bytes[end] <= 0x39, end - digits < 9 { end += 1 }
        if end > digits, let number = Int(String(decoding: bytes[index..<end], as: UTF8.self)) {
          literals[literals.count - 1] = String(decoding: literal, as: UTF8.self)
          literal = []
          literals.append("")
          numbers.append(number)
          widths.append(end - digits)
          index = end
          afterDigit = true
        } else {
          literal.append(byte)
          index += 1
          afterDigit = false
        }
      }
      literals[literals.count - 1] = String(decoding: literal, as: UTF8.self)
    }
  }

  /// The fewest columns that are folded unasked: `x1, x2, x3` stay what they are.
  package static let fewestColumns = 8

  /// Runs of names that form full grids, as ranges of indices with their patterns.
  package static func runs(in names: [String]) -> [(columns: Range<Int>, pattern: ColumnPattern)] {
    var found: [(columns: Range<Int>, pattern: ColumnPattern)] = []
    for signed in [true, false] {
      let parts = names.map { Parts($0, signed: signed) }
      var start = 0
      while start < names.count {
        var end = start + 1
        if parts[start].numbers.isEmpty {
          start = end
          continue
        }
        while end < names.count, parts[end].literals == parts[start].literals { end += 1 }
        if end - start >= fewestColumns,
          !found.contains(where: { $0.columns.overlaps(start..<end) }),
          let pattern = grid(parts[start..<end], names[start..<end])
        {
          found.append((start..<end, pattern))
        }
        start = end
      }
    }
    return found.sorted { $0.columns.lowerBound < $1.columns.lowerBound }
  }

  /// The pattern of names if they are one full grid in row-major order.
  private static func grid(_ parts: ArraySlice<Parts>, _ names: ArraySlice<String>) -> ColumnPattern? {
    guard let first = parts.first, let last = parts.last else { return nil }
    var axes: [Axis] = []
    var literals = [first.literals[0]]
    for axis in first.numbers.indices {
      let low = first.numbers[axis]
      let high = last.numbers[axis]
      guard low <= high else { return nil }
      if low == high {
        // A number that never changes is part of the name.
        let text = padded(low, first.widths[axis])
        literals[literals.count - 1] += text + first.literals[axis + 1]
        continue
      }
      let padded = first.widths[axis] > String(low.magnitude).utf8.count
      axes.append(Axis(low: low, high: high, width: padded ? first.widths[axis] : 1))
      literals.append(first.literals[axis + 1])
    }
    let pattern = ColumnPattern(literals: literals, axes: axes)
    guard !axes.isEmpty, pattern.count == parts.count else { return nil }
    for (offset, name) in names.enumerated() where pattern.name(offset) != name { return nil }
    return pattern
  }

  /// What to call the tensor: the letters in front if they are a word, or it has one axis; else `image`.
  package var suggestedName: String {
    var word = literals[0]
    while let last = word.last, !(last.isLetter || last.isNumber) { word.removeLast() }
    if word.isEmpty { return "image" }
    if axes.count == 1 || word.count >= 3 { return word }
    return "image"
  }
}
