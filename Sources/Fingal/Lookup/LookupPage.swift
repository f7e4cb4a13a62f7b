/// The head of a LOOKUP page (`FORMAT.md §6.14`): which form, and which streams are the keys.
///
/// A LOOKUP page cannot be decoded alone: it needs the elements of its key streams for its events, and, in the form of a
/// map, the table in page 0 of its own stream.
struct LookupPage: Sendable, Equatable {
  enum Form: UInt8, Sendable {
    /// Values of a table, by the keys.
    case map = 0
    /// Differences, beside steps where the key does not go up.
    case carry = 1
  }

  var form: Form
  /// Indices of streams in the cluster.
  var keys: [Int]

  var headLength: Int { 2 + 4 * keys.count }

  func append(to bytes: AlignedBytes) {
    bytes.append(form.rawValue)
    bytes.append(UInt8(keys.count))
    for key in keys { bytes.append(UInt32(key)) }
  }

  init(_ form: Form, keys: [Int]) {
    self.form = form
    self.keys = keys
  }

  /// - Parameters:
  ///   - streams: the streams of the cluster.
  ///   - target: which of them the page belongs to.
  /// - Throws: `damaged` if the keys cannot be keys of that stream.
  init(_ reader: inout ByteReader, streams: [Stream], target: Int) throws(FingalError) {
    let stream = streams[target]
    guard stream.canBeLookup else {
      let what = stream.type == .string ? "strings" : stream.rowLength > 1 ? "tensors" : "counts and validities"
      throw damagedPage("\(what) cannot be LOOKUP")
    }
    guard let form = Form(rawValue: try reader.read(UInt8.self, "form")) else {
      throw damagedPage("a form of LOOKUP that does not exist")
    }
    let count = Int(try reader.read(UInt8.self, "number of keys"))
    guard count >= 1, count <= (form == .carry ? 1 : LookupMap.maximumKeys) else {
      throw damagedPage("\(count) keys")
    }
    var keys: [Int] = []
    for _ in 0..<count {
      let key = Int(try reader.read(UInt32.self, "keys"))
      guard key < streams.count, key != target, !keys.contains(key), streams[key].canBeKey,
        streams[key].collection == streams[target].collection
      else { throw damagedPage("stream \(key) cannot be its key") }
      keys.append(key)
    }
    guard form == .map || stream.type.isKeyType else {
      throw damagedPage("\(stream.type) values cannot be looked up that way")
    }
    self.form = form
    self.keys = keys
  }

  // MARK: Maps

  /// Writes what page 0 of a map holds: keys' bounds and the table.
  ///
  /// - Returns: whether something of it is compressed already.
  static func append(_ map: LookupMap, _ options: EncodingOptions, to bytes: AlignedBytes) -> Bool {
    LookupPage(.map, keys: map.keys.map(\.stream)).append(to: bytes)
    for key in map.keys {
      bytes.append(key.low)
      bytes.append(UInt32(key.extent))
    }
    let table = map.table
    let page = unsafe NumberPage(table.storage.base, count: table.count, type: table.type, rowLength: 1)
    return ChildPage.write(page, below: Encoding.lookup.level, options, into: bytes)
  }

  /// Reads the bounds of the keys and the table behind the head of page 0.
  func map(_ reader: inout ByteReader, type: ScalarType) throws(FingalError) -> LookupMap {
    var known: [LookupKey] = []
    for key in keys {
      let low = try reader.read(Int64.self, "bounds of a key")
      let extent = Int(try reader.read(UInt32.self, "bounds of a key"))
      known.append(LookupKey(stream: key, low: low, extent: extent))
    }
    guard let entries = LookupMap.entries(known) else { throw damagedPage("a table of too many entries") }
    let table = ColumnValues(type)
    let target = unsafe NumberTarget(table.extend(by: entries), count: entries, type: type, rowLength: 1)
    try ChildPage.read(&reader, into: target, below: Encoding.lookup.level)
    try reader.finish()
    return LookupMap(keys: known, table: table)
  }
}

extension ScalarType {
  /// Whether values of the type may be keys, or carry: whole numbers.
  var isKeyType: Bool { isInteger || self == .bool || self == .enumeration }
}

extension Stream {
  /// Values that stand one by one and are numbers; validities and counts have better encodings.
  var canBeLookup: Bool {
    guard case .values = role else { return false }
    return type.isNumeric && rowLength == 1
  }

  var canBeKey: Bool { canBeLookup && type.isKeyType }
}
