public import Fingal

/// What `--image` says: how an event becomes a tensor.
///
///     hits.energy @ layer:1..28, y:-7..7:12, x:-7..7:15     energies summed in 28 × 12 × 15 bins
///     hits.energy @ layer:1..28, hex(iu,iv)                 the same shape, on the grid of the cells
///     image                                                 a tensor column as it is
///
/// Axes stand outermost first and name fields of the same collection. Names with odd characters stand in backquotes.
public struct ImageDescription: Sendable, Equatable, CustomStringConvertible {
  public enum Kind: Sendable, Equatable {
    /// Values of hits, added up in the pixels that the axes give.
    case grid(value: String, axes: [ImageAxis])
    /// A tensor column.
    case tensor(column: String)
  }

  /// Pixels an image may have: 64 MiB an event are beyond any detector, and beyond any minibatch.
  public static let maximumPixels = 1 << 24

  public let kind: Kind
  public let description: String

  /// - Throws: `usage` that names the part at fault.
  public init(parsing text: String) throws(FingalError) {
    description = text
    kind = try ImageParser(text).parse()
  }

  /// The shape of an image from files of this schema, outermost axis first.
  ///
  /// - Throws: `usage` if a column is missing or of the wrong kind.
  public func shape(in schema: Schema) throws(FingalError) -> [Int] {
    switch kind {
    case .tensor(let name):
      let field = try find(name, in: schema)
      if field.shape.isEmpty {
        throw refuse(
          "column '\(name)' is no tensor",
          advice: "describe an image as in 'hits.energy @ layer:1..28, y:-7..7:12, x:-7..7:15'")
      }
      if let collection = field.collection {
        throw refuse("column '\(name)' has a tensor for each element of '\(collection)', not one an event")
      }
      return field.shape
    case .grid(let value, let axes):
      for name in [value] + axisColumns {
        let field = try find(name, in: schema)
        if field.collection == nil { throw refuse("column '\(name)' has one value an event; an image is made of hits") }
        if let collection = field.collection, let parent = schema.lineage(of: collection).dropLast().last {
          throw refuse(
            "column '\(name)' belongs to '\(collection)' inside '\(parent)'; an image is made of a collection of the event"
          )
        }
        if !field.shape.isEmpty { throw refuse("column '\(name)' has several values for each element") }
        if !field.type.isNumeric { throw refuse("column '\(name)' holds text") }
        if !field.shape.isEmpty {
          throw refuse("column '\(name)' has \(field.elementsPerValue) values a hit; an image takes one")
        }
      }
      return axes.flatMap(\.extents)
    }
  }

  /// The columns that must be read, the value's first.
  public var columns: [String] {
    switch kind {
    case .tensor(let name): [name]
    case .grid(let value, _): [value] + axisColumns
    }
  }

  private var axisColumns: [String] {
    guard case .grid(let value, let axes) = kind else { return [] }
    var columns: [String] = []
    for axis in axes {
      for field in axis.fields {
        let path = Self.path(of: field, besides: value)
        if !columns.contains(path), path != value { columns.append(path) }
      }
    }
    return columns
  }

  /// `layer` beside `hits.energy` is `hits.layer`; a whole path stays.
  static func path(of field: String, besides value: String) -> String {
    guard let dot = value.firstIndex(of: ".") else { return field }
    let prefix = String(value[...dot])
    return field.hasPrefix(prefix) ? field : prefix + field
  }

  private func find(_ name: String, in schema: Schema) throws(FingalError) -> Schema.Field {
    if let field = schema.field(name) { return field }
    let known = schema.fields.prefix(20).map(\.path).joined(separator: ", ") + (schema.fields.count > 20 ? ", …" : "")
    throw refuse("there is no column '\(name)'", advice: "the columns are \(known)")
  }

  private func refuse(_ message: String, advice: String? = nil) -> FingalError {
    FingalError(.usage, "image '\(description)': \(message)", advice: advice)
  }
}
