/// Names near to one that does not exist, for "did you mean".
enum NameSuggestion {
  /// At most three, nearest first: the same last component (`energy` for `hits.energy`), or few changed letters.
  static func near(_ name: String, among names: [String]) -> [String] {
    let wanted = Array(name.lowercased().utf8)
    let limit = max(1, wanted.count / 3)
    var found: [(distance: Int, order: Int, name: String)] = []
    for (order, candidate) in names.prefix(10_000).enumerated() {
      let bytes = Array(candidate.lowercased().utf8)
      if bytes.count > wanted.count, bytes.suffix(wanted.count + 1).elementsEqual([UInt8(ascii: ".")] + wanted) {
        found.append((0, order, candidate))
      } else if abs(bytes.count - wanted.count) <= limit {
        let distance = changes(wanted, bytes)
        if distance <= limit { found.append((distance, order, candidate)) }
      }
    }
    found.sort { ($0.distance, $0.order) < ($1.distance, $1.order) }
    return found.prefix(3).map(\.name)
  }

  /// Levenshtein distance: letters inserted, removed or changed.
  private static func changes(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      var left = row[0]
      for (j, other) in b.enumerated() {
        let above = row[j + 1]
        left = min(left + 1, above + 1, diagonal + (letter == other ? 0 : 1))
        diagonal = above
        row[j + 1] = left
      }
    }
    return row[b.count]
  }
}
