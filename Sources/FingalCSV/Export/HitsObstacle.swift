import Fingal

/// Why a line a hit cannot hold a file: an event without hits has no line, and events that follow one another with the
/// same key would be read back as one.
package struct HitsObstacle: Sendable, Equatable {
  /// `event 3 has no hits`.
  package var message: String

  /// Looks at the counts of the one collection and at the columns that tell events apart.
  ///
  /// - Parameter columns: what is exported; nil for all. Where the key was not chosen, the lines are not meant to be told
  ///   to events.
  static func first(
    in file: EventFile, _ schema: Schema, columns: [String]?
  ) throws(FingalError) -> HitsObstacle? {
    let collection = schema.collections[0].name
    // The smallest projection that brings the counts along.
    let field = schema.fields.filter { $0.collection == collection && $0.type != .string }
      .min { $0.type.byteWidth * $0.elementsPerValue < $1.type.byteWidth * $1.elementsPerValue }
    let key = keyFields(file, schema, columns)
    let plan = try ExportPlan(schema, layout: .hits, obstacle: nil)
    let keyColumns = plan.columns.filter { key?.contains($0.field) == true }
    let batches = try file.batches(
      columns: [field?.path ?? collection] + keyColumns.map(\.path))
    let text = AlignedBytes()
    var before: [UInt8]?
    while let batch = try batches.next() {
      let column = batch.counts[0]
      let counts = column.values(as: UInt32.self)
      for event in counts.indices where counts[event] == 0 {
        return HitsObstacle(
          message: "event \(batch.eventNumber(at: event)) has no \(collection), which lines of \(collection) cannot say"
        )
      }
      guard key != nil else { continue }
      let writers = keyColumns.map { column in
        guard let values = batch.column(column.path) else { preconditionFailure("read for the key") }
        return CellWriter(column, values, plan, isTensor: false, position: 0, misfits: ExportMisfits(columns: 1))
      }
      for event in 0..<batch.eventCount {
        text.removeAll()
        for writer in writers {
          writer.write(event, to: text)
          text.append(0 as UInt8)
        }
        let own = unsafe Array(text.bytes)
        if own == before {
          let number = batch.eventNumber(at: event)
          let names = keyColumns.map { "'\($0.path)'" }.joined(separator: " and ")
          return HitsObstacle(
            message: "events \(number - 1) and \(number) "
              + (names.isEmpty ? "have no column that tells them apart" : "have the same \(names)")
              + ", and lines of \(collection) would run together to one event")
        }
        before = own
      }
    }
    return nil
  }

  /// The fields by which the converter tells events apart; nil if the choice of columns leaves them out.
  private static func keyFields(_ file: EventFile, _ schema: Schema, _ columns: [String]?) -> [Int]? {
    func scalars(_ schema: Schema) -> [Int] {
      schema.fields.indices.filter { schema.fields[$0].collection == nil && schema.fields[$0].shape.isEmpty }
    }
    func names(_ field: Schema.Field) -> [String] { [field.name, field.metadata["csv.name"] ?? field.name] }
    func key(_ schema: Schema) -> [Int]? {
      let all = scalars(schema)
      let provenance = file.provenance
      let options = (provenance?.options ?? []) + (provenance?.parts ?? []).flatMap(\.options)
      for option in options where option.hasPrefix("--event-key ") {
        let given = option.dropFirst("--event-key ".count).split(separator: ",").map(String.init)
        let found = all.filter { field in given.contains { names(schema.fields[field]).contains($0) } }
        if found.count == given.count { return found }
      }
      func called(_ known: Set<String>) -> [Int] {
        all.filter { field in names(schema.fields[field]).contains { known.contains($0.lowercased()) } }
      }
      guard let event = called(LayoutDetector.eventNames).first else { return nil }
      return called(LayoutDetector.runNames) + [event]
    }
    if columns == nil { return key(schema) ?? scalars(schema) }
    guard let wanted = key(file.schema) else { return nil }
    let places = wanted.compactMap { schema.fieldIndex(file.schema.fields[$0].path) }
    return places.count == wanted.count ? places : nil
  }
}
