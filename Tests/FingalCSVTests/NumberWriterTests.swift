import Fingal
import FingalCSV
import FingalKernels
import Testing

private func text(_ value: Double, _ format: NumberFormat, point: UInt8 = 0x2E) -> String {
  let out = AlignedBytes()
  NumberWriter.append(value, format, point: point, to: out)
  return unsafe String(decoding: out.bytes, as: UTF8.self)
}
private func text(_ value: Float, _ format: NumberFormat) -> String {
  let out = AlignedBytes()
  NumberWriter.append(value, format, to: out)
  return unsafe String(decoding: out.bytes, as: UTF8.self)
}
private func printf(_ value: Double, _ conversion: Character, _ precision: Int) -> String {
  var buffer = [CChar](repeating: 0, count: 1500)
  let length = unsafe fingal_format_double(&buffer, 1500, CChar(conversion.asciiValue!), CInt(precision), value)
  return String(decoding: buffer[0..<Int(length)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

@Suite struct NumberWriterTests {
  @Test func shortestForms() {
    #expect(text(7_153_368.0, .shortest) == "7153368")
    #expect(text(7_153_368.0, .shortestWithPoint) == "7153368.0")
    #expect(text(0.1, .shortest) == "0.1")
    #expect(text(1e-7, .shortest) == "1e-07")
    #expect(text(1e-7, .shortestWithPoint) == "1e-07")
    #expect(text(0.0001, .shortest) == "0.0001")
    #expect(text(0.00001, .shortest) == "1e-05")
    #expect(text(1e15, .shortestWithPoint) == "1000000000000000.0")
    #expect(text(1e16, .shortestWithPoint) == "1e+16")
    #expect(text(1.5e300, .shortest) == "1.5e+300")
    #expect(text(-0.0, .shortest) == "-0")
    #expect(text(-0.0, .shortestWithPoint) == "-0.0")
    #expect(text(Float(3.27496837), .shortest) == "3.2749684")
    #expect(text(Float(16_777_216), .shortest) == "16777216")
    #expect(text(Float.greatestFiniteMagnitude, .shortest) == "3.4028235e+38")
    #expect(text(Double.leastNonzeroMagnitude, .shortest) == "5e-324")
    #expect(text(109_060_857.0 as Double, .shortest) == "109060857")
  }

  @Test func specialValues() {
    for format in [NumberFormat.integer, .shortest, .shortestWithPoint, .fixed(decimals: 2), .general(digits: 6)] {
      #expect(text(Double.nan, format) == "nan")
      #expect(text(Float.nan, format) == "nan")
      #expect(text(-Double.infinity, format) == "-inf")
      #expect(text(Float.infinity, format) == "inf")
    }
  }

  @Test func decimalComma() {
    #expect(text(-1.5, .fixed(decimals: 2), point: 0x2C) == "-1,50")
    #expect(text(1.5, .shortest, point: 0x2C) == "1,5")
  }

  @Test func integers() {
    let out = AlignedBytes()
    for value in [0, 7, -7, Int64.max, .min] {
      out.removeAll()
      NumberWriter.append(value, to: out)
      #expect(unsafe String(decoding: out.bytes, as: UTF8.self) == "\(value)")
    }
    out.removeAll()
    NumberWriter.append(UInt64.max, to: out)
    NumberWriter.append(Int8.min, to: out)
    #expect(unsafe String(decoding: out.bytes, as: UTF8.self) == "18446744073709551615-128")
    #expect(text(2.5, .integer) == "2")
    #expect(text(1e20, .integer) == "100000000000000000000")
  }

  @Test func metadataNamesEveryFormat() {
    let formats: [NumberFormat] = [
      .integer, .shortest, .shortestWithPoint, .fixed(decimals: 4), .general(digits: 9), .scientific(decimals: 18),
    ]
    #expect(formats.map(\.metadata) == ["integer", "shortest", "repr", "%.4f", "%.9g", "%.18e"])
    for format in formats { #expect(NumberFormat(metadata: format.metadata) == format) }
    for bad in ["", "%", "%.f", "%.4x", "%4f", "%.-1f", "%.+1f", "%.999f", "%s%n"] {
      #expect(NumberFormat(metadata: bad) == nil)
    }
  }

  static let magnitudes: [ClosedRange<Double>] = [
    0...1, 0...1000, 0...1e7, 1e-12...1e-3, 1e9...1e19, 1e17...1e24, 0...1e-15,
  ]

  /// Fixed, general and scientific against printf, on ordinary values, on values with few digits (where ties are) and on
  /// arbitrary bits.
  @Test(arguments: magnitudes.indices)
  func agreesWithPrintf(magnitude: Int) {
    let seed: UInt64 = 77 + UInt64(magnitude)
    var random = SplitMix(seed)
    for round in 0..<700 {
      var value = Double.random(in: Self.magnitudes[magnitude], using: &random)
      if round % 3 == 1 { value = (value * 64).rounded() / 64 }
      if round % 3 == 2 { value = Double(Float(value)) }
      if round % 100 == 99 { value = Double(bitPattern: random.next() & 0x7FEF_FFFF_FFFF_FFFF) }
      if Bool.random(using: &random) { value = -value }
      for precision in [0, 1, 2, 3, 4, 6, 8, 9, 16, 17, 18, 19, 25] {
        let failed =
          text(value, .fixed(decimals: precision)) != printf(value, "f", precision)
          || text(value, .general(digits: precision)) != printf(value, "g", precision)
          || text(value, .scientific(decimals: precision)) != printf(value, "e", precision)
        if failed {
          Issue.record(
            """
            seed \(seed), \(value), precision \(precision): \(text(value, .fixed(decimals: precision))) \
            \(text(value, .general(digits: precision))) \(text(value, .scientific(decimals: precision)))
            """)
          return
        }
      }
    }
  }

  @Test func neighboursOfPowersOfTenAndTies() {
    for power in -20...20 {
      let ten = printf(1, "f", 0) + "e\(power)"
      let base = Double(ten)!
      for value in [
        base, base.nextDown, base.nextUp, 9.5 * base, 9.9999995 * base, 0.5 * base, 2.5 * base, 0.125 * base,
      ] {
        for precision in 0...18 {
          #expect(text(value, .general(digits: precision)) == printf(value, "g", precision), "\(value) \(precision)")
          #expect(
            text(value, .scientific(decimals: precision)) == printf(value, "e", precision), "\(value) \(precision)")
          #expect(text(value, .fixed(decimals: precision)) == printf(value, "f", precision), "\(value) \(precision)")
        }
      }
    }
  }

  /// What is written reads back as the same bits; `reproduces` says so of its own text and of no other.
  @Test func roundTrips() {
    let seed: UInt64 = 5
    var random = SplitMix(seed)
    let scratch = AlignedBytes()
    for _ in 0..<5_000 {
      let float = Float(bitPattern: UInt32.random(in: 0..<0x7F80_0000, using: &random))
      let double = Double(bitPattern: UInt64.random(in: 0..<0x7FF0 << 48, using: &random))
      for format in [NumberFormat.shortest, .shortestWithPoint, .general(digits: 9), .scientific(decimals: 8)] {
        let written = Array(text(float, format).utf8)
        unsafe written.withUnsafeBytes { bytes in
          #expect(unsafe NumberText.float32(bytes)?.bitPattern == float.bitPattern, "seed \(seed), \(float)")
          #expect(unsafe format.reproduces(bytes, float, scratch: scratch))
          #expect(
            unsafe !format.reproduces(UnsafeRawBufferPointer(rebasing: bytes.dropLast()), float, scratch: scratch))
        }
      }
      for format in [NumberFormat.shortest, .shortestWithPoint, .general(digits: 17), .scientific(decimals: 16)] {
        let written = Array(text(double, format).utf8)
        unsafe written.withUnsafeBytes { bytes in
          #expect(unsafe NumberText.float64(bytes)?.bitPattern == double.bitPattern, "seed \(seed), \(double)")
        }
      }
    }
  }
}
