/// One or two axes of an image, and which field of a hit they bin.
public enum ImageAxis: Sendable, Equatable {
  /// `name:lo..hi:bins`: half-open bins of equal width. The upper edge belongs to no bin.
  case binned(name: String, low: Double, high: Double, bins: Int)
  /// `name:lo..hi`: one bin for each whole number from `low` to `high`, both included. A fraction counts to the whole
  /// number below it.
  case whole(name: String, low: Int, high: Int)
  /// `hex(iu,iv)`: 12 rows × 15 columns, the grid that the HGCAL collaboration lays over a sensor of 127 hexagonal
  /// cells: column = iv + 7, row = (2·iu + iv + 11) / 2.
  ///
  /// The division is that of C, which truncates towards zero. For the cell (-6, 0) it makes row 0 of -1 / 2, the pixel
  /// of the cell (-5, 0) too: the grid has 12 rows for the 13 cells of that diagonal. The two energies add up; the other
  /// 125 cells have a pixel each, and no energy of the 127 cells is lost.
  case hex(iu: String, iv: String)

  /// How many pixels it has along each of its axes.
  public var extents: [Int] {
    switch self {
    case .binned(_, _, _, let bins): [bins]
    case .whole(_, let low, let high): [high - low + 1]
    case .hex: [Self.hexRows, Self.hexColumns]
    }
  }

  var fields: [String] {
    switch self {
    case .binned(let name, _, _, _), .whole(let name, _, _): [name]
    case .hex(let iu, let iv): [iu, iv]
    }
  }

  static let hexRows = 12
  static let hexColumns = 15

  /// Row × 15 + column of a cell; nil outside the grid.
  @inline(__always)
  package static func hexPixel(iu: Int, iv: Int) -> Int? {
    let column = iv &+ 7
    let row = (2 &* iu &+ iv &+ 11) / 2
    return column >= 0 && column < hexColumns && row >= 0 && row < hexRows ? row * hexColumns + column : nil
  }
}
