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
    /// The field's path, for messages.
    package var path: String
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
  /// What is written otherwise than the metadata ask for, a line each, for people.
  package var notes: [String] = []

  /// The layout that is wanted, or recorded, or fits; whether events do is not known yet.
  static func layout(_ schema: Schema, wanted: LayoutKind?) -> LayoutKind {
    let single = schema.collections.count == 1
    if let wanted { return wanted }
    let recorded = schema.metadata["csv.layout"].flatMap(LayoutKind.init(rawValue:))
    let layout = recorded ?? (schema.collections.isEmpty ? .rows : single ? .hits : .cells)
    if layout == .rows && !schema.collections.isEmpty { return .cells }
    if layout == .hits && !single { return schema.collections.isEmpty ? .rows : .cells }
    return layout
  }

  /// - Parameters:
  ///   - layout: nil for the file's own, else the simplest that holds it.
  ///   - obstacle: what lines of hits cannot say.
  /// - Throws: `usage` if the layout cannot hold the columns, `badInput` if it cannot hold the events.
  package init(_ schema: Schema, layout wanted: LayoutKind? = nil, obstacle: HitsObstacle?) throws(FingalError) {
    let metadata = schema.metadata
    var layout = Self.layout(schema, wanted: wanted)
    if wanted == nil {
      if layout == .hits, let obstacle {
        layout = .cells
        if metadata["csv.layout"] == "hits" { notes.append(obstacle.message + "; writing a line an event with lists") }
      }
    } else if layout == .hits && schema.collections.count != 1 {
      throw FingalError(
        .usage, "the hits layout needs exactly one collection; the file has \(schema.collections.count)")
    } else if layout == .hits, let obstacle {
      throw FingalError(.badInput, obstacle.message, advice: "use --layout cells")
    } else if layout == .rows && !schema.collections.isEmpty {
      throw FingalError(.usage, "the rows layout holds no collections", advice: "use --layout cells")
    }
    self.layout = layout

    // A byte that numbers are made of cannot come from the converter.
    func mark(_ key: String) -> UInt8? {
      guard let byte = metadata[key]?.utf8.first, byte == 0x09 || (byte >= 0x20 && byte < 0x7F) else { return nil }
      let isPartOfNumber = DecimalText.mayHold(byte)
      return isPartOfNumber ? nil : byte
    }
    if let byte = mark("csv.separator") { separator = byte }
    if metadata["csv.quote"] == "none" {
      quote = nil
    } else if let byte = mark("csv.quote"), byte != separator {
      quote = byte
    }
    // The usual quote may be what separates here.
    if quote == separator { separator = 0x2C }
    writesHeader = metadata["csv.header"] != "none"
    headerIsComment = metadata["csv.header"] == "comment"
    quotesHeader = metadata["csv.quotedHeader"] != nil
    if let end = metadata["csv.lineEnd"].flatMap(Dialect.LineEnd.init(rawValue:)) { lineEnd = end.text }
    finalLineEnd = metadata["csv.finalLineEnd"] != "no"
    // A line that does not begin as a comment may would be read as one of data.
    preamble = (metadata["csv.preamble"] ?? "").split(separator: "\n", omittingEmptySubsequences: false)
      .filter { line in line.utf8.first.map { $0 != quote && $0 != separator && Self.mayBeginComment($0) } ?? false }
      .joined(separator: "\n")
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
        cells = .list(metadata["csv.list"].flatMap(ListStyle.init(code:)).flatMap { fits($0) ? $0 : nil } ?? usualList)
      }
    }
    // A spelling that the converter would not read as what it stands for is not its own.
    func spelling(_ key: String, _ usual: String, _ isRight: (DecimalText) -> Bool) -> [UInt8] {
      let bytes = Array((metadata[key] ?? usual).utf8)
      let number = unsafe bytes.withUnsafeBytes { unsafe DecimalText($0, point: point) }
      return number.map(isRight) == true ? bytes : Array(usual.utf8)
    }
    var (yes, no) = (metadata["csv.true"] ?? "true", metadata["csv.false"] ?? "false")
    if (yes, no) != ("1", "0"), (yes.lowercased(), no.lowercased()) != ("true", "false") {
      (yes, no) = ("true", "false")
    }
    return Column(
      field: index, path: field.path, cells: cells, headers: headers,
      format: metadata["csv.format"].flatMap(NumberFormat.init(metadata:)) ?? .shortest,
      nan: spelling("csv.nan", "nan") { $0.isNaN },
      infinity: spelling("csv.inf", "inf") { $0.isInfinite && $0.spelling.isDisjoint(with: [.negative, .plus]) },
      null: Array((metadata["csv.null"] ?? "").utf8),
      yes: Array(yes.utf8), no: Array(no.utf8), labels: field.labels.map { Array($0.utf8) })
  }

  private static func mayBeginComment(_ byte: UInt8) -> Bool {
    (0x21..<0x7F).contains(byte) && !Unicode.Scalar(byte).properties.isAlphabetic && !DecimalText.mayHold(byte)
  }

  static func isNumber(_ text: [UInt8], point: UInt8) -> Bool {
    unsafe text.withUnsafeBytes { unsafe DecimalText($0, point: point) != nil }
  }

  /// Whether elements written in a style can be told apart, in a cell that can be told from its neighbours.
  private func fits(_ style: ListStyle) -> Bool {
    guard [0x20, 0x2C, 0x3B, 0x7C].contains(style.separator), style.separator != point else { return false }
    guard style.glue.utf8.allSatisfy({ $0 == style.separator || $0 == 0x20 || $0 == 0x09 }) else { return false }
    return quote != nil || !style.glue.utf8.contains(separator)
  }

  /// `[1, 2]`, or what comes closest to it.
  private var usualList: ListStyle {
    let styles = [
      ListStyle(open: 0x5B, separator: 0x2C, glue: ", "), ListStyle(open: 0x5B, separator: 0x3B, glue: ";"),
      ListStyle(open: 0x5B, separator: 0x20, glue: " "), ListStyle(open: 0x5B, separator: 0x7C, glue: "|"),
    ]
    return styles.first(where: fits) ?? styles[0]
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
