extension LookupPlan {
  /// One page as LOOKUP; nil where the stream is no target, or the page would not be smaller than its values.
  ///
  /// - Parameters:
  ///   - index: the page's stream, `page` its number in it.
  ///   - elements: which elements of the columns the page holds.
  ///   - columns: the columns of all streams of the cluster.
  func encode(
    _ index: Int, page: Int, elements: Range<Int>, columns: [ColumnValues], options: EncodingOptions
  ) -> EncodedPage? {
    guard let way = ways[index], !elements.isEmpty else { return nil }
    let values = Self.page(columns[index], elements)
    let bytes = AlignedBytes()
    var hasCompressed = false
    switch way {
    case .map(let map):
      if page == 0 {
        hasCompressed = LookupPage.append(map, options, to: bytes)
      } else {
        LookupPage(.map, keys: map.keys.map(\.stream)).append(to: bytes)
      }
    case .carry(let key):
      LookupPage(.carry, keys: [key]).append(to: bytes)
      let residuals = LookupCarry.residuals(values, keys: Self.page(columns[key], elements))
      let words = unsafe NumberPage(
        residuals.base, count: values.count, type: .unsigned(width: values.type.byteWidth), rowLength: 1)
      hasCompressed = ChildPage.write(words, below: Encoding.lookup.level, options, into: bytes)
      withExtendedLifetime(residuals) {}
    }
    if bytes.count > elements.count * values.type.byteWidth { return nil }
    let candidate = EncodingChoice.Candidate(encoding: .lookup, bytes: bytes)
    return PageRecipe.finish(candidate, hasCompressed: hasCompressed, options, PageStatistics(values))
  }

  /// The plan without the ways that do not pay: where the pages would not be smaller than those of the other encodings,
  /// judged by a page from the middle, and where page 0, by which a reader knows the keys, cannot be looked up.
  ///
  /// - Parameters:
  ///   - pages: for each stream, the elements of its pages.
  ///   - options: of each stream.
  ///   - alone: a page by the other encodings.
  func keepingWhatPays(
    pages: [[Range<Int>]], columns: [ColumnValues], options: [EncodingOptions],
    alone: (_ stream: Int, _ elements: Range<Int>) -> EncodedPage
  ) -> LookupPlan {
    var kept = self
    for index in ways.indices {
      guard let way = ways[index] else { continue }
      let ranges = pages[index]
      let middle = ranges.count / 2
      func page(_ number: Int) -> EncodedPage? {
        encode(index, page: number, elements: ranges[number], columns: columns, options: options[index])
      }
      guard let first = page(0) else {
        kept.drop(index)
        continue
      }
      let usual = alone(index, ranges[middle]).stored.count
      let pays =
        switch way {
        case .map(let map): first.stored.count + (ranges.count - 1) * (2 + 4 * map.keys.count) < usual * ranges.count
        case .carry: page(middle).map { $0.stored.count < usual } ?? false
        }
      if !pays { kept.drop(index) }
    }
    return kept
  }

  private static func page(_ column: ColumnValues, _ elements: Range<Int>) -> NumberPage {
    unsafe NumberPage(
      column.storage.base + elements.lowerBound * column.type.byteWidth, count: elements.count, type: column.type,
      rowLength: 1)
  }
}

extension ScalarType {
  /// The unsigned integer of a width in bytes: the type of words.
  static func unsigned(width: Int) -> ScalarType {
    switch width {
    case 1: .uint8
    case 2: .uint16
    case 4: .uint32
    default: .uint64
    }
  }
}
