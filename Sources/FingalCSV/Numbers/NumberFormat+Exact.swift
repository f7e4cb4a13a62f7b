extension NumberFormat {
  /// Whether every finite value of a type reads back from this format as the same bits: the shortest forms, and those
  /// with enough digits (9 for float32, 17 for float64). The other formats hold some values and not others.
  package func holdsEveryValue(ofFloat32 isFloat32: Bool) -> Bool {
    let enough = isFloat32 ? 9 : 17
    switch self {
    case .shortest, .shortestWithPoint: return true
    case .general(let digits): return digits >= enough
    case .scientific(let decimals): return decimals + 1 >= enough
    case .integer, .fixed: return false
    }
  }
}
