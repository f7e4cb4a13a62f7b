import FingalDNN
import Glibc

/// The optimiser's moments and its count of steps, in plain order: what training needs to go on where it stopped.
public struct OptimizerState: Equatable, Sendable {
  /// Steps done.
  public var step: Int
  /// Running means of the gradients and of their squares, named and shaped as the parameters.
  public var firstMoments: [NamedTensor]
  public var secondMoments: [NamedTensor]

  public init(step: Int, firstMoments: [NamedTensor], secondMoments: [NamedTensor]) {
    self.step = step
    self.firstMoments = firstMoments
    self.secondMoments = secondMoments
  }
}

/// Adam with Keras' defaults (D. Kingma, J. Ba, arXiv:1412.6980; the form at the end of its section 2).
struct Adam {
  static let beta1: Float = 0.9
  static let beta2: Float = 0.999
  static let epsilon: Float = 1e-7
  /// The square of a larger gradient may overflow, and the second moment would stay infinite for ever.
  static let gradientLimit: Float = 0x1p62

  let firstMoments: FloatBuffer
  let secondMoments: FloatBuffer
  var step = 0

  init(count: Int) {
    firstMoments = FloatBuffer(count)
    secondMoments = FloatBuffer(count)
  }

  /// The learning rate with the correction for the moments' start at zero, for step `step`.
  func alpha(_ learningRate: Float) -> Float {
    let correction =
      (1 - pow(Double(Self.beta2), Double(step))).squareRoot() / (1 - pow(Double(Self.beta1), Double(step)))
    return Float(Double(learningRate) * correction)
  }

  /// Applies the gradient to a slice of the parameters.
  func apply(gradient: FloatBuffer, to weights: FloatBuffer, slice: Range<Int>, alpha: Float) {
    let start = slice.lowerBound
    unsafe fdnn_adam(
      weights.base + start, gradient.base + start, firstMoments.base + start, secondMoments.base + start, slice.count,
      alpha, Self.beta1, Self.beta2, Self.epsilon)
  }
}
