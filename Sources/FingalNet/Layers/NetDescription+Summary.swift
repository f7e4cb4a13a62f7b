public import Fingal

extension NetDescription {
  /// A table of the layers as Keras' `summary()` prints it:
  ///
  ///     net: cnn2d, input 28×15×15
  ///     layer              output       parameters
  ///     ------------------------------------------
  ///     conv1 (conv2d)     32×15×15          8,096
  ///     pool1 (maxpool)    32×7×7                0
  ///     dense1 (dense)     1                 1,569
  ///     ------------------------------------------
  ///     total parameters: 9,665
  ///
  /// - Throws: as `resolved()`.
  public func summary() throws(FingalError) -> String {
    let layers = try resolved()
    let rows = layers.map { layer in
      [
        "\(layer.name) (\(layer.layer.kind))", layer.outputShape.map(String.init).joined(separator: "×"),
        grouped(layer.parameterCount),
      ]
    }
    let head = ["layer", "output", "parameters"]
    let widths = head.indices.map { column in
      rows.map { $0[column].count }.max().map { max($0, head[column].count) } ?? 0
    }
    func line(_ cells: [String]) -> String {
      let left = zip(cells, widths).prefix(2).map { $0 + String(repeating: " ", count: $1 - $0.count + 4) }.joined()
      return left + String(repeating: " ", count: widths[2] - cells[2].count) + cells[2]
    }
    let rule = String(repeating: "-", count: widths.reduce(8, +))
    return
      (["net: \(name), input \(inputShape.map(String.init).joined(separator: "×"))", line(head), rule]
      + rows.map(line) + [rule, "total parameters: \(grouped(try parameterCount()))"]).joined(separator: "\n")
  }
}

/// 109825 as "109,825".
func grouped(_ number: Int) -> String {
  var digits = ""
  for (place, digit) in String(number).reversed().enumerated() {
    if place > 0 && place % 3 == 0 { digits.append(",") }
    digits.append(digit)
  }
  return String(digits.reversed())
}
