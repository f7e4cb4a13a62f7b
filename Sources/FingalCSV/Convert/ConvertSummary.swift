package import Fingal

/// What a conversion did.
package struct ConvertSummary: Sendable {
  /// A field of the result and why it is what it is.
  package struct Column: Sendable {
    package var path: String
    package var type: String
    package var header: String
    package var format: String?
    package var reason: String
  }

  package var schema: Schema
  package var layout: LayoutKind
  package var layoutReason: String
  package var dialect: String
  package var events = 0
  /// Elements of each collection.
  package var elements: [(collection: String, count: Int)] = []
  package var columns: [Column] = []
  /// Lines of data read.
  package var records = 0
  package var bytesIn = 0
  /// Bytes of text, after decompression.
  package var textBytes = 0
  package var bytesOut = 0
  /// Lines that were left out.
  package var skipped = 0
  package var passes = 0
  package var warnings: [String] = []
}

/// How far a conversion is.
package struct ConvertProgress: Sendable {
  package var records: Int
  package var textBytes: Int
  /// Bytes of the inputs on disk.
  package var totalBytes: Int
  package var isCompressed: Bool
  package var pass: Int
}
