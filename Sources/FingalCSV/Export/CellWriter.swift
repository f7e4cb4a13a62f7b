import Fingal

/// Writes the values of one column as text, with the type decided once a column and not once a value.
@safe
struct CellWriter {
  @safe
  private enum Values {
    case int8(UnsafeMutableBufferPointer<Int8>)
    case int16(UnsafeMutableBufferPointer<Int16>)
    case int32(UnsafeMutableBufferPointer<Int32>)
    case int64(UnsafeMutableBufferPointer<Int64>)
    case uint8(UnsafeMutableBufferPointer<UInt8>)
    case uint16(UnsafeMutableBufferPointer<UInt16>)
    case uint32(UnsafeMutableBufferPointer<UInt32>)
    case uint64(UnsafeMutableBufferPointer<UInt64>)
    case float32(UnsafeMutableBufferPointer<Float>)
    case float64(UnsafeMutableBufferPointer<Double>)
    case bool(UnsafeMutableBufferPointer<UInt8>)
    case string
    case labels(UnsafeMutableBufferPointer<UInt16>)
  }

  private let column: ExportPlan.Column
  private let source: ColumnValues
  private let values: Values
  private let hasNulls: Bool
  private let separator: UInt8
  private let quote: UInt8?
  private let point: UInt8
  let isTensor: Bool
  /// The column's place in the plan, and where it notes what did not fit.
  private let position: Int
  private let misfits: ExportMisfits
  /// The plan, if nothing is quoted: a text that would need it must be noticed.
  private let unquoted: ExportPlan?
  private let isLast: Bool
  /// Whether the format may change a value, so that its text must be read back.
  private let isChecked: Bool

  init(
    _ column: ExportPlan.Column, _ source: ColumnValues, _ plan: ExportPlan, isTensor: Bool, position: Int,
    misfits: ExportMisfits
  ) {
    self.position = position
    self.misfits = misfits
    unquoted = plan.quote == nil ? plan : nil
    isLast = position == plan.columns.count - 1
    isChecked = !column.format.holdsEveryValue(ofFloat32: source.type == .float32)
    self.isTensor = isTensor
    self.column = column
    self.source = source
    hasNulls = source.nullCount > 0
    separator = plan.separator
    quote = plan.quote
    point = plan.point
    switch source.type {
    case .int8: unsafe values = .int8(source.unsafeValues())
    case .int16: unsafe values = .int16(source.unsafeValues())
    case .int32: unsafe values = .int32(source.unsafeValues())
    case .int64: unsafe values = .int64(source.unsafeValues())
    case .uint8: unsafe values = .uint8(source.unsafeValues())
    case .uint16: unsafe values = .uint16(source.unsafeValues())
    case .uint32: unsafe values = .uint32(source.unsafeValues())
    case .uint64: unsafe values = .uint64(source.unsafeValues())
    case .float32: unsafe values = .float32(source.unsafeValues())
    case .float64: unsafe values = .float64(source.unsafeValues())
    case .bool: unsafe values = .bool(source.unsafeValues())
    case .string: values = .string
    case .enumeration: unsafe values = .labels(source.unsafeValues())
    }
  }

  /// Writes one value, quoted if it must be.
  func write(_ index: Int, to out: AlignedBytes) {
    if hasNulls && source.isNull(index) { return appendText(column.null, out) }
    switch values {
    case .int8(let values): unsafe NumberWriter.append(values[index], to: out)
    case .int16(let values): unsafe NumberWriter.append(values[index], to: out)
    case .int32(let values): unsafe NumberWriter.append(values[index], to: out)
    case .int64(let values): unsafe NumberWriter.append(values[index], to: out)
    case .uint8(let values): unsafe NumberWriter.append(values[index], to: out)
    case .uint16(let values): unsafe NumberWriter.append(values[index], to: out)
    case .uint32(let values): unsafe NumberWriter.append(values[index], to: out)
    case .uint64(let values): unsafe NumberWriter.append(values[index], to: out)
    case .float32(let values):
      let value = unsafe values[index]
      if !value.isFinite { return special(Double(value), out) }
      let start = out.count
      NumberWriter.append(value, column.format, point: point, to: out)
      if isChecked, readsFloat32(out, from: start)?.bitPattern != value.bitPattern {
        out.removeLast(out.count - start)
        NumberWriter.append(value, .shortest, point: point, to: out)
        misfits.noteNumber(position)
      }
    case .float64(let values):
      let value = unsafe values[index]
      if !value.isFinite { return special(value, out) }
      let start = out.count
      NumberWriter.append(value, column.format, point: point, to: out)
      if isChecked, readsFloat64(out, from: start)?.bitPattern != value.bitPattern {
        out.removeLast(out.count - start)
        NumberWriter.append(value, .shortest, point: point, to: out)
        misfits.noteNumber(position)
      }
    case .bool(let values): append(unsafe values[index] != 0 ? column.yes : column.no, out)
    case .string: unsafe appendText(source.utf8(index), out)
    case .labels(let values): appendText(column.labels[Int(unsafe values[index])], out)
    }
  }

