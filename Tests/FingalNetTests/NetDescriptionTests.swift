import Fingal
import FingalNet
import Testing

@Suite struct NetDescriptionTests {
  @Test(arguments: [
    ("cnn2d", [28, 15, 15], 109_825), ("cnn3d", [28, 15, 15], 279_537), ("cnn2d", [28, 12, 15], 109_825),
    ("cnn3d", [28, 12, 15], 279_537), ("cnn2d", [28, 13, 13], 109_825), ("cnn2d", [4, 5, 5], 37_377),
  ])
  func parameterCounts(_ name: String, image: [Int], expected: Int) throws {
    let net = try NetDescription.preset(name, image: image)
    let count = try net.parameterCount()
    #expect(count == expected)
    #expect(count == (try net.initialWeights(seed: 1)).reduce(0) { $0 + $1.values.count })
  }

  @Test func shapesOfTheReferenceNets() throws {
    let flat = try NetDescription.cnn2d(image: [28, 15, 15]).resolved()
    #expect(flat.map(\.name) == ["conv1", "conv2", "pool1", "conv3", "pool2", "dense1", "dense2"])
    #expect(
      flat.map(\.outputShape) == [[32, 15, 15], [32, 15, 15], [32, 7, 7], [64, 7, 7], [64, 3, 3], [128], [1]])
    let deep = try NetDescription.cnn3d(image: [28, 12, 15]).resolved()
    #expect(
      deep.map(\.outputShape) == [
        [16, 28, 12, 15], [16, 28, 12, 15], [16, 14, 6, 7], [32, 14, 6, 7], [32, 7, 3, 3], [128], [1],
      ])
    #expect(deep[5].weightShape == [128, 32 * 7 * 3 * 3])
  }

  @Test func summary() throws {
    let text = try NetDescription.cnn2d(image: [28, 15, 15]).summary()
    #expect(
      text == """
        net: cnn2d, input 28×15×15
        layer              output      parameters
        -----------------------------------------
        conv1 (conv2d)     32×15×15         8,096
        conv2 (conv2d)     32×15×15         9,248
        pool1 (maxpool)    32×7×7               0
        conv3 (conv2d)     64×7×7          18,496
        pool2 (maxpool)    64×3×3               0
        dense1 (dense)     128             73,856
        dense2 (dense)     1                  129
        -----------------------------------------
        total parameters: 109,825
        """)
  }

  @Test(arguments: NetDescription.presetNames)
  func jsonRoundTrip(_ name: String) throws {
    let net = try NetDescription.preset(name, image: [28, 15, 15])
    #expect(try NetDescription(json: net.json) == net)
  }

  @Test func jsonWithDefaults() throws {
    let net = try NetDescription(
      json: """
        {"name": "small", "input": [28, 15, 15], "layers": [
          {"type": "conv2d", "filters": 16, "activation": "relu"}, {"type": "maxpool"},
          {"type": "dense", "units": 1, "activation": "sigmoid"}]}
        """)
    #expect(
      net
        == NetDescription(
          name: "small", inputShape: [28, 15, 15],
          layers: [
            .conv2d(filters: 16, kernel: 3, activation: .relu), .maxPool(size: 2),
            .dense(units: 1, activation: .sigmoid),
          ]))
  }

  struct Wrong: Sendable, CustomTestStringConvertible {
    var testDescription: String { expected }
    var input: [Int]
    var layers: [Layer]
    var expected: String
  }

  static let end = Layer.dense(units: 1, activation: .sigmoid)

  @Test(arguments: [
    Wrong(
      input: [28, 3, 15], layers: [.maxPool(), .maxPool(), end],
      expected: "net 'x': layer 2 (maxpool) pools by 2, but its input is 28×1×7: too small"),
    Wrong(
      input: [28, 15, 15], layers: [.conv3d(filters: 4, activation: .relu), end],
      expected: "net 'x': layer 1 (conv3d) needs an input of 4 axes, its input is 28×15×15"),
    Wrong(
      input: [28, 15, 15], layers: [.dense(units: 3, activation: .relu), .conv2d(filters: 3, activation: .relu), end],
      expected: "net 'x': layer 2 (conv2d) needs an input of 3 axes, its input is 3"),
    Wrong(
      input: [28, 15, 15], layers: [.dense(units: 3, activation: .relu), .maxPool(), end],
      expected: "net 'x': layer 2 (maxpool) comes after a dense layer, where there is nothing to pool"),
    Wrong(
      input: [28, 15, 15], layers: [.conv2d(filters: 4, kernel: 4, activation: .relu), end],
      expected: "net 'x': layer 1 (conv2d): a kernel of 4; it must be odd, 1 to 31"),
    Wrong(
      input: [28, 15, 15], layers: [.conv2d(filters: 0, activation: .relu), end],
      expected: "net 'x': layer 1 (conv2d): 0 filters; it must be 1 to 65536"),
    Wrong(
      input: [28, 15, 15], layers: [.dense(units: 4, activation: .sigmoid), end],
      expected: "net 'x': layer 1 (dense): sigmoid is for the last layer only; use relu"),
    Wrong(
      input: [28, 15, 15], layers: [.dense(units: 4, activation: .relu)],
      expected: "net 'x': the last layer must be dense with 1 unit and activation sigmoid"),
    Wrong(
      input: [28, 15, 15], layers: [],
      expected: "net 'x': the last layer must be dense with 1 unit and activation sigmoid"),
    Wrong(
      input: [28, 15], layers: [end],
      expected:
        "net 'x': the input shape 28×15 is not (channels, height, width) or (channels, depth, height, width)"),
    Wrong(
      input: [60000, 60000, 60000], layers: [end],
      expected: "net 'x': the input shape 60000×60000×60000 holds too many values"),
    Wrong(
      input: [28, 900, 900], layers: [.dense(units: 65536, activation: .relu), end],
      expected: "net 'x': layer 1 (dense) holds too many values: weights 65536×22680000, output 65536"),
  ])
  func whatDoesNotFitIsSaid(_ wrong: Wrong) {
    let net = NetDescription(name: "x", inputShape: wrong.input, layers: wrong.layers)
    let error = #expect(throws: FingalError.self) { _ = try net.resolved() }
    #expect(error?.code == .usage)
    #expect(error?.message == wrong.expected)
  }

  @Test func presetsNeedAnImageThatIsLargeEnough() {
    for (name, image) in [
      ("cnn2d", [28, 3, 15]), ("cnn3d", [3, 15, 15]), ("cnn2d", [15, 15]), ("cnn4d", [28, 15, 15]),
    ] {
      let error = #expect(throws: FingalError.self) { _ = try NetDescription.preset(name, image: image) }
      #expect(error?.code == .usage)
    }
  }

  @Test(arguments: [
    ("{", "the description of the net is not the JSON it must be: "),
    (
      #"{"name": "x", "input": [1, 4, 4]}"#,
      "the description of the net is not the JSON it must be: 'layers' is missing"
    ),
    (
      #"{"name": "x", "input": [1, 4, 4], "layers": [{"type": "lstm"}]}"#,
      "the description of the net is not the JSON it must be: unknown layer type 'lstm' "
        + "(known are conv2d, conv3d, maxpool, dense) in layers.[0].type"
    ),
  ])
  func badJSON(_ text: String, _ expected: String) {
    let error = #expect(throws: FingalError.self) { _ = try NetDescription(json: text) }
    #expect(error?.message.hasPrefix(expected) == true, "\(error?.message ?? "")")
  }

  @Test func initialWeightsAreGlorotUniform() throws {
    let net = try NetDescription.cnn3d(image: [28, 15, 15])
    let tensors = try net.initialWeights(seed: 7)
    #expect(tensors == (try net.initialWeights(seed: 7)))
    for tensor in tensors {
      if tensor.name.hasSuffix("bias") {
        #expect(tensor.values.allSatisfy { $0 == 0 })
        continue
      }
      let receptive = tensor.shape.dropFirst(2).reduce(1, *)
      let limit = (6 / Float((tensor.shape[0] + tensor.shape[1]) * receptive)).squareRoot()
      #expect(tensor.values.allSatisfy { abs($0) <= limit })
      // Mean 0 and variance limit²/3 within 5 standard errors.
      let count = Float(tensor.values.count)
      let mean = tensor.values.reduce(0, +) / count
      let variance = tensor.values.reduce(0) { $0 + $1 * $1 } / count
      #expect(abs(mean) < 5 * limit / (3 * count).squareRoot())
      #expect(abs(variance - limit * limit / 3) < 5 * limit * limit * (4 / 45 / count).squareRoot())
    }
  }

  /// First numbers of the generator, as an independent implementation of SplitMix64 gives them.
  @Test func generatorIsSplitMix64() {
    // The published test vector of SplitMix64: seed 1234567.
    var state: UInt64 = 1_234_567
    func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    let first = next()
    #expect(first == 6_457_827_717_110_365_317)
    // Stream 0 of that seed starts from its first number.
    state = first
    let random = CounterRandom(seed: 1_234_567, stream: 0)
    for index in 0..<5 { #expect(random.bits(index) == next()) }
  }
}
