package import Fingal

/// Which columns a CSV gets, in which order, and how each value is written: read from the metadata that the converter
/// left in the schema, with sensible defaults for files that were never a CSV.
package struct ExportPlan: Sendable {
  package enum Cells: Sendable {
    /// One value an event.
    case event
    /// Hits layout: one value an element, a line each.
    case element
    /// The elements of an event in one cell.
    case list(ListStyle)
    /// The elements of an event in one cell as lists in lists, `[[1, 2], [], [3]]`: a collection inside another (a list
    /// for each element around it), tensors of a collection (a list of all values for each), or both. The converter
    /// does not read them back: `fingal dump --format json` is for programs.
    case nested
    /// Consecutive columns.
    case tensor
  }

  package struct Column: Sendable {
    /// Index into the schema's fields.
    package var field: Int
    package var cells: Cells
    /// One name a column of text; several for a tensor that has columns of its own.
    package var headers: [String]
    package var format: NumberFormat
    package var nan: [UInt8]
    package var infinity: [UInt8]
    package var null: [UInt8]
    package var yes: [UInt8]
    package var no: [UInt8]
    /// The texts of an enumeration.
    package var labels: [[UInt8]]
  }

  package var layout: LayoutKind
  package var columns: [Column] = []
  package var separator: UInt8 = 0x2C
  /// nil: quotes are text like any other, and nothing is quoted.
  package var quote: UInt8? = 0x22
  package var lineEnd = "\n"
  package var finalLineEnd = true
  package var writesHeader = true
  package var quotesHeader = false
  package var headerIsComment = false
  package var preamble = ""
  package var point: UInt8 = 0x2E

  /// - Parameters:
  ///   - layout: nil for the file's own, else the simplest that holds it.
  ///   - hasEmptyEvents: whether some event has no element in the collection: lines of hits cannot say that.
  /// - Throws: `usage` if the layout cannot hold the file.
  package init(_ schema: Schema, layout wanted: LayoutKind? = nil, hasEmptyEvents: Bool) throws(FingalError) {
    let metadata = schema.metadata
    let recorded = metadata["csv.layout"].flatMap(LayoutKind.init(rawValue:))
    let single = schema.collections.count == 1
    var layout = wanted ?? recorded ?? (schema.collections.isEmpty ? .rows : single ? .hits : .cells)
    if wanted == nil {
      if layout == .rows && !schema.collections.isEmpty { layout = .cells }
      if layout == .hits && (!single || hasEmptyEvents) { layout = schema.collections.isEmpty ? .rows : .cells }
    } else if layout == .hits && !single {
      throw FingalError(
        .usage, "the hits layout needs exactly one collection; the file has \(schema.collections.count)")
    } else if layout == .hits && hasEmptyEvents {
      throw FingalError(
        .usage, "some events have no \(schema.collections[0].name), which lines of hits cannot say",
        advice: "use --layout cells")
    } else if layout == .rows && !schema.collections.isEmpty {
      throw FingalError(.usage, "the rows layout holds no collections", advice: "use --layout cells")
    }
    self.layout = layout

    if let text = metadata["csv.separator"]?.utf8.first { separator = text }
    if let text = metadata["csv.quote"], let byte = text.utf8.first { quote = text == "none" ? nil : byte }
    writesHeader = metadata["csv.header"] != "none"
    headerIsComment = metadata["csv.header"] == "comment"
    quotesHeader = metadata["csv.quotedHeader"] != nil
    if let end = metadata["csv.lineEnd"].flatMap(Dialect.LineEnd.init(rawValue:)) { lineEnd = end.text }
    finalLineEnd = metadata["csv.finalLineEnd"] != "no"
    preamble = metadata["csv.preamble"] ?? ""
    if metadata["csv.decimalComma"] != nil && separator != 0x2C { point = 0x2C }

    let order = schema.fields.indices.sorted { a, b in
      let first = schema.fields[a].metadata["csv.index"].flatMap { Int($0) } ?? Int.max
      let second = schema.fields[b].metadata["csv.index"].flatMap { Int($0) } ?? Int.max
      return (first, a) < (second, b)
    }
    for index in order { columns.append(column(index, schema)) }
  }

  private func column(_ index: Int, _ schema: Schema) -> Column {
    let field = schema.fields[index]
    let metadata = field.metadata
    let isFromCSV = metadata["csv.index"] != nil
    let plainName = field.collection.map { "\($0)_\(field.name)" } ?? field.name
    let name = metadata["csv.name"] ?? (isFromCSV ? field.name : plainName)
    var cells = Cells.event
    var headers = [name]
    if !field.shape.isEmpty, field.collection == nil || layout == .hits {
      cells = field.collection == nil ? .tensor : .element
      headers = Self.tensorHeaders(field, name)
    } else if field.collection != nil {
      if layout == .hits {
        cells = .element
      } else if !field.shape.isEmpty || field.collection.map({ schema.lineage(of: $0).count > 1 }) == true {
        cells = .nested
      } else {
        let bracketed = ListStyle(open: 0x5B, separator: 0x2C, glue: ", ")
        cells = .list(metadata["csv.list"].flatMap(ListStyle.init(code:)) ?? bracketed)
      }
    }
    func bytes(_ key: String, _ usual: String) -> [UInt8] { Array((metadata[key] ?? usual).utf8) }
    return Column(
      field: index, cells: cells, headers: headers,
      format: metadata["csv.format"].flatMap(NumberFormat.init(metadata:)) ?? .shortest, nan: bytes("csv.nan", "nan"),
      infinity: bytes("csv.inf", "inf"), null: bytes("csv.null", ""), yes: bytes("csv.true", "true"),
      no: bytes("csv.false", "false"), labels: field.labels.map { Array($0.utf8) })
  }

  private static func tensorHeaders(_ field: Schema.Field, _ name: String) -> [String] {
    let count = field.elementsPerValue
    if let code = field.metadata["csv.columns"] {
      if let pattern = ColumnPattern(code: code), pattern.count == count { return (0..<count).map(pattern.name) }
      let names = code.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      if names.count == count { return names }
    }
    // `image_0_3_7`: what the converter folds again.
    let literals = [name + "_"] + Array(repeating: "_", count: field.shape.count - 1) + [""]
    let pattern = ColumnPattern(
      literals: literals, axes: field.shape.map { ColumnPattern.Axis(low: 0, high: $0 - 1, width: 1) })
    return (0..<count).map(pattern.name)
  }
}
