import Fingal

/// What the directories of a file say of one stream of pages, added up over its clusters. Nothing is decoded for it.
struct ColumnFacts {
  let name: String
  let stream: Fingal.Stream
  /// Nil for a counts column.
  let field: Schema.Field?

  var pages = 0
  var elements = 0
  var stored = 0
  var decoded = 0
  var nulls = 0
  var nans = 0
  var bounds: Bounds?
  /// Decoded bytes by encoding and by codec, ids in order.
  var byEncoding: [UInt8: Int] = [:]
  var byCodec: [UInt8: Int] = [:]

  /// The facts of every stream, in the order of the file.
  ///
  /// - Throws: `damaged`, `truncated` where a directory cannot be read.
  static func all(of file: EventFile) throws(FingalError) -> [ColumnFacts] {
    let schema = file.schema
    var facts = file.streams.map { stream in
      var field: Schema.Field?
      switch stream.role {
      case .counts: field = nil
      case .validity(let index), .values(let index): field = schema.fields[index]
      }
      return ColumnFacts(name: schema.name(of: stream), stream: stream, field: field)
    }
    for cluster in file.clusters.indices {
      let directory = try file.directory(ofCluster: cluster)
      for (index, stream) in directory.streams.enumerated() {
        for row in stream.pages { facts[index].add(row) }
      }
    }
    return facts
  }

  private init(name: String, stream: Fingal.Stream, field: Schema.Field?) {
    self.name = name
    self.stream = stream
    self.field = field
  }

  private mutating func add(_ row: PageRow) {
    pages += 1
    elements += row.elements
    stored += row.storedLength
    decoded += row.decodedLength
    nulls += row.nullCount
    nans += row.nanCount
    if let bound = row.bounds { bounds = bounds.map { $0.union(bound) } ?? bound }
    byEncoding[row.encoding, default: 0] += row.decodedLength
    byCodec[row.codec, default: 0] += row.decodedLength
  }

  var isValues: Bool { if case .values = stream.role { true } else { false } }
  var isCounts: Bool { if case .counts = stream.role { true } else { false } }

  /// `float32`, `float32 28×13×13`, `uint32` for counts.
  var type: String { isValues ? field.map(typeName) ?? "" : stream.type.rawValue }

  /// `ALP 97 % PLAIN 3 %`, by decoded bytes, largest first; one name alone where there is only one.
  var encodingMix: String { Self.mix(byEncoding, encodingName) }
  var codecMix: String { Self.mix(byCodec, codecName) }

  private static func mix(_ parts: [UInt8: Int], _ name: (UInt8) -> String) -> String {
    let whole = parts.values.reduce(0, +)
    let sorted = parts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    if sorted.count == 1 || whole == 0 { return sorted.first.map { name($0.key) } ?? "–" }
    return sorted.map { "\(name($0.key)) \(Numbers.percent($0.value, of: whole))" }.joined(separator: " ")
  }

  /// Smallest and largest value as the column's type prints them; nil for strings and where all are NaN.
  var extremes: (minimum: String, maximum: String)? {
    bounds.map { boundsText($0, stream.type) }
  }
}
