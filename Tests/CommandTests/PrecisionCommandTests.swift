import Testing

/// `fingal convert --precision`: what it does, what it records, what it refuses.
@Suite struct PrecisionCommandTests {
  static let hits = """
    event,layer,energy,time
    0,1,3.3667,12.157
    0,2,0.52451,13.363
    1,1,10.187,11.132

    """

  @Test func roundsRecordsAndShows() throws {
    let folder = try TemporaryDirectory()
    let input = try folder.file("in.csv", Self.hits)
    let output = folder.path("out.fingal")
    let converted = try run(
      "fingal", ["convert", input, "-o", output, "--precision", "time=step:0.05", "--precision", "hits.energy=8"])
    #expect(converted.status == 0, "\(converted.err)")
    #expect(
      try run("fingal", ["export", output, "-o", "-"]).out == """
        event,layer,energy,time
        0,1,3.3671875,12.15
        0,2,0.5253906,13.35
        1,1,10.1875,11.15

        """)
    let schema = try run("fingal", ["schema", output]).out
    #expect(schema.contains(#""precision" : "{\"absolute\":0.025,\"kind\":\"step\",\"parameter\":\"0.05\"}""#))
    #expect(schema.contains(#""precision" : "{\"kind\":\"bits\",\"parameter\":\"8\",\"relative\":0.001953125}""#))
    #expect(try run("fingal", ["columns", output]).out.contains("float32, step 0.05"))
    #expect(try run("fingal", ["columns", output, "--json"]).out.contains(#""rule" : "8 bits""#))
    #expect(try run("fingal", ["info", output]).out.contains("time float32 (step 0.05)"))
    #expect(try run("fingal", ["verify", output]).status == 0)
  }

  /// Never without being asked.
  @Test func nothingIsLostByDefault() throws {
    let folder = try TemporaryDirectory()
    let output = folder.path("out.fingal")
    #expect(try run("fingal", ["convert", try folder.file("in.csv", Self.hits), "-o", output]).status == 0)
    #expect(try run("fingal", ["export", output, "-o", "-"]).out == Self.hits)
    #expect(!(try run("fingal", ["schema", output]).out.contains("precision")))
  }

  @Test(arguments: [
    ("layer=5", "bits of a mantissa cannot be kept of values of type int32; use step:X for whole numbers"),
    ("layer=step:0.5", "a step of 0.5 for values of type int32; choose a whole number"),
    ("time=23", "23 bits of a float32 cannot be kept; choose from 1 to 22"),
    ("time=coarse", "'coarse' is no precision; give a number of bits, or step:0.001"),
    ("time=step:0", "'0' is no step"), ("depth=5", "no column 'depth' for --precision"),
  ])
  func refuses(_ precision: String, _ message: String) throws {
    let folder = try TemporaryDirectory()
    let input = try folder.file("in.csv", Self.hits)
    let result = try run("fingal", ["convert", input, "-o", folder.path("out.fingal"), "--precision", precision])
    #expect(result.status == 2)
    #expect(result.errorLines.count == 1 && result.err.contains(message), "\(result.err)")
    #expect(folder.names == ["in.csv"])
  }
}
