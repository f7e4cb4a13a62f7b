import Glibc

// The readable twin of the engine: every layer as plain loops in double precision, one event at a time. It is what the
// engine is tested against, and what to read to learn what the engine computes. It is slow.
//
// Images have the axes channels, depth, height, width; 2D images have a depth of 1.

/// Sizes of an image.
package struct ReferenceShape: Equatable, Sendable {
  package var channels: Int
  package var depth: Int
  package var height: Int
  package var width: Int

  package init(channels: Int, depth: Int, height: Int, width: Int) {
    self.channels = channels
    self.depth = depth
    self.height = height
    self.width = width
  }

  /// (channels, height, width), (channels, depth, height, width) or (units).
  package init(_ shape: [Int]) {
    switch shape.count {
    case 4: self.init(channels: shape[0], depth: shape[1], height: shape[2], width: shape[3])
    case 3: self.init(channels: shape[0], depth: 1, height: shape[1], width: shape[2])
    default: self.init(channels: shape[0], depth: 1, height: 1, width: 1)
    }
  }

  package var count: Int { channels * depth * height * width }

  /// Where a value lies in plain order.
  package func index(_ c: Int, _ z: Int, _ y: Int, _ x: Int) -> Int { ((c * depth + z) * height + y) * width + x }
}

/// A layer: its output, and from the gradient of the loss by the output those by the input and by its parameters.
package protocol ReferenceLayer {
  func forward(_ input: [Double]) -> [Double]
  func backward(
    input: [Double], outputGradient: [Double]
  ) -> (input: [Double], weights: [Double], biases: [Double])
}

/// Convolution with stride 1 and zero padding that keeps the sizes. (As everywhere in machine learning the kernel is not
/// mirrored: it is a cross-correlation.)
package struct ReferenceConvolution: ReferenceLayer {
  package var input: ReferenceShape
  package var filters: Int
  /// Sizes of the kernel along depth, height and width; odd.
  package var kernel: (depth: Int, height: Int, width: Int)
  /// (filters, channels, depth, height, width)
  package var weights: [Double]
  package var biases: [Double]

  package init(
    input: ReferenceShape, filters: Int, kernel: (depth: Int, height: Int, width: Int), weights: [Double],
    biases: [Double]
  ) {
    self.input = input
    self.filters = filters
    self.kernel = kernel
    self.weights = weights
    self.biases = biases
  }

  private var output: ReferenceShape {
    ReferenceShape(channels: filters, depth: input.depth, height: input.height, width: input.width)
  }

  /// Visits every product of the sum, row by row: `count` outputs from `output` on, the weight that they share, and the
  /// inputs under them from `input` on.
  private func forEachRow(_ visit: (_ output: Int, _ weight: Int, _ input: Int, _ count: Int) -> Void) {
    var weight = 0
    for f in 0..<filters {
      for c in 0..<input.channels {
        for kz in 0..<kernel.depth {
          for ky in 0..<kernel.height {
            for kx in 0..<kernel.width {
              // Where the input would lie outside it is zero and the product is left out.
              let shift = kx - kernel.width / 2
              let begin = max(0, -shift)
              let end = min(input.width, input.width - shift)
              for z in 0..<input.depth {
                let iz = z + kz - kernel.depth / 2
                if iz < 0 || iz >= input.depth { continue }
                for y in 0..<input.height {
                  let iy = y + ky - kernel.height / 2
                  if iy < 0 || iy >= input.height || begin >= end { continue }
                  visit(output.index(f, z, y, begin), weight, input.index(c, iz, iy, begin + shift), end - begin)
                }
              }
              weight += 1
            }
          }
        }
      }
    }
  }

  package func forward(_ values: [Double]) -> [Double] {
    let pixels = output.count / filters
    var result = (0..<output.count).map { biases[$0 / pixels] }
    forEachRow { output, weight, input, count in
      let factor = weights[weight]
      for x in 0..<count { result[output + x] += factor * values[input + x] }
    }
    return result
  }

  package func backward(
    input values: [Double], outputGradient: [Double]
  ) -> (input: [Double], weights: [Double], biases: [Double]) {
    var inputGradient = [Double](repeating: 0, count: input.count)
    var weightGradient = [Double](repeating: 0, count: weights.count)
    var biasGradient = [Double](repeating: 0, count: filters)
    forEachRow { output, weight, input, count in
      let factor = weights[weight]
      var sum = 0.0
      for x in 0..<count {
        inputGradient[input + x] += factor * outputGradient[output + x]
        sum += values[input + x] * outputGradient[output + x]
      }
      weightGradient[weight] += sum
    }
    let pixels = output.count / filters
    for (position, gradient) in outputGradient.enumerated() { biasGradient[position / pixels] += gradient }
    return (inputGradient, weightGradient, biasGradient)
  }
}

