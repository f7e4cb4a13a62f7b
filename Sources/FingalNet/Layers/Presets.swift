public import Fingal

extension NetDescription {
  /// Names of the nets that come with the library.
  public static let presetNames = ["cnn2d", "cnn3d"]

  /// The 2D reference net: the layers of the calorimeter are the channels of an image.
  ///
  /// conv 3×3×32 ReLU → conv 3×3×32 ReLU → maxpool 2 → conv 3×3×64 ReLU → maxpool 2 → dense 128 ReLU → dense 1 sigmoid;
  /// 109,825 parameters for an image of 28×15×15.
  ///
  /// - Parameter image: layers, height, width; height and width at least 4.
  /// - Throws: `usage` if the image has not three axes or is too small.
  public static func cnn2d(image: [Int]) throws(FingalError) -> NetDescription {
    try checked(
      NetDescription(
        name: "cnn2d", inputShape: image,
        layers: [
          .conv2d(filters: 32, activation: .relu), .conv2d(filters: 32, activation: .relu), .maxPool(),
          .conv2d(filters: 64, activation: .relu), .maxPool(), .dense(units: 128, activation: .relu),
          .dense(units: 1, activation: .sigmoid),
        ]), image: image)
  }

  /// The 3D reference net: the layers of the calorimeter are the depth of a volume with one channel.
  ///
  /// conv 3×3×3×16 ReLU → conv 3×3×3×16 ReLU → maxpool 2 → conv 3×3×3×32 ReLU → maxpool 2 → dense 128 ReLU →
  /// dense 1 sigmoid; 279,537 parameters for an image of 28×15×15.
  ///
  /// - Parameter image: layers, height, width; each at least 4. A leading axis of 1 is added for the channel.
  /// - Throws: `usage` if the image has not three axes or is too small.
  public static func cnn3d(image: [Int]) throws(FingalError) -> NetDescription {
    try checked(
      NetDescription(
        name: "cnn3d", inputShape: [1] + image,
        layers: [
          .conv3d(filters: 16, activation: .relu), .conv3d(filters: 16, activation: .relu), .maxPool(),
          .conv3d(filters: 32, activation: .relu), .maxPool(), .dense(units: 128, activation: .relu),
          .dense(units: 1, activation: .sigmoid),
        ]), image: image)
  }

  /// The reference net of that name.
  ///
  /// - Throws: `usage` for an unknown name and as `cnn2d(image:)`, `cnn3d(image:)`.
  public static func preset(_ name: String, image: [Int]) throws(FingalError) -> NetDescription {
    switch name {
    case "cnn2d": try cnn2d(image: image)
    case "cnn3d": try cnn3d(image: image)
    default:
      throw FingalError(
        .usage, "unknown net '\(name)'", advice: "nets are \(presetNames.joined(separator: ", ")), or a JSON file")
    }
  }

  private static func checked(_ net: NetDescription, image: [Int]) throws(FingalError) -> NetDescription {
    guard image.count == 3 else {
      throw FingalError(
        .usage,
        "net '\(net.name)' takes images of three axes (layers, height, width), not \(image.count)")
    }
    _ = try net.resolved()
    return net
  }
}
