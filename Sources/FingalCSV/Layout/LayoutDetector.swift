import Fingal

/// Chooses the layout of a file from its header and a sample of its records.
struct LayoutDetector {
  let columns: [SourceColumn]
  private(set) var sample: [RecordBlock]
  let options: ConvertOptions
  let dialect: Dialect
  /// Columns that the user dropped.
  let dropped: Set<Int>
  /// Hits layout: columns known to vary inside an event, from an earlier pass.
  var varying: Set<Int> = []
  /// Hits layout: event keys are known not to increase, from an earlier pass.
  var remembersKeys = false
  /// Columns that may not be part of a tensor, because some cell of them is no number.
  var unfolded: Set<Int> = []

  static let eventNames: Set<String> = [
    "event", "event_id", "eventid", "evt", "entry", "event_number", "eventnumber", "evt_id", "evtid",
  ]
  static let runNames: Set<String> = [
    "run", "run_id", "runid", "run_number", "runnumber", "lumi", "lumiblock", "lumi_block", "luminosityblock",
    "luminosity_block", "lumisection", "ls", "subrun",
  ]

  init(
    columns: [SourceColumn], sample: [RecordBlock], options: ConvertOptions, dialect: Dialect, dropped: Set<Int>
  ) {
    self.columns = columns
    self.sample = sample
    self.options = options
    self.dialect = dialect
    self.dropped = dropped
  }

  // MARK: The decision

  func plan() throws(FingalError) -> LayoutPlan {
    let key = try keyColumns()
    switch options.layout {
    case .hits:
      guard !key.isEmpty else {
        throw FingalError(
          .usage, "the hits layout needs an event key, and no column is called event, event_id, evt or entry",
          advice: "name it with --event-key; the columns are \(names(columns))")
      }
      return try hits(key, reason: "asked for")
    case .rows: return try rows(reason: "asked for")
    case .cells: return try cells(lists(), reason: "asked for")
    case nil: break
    }
    if !key.isEmpty {
      let repeats = repeatsOfKey(key)
      let name = key.map { columns[$0].name }.joined(separator: ",")
      // A key that now and then stands twice is one event written twice, not a file of hits.
      if !options.eventKey.isEmpty || repeats * 10 >= recordCount && repeats > 0 {
        return try hits(
          key, reason: "\(name) repeats on \(repeats) of the first \(recordCount) lines")
      }
    }
    let lists = lists()
    if !lists.isEmpty {
      return try cells(lists, reason: lists.count == 1 ? "a column holds lists" : "\(lists.count) columns hold lists")
    }
    if key.isEmpty { return try rows(reason: "no column is an event key, and no cell holds a list") }
    return try rows(reason: "each line has its own \(key.map { columns[$0].name }.joined(separator: ","))")
  }

  private var recordCount: Int { sample.reduce(0) { $0 + $1.recordCount } }

  private func names(_ columns: [SourceColumn]) -> String {
    columns.prefix(20).map(\.name).joined(separator: ", ") + (columns.count > 20 ? ", …" : "")
  }

  private func keyColumns() throws(FingalError) -> [Int] {
    if !options.eventKey.isEmpty {
      var key: [Int] = []
      for name in options.eventKey {
        guard let column = columns.first(where: { $0.matches(name) }) else {
          throw FingalError(
            .usage, "no column '\(name)' for the event key", advice: "the columns are \(names(columns))")
        }
        key.append(column.index)
      }
      return key
    }
    guard let event = columns.first(where: { Self.eventNames.contains($0.name.lowercased()) }) else { return [] }
    let runs = columns.filter { Self.runNames.contains($0.name.lowercased()) }
    return (runs.map(\.index) + [event.index]).sorted()
  }

  /// Calls `body` with neighbouring records, also across blocks; stops when it returns false.
  private func forEachPair(_ body: (RecordBlock, Int, RecordBlock, Int) -> Bool) {
    var last: (block: RecordBlock, record: Int)?
    for block in sample {
      for record in 0..<block.recordCount {
        if let last, !body(last.block, last.record, block, record) { return }
        last = (block, record)
      }
    }
  }

  private func repeatsOfKey(_ key: [Int]) -> Int {
    var repeats = 0
    forEachPair { a, i, b, j in
      if Neighbours.sameFields(a, i, b, j, key) { repeats += 1 }
      return true
    }
    return repeats
  }

