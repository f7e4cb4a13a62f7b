internal import Fingal

/// Reads the events of a block that pass: the columns of the cut first, the others where something is left.
struct SelectiveReader: Sendable {
  let file: EventFile
  let condition: BoundExpression
  let output: EventFile.Projection
  let tally: ReadTally
  /// What the cut needs: its columns, and of collections that are only counted the counts.
  let predicate: EventFile.Projection
  /// The streams of the cut, and those of cut and output together.
  let predicateStreams: [Int]
  let allStreams: [Int]
  /// For each field of the file, the stream of its values; for each collection, that of its counts.
  let valueStreams: [Int]
  let countStreams: [Int]
  /// The fields that the cut names, and the collections, by their names.
  private let places: [String: Int]
  private let collectionPlaces: [String: Int]
  /// Columns of the output that the cut has read anyway: position in the output, position in the cut.
  private let sharedColumns: [(output: Int, predicate: Int)]
  private let sharedCounts: [(output: Int, predicate: Int)]

  init(file: EventFile, condition: BoundExpression, output: EventFile.Projection, tally: ReadTally) {
    self.file = file
    self.condition = condition
    self.output = output
    self.tally = tally
    let schema = file.schema
    var fields = Set<Int>()
    var collections = Set<Int>()
    var places: [String: Int] = [:]
    for node in condition.nodes {
      switch node.operation {
      case .column(let path):
        guard let index = places[path] ?? schema.fieldIndex(path) else {
          preconditionFailure("checked against the schema")
        }
        fields.insert(index)
        places[path] = index
        if let name = schema.fields[index].collection { collections.formUnion(schema.chain(of: name)) }
      case .collection(let name): collections.formUnion(schema.chain(of: name))
      default: break
      }
    }
    self.places = places
    collectionPlaces = Dictionary(uniqueKeysWithValues: collections.map { (schema.collections[$0].name, $0) })
    let predicate = EventFile.Projection(fields: fields.sorted(), collections: collections.sorted(), of: file)
    self.predicate = predicate
    predicateStreams = file.streams(of: predicate)
    allStreams = Set(predicateStreams).union(file.streams(of: output)).sorted()
    let streams = file.streams
    valueStreams = streams.indices.filter { if case .values = streams[$0].role { true } else { false } }
    countStreams = streams.indices.filter { if case .counts = streams[$0].role { true } else { false } }
    let read = Dictionary(uniqueKeysWithValues: predicate.fields.enumerated().map { ($1, $0) })
    sharedColumns = output.fields.enumerated().compactMap { position, field in read[field].map { (position, $0) } }
    sharedCounts = output.collections.enumerated().compactMap { position, collection in
      predicate.collections.firstIndex(of: collection).map { (position, $0) }
    }
  }

  func place(of field: String) -> Int {
    guard let index = places[field] else { preconditionFailure("the cut does not name '\(field)'") }
    return index
  }

  func place(ofCollection name: String) -> Int? { collectionPlaces[name] }

  /// Fills an empty batch with the events of a block that pass.
  func read(_ block: ReadBlock, into batch: inout EventBatch) throws(FingalError) {
    guard let verdict = block.knowledge as? ClusterVerdict else { preconditionFailure("a block of SelectionPlan") }
    let runs = verdict.runs.compactMap { run in
      run.events.overlaps(block.events)
        ? ClusterVerdict.Run(events: run.events.clamped(to: block.events), passes: run.passes) : nil
    }
    // Where the output wants the columns of the cut as well, they are read for all runs and shared.
    let sharesAny = !sharedColumns.isEmpty || !sharedCounts.isEmpty
    let tested = runs.filter { sharesAny || !$0.passes }
    var read = EventBatch(predicate.schema)
    for run in tested {
      try file.read(predicate, events: run.events, into: &read)
      note(verdict, run.events, predicateStreams)
    }
    let mask = tested.contains { !$0.passes } ? try condition.mask(read) : []
    var passing: [Range<Int>] = []
    var place = 0
    for run in runs {
      if !run.passes {
        for part in EventBatch.runs(of: mask[place..<place + run.events.count]) {
          add(run.events.lowerBound + part.lowerBound..<run.events.lowerBound + part.upperBound, to: &passing)
        }
      } else {
        add(run.events, to: &passing)
      }
      if sharesAny || !run.passes { place += run.events.count }
    }
    if passing.isEmpty { return }

    if sharesAny {
      copyShared(from: read, tested: tested, passing: passing, to: batch)
    }
    try readOthers(passing, verdict, into: batch)
    batch.firstEvent = passing[0].lowerBound
    batch.eventCount = passing.reduce(0) { $0 + $1.count }
    if passing.count > 1 { batch.eventNumbers = passing.flatMap { $0 } }
  }

  private func add(_ events: Range<Int>, to runs: inout [Range<Int>]) {
    if let last = runs.last, last.upperBound == events.lowerBound {
      runs[runs.count - 1] = last.lowerBound..<events.upperBound
    } else {
      runs.append(events)
    }
  }

  private func note(_ verdict: ClusterVerdict, _ events: Range<Int>, _ streams: [Int]) {
    var part = ReadStatistics()
    part.readPages = verdict.note(events, streams: streams)
    tally.add(part)
  }

