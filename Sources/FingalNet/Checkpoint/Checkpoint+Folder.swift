public import Fingal
import Glibc

/// Writing and reading of MODEL/.
///
/// The folder holds one complete model at any moment, also if the program is killed or the power fails during a save:
///
/// 1. the new tensors are written to `weights.bin.next`, complete and flushed;
/// 2. `model.json`, which holds their checksum, is replaced in one rename: from here on the new model counts;
/// 3. `weights.bin.next` is renamed to `weights.bin`.
///
/// A reader takes whichever of the two files has the checksum of `model.json`.
extension Checkpoint {
  private static let documentName = "model.json"
  private static let weightsName = "weights.bin"
  private static let nextName = "weights.bin.next"
  /// No model.json of a real net comes near it.
  private static let documentLimit = 1 << 24

  /// Writes the checkpoint into a folder, which is made if it does not exist. A model in it is replaced, other files stay.
  ///
  /// - Throws: `missingFile` if the folder cannot be made, `inputOutput` if writing fails. What was in the folder is
  ///   still readable then.
  public func save(to folder: String) throws(FingalError) {
    if unsafe mkdir(folder, 0o777) != 0 && errno != EEXIST {
      throw FingalError(.missingFile, "cannot make the folder: \(PosixFile.reason(errno))", file: folder)
    }
    try Self.finishInterruptedSave(folder)
    let (document, bytes) = ModelDocument.encode(self)
    let next = "\(folder)/\(Self.nextName)"
    let tensors = try OutputFile(next, overwrite: true)
    try tensors.write(bytes)
    try tensors.commit()
    let description = try OutputFile("\(folder)/\(Self.documentName)", overwrite: true)
    try description.write(document.json)
    try description.commit()
    try Self.move(next, to: "\(folder)/\(Self.weightsName)")
  }

  /// Reads the checkpoint of a folder and checks everything.
  ///
  /// - Throws: `missingFile` if there is no such model; `damaged` if a checksum differs or tensors do not fit the net;
  ///   `truncated` if the weights are cut short; `unsupported` for a newer version or a document of another kind.
  public static func load(from folder: String) throws(FingalError) -> Checkpoint {
    let path = "\(folder)/\(documentName)"
    let document = try readDocument(folder)
    let bytes = try readWeights(folder, document.weights).bytes
    do throws(FingalError) { return try document.checkpoint(weights: bytes) } catch { throw error.naming(file: path) }
  }

  private static func readDocument(_ folder: String) throws(FingalError) -> ModelDocument {
    let path = "\(folder)/\(documentName)"
    let file: PosixFile
    do throws(FingalError) { file = try PosixFile(reading: path) } catch {
      guard error.code == .missingFile else { throw error }
      throw FingalError(
        .missingFile, "is not a model: \(error.message)", file: path,
        advice: "name the folder that fingal-train fit wrote with -o")
    }
    let size = try file.size()
    guard size <= documentLimit else {
      throw FingalError(.limit, "is \(size) bytes long; a model's is at most \(documentLimit)", file: path)
    }
    let bytes = try file.read(size, at: 0)
    do throws(FingalError) { return try ModelDocument(json: bytes) } catch { throw error.naming(file: path) }
  }

  /// The tensors' bytes, and whether they still lie in the file of an interrupted save.
  private static func readWeights(
    _ folder: String, _ expected: ModelDocument.WeightsEntry
  ) throws(FingalError) -> (bytes: [UInt8], isNext: Bool) {
    let failure: FingalError
    do throws(FingalError) {
      return (try readWeightsFile("\(folder)/\(weightsName)", expected), false)
    } catch {
      failure = error
    }
    do throws(FingalError) {
      return (try readWeightsFile("\(folder)/\(nextName)", expected), true)
    } catch {
      throw failure
    }
  }

  private static func readWeightsFile(
    _ path: String, _ expected: ModelDocument.WeightsEntry
  ) throws(FingalError) -> [UInt8] {
    let advice = "restore the model from a copy, or train again"
    let file = try PosixFile(reading: path)
    let size = try file.size()
    if size < expected.bytes {
      throw FingalError(
        .truncated, "is \(size) bytes long where model.json says \(expected.bytes)", file: path, advice: advice)
    }
    guard size == expected.bytes else {
      throw FingalError(
        .damaged, "is \(size) bytes long where model.json says \(expected.bytes)", file: path, advice: advice)
    }
    let bytes = try file.read(size, at: 0)
    guard ModelDocument.fingerprint(bytes) == expected.xxh3 else {
      throw FingalError(.damaged, "the checksum of the weights differs from model.json's", file: path, advice: advice)
    }
    return bytes
  }

  /// If a save was interrupted after its point of no return, does its last step, which the next save relies on.
  private static func finishInterruptedSave(_ folder: String) throws(FingalError) {
    let next = "\(folder)/\(nextName)"
    guard unsafe access(next, F_OK) == 0 else { return }
    guard let document = try? readDocument(folder), let weights = try? readWeights(folder, document.weights),
      weights.isNext
    else { return }
    try move(next, to: "\(folder)/\(weightsName)")
  }

  private static func move(_ source: String, to target: String) throws(FingalError) {
    if unsafe rename(source, target) != 0 {
      throw FingalError(.inputOutput, "cannot rename the finished file: \(PosixFile.reason(errno))", file: target)
    }
  }
}
