internal import Fingal

/// The blocks of all files of a data set, numbered file after file: runs of events that share their pages, the unit that
/// is read, cached and permuted.
struct BlockTable: Sendable {
  /// Borders in numbers of the data set, 0 first: block b holds the events from border b to the next one.
  private let borders: [Int]
  /// For each block, its file.
  private let files: [Int32]
  /// For each file, the number of its first event in the data set.
  let fileStarts: [Int]
  /// For each 2^cellShift events, the block that holds the first of them: where the search for an event begins.
  private let cells: [Int32]
  private let cellShift: Int
  /// The most hits an event (or pixels a tensor) of the column of values, as the average of a cluster.
  let elementsPerEvent: Int
  /// Elements of the column of values in all files.
  let elements: Int

  /// - Parameter columns: what will be read, the column of values first.
  /// - Throws: `damaged` if a directory is; `usage` for an unknown column.
  init(_ dataSet: DataSet, columns: [String], blockEvents: Int) throws(FingalError) {
    var borders = [0]
    var files: [Int32] = []
    var fileStarts: [Int] = []
    var most = 0
    var total = 0
    for (index, file) in dataSet.files.enumerated() {
      let start = borders.last ?? 0
      fileStarts.append(start)
      for border in try file.blocks(of: columns, maximumEvents: blockEvents).dropFirst() {
        borders.append(start + border)
        files.append(Int32(index))
      }
      guard let field = file.schema.fieldIndex(columns[0]),
        let stream = file.streams.firstIndex(where: { $0.role == .values(field: field) })
      else { throw FingalError(.usage, "there is no column '\(columns[0])'", file: file.path) }
      for (number, cluster) in file.clusters.enumerated() {
        let elements = try file.directory(ofCluster: number).streams[stream].pages.reduce(0) { $0 + $1.elements }
        total += elements
        most = max(most, (elements + cluster.events.count - 1) / max(1, cluster.events.count))
      }
    }
    self.borders = borders
    self.files = files
    self.fileStarts = fileStarts
    elementsPerEvent = most
    elements = total
    // About as many cells as blocks: a cell then holds few borders.
    let events = borders.last ?? 0
    var shift = 0
    while events >> shift > max(1, files.count) { shift += 1 }
    cellShift = shift
    var cells: [Int32] = []
    var block = 0
    var cell = 0
    for border in borders.dropFirst() {
      while cell << shift < border {
        cells.append(Int32(block))
        cell += 1
      }
      block += 1
    }
    self.cells = cells
  }

  var count: Int { files.count }
  var eventCount: Int { borders.last ?? 0 }

  func file(of block: Int) -> Int { Int(files[block]) }

  /// In numbers of the data set.
  @inline(__always)
  func events(of block: Int) -> Range<Int> {
    precondition(block >= 0 && block < files.count)
    let next = block + 1
    return borders[block]..<borders[next]
  }

  /// The events of a block in numbers of its file.
  func eventsInFile(of block: Int) -> Range<Int> {
    let events = events(of: block)
    let start = fileStarts[file(of: block)]
    return events.lowerBound - start..<events.upperBound - start
  }

  /// Where an event lies.
  @inline(__always)
  func place(of event: Int) -> (block: Int, offset: Int) {
    var block = Int(cells[event >> cellShift])
    var events = events(of: block)
    while event >= events.upperBound {
      block += 1
      events = self.events(of: block)
    }
    return (block, event - events.lowerBound)
  }
}