  // MARK: Columns of the cut that are wanted too

  /// - Parameter tested: the runs that `read` holds, one after another.
  private func copyShared(
    from read: EventBatch, tested: [ClusterVerdict.Run], passing: [Range<Int>], to batch: EventBatch
  ) {
    // Events of the file to places in the batch: both lists rise, and each passing run may span several tested ones.
    var places: [Range<Int>] = []
    var place = 0
    var next = 0
    for run in tested {
      while next < passing.count, passing[next].upperBound <= run.events.lowerBound { next += 1 }
      var index = next
      while index < passing.count, passing[index].lowerBound < run.events.upperBound {
        let part = passing[index].clamped(to: run.events)
        add(
          place + part.lowerBound - run.events.lowerBound..<place + part.upperBound - run.events.lowerBound, to: &places
        )
        index += 1
      }
      place += run.events.count
    }
    // A batch of the cut's schema whose wanted columns are those of the output; the rest is thrown away.
    var counts = predicate.schema.collections.map { _ in ColumnValues(.uint32) }
    for shared in sharedCounts { counts[shared.predicate] = batch.counts[shared.output] }
    let narrow = sharedColumns.map { read.columns[$0.predicate] }
    let schema = Schema(
      collections: predicate.schema.collections, fields: sharedColumns.map { predicate.schema.fields[$0.predicate] })
    let source = EventBatch(schema, eventCount: read.eventCount, counts: read.counts, columns: narrow)
    var target = EventBatch(
      schema, eventCount: 0, counts: counts, columns: sharedColumns.map { batch.columns[$0.output] })
    target.append(places, of: source, borders: source.elementBorders)
  }

  // MARK: The other columns

  /// Columns whose pages begin at the same events: read together.
  private struct Group {
    var fields: [Int] = []
    var columns: [ColumnValues] = []
  }

  private func readOthers(
    _ passing: [Range<Int>], _ verdict: ClusterVerdict, into batch: EventBatch
  ) throws(FingalError) {
    let schema = file.schema
    var groups: [Int: Group] = [:]
    let shared = Set(sharedColumns.map(\.output))
    for (position, field) in output.fields.enumerated() where !shared.contains(position) {
      let shift = verdict.directory.streams[valueStreams[field]].shift
      groups[shift, default: Group()].fields.append(field)
      groups[shift, default: Group()].columns.append(batch.columns[position])
    }
    // Counts come with the first group that has the collection; collections without any group get one of their own.
    var missing: [Int: ColumnValues] = [:]
    for (position, collection) in output.collections.enumerated()
    where !sharedCounts.contains(where: { $0.output == position }) {
      missing[collection] = batch.counts[position]
    }
    for (shift, group) in groups.sorted(by: { $0.key < $1.key }) {
      var collections = Set<Int>()
      for field in group.fields {
        if let name = schema.fields[field].collection { collections.formUnion(schema.chain(of: name)) }
      }
      let projection = EventFile.Projection(fields: group.fields, collections: collections.sorted(), of: file)
      let counts = projection.collections.map { missing.removeValue(forKey: $0) ?? ColumnValues(.uint32) }
      try read(
        passing, projection, shift: shift, verdict,
        into: EventBatch(projection.schema, eventCount: 0, counts: counts, columns: group.columns))
    }
    for (collection, counts) in missing.sorted(by: { $0.key < $1.key }) {
      let chain = schema.chain(of: schema.collections[collection].name).sorted()
      let projection = EventFile.Projection(fields: [], collections: chain, of: file)
      try read(
        passing, projection, shift: verdict.directory.streams[countStreams[collection]].shift, verdict,
        into: EventBatch(
          projection.schema, eventCount: 0,
          counts: projection.collections.map { $0 == collection ? counts : ColumnValues(.uint32) }, columns: []))
    }
  }

  /// Appends the passing events of a projection to `target`, decoding every page once and only those with a passing
  /// event.
  private func read(
    _ passing: [Range<Int>], _ projection: EventFile.Projection, shift: Int, _ verdict: ClusterVerdict,
    into target: EventBatch
  ) throws(FingalError) {
    var target = target
    let streams = file.streams(of: projection)
    // Runs that share a page are read together.
    var chain: [Range<Int>] = []
    func finish() throws(FingalError) {
      guard let first = chain.first, let last = chain.last else { return }
      let events = first.lowerBound..<last.upperBound
      note(verdict, events, streams)
      if chain.count == 1 {
        try file.read(projection, events: events, into: &target)
      } else {
        var whole = EventBatch(projection.schema)
        try file.read(projection, events: events, into: &whole)
        let runs = chain.map { $0.lowerBound - events.lowerBound..<$0.upperBound - events.lowerBound }
        target.append(runs, of: whole, borders: whole.elementBorders)
      }
      chain.removeAll()
    }
    for run in passing {
      if let last = chain.last,
        (last.upperBound - 1 - verdict.firstEvent) >> shift != (run.lowerBound - verdict.firstEvent) >> shift
      {
        try finish()
      }
      chain.append(run)
    }
    try finish()
  }
}

extension Schema {
  /// A collection and those it lies in, as indices.
  fileprivate func chain(of name: String) -> [Int] { lineage(of: name).compactMap { collectionIndex($0) } }
}
