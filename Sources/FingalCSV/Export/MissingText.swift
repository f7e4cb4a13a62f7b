import Fingal

/// The text that a column had for missing values stands for nothing else in the file it came from. In a merged file, or
/// one that was appended to, some value may be written just so, and would be read back as missing.
struct MissingText {
  let file: EventFile
  let schema: Schema

  /// Writes missing numbers as empty cells where their own text is also that of a value.
  ///
  /// - Throws: `badInput` naming an event where that cannot be done, because an empty cell is a text, too.
  func settle(_ plan: inout ExportPlan) throws(FingalError) {
    for position in plan.columns.indices {
      if let text = try textForMissing(position, plan) {
        plan.notes.append(
          "missing texts of column '\(plan.columns[position].path)' are written as '\(text)', since an empty text is a value;"
            + " read them back with --null '\(text)'")
        plan.columns[position].null = Array(text.utf8)
      }
    }
    for position in plan.columns.indices where try collides(position, plan) {
      plan.notes.append(
        "missing values of column '\(plan.columns[position].path)' are written as empty cells: the recorded text"
          + " '\(String(decoding: plan.columns[position].null, as: UTF8.self))' is also a value")
      plan.columns[position].null = []
    }
  }

  /// Whether nothing at all is read as a missing number: but between blanks it is not even seen.
  private static func mayBeEmpty(_ cells: ExportPlan.Cells) -> Bool {
    switch cells {
    case .event, .element, .nested, .tensor: true
    case .list(let style): style.separator != 0x20
    }
  }

  /// A text for the missing texts of a column for which none is recorded; nil where nothing is missing.
  private func textForMissing(_ position: Int, _ plan: ExportPlan) throws(FingalError) -> String? {
    let column = plan.columns[position]
    let field = schema.fields[column.field]
    guard field.type == .string, field.nullable, column.null.isEmpty else { return nil }
    var free = ["NA", "null", "NULL", "missing", "<missing>"].map { Array($0.utf8) }
    var isMissing = false
    let batches = try file.batches(columns: [field.path])
    while let batch = try batches.next() {
      let values = batch.columns[0]
      for i in 0..<values.count {
        if values.isNull(i) {
          isMissing = true
        } else if let place = free.firstIndex(where: { unsafe values.utf8(i).elementsEqual($0) }) {
          free.remove(at: place)
        }
      }
    }
    if !isMissing { return nil }
    guard let text = free.first else {
      throw FingalError(
        .badInput, "column '\(field.path)' has missing texts, and every usual word for them is also a value",
        file: file.path, advice: "leave the column out with --columns, or use `fingal dump --format json`")
    }
    return String(decoding: text, as: UTF8.self)
  }

  private func collides(_ position: Int, _ plan: ExportPlan) throws(FingalError) -> Bool {
    let column = plan.columns[position]
    let field = schema.fields[column.field]
    guard field.nullable, !column.null.isEmpty else { return false }
    let isText = field.type == .string
    if field.type == .enumeration { return column.labels.contains(column.null) }
    if !isText, !ExportPlan.isNumber(column.null, point: plan.point), column.null != column.yes,
      column.null != column.no
    {
      return false
    }
    let batches = try file.batches(columns: [field.path])
    let scratch = AlignedBytes()
    while let batch = try batches.next() {
      let values = batch.columns[0]
      let writer = CellWriter(
        column, values, plan, isTensor: !field.shape.isEmpty, position: 0, misfits: ExportMisfits(columns: 1))
      for i in 0..<values.count where !values.isNull(i) {
        if isText {
          if unsafe !values.utf8(i).elementsEqual(column.null) { continue }
        } else {
          scratch.removeAll()
          writer.write(i, to: scratch)
          if unsafe !scratch.bytes.elementsEqual(column.null) { continue }
        }
        if !isText, Self.mayBeEmpty(column.cells) { return true }
        let event = field.collection.flatMap { batch.schema.collectionIndex($0) }.map { collection in
          let borders = batch.elementBorders[collection]
          return (0..<batch.eventCount).first { borders[$0..<$0 + 1].contains(i / field.elementsPerValue) } ?? 0
        }
        throw FingalError(
          .badInput,
          "event \(batch.eventNumber(at: event ?? i / field.elementsPerValue)) has the value"
            + " '\(String(decoding: column.null, as: UTF8.self))' in column '\(field.path)', which is the recorded text of"
            + " its missing values", file: file.path,
          advice: "leave the column out with --columns, or use `fingal dump --format json`")
      }
    }
    return false
  }
}
