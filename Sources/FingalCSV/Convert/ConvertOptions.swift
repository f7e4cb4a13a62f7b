package import Fingal

/// What the user may say about a conversion. Columns are named by their header, their cleaned name, or their path in the
/// file (`hits.energy`).
package struct ConvertOptions: Sendable {
  /// A column's name or a pattern with `*` and `?`, and what is said about it.
  package struct Named<Value: Sendable>: Sendable {
    package var name: String
    package var value: Value

    package init(_ name: String, _ value: Value) {
      self.name = name
      self.value = value
    }
  }

  package struct Tensor: Sendable {
    package var name: String
    package var pattern: String
    package var shape: [Int]

    package init(name: String, pattern: String, shape: [Int]) {
      self.name = name
      self.pattern = pattern
      self.shape = shape
    }
  }

  /// What happens to a line that cannot be read.
  package enum ErrorPolicy: String, Sendable, CaseIterable {
    /// Give up with a message.
    case stop
    /// Leave the line out and count it.
    case skip
    /// Cells that are no numbers become nulls; ragged lines still stop.
    case null
  }

  package var layout: LayoutKind?
  package var eventKey: [String] = []
  /// Collection name and column pattern.
  package var collections: [Named<String>] = []
  package var tensors: [Tensor] = []
  package var types: [Named<ScalarType>] = []
  /// Labels of columns whose type is given as an enumeration; those of others are gathered from their cells.
  package var labels: [Named<[String]>] = []
  package var units: [Named<String>] = []
  package var descriptions: [Named<String>] = []
  /// Declared loss.
  package var precisions: [Named<Precision>] = []
  package var renames: [Named<String>] = []
  package var drops: [String] = []
  package var nullTexts: [String] = []
  package var dialect = DialectDetector.Overrides()
  package var encoding: TextEncoding?
  package var writer = WriterOptions()
  /// What columns are encoded with, rather than what the writer would choose; later ones add to earlier ones.
  package var pins: [Named<EncodingPin>] = []
  /// Key-values for the schema, from the user.
  package var metadata: [String: String] = [:]
  /// What wrote the file, its version, and how it was called; stands in the file as its provenance. Nothing in it may
  /// depend on the machine.
  package var program: (name: String, version: String, options: [String])?
  package var onError = ErrorPolicy.stop
  /// Where lines that were skipped are written, byte for byte.
  package var rejects: String?
  /// Infer only; write nothing.
  package var dryRun = false
  /// Text looked at before the first pass.
  package var sampleBytes = 4 << 20
  package var blockBytes = 1 << 20
  /// Given the schema, makes what events pass through before they are written.
  package var filter: (@Sendable (Schema) throws(FingalError) -> ((EventBatch) throws(FingalError) -> EventBatch))?

  package init() {}
}

/// Patterns with `*` (any text) and `?` (one character).
enum Glob {
  static func matches(_ text: String, _ pattern: String) -> Bool {
    matches(Array(text.unicodeScalars)[...], Array(pattern.unicodeScalars)[...])
  }

  private static func matches(_ text: ArraySlice<Unicode.Scalar>, _ pattern: ArraySlice<Unicode.Scalar>) -> Bool {
    var text = text
    var pattern = pattern
    var retry: (text: ArraySlice<Unicode.Scalar>, pattern: ArraySlice<Unicode.Scalar>)?
    while true {
      if pattern.first == "*" {
        pattern = pattern.dropFirst()
        retry = (text, pattern)
      } else if let first = text.first, pattern.first == first || pattern.first == "?" {
        text = text.dropFirst()
        pattern = pattern.dropFirst()
      } else if text.isEmpty && pattern.isEmpty {
        return true
      } else if let last = retry, !last.text.isEmpty {
        text = last.text.dropFirst()
        pattern = last.pattern
        retry = (text, pattern)
      } else {
        return false
      }
    }
  }
}
