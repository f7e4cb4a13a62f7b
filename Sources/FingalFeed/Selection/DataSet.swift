public import Fingal

/// Files that are trained on together. Their events count as one list, file after file.
public struct DataSet: Sendable {
  public let files: [EventFile]

  /// - Throws: what `EventFile` throws; `usage` if no file is given or one is given twice.
  public init(opening paths: [String]) throws(FingalError) {
    if paths.isEmpty { throw FingalError(.usage, "no data file is given") }
    var files: [EventFile] = []
    for path in paths {
      if files.contains(where: { $0.path == path }) {
        throw FingalError(.usage, "the file is given twice", file: path, advice: "its events would count twice")
      }
      files.append(try EventFile(opening: path))
    }
    self.files = files
  }

  public var eventCount: Int { files.reduce(0) { $0 + $1.eventCount } }

  /// The shape of an image, which all files must agree on.
  ///
  /// - Throws: `usage` naming the file that lacks a column or differs.
  public func imageShape(_ image: ImageDescription) throws(FingalError) -> [Int] {
    var shape: [Int]?
    for file in files {
      let next: [Int]
      do { next = try image.shape(in: file.schema) } catch { throw error.naming(file: file.path) }
      if let shape, shape != next {
        throw FingalError(
          .usage, "images are \(text(next)), but \(text(shape)) in \(files[0].path)", file: file.path,
          advice: "train on files of one detector")
      }
      shape = next
    }
    return shape ?? []
  }

  private func text(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: "×") }
}