/// max(x, 0); its derivative at 0 is taken as 0.
package struct ReferenceReLU: ReferenceLayer {
  package init() {}

  package func forward(_ input: [Double]) -> [Double] { input.map { max($0, 0) } }

  package func backward(
    input: [Double], outputGradient: [Double]
  ) -> (input: [Double], weights: [Double], biases: [Double]) {
    (zip(input, outputGradient).map { $0 > 0 ? $1 : 0 }, [], [])
  }
}

/// Maximum over blocks; rows that do not fill a block at the end are dropped. Of equal values the first one counts.
package struct ReferenceMaxPool: ReferenceLayer {
  package var input: ReferenceShape
  package var output: ReferenceShape
  /// Sizes of a block along depth, height and width.
  package var size: (depth: Int, height: Int, width: Int)

  package init(input: ReferenceShape, output: ReferenceShape, size: (depth: Int, height: Int, width: Int)) {
    self.input = input
    self.output = output
    self.size = size
  }

  /// The index of the largest input of each block.
  private func winners(_ values: [Double]) -> [Int] {
    var result: [Int] = []
    for c in 0..<output.channels {
      for z in 0..<output.depth {
        for y in 0..<output.height {
          for x in 0..<output.width {
            var best = input.index(c, z * size.depth, y * size.height, x * size.width)
            for dz in 0..<size.depth {
              for dy in 0..<size.height {
                for dx in 0..<size.width {
                  let candidate = input.index(c, z * size.depth + dz, y * size.height + dy, x * size.width + dx)
                  if values[candidate] > values[best] { best = candidate }
                }
              }
            }
            result.append(best)
          }
        }
      }
    }
    return result
  }

  package func forward(_ values: [Double]) -> [Double] { winners(values).map { values[$0] } }

  package func backward(
    input values: [Double], outputGradient: [Double]
  ) -> (input: [Double], weights: [Double], biases: [Double]) {
    var inputGradient = [Double](repeating: 0, count: input.count)
    for (winner, gradient) in zip(winners(values), outputGradient) { inputGradient[winner] += gradient }
    return (inputGradient, [], [])
  }
}

/// Every input to every unit; an image is taken in plain order.
package struct ReferenceDense: ReferenceLayer {
  package var inputs: Int
  package var units: Int
  /// (units, inputs)
  package var weights: [Double]
  package var biases: [Double]

  package init(inputs: Int, units: Int, weights: [Double], biases: [Double]) {
    self.inputs = inputs
    self.units = units
    self.weights = weights
    self.biases = biases
  }

  package func forward(_ input: [Double]) -> [Double] {
    (0..<units).map { unit in
      var sum = biases[unit]
      for (position, value) in input.enumerated() { sum += weights[unit * inputs + position] * value }
      return sum
    }
  }

  package func backward(
    input: [Double], outputGradient: [Double]
  ) -> (input: [Double], weights: [Double], biases: [Double]) {
    var inputGradient = [Double](repeating: 0, count: inputs)
    var weightGradient: [Double] = []
    weightGradient.reserveCapacity(weights.count)
    for (unit, gradient) in outputGradient.enumerated() {
      for (position, value) in input.enumerated() {
        inputGradient[position] += weights[unit * inputs + position] * gradient
        weightGradient.append(value * gradient)
      }
    }
    return (inputGradient, weightGradient, outputGradient)
  }
}

/// Binary cross-entropy of a logit, and its derivative; see `BinaryCrossEntropy`.
package enum ReferenceLoss {
  package static func loss(logit z: Double, label: Double) -> Double {
    max(z, 0) - z * label + log1p(exp(-abs(z)))
  }

  package static func gradient(logit z: Double, label: Double) -> Double { 1 / (1 + exp(-z)) - label }
}
