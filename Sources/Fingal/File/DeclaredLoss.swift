extension Precision {
  /// Whether a value that another declaration allows is also one that this allows: the same kind of bound, and no smaller.
  package func covers(_ other: Precision) -> Bool {
    switch (bound, other.bound) {
    case (.absolute(let ours), .absolute(let theirs)), (.relative(let ours), .relative(let theirs)): ours >= theirs
    case (.absolute, .relative), (.relative, .absolute): false
    }
  }
}

extension Schema {
  /// What a file of this schema would say wrongly of another's values, if it took them as they are: a loss that is
  /// declared there and not within the one declared here. Values that lost nothing are within any declaration. The
  /// schemas have the same structure.
  ///
  /// - Throws: `badInput` naming the column and both declarations.
  package func checkDeclaredLoss(
    of other: Schema, in file: String, takenBy path: String?, advice: String
  ) throws(FingalError) {
    for (ours, theirs) in zip(fields, other.fields) {
      guard theirs.metadata[Precision.metadataKey] != ours.metadata[Precision.metadataKey] else { continue }
      guard theirs.metadata[Precision.metadataKey] != nil else { continue }
      if let own = ours.precision, let their = theirs.precision, own.covers(their) { continue }
      throw FingalError(
        .badInput,
        "declares a loss of \(theirs.lossText) for '\(theirs.path)', and \(path.map { "\($0) declares" } ?? "here it is")"
          + " \(ours.lossText)",
        file: file, advice: advice)
    }
  }
}

extension Schema.Field {
  /// The declared loss in a few words, also one that is not understood.
  package var lossText: String {
    precision?.summary ?? metadata[Precision.metadataKey].map { "'\($0)'" } ?? "none"
  }
}
