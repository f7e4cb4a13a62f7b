import Fingal
import FoundationEssentials

/// `model.json` as it stands in the folder.
struct ModelDocument: Codable {
  /// Says that the folder is a model of this library.
  static let format = "fingal-model"
  /// The version that is written, and the newest that is read.
  static let version = 1

  struct TensorEntry: Codable {
    var name: String
    var shape: [Int]
    /// Of the first value, in bytes from the start of the weights file.
    var offset: Int
  }

  struct WeightsEntry: Codable {
    var bytes: Int
    /// XXH3-64 with seed 0 of the whole file, 16 hexadecimal digits (`xxhsum -H3`).
    var xxh3: String
    var tensors: [TensorEntry]
  }

  struct OptimizerEntry: Codable {
    var name: String
    var step: Int
  }

  var format: String
  var version: Int
  var net: NetDescription
  var epoch: Int
  var seed: UInt64
  var metadata: [String: String]
  var optimizer: OptimizerEntry?
  var weights: WeightsEntry

  /// The two members that every version has.
  private struct Head: Codable {
    var format: String
    var version: Int
  }

  var json: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { preconditionFailure("a model is always encodable") }
    return [UInt8](data) + [UInt8(ascii: "\n")]
  }

  /// - Throws: `damaged` if the text is not the JSON it must be, `unsupported` if it is of another kind or newer.
  init(json: [UInt8]) throws(FingalError) {
    let data = Data(json)
    do {
      let head = try JSONDecoder().decode(Head.self, from: data)
      if head.format != Self.format {
        throw FingalError(.unsupported, "is a '\(head.format)' document, not a \(Self.format)")
      }
      if head.version > Self.version || head.version < 1 {
        throw FingalError(
          .unsupported, "is of version \(head.version); this program reads up to version \(Self.version)",
          advice: "use a newer program")
      }
      self = try JSONDecoder().decode(ModelDocument.self, from: data)
    } catch let error as FingalError {
      throw error
    } catch {
      throw FingalError(
        .damaged, "is not the JSON of a model: \(describe(error))", advice: "restore it from a copy, or train again")
    }
  }

  /// The document and the weights file of a checkpoint.
  static func encode(_ checkpoint: Checkpoint) -> (document: ModelDocument, weights: [UInt8]) {
    var bytes: [UInt8] = []
    var entries: [TensorEntry] = []
    for (prefix, tensors) in groups(of: checkpoint) {
      for tensor in tensors {
        entries.append(TensorEntry(name: prefix + tensor.name, shape: tensor.shape, offset: bytes.count))
        for value in tensor.values {
          let bits = value.bitPattern
          bytes.append(UInt8(truncatingIfNeeded: bits))
          bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
          bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
          bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
        }
      }
    }
    let document = ModelDocument(
      format: format, version: version, net: checkpoint.net, epoch: checkpoint.epoch, seed: checkpoint.seed,
      metadata: checkpoint.metadata,
      optimizer: checkpoint.optimizer.map { OptimizerEntry(name: "adam", step: $0.step) },
      weights: WeightsEntry(bytes: bytes.count, xxh3: fingerprint(bytes), tensors: entries))
    return (document, bytes)
  }

  private static func groups(of checkpoint: Checkpoint) -> [(prefix: String, tensors: [NamedTensor])] {
    guard let optimizer = checkpoint.optimizer else { return [("", checkpoint.weights)] }
    return [
      ("", checkpoint.weights), (firstMoments, optimizer.firstMoments), (secondMoments, optimizer.secondMoments),
    ]
  }

  private static let firstMoments = "adam.m/"
  private static let secondMoments = "adam.v/"

  static func fingerprint(_ bytes: [UInt8]) -> String {
    let digits = String(Checksum.of(bytes, seed: 0), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private init(
    format: String, version: Int, net: NetDescription, epoch: Int, seed: UInt64, metadata: [String: String],
    optimizer: OptimizerEntry?, weights: WeightsEntry
  ) {
    self.format = format
    self.version = version
    self.net = net
    self.epoch = epoch
    self.seed = seed
    self.metadata = metadata
    self.optimizer = optimizer
    self.weights = weights
  }

  /// The checkpoint, from the weights file whose length and checksum are right.
  ///
  /// - Throws: `damaged` if the net's layers do not fit, or a tensor is missing, has another shape or lies outside.
  func checkpoint(weights bytes: [UInt8]) throws(FingalError) -> Checkpoint {
    let layers: [ResolvedLayer]
    do throws(FingalError) { layers = try net.resolved() } catch { throw FingalError(.damaged, error.message) }
    var entries: [String: TensorEntry] = [:]
    for entry in self.weights.tensors {
      if entries.updateValue(entry, forKey: entry.name) != nil {
        throw FingalError(.damaged, "lists the tensor '\(entry.name)' twice")
      }
    }
    func read(_ prefix: String) throws(FingalError) -> [NamedTensor] {
      var tensors: [NamedTensor] = []
      for layer in layers where !layer.weightShape.isEmpty {
        for (suffix, shape) in [(".weight", layer.weightShape), (".bias", [layer.biasCount])] {
          let name = layer.name + suffix
          guard let entry = entries[prefix + name] else {
            throw FingalError(.damaged, "lacks the tensor '\(prefix + name)'")
          }
          guard entry.shape == shape else {
            throw FingalError(
              .damaged, "has tensor '\(prefix + name)' in shape \(entry.shape) where the net needs \(shape)")
          }
          let count = shape.reduce(1, *)
          guard entry.offset >= 0, entry.offset <= bytes.count - 4 * count else {
            throw FingalError(.damaged, "places tensor '\(prefix + name)' outside the weights file")
          }
          var values: [Float] = []
          values.reserveCapacity(count)
          var bits: UInt32 = 0
          var taken = 0
          for byte in bytes[entry.offset..<entry.offset + 4 * count] {
            bits = bits >> 8 | UInt32(byte) << 24
            taken += 1
            if taken % 4 == 0 { values.append(Float(bitPattern: bits)) }
          }
          tensors.append(NamedTensor(name: name, shape: shape, values: values))
        }
      }
      return tensors
    }
    let weights = try read("")
    var state: OptimizerState?
    if let optimizer {
      guard optimizer.name == "adam" else {
        throw FingalError(.unsupported, "was trained with the optimiser '\(optimizer.name)'; this program knows adam")
      }
      guard optimizer.step >= 0 else { throw FingalError(.damaged, "counts \(optimizer.step) steps of the optimiser") }
      state = OptimizerState(
        step: optimizer.step, firstMoments: try read(Self.firstMoments), secondMoments: try read(Self.secondMoments))
    }
    return Checkpoint(
      net: net, epoch: epoch, seed: seed, metadata: metadata, weights: weights, optimizer: state)
  }
}
