import Testing

/// Help, version and wrong calls: what a user meets first.
@Suite struct UsageTests {
  @Test func versionIsPrinted() throws {
    let result = try run("fingal", ["--version"])
    #expect(result.status == 0)
    #expect(result.out == "0.1.0\n")
    #expect(result.err == "")
  }

  @Test(arguments: [
    [], ["info"], ["schema"], ["columns"], ["pages"], ["dump"], ["verify"], ["salvage"], ["merge"],
    ["append"], ["select"], ["diff"],
  ])
  func helpHasExamples(command: [String]) throws {
    let result = try run("fingal", command + ["--help"])
    #expect(result.status == 0)
    #expect(result.out.contains("EXAMPLES:\n  fingal "))
    #expect(result.err == "")
  }

  @Test(arguments: [
    (["bogus"], "fingal: unexpected argument 'bogus'; see 'fingal --help'"),
    (["info"], "fingal: missing expected argument '<file> ...'; see 'fingal info --help'"),
    (["info", "--jsn", "x"], "fingal: unknown option '--jsn'. Did you mean '--json'?; see 'fingal info --help'"),
  ])
  func wrongCallIsOneLineAndStatusTwo(arguments: [String], line: String) throws {
    let result = try run("fingal", arguments)
    #expect(result.status == 2)
    #expect(result.err == line + "\n")
    #expect(result.out == "")
  }
}