  /// What the converter reads in the text from `start` on.
  @inline(__always)
  private func readsFloat64(_ out: AlignedBytes, from start: Int) -> Double? {
    // The short way looks at 16 bytes, whatever the length.
    out.reserve(out.count + 16)
    return unsafe NumberText.float64(padded: UnsafeRawBufferPointer(rebasing: out.bytes[start...]), point: point)
  }

  @inline(__always)
  private func readsFloat32(_ out: AlignedBytes, from start: Int) -> Float? {
    out.reserve(out.count + 16)
    return unsafe NumberText.float32(padded: UnsafeRawBufferPointer(rebasing: out.bytes[start...]), point: point)
  }

  private func special(_ value: Double, _ out: AlignedBytes) {
    if value.isNaN { return append(column.nan, out) }
    if value < 0 { out.append(0x2D as UInt8) }
    append(column.infinity, out)
  }

  private func appendText(_ bytes: [UInt8], _ out: AlignedBytes) {
    unsafe bytes.withUnsafeBytes { unsafe appendText($0, out) }
  }

  private func appendText(_ text: UnsafeRawBufferPointer, _ out: AlignedBytes) {
    if let unquoted, unsafe Quoting.breaks(text, unquoted, isLast: isLast) { misfits.noteText(position) }
    unsafe Quoting.append(text, separator: separator, quote: quote, to: out)
  }

  private func append(_ bytes: [UInt8], _ out: AlignedBytes) {
    unsafe bytes.withUnsafeBytes { unsafe out.append($0) }
  }
}

/// Quotes around text that would be read as something else without them.
enum Quoting {
  /// Whether a text without quotes would not be read as one field.
  ///
  /// - Parameter isLast: the field ends the line. A carriage return there is part of the line's end; elsewhere it is text,
  ///   unless lines end with it.
  static func breaks(_ text: UnsafeRawBufferPointer, _ plan: ExportPlan, isLast: Bool) -> Bool {
    let inBlanks = plan.separator == 0x20
    if inBlanks && text.count == 0 { return true }
    let terminator: UInt8 = plan.lineEnd == "\r" ? 0x0D : 0x0A
    for i in 0..<text.count {
      let byte = unsafe text[i]
      if byte == plan.separator || byte == terminator || (inBlanks && byte == 0x09) { return true }
    }
    return unsafe isLast && text.count > 0 && text[text.count - 1] == 0x0D
  }

  /// - Parameter quote: nil where the file has no quotes: the text stands as it is.
  static func append(_ text: UnsafeRawBufferPointer, separator: UInt8, quote: UInt8?, to out: AlignedBytes) {
    guard let quote else { return unsafe out.append(text) }
    // A `#` may begin a comment line. Where runs of blanks separate, a tab does too, and nothing at all is no field.
    let inBlanks = separator == 0x20
    var needed = unsafe text.count > 0 ? text[0] == 0x23 : inBlanks
    if !needed {
      for i in 0..<text.count {
        let byte = unsafe text[i]
        if byte == separator || byte == quote || byte == 0x0A || byte == 0x0D || (inBlanks && byte == 0x09) {
          needed = true
          break
        }
      }
    }
    if needed { unsafe appendQuoted(text, quote: quote, to: out) } else { unsafe out.append(text) }
  }

  static func appendQuoted(_ text: UnsafeRawBufferPointer, quote: UInt8, to out: AlignedBytes) {
    out.append(quote)
    for i in 0..<text.count {
      let byte = unsafe text[i]
      if byte == quote { out.append(quote) }
      out.append(byte)
    }
    out.append(quote)
  }
}
