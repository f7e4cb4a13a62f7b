import Fingal
import FingalFeed
import FingalNet

/// What a model folder says about its data, so that `evaluate` and `predict` need no repetition: kept as the metadata of
/// the checkpoint.
struct ModelSettings {
  var image: ImageDescription
  var scale: PixelScale
  var signal: String
  var background: String
  var selection: String?
  var balance: Bool
  var validation: Double

  var metadata: [String: String] {
    var metadata = [
      "image": image.description, "scale": scale.description, "signal": signal, "background": background,
      "balance": balance ? "true" : "false", "validation": "\(validation)",
    ]
    metadata["where"] = selection
    return metadata
  }

  init(
    image: ImageDescription, scale: PixelScale, signal: String, background: String, selection: String?, balance: Bool,
    validation: Double
  ) {
    self.image = image
    self.scale = scale
    self.signal = signal
    self.background = background
    self.selection = selection
    self.balance = balance
    self.validation = validation
  }

  /// - Throws: `damaged` if the model lacks a setting.
  init(of checkpoint: Checkpoint, in folder: String) throws(FingalError) {
    func setting(_ name: String) throws(FingalError) -> String {
      if let value = checkpoint.metadata[name] { return value }
      throw FingalError(
        .damaged, "the model does not say its \(name)", file: folder, advice: "was it made by fingal-train fit?")
    }
    image = try ImageDescription(parsing: try setting("image"))
    scale = try PixelScale(parsing: try setting("scale"))
    signal = try setting("signal")
    background = try setting("background")
    selection = checkpoint.metadata["where"]
    balance = try setting("balance") == "true"
    validation = Double(try setting("validation")) ?? 0
  }
}