  // MARK: Hits

  private func hits(_ key: [Int], reason: String) throws(FingalError) -> LayoutPlan {
    var inside = varying
    for column in columns where !key.contains(column.index) && !inside.contains(column.index) {
      forEachPair { a, i, b, j in
        if Neighbours.sameField(a, i, b, j, column.index) || !Neighbours.sameFields(a, i, b, j, key) { return true }
        inside.insert(column.index)
        return false
      }
    }
    if let tensor = options.tensors.first {
      throw FingalError(
        .usage, "--tensor '\(tensor.name)' does not fit the hits layout",
        advice: "pass --layout rows if a line is an event")
    }
    guard options.collections.count <= 1 else {
      throw FingalError(.usage, "the hits layout has one collection", advice: "pass --collection once")
    }
    let given = options.collections.first
    if let given {
      let matching = columns.filter { Glob.matches($0.name, given.value) }
      guard !matching.isEmpty else {
        throw FingalError(.usage, "no column matches '\(given.value)' of --collection")
      }
      for column in matching where key.contains(column.index) {
        throw FingalError(.usage, "column '\(column.name)' is part of the event key and cannot be in a collection")
      }
      inside.formUnion(matching.map(\.index))
    }
    inside.subtract(dropped)
    let collection = given?.name ?? "hits"
    let prefix: String
    if let given {
      prefix = String(given.value.prefix { $0 != "*" && $0 != "?" })
    } else {
      prefix = Self.sharedPrefix(inside.sorted().map { columns[$0].name })
    }
    var plan = LayoutPlan(kind: .hits, reason: reason, keyColumns: key, collections: [collection])
    plan.remembersKeys = remembersKeys
    for column in columns where !dropped.contains(column.index) {
      if inside.contains(column.index) {
        var name = column.name
        if !prefix.isEmpty, name.hasPrefix(prefix), name.count > prefix.count { name.removeFirst(prefix.count) }
        plan.fields.append(.init(name: name, collection: collection, source: .element(column: column.index)))
      } else {
        plan.fields.append(.init(name: column.name, source: .event(column: column.index)))
      }
    }
    return try finished(plan)
  }

  /// The text up to and with `_` that two or more names share: `rechit_` of `rechit_x`, `rechit_energy`.
  static func sharedPrefix(_ names: [String]) -> String {
    guard names.count >= 2, let first = names.first, let cut = first.firstIndex(of: "_") else { return "" }
    let prefix = String(first[...cut])
    return names.allSatisfy { $0.hasPrefix(prefix) && $0.count > prefix.count } ? prefix : ""
  }

  // MARK: Rows

  private func rows(reason: String) throws(FingalError) -> LayoutPlan {
    if let collection = options.collections.first {
      throw FingalError(
        .usage, "--collection '\(collection.name)' does not fit the rows layout",
        advice: "pass --layout hits --event-key if a line is a hit")
    }
    var plan = LayoutPlan(kind: .rows, reason: reason)
    plan.fields = try scalarsAndTensors(besides: [])
    return try finished(plan)
  }

