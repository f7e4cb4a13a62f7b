import Fingal

/// Makes the schema of the result from plan, types and options, with everything that `export` must know to write the
/// CSV again.
///
/// Metadata of the schema: `csv.layout`, `csv.separator`, `csv.header`, `csv.lineEnd`, `csv.finalLineEnd`,
/// `csv.preamble`, `csv.decimalComma`. Metadata of a field: `csv.index` (first column,
/// from 0), `csv.name` (header, if the field is called otherwise), `csv.columns` (headers of a tensor: a pattern, or all
/// of them a line each), `csv.format`, `csv.nan`, `csv.inf`, `csv.null`, `csv.true`, `csv.false`, `csv.list`.
struct SchemaBuilder {
  let plan: LayoutPlan
  let columns: [SourceColumn]
  let options: ConvertOptions
  let dialect: Dialect
  let preamble: [String]
  let header: RecordReader.HeaderRow?
  let endsWithLineEnd: Bool
  /// The first input, for messages.
  let input: String

  func schema(_ builders: [FieldBuilder]) throws(FingalError) -> Schema {
    var fields: [Schema.Field] = []
    for (index, planned) in plan.fields.enumerated() {
      guard let decision = builders[index].decision else { preconditionFailure("types are decided before the schema") }
      if case .tensor = planned.source, decision.nullable {
        throw FingalError(
          .badInput, "a cell of tensor '\(planned.name)' is empty", file: input,
          advice: "leave out --tensor to keep its columns apart")
      }
      fields.append(try field(planned, decision))
    }
    let schema = Schema(
      collections: plan.collections.map { Schema.Collection($0) }, fields: fields, metadata: metadata())
    try schema.validate()
    return schema
  }

  private func field(
    _ planned: LayoutPlan.PlannedField, _ decision: ColumnDecision
  ) throws(FingalError) -> Schema.Field {
    let first = columns[planned.source.firstColumn]
    var field = Schema.Field(
      planned.name, decision.type, in: planned.collection, labels: decision.labels, nullable: decision.nullable,
      unit: first.unit)
    var metadata = ["csv.index": String(first.index)]
    switch planned.source {
    case .event, .element: break
    case .list(_, let style): metadata["csv.list"] = style.code
    case .tensor(let range, let shape, let pattern):
      field.shape = shape
      field.unit = nil
      let names = range.map { columns[$0].header ?? "" }
      if let pattern, let again = ColumnPattern(code: pattern.code),
        names.enumerated().allSatisfy({ again.name($0) == $1 })
      {
        metadata["csv.columns"] = pattern.code
      } else if first.header != nil {
        metadata["csv.columns"] = names.joined(separator: "\n")
      }
    }
    if field.shape.isEmpty, let header = first.header, header != planned.name { metadata["csv.name"] = header }
    metadata["csv.format"] = decision.format?.metadata
    metadata.merge(decision.spellings) { $1 }
    func given<Value>(_ list: [ConvertOptions.Named<Value>]) -> Value? {
      list.last { $0.name == planned.path || first.matches($0.name) }?.value
    }
    if let unit = given(options.units) {
      // The header keeps its own words.
      field.unit = unit
    }
    field.description = given(options.descriptions)
    field.metadata = metadata
    if let precision = given(options.precisions) {
      do throws(FingalError) { try field.declare(precision) } catch {
        throw FingalError(.usage, "--precision \(planned.path): \(error.message)", advice: error.advice)
      }
      // The text that the file had is not that of the rounded values.
      field.metadata["csv.format"] = nil
    }
    return field
  }

  /// The pins of the options by the paths of the schema made here.
  ///
  /// - Throws: `usage` for a column that is not there.
  func pins(_ schema: Schema) throws(FingalError) -> [String: EncodingPin] {
    var pins: [String: EncodingPin] = [:]
    for pin in options.pins {
      var found = false
      for (field, planned) in zip(schema.fields, plan.fields) {
        let matches = field.path == pin.name || columns[planned.source.firstColumn].matches(pin.name)
        guard matches || Glob.matches(field.path, pin.name) else { continue }
        pins[field.path, default: .init()].add(pin.value)
        found = true
      }
      if !found {
        let names =
          schema.fields.prefix(20).map(\.path).joined(separator: ", ") + (schema.fields.count > 20 ? ", …" : "")
        throw FingalError(
          .usage, "no column is called '\(pin.name)', which --encoding, --codec or --level names", file: input,
          advice: "the columns are \(names)")
      }
    }
    return pins
  }

  private func metadata() -> [String: String] {
    var metadata = options.metadata
    metadata["csv.layout"] = plan.kind.rawValue
    switch dialect.separator {
    case .byte(let byte): if byte != 0x2C { metadata["csv.separator"] = String(UnicodeScalar(byte)) }
    case .spaces: metadata["csv.separator"] = " "
    }
    if dialect.header == .none { metadata["csv.header"] = "none" }
    if dialect.header == .comment { metadata["csv.header"] = "comment" }
    if let header, header.quoted.contains(true) { metadata["csv.quotedHeader"] = "yes" }
    if dialect.lineEnd != .lf { metadata["csv.lineEnd"] = dialect.lineEnd.rawValue }
    if !endsWithLineEnd { metadata["csv.finalLineEnd"] = "no" }
    if dialect.decimalComma { metadata["csv.decimalComma"] = "yes" }
    if dialect.quote == nil { metadata["csv.quote"] = "none" }
    if let quote = dialect.quote, quote != 0x22 { metadata["csv.quote"] = String(UnicodeScalar(quote)) }
    if !preamble.isEmpty { metadata["csv.preamble"] = preamble.joined(separator: "\n") }
    return metadata
  }
}
