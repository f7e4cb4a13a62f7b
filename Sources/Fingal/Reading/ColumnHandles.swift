/// A column of one number an event that is never null: `event[beamEnergy]` is a number, `batch[beamEnergy]` a span.
///
/// Handles are made by a schema (`schema.scalar("beamEnergy", as: Float.self)`), once: name, type and shape are checked
/// then, and no name is looked up inside a loop. A handle fits the batches of the schema that made it.
public struct ScalarColumn<Value: ColumnElement>: Sendable {
  let index: Int
  public let path: String
}

/// A column of one number an event that may be null: `event[time]` is an optional.
public struct OptionalColumn<Value: ColumnElement>: Sendable {
  let index: Int
  public let path: String
}

/// A column of several numbers an event: of the elements of a collection, or of a tensor. `event[energy]` is a span.
public struct ElementsColumn<Value: ColumnElement>: Sendable {
  let index: Int
  /// The collection it belongs to; nil for a tensor of the event.
  let collection: Int?
  public let path: String
  /// The shape of one value, outermost axis first; empty where an element of a collection has one number.
  public let shape: [Int]
  /// Numbers of one value: the product of the shape.
  public let elementsPerValue: Int
}

/// A column of one text an event, or one label of an enumeration: `event[particle]` is a string, nil where it is null.
public struct TextColumn: Sendable {
  let index: Int
  let labels: [String]
  public let path: String
}

/// A collection: `event.count(of: hits)` is the number of its elements in an event.
public struct CollectionHandle: Sendable {
  let index: Int
  let parent: Int?
  public let name: String
}

extension Schema {
  /// A column of one number an event.
  ///
  /// - Parameters:
  ///   - path: such as `beamEnergy`.
  ///   - type: the Swift type of the column's type: `UInt8` for `bool`, `UInt16` for the indices of an enumeration.
  /// - Throws: `usage` if there is no such column, it has another type, belongs to a collection, is a tensor, or may be
  ///   null (then use `optional`).
  public func scalar<Value: ColumnElement>(
    _ path: String, as type: Value.Type = Value.self
  ) throws(FingalError) -> ScalarColumn<Value> {
    let index = try place(path, of: type, scalar: true)
    if fields[index].nullable {
      throw FingalError(.usage, "column '\(path)' may have nulls", advice: "use optional(\"\(path)\")")
    }
    return ScalarColumn(index: index, path: path)
  }

  /// A column of one number an event, or none where it is null. Columns without nulls are accepted too.
  ///
  /// - Throws: `usage` if there is no such column, it has another type, belongs to a collection, or is a tensor.
  public func optional<Value: ColumnElement>(
    _ path: String, as type: Value.Type = Value.self
  ) throws(FingalError) -> OptionalColumn<Value> {
    OptionalColumn(index: try place(path, of: type, scalar: true), path: path)
  }

  /// A column of a collection (`hits.energy`), or a tensor.
  ///
  /// - Throws: `usage` if there is no such column, it has another type, or it has one number an event.
  public func elements<Value: ColumnElement>(
    _ path: String, as type: Value.Type = Value.self
  ) throws(FingalError) -> ElementsColumn<Value> {
    let index = try place(path, of: type, scalar: false)
    let field = fields[index]
    return ElementsColumn(
      index: index, collection: field.collection.flatMap { collectionIndex($0) }, path: path, shape: field.shape,
      elementsPerValue: field.elementsPerValue)
  }

  /// A column of one text (or label of an enumeration) an event.
  ///
  /// - Throws: `usage` if there is no such column, or it is something else.
  public func text(_ path: String) throws(FingalError) -> TextColumn {
    let index = try known(path)
    let field = fields[index]
    guard field.type == .string || field.type == .enumeration, field.collection == nil, field.shape.isEmpty else {
      throw FingalError(
        .usage, "column '\(path)' is not one text an event but \(describe(field))",
        advice: "EventBatch.column(_:) gives every column")
    }
    return TextColumn(index: index, labels: field.labels, path: path)
  }

  /// A collection by its name.
  ///
  /// - Throws: `usage` if there is none.
  public func collection(_ name: String) throws(FingalError) -> CollectionHandle {
    guard let index = collectionIndex(name) else {
      throw FingalError(
        .usage, "no collection '\(name)'",
        advice: collections.isEmpty
          ? "there are no collections" : "there are " + collections.map(\.name).joined(separator: ", "))
    }
    return CollectionHandle(index: index, parent: parentIndices[index], name: name)
  }

  private func known(_ path: String) throws(FingalError) -> Int {
    if let index = fieldIndex(path) { return index }
    _ = try projected(to: [path])
    throw FingalError(.usage, "'\(path)' is a collection, not a column", advice: "name one of its columns")
  }

  private func place<Value: ColumnElement>(
    _ path: String, of type: Value.Type, scalar: Bool
  ) throws(FingalError) -> Int {
    let index = try known(path)
    let field = fields[index]
    guard Value.represents(field.type) else {
      throw FingalError(.usage, "column '\(path)' is \(describe(field)), not \(Value.scalarType.rawValue)")
    }
    guard (field.collection == nil && field.shape.isEmpty) == scalar else {
      throw FingalError(
        .usage, "column '\(path)' is \(describe(field))", advice: scalar ? "use elements(…)" : "use scalar(…)")
    }
    return index
  }

  private func describe(_ field: Field) -> String {
    let shape = field.shape.isEmpty ? "" : "[" + field.shape.map(String.init).joined(separator: "×") + "]"
    let place = field.collection.map { " of each element of '\($0)'" } ?? " of the event"
    return field.type.rawValue + shape + place
  }
}