  /// Fields of the event: tensors where the header or the user says so, else one a column.
  private func scalarsAndTensors(besides lists: Set<Int>) throws(FingalError) -> [LayoutPlan.PlannedField] {
    var tensors: [LayoutPlan.PlannedField] = []
    var taken = Set<Int>()
    for tensor in options.tensors {
      let matching = columns.filter { Glob.matches($0.header ?? $0.name, tensor.pattern) && !taken.contains($0.index) }
      let wanted = tensor.shape.reduce(1, *)
      guard let first = matching.first, let last = matching.last, matching.count == wanted else {
        throw FingalError(
          .usage,
          "\(matching.count) columns match '\(tensor.pattern)' of tensor '\(tensor.name)'; its shape needs \(wanted)")
      }
      if let lost = matching.first(where: { dropped.contains($0.index) }) {
        throw FingalError(.usage, "--drop takes column '\(lost.name)' out of tensor '\(tensor.name)'")
      }
      let range = first.index..<last.index + 1
      guard range.count == wanted else {
        throw FingalError(.usage, "the columns of tensor '\(tensor.name)' do not follow one another")
      }
      let pattern = ColumnPattern.runs(in: range.map { columns[$0].header ?? columns[$0].name }).first
      tensors.append(
        .init(
          name: tensor.name,
          source: .tensor(
            columns: range, shape: tensor.shape, pattern: pattern?.columns == 0..<wanted ? pattern?.pattern : nil)))
      taken.formUnion(range)
    }
    if columns.contains(where: { $0.header != nil }) {
      var used = Set(columns.map(\.name))
      for (range, pattern) in ColumnPattern.runs(in: columns.map { $0.header ?? $0.name }) {
        if range.contains(where: { taken.contains($0) || dropped.contains($0) || lists.contains($0) }) { continue }
        if !unfolded.isDisjoint(with: range) || !isNumeric(range) { continue }
        var name = pattern.suggestedName
        if used.contains(name) { name = "image" }
        var number = 2
        while used.contains(name) {
          name = "image\(number)"
          number += 1
        }
        used.insert(name)
        tensors.append(
          .init(name: name, source: .tensor(columns: range, shape: pattern.shape, pattern: pattern)))
        taken.formUnion(range)
      }
    }
    var fields = tensors
    for column in columns where !taken.contains(column.index) && !dropped.contains(column.index) {
      if !lists.contains(column.index) {
        fields.append(.init(name: column.name, source: .event(column: column.index)))
      }
    }
    return fields.sorted { $0.source.firstColumn < $1.source.firstColumn }
  }

  /// Whether every cell of the sample is a number, so that the columns can be one tensor.
  private func isNumeric(_ range: Range<Int>) -> Bool {
    for block in sample {
      for record in 0..<block.recordCount {
        for column in range {
          let cell = unsafe block.field(record, column)
          if unsafe cell.count == 1 && cell[0] == 0x30 { continue }
          if unsafe DecimalText(NumberText.trimmed(cell), point: dialect.decimalPoint) == nil { return false }
        }
      }
    }
    return true
  }

  // MARK: Cells

  /// The columns whose cells are lists, and how these are written.
  private func lists() -> [Int: ListStyle] {
    var found: [Int: ListStyle] = [:]
    for column in columns where !dropped.contains(column.index) {
      if let style = listStyle(column.index) { found[column.index] = style }
    }
    return found
  }

  /// A column holds lists if its first cell does, and more of its cells are lists than are not: a broken list among
  /// good ones is an error to report, not a reason to keep the column as text.
  private func listStyle(_ column: Int) -> ListStyle? {
    if options.types.contains(where: { columns[column].matches($0.name) && $0.value == .string }) { return nil }
    var style: ListStyle?
    var brackets: UInt8?
    var lists = 0
    var numbers = 0
    var others = 0
    for block in sample {
      for record in 0..<block.recordCount {
        let evidence = unsafe ListStyle.evidence(
          block.field(record, column), point: dialect.decimalPoint, separatorOfFile: dialect.separator)
        switch evidence {
        case .nothing: continue
        case .brackets(let open):
          if brackets != nil && brackets != open || (style != nil && style?.open != open) {
            others += 1
          } else {
            lists += 1
          }
          brackets = brackets ?? open
        case .list(let one):
          if let style, style.open != one.open || style.separator != one.separator {
            others += 1
          } else if brackets != nil && one.open != brackets {
            others += 1
          } else {
            style = style ?? one
            lists += 1
          }
        case .number: numbers += 1
        case .other: others += 1
        }
        if lists == 0 && others > 0 { return nil }
        // A column of plain numbers is settled after a look at its first two hundred lines.
        if lists == 0 && numbers >= 200 { return nil }
      }
    }
    if brackets ?? style?.open != nil { others += numbers }
    if lists == 0 || others >= lists { return nil }
    return style ?? brackets.map { ListStyle(open: $0, separator: 0x2C, glue: ", ") }
  }

