import ArgumentParser
import Fingal

/// `fingal pages`: the layout of a file, page by page.
struct PagesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pages",
    abstract: "The layout page by page: events, place, size, encoding, codec, range.",
    discussion: """
      In the order of the file. The byte is where the stored page begins in the file; encoded is its size before the \
      codec, raw that of the decoded values. The digest stands at the first page of a column in a cluster and is that of \
      all its values there; equal values have equal digests, however they are encoded. Nothing is decoded. --inside reads the \
      pages and shows the encodings that others hold inside, as ALP(BYTE_SPLIT).

      EXAMPLES:
        fingal pages run12.fingal
        fingal pages run12.fingal hits.energy --inside
        fingal pages run12.fingal --json | jq 'map(select(.encoding == "PLAIN"))'
      """
  )

  @Argument(help: ArgumentHelp("The Fingal file.", valueName: "file"))
  var path: String

  @Argument(help: ArgumentHelp("One column, or a collection with its counts and columns.", valueName: "column"))
  var column: String?

  @Flag(help: "Show the encodings inside of encodings, too.")
  var inside = false

  @Flag(help: "Print a JSON array, one object a page.")
  var json = false

  func run() throws {
    let file = try EventFile(opening: path)
    let chosen = try chosenStreams(of: file)
    let output = Output()
    if json {
      var reports: [PageReport] = []
      try forEachPage(of: file, chosen) { (page) throws(FingalError) in reports.append(PageReport(page)) }
      try output.line(jsonText(reports))
    } else {
      var table = TextTable([
        ("column", .left), ("events", .left), ("byte", .right), ("stored", .right), ("encoded", .right),
        ("raw", .right), ("encoding", .left), ("codec", .left), ("min", .right), ("max", .right), ("nans", .right),
        ("nulls", .right), ("digest", .left),
      ])
      try forEachPage(of: file, chosen) { (page) throws(FingalError) in
        let row = page.row
        let extremes = row.bounds.map { boundsText($0, page.stream.type) }
        table.append([
          page.name, "\(page.events.lowerBound)..<\(page.events.upperBound)", "\(page.byte)", "\(row.storedLength)",
          "\(row.encodedLength)", "\(row.decodedLength)", page.encoding, codecName(row.codec),
          extremes?.minimum ?? "–", extremes?.maximum ?? "–", "\(row.nanCount)", "\(row.nullCount)",
          page.index == 0 ? page.digestText : "",
        ])
      }
      for line in table.lines { try output.line(line) }
    }
    try output.flush()
  }

  /// The streams that the argument names; all without one.
  private func chosenStreams(of file: EventFile) throws(FingalError) -> Set<Int> {
    guard let column else { return Set(file.streams.indices) }
    let schema = try naming(path) { () throws(FingalError) in try file.schema.projected(to: [column]) }
    let fields = Set(schema.fields.map(\.path))
    return Set(
      file.streams.indices.filter { index in
        switch file.streams[index].role {
        case .counts(let collection): file.schema.collections[collection].name == column
        case .validity(let field), .values(let field): fields.contains(file.schema.fields[field].path)
        }
      })
  }

  struct Page {
    var name: String
    var stream: Fingal.Stream
    var events: Range<Int>
    var byte: Int
    var row: PageRow
    var cluster: Int
    /// Among the pages of its column in the cluster.
    var index: Int
    var digest: StreamDigest
    var encoding: String

    var digestText: String {
      let digits = String(digest.value, radix: 16)
      return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
  }

  private func forEachPage(
    of file: EventFile, _ chosen: Set<Int>, _ body: (Page) throws(FingalError) -> Void
  ) throws(FingalError) {
    for (index, cluster) in file.clusters.enumerated() {
      let directory = try file.directory(ofCluster: index)
      for (position, stream) in directory.streams.enumerated() where chosen.contains(position) {
        let name = file.schema.name(of: file.streams[position])
        for (page, row) in stream.pages.enumerated() {
          let events = directory.events(ofPage: page, shift: stream.shift)
          let encoding =
            try inside ? file.outline(ofPage: page, stream: position, cluster: index) : encodingName(row.encoding)
          let first = cluster.events.lowerBound
          try body(
            Page(
              name: name, stream: file.streams[position],
              events: first + events.lowerBound..<first + events.upperBound, byte: cluster.offset + row.offset,
              row: row,
              cluster: index, index: page, digest: stream.digest, encoding: encoding
            ))
        }
      }
    }
  }
}

/// One page of `fingal pages --json`. Sizes are bytes.
struct PageReport: Encodable {
  var column: String
  var cluster: Int
  var firstEvent: Int
  var eventCount: Int
  var byte: Int
  var stored: Int
  var encoded: Int
  var decoded: Int
  var elements: Int
  var encoding: String
  var codec: String
  var minimum: BoundValue?
  var maximum: BoundValue?
  var nans: Int
  var nulls: Int
  /// 16 hexadecimal digits: of all values of the column in this cluster.
  var digest: String

  init(_ page: PagesCommand.Page) {
    column = page.name
    firstEvent = page.events.lowerBound
    eventCount = page.events.count
    byte = page.byte
    stored = page.row.storedLength
    encoded = page.row.encodedLength
    decoded = page.row.decodedLength
    elements = page.row.elements
    encoding = page.encoding
    codec = codecName(page.row.codec)
    (minimum, maximum) = boundValues(page.row.bounds, page.stream.type)
    nans = page.row.nanCount
    nulls = page.row.nullCount
    cluster = page.cluster
    digest = page.digestText
  }
}
