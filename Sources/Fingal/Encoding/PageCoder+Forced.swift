extension PageCoder {
  /// The elements of a column by one encoding of floats, whatever it costs; nil where that encoding gives up. For the
  /// tests: the writer chooses by size, and would leave most kinds of values untried.
  package static func encoded(
    _ values: ColumnValues, as encoding: Encoding, options: EncodingOptions = .init()
  ) -> [UInt8]? {
    let page = unsafe NumberPage(values.storage.base, count: values.count, type: values.type, rowLength: 1)
    var guide = EncodingGuide(choosing: encoding, options)
    let bytes =
      switch encoding {
      case .alp: ALPEncoding.encode(page, &guide)
      case .alpRightDigits: ALPRDEncoding.encode(page, &guide)
      case .decimal: DecimalEncoding.encode(page, &guide)
      default: nil as AlignedBytes?
      }
    guard let bytes else { return nil }
    return unsafe Array(bytes.bytes)
  }
}