  private func cells(_ lists: [Int: ListStyle], reason: String) throws(FingalError) -> LayoutPlan {
    guard !lists.isEmpty else {
      throw FingalError(.usage, "the cells layout needs columns of lists such as [1, 2] or 1;2;3, and there are none")
    }
    var plan = LayoutPlan(kind: .cells, reason: reason)
    plan.fields = try scalarsAndTensors(besides: Set(lists.keys))
    let groups = listGroups(lists)
    var usedNames = Set(plan.fields.map(\.name))
    for group in groups {
      let names = group.map { columns[$0].name }
      let given = options.collections.first { given in names.contains { Glob.matches($0, given.value) } }
      let prefix = Self.sharedPrefix(names)
      var collection: String
      if let given {
        collection = given.name
      } else if groups.count == 1 {
        collection = "hits"
      } else if !prefix.isEmpty {
        collection = String(prefix.dropLast())
      } else if names.count == 1 {
        collection = names[0]
      } else {
        collection = "hits"
      }
      let base = collection
      var number = 2
      while usedNames.contains(collection) {
        collection = "\(base)_\(number)"
        number += 1
      }
      usedNames.insert(collection)
      plan.collections.append(collection)
      for column in group {
        var name = columns[column].name
        if !prefix.isEmpty { name.removeFirst(prefix.count) }
        if names.count == 1 && name == base && given == nil { name = "value" }
        plan.fields.append(
          .init(name: name, collection: collection, source: .list(column: column, style: lists[column]!)))
      }
    }
    plan.fields.sort { $0.source.firstColumn < $1.source.firstColumn }
    return try finished(plan)
  }

  /// Lengths that differed in an earlier pass: columns of one group there may not share a collection.
  var separated: [[Int]] = []

  /// Columns whose lists are equally long in every record belong together.
  private func listGroups(_ lists: [Int: ListStyle]) -> [[Int]] {
    let ordered = lists.keys.sorted()
    var groups = [ordered]
    if !separated.isEmpty {
      groups = separated.map { $0.filter { lists[$0] != nil } }.filter { !$0.isEmpty }
      let known = Set(groups.joined())
      for column in ordered where !known.contains(column) { groups.append([column]) }
    }
    var slices: [UnsafeRawBufferPointer] = unsafe []
    for block in sample {
      for record in 0..<block.recordCount {
        groups = ListGroups.refine(groups) { column in
          unsafe slices.removeAll(keepingCapacity: true)
          return unsafe lists[column]!.split(block.field(record, column), into: &slices) ?? -1
        }
      }
    }
    return groups.sorted { $0[0] < $1[0] }
  }

  // MARK: Names

  /// Applies `--rename` and makes paths unique.
  ///
  /// - Throws: `usage` if a new name is that of a column which keeps its own.
  private func finished(_ plan: LayoutPlan) throws(FingalError) -> LayoutPlan {
    var plan = plan
    var renamed: [Int] = []
    for index in plan.fields.indices {
      let field = plan.fields[index]
      let column = columns[field.source.firstColumn]
      for rename in options.renames where rename.name == field.path || column.matches(rename.name) {
        // `--rename rechit_energy=hits.energy` names the path, `=energy` the field.
        let name = rename.value
        if renamed.last != index { renamed.append(index) }
        if let collection = field.collection, name.hasPrefix(collection + ".") {
          plan.fields[index].name = String(name.dropFirst(collection.count + 1))
        } else {
          plan.fields[index].name = name
        }
      }
    }
    for index in renamed {
      let path = plan.fields[index].path
      for other in plan.fields.indices where plan.fields[other].path == path && !renamed.contains(other) {
        throw FingalError(.usage, "--rename gives a column the name '\(path)', which another column has")
      }
    }
    var used = Set(plan.collections)
    for index in plan.fields.indices {
      let name = plan.fields[index].name
      var number = 2
      while !used.insert(plan.fields[index].path).inserted {
        plan.fields[index].name = "\(name)_\(number)"
        number += 1
      }
    }
    return plan
  }
}

/// Partitions of list columns by the lengths of their lists.
enum ListGroups {
  /// Splits groups whose members differ in length in one record.
  static func refine(_ groups: [[Int]], length: (Int) -> Int) -> [[Int]] {
    var result: [[Int]] = []
    for group in groups {
      if group.count == 1 {
        result.append(group)
        continue
      }
      var parts: [(length: Int, columns: [Int])] = []
      for column in group {
        let length = length(column)
        if let index = parts.firstIndex(where: { $0.length == length }) {
          parts[index].columns.append(column)
        } else {
          parts.append((length, [column]))
        }
      }
      result += parts.map(\.columns)
    }
    return result
  }
}

extension SourceColumn {
  /// Whether a name given by the user means this column.
  package func matches(_ given: String) -> Bool { name == given || header == given }
}
