extension EventWriter {
  /// Appends all events of another file by copying its clusters as bytes: their checksums are verified, nothing is
  /// decoded. Clusters stay as they are, small ones too.
  ///
  /// - Parameter progress: called after each cluster with its bytes.
  /// - Throws: `badInput` if the file's structure is another (`Schema.structuralDifferences`), or if it declares a loss of
  ///   some column that is not within the one declared here; `damaged`, `truncated` naming file and events;
  ///   `inputOutput`.
  public func append(clustersOf file: EventFile, progress: (Int) -> Void = { _ in }) throws(FingalError) {
    let differences = schema.structuralDifferences(in: file.schema)
    guard differences.isEmpty else {
      throw FingalError(
        .badInput,
        "has other columns: " + differences.prefix(3).joined(separator: ", ")
          + (differences.count > 3 ? ", and \(differences.count - 3) differences more" : ""),
        file: file.path, advice: "names, types, shapes, labels, nullability and order of all columns must agree")
    }
    try schema.checkDeclaredLoss(
      of: file.schema, in: file.path, takenBy: nil,
      advice: "write the events anew, so that they are rounded, or declare the coarser loss")
    for index in file.clusters.indices {
      let cluster = try file.storedCluster(index)
      try append(cluster)
      progress(cluster.bytes.count)
    }
  }
}
