import Glibc

/// Binary cross-entropy of logits: for logit z, label y and weight w
///
///     loss = w · (max(z, 0) − z·y + log(1 + exp(−|z|)))        d loss / d z = w · (sigmoid(z) − y)
///
/// which neither overflows nor loses digits for large |z|, unlike the logarithm of a sigmoid.
enum BinaryCrossEntropy {
  static func sigmoid(_ z: Float) -> Float {
    let e = expf(-abs(z))
    return z >= 0 ? 1 / (1 + e) : e / (1 + e)
  }

  /// Sums the loss over `count` events and writes the gradient of (loss · `scale`) for each.
  ///
  /// - Parameter weights: one an event; nil weighs all 1.
  /// - Returns: the sum, not scaled.
  static func sum(
    logits: UnsafePointer<Float>, labels: UnsafePointer<Float>, weights: UnsafePointer<Float>?, count: Int,
    scale: Float, gradients: UnsafeMutablePointer<Float>
  ) -> Double {
    var total = 0.0
    for event in 0..<count {
      let z = unsafe logits[event]
      let y = unsafe labels[event]
      let weight = unsafe weights.map { unsafe $0[event] } ?? 1
      let loss = max(z, 0) - z * y + log1pf(expf(-abs(z)))
      // max(NaN, 0) may be 0: a NaN must not get lost.
      total += Double(z.isNaN ? z : loss) * Double(weight)
      unsafe gradients[event] = weight * (sigmoid(z) - y) * scale
    }
    return total
  }
}
