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

  init(_ column: ExportPlan.Column, _ source: ColumnValues, _ plan: ExportPlan, isTensor: Bool) {
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
      NumberWriter.append(value, column.format, point: point, to: out)
    case .float64(let values):
      let value = unsafe values[index]
      if !value.isFinite { return special(value, out) }
      NumberWriter.append(value, column.format, point: point, to: out)
    case .bool(let values): append(unsafe values[index] != 0 ? column.yes : column.no, out)
    case .string: unsafe Quoting.append(source.utf8(index), separator: separator, quote: quote, to: out)
    case .labels(let values): appendText(column.labels[Int(unsafe values[index])], out)
    }
  }

  private func special(_ value: Double, _ out: AlignedBytes) {
    if value.isNaN { return append(column.nan, out) }
    if value < 0 { out.append(0x2D as UInt8) }
    append(column.infinity, out)
  }

  private func appendText(_ bytes: [UInt8], _ out: AlignedBytes) {
    unsafe bytes.withUnsafeBytes { unsafe Quoting.append($0, separator: separator, quote: quote, to: out) }
  }

  private func append(_ bytes: [UInt8], _ out: AlignedBytes) {
    unsafe bytes.withUnsafeBytes { unsafe out.append($0) }
  }
}

/// Quotes around text that would be read as something else without them.
enum Quoting {
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
