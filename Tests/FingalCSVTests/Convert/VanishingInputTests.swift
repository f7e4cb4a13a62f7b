import Fingal
import FingalCSV
import Glibc
import Testing

/// Inputs that change while they are converted must not become a file that lacks events.
@Suite struct VanishingInputTests {
  @Test(arguments: [0, 5_000]) func anInputCutWhileItIsReadIsAnError(length: Int) throws {
    let workspace = try Workspace()
    var text = "event,x\n"
    for event in 0..<20_000 { text += "\(event),\(event % 97).5\n" }
    let input = try workspace.write(text)
    var options = ConvertOptions()
    options.sampleBytes = 1 << 10
    options.blockBytes = 16 << 10
    let converter = try Converter([input, input, input], output: workspace.path("out.fingal"), options: options) {
      // The first text is read by then.
      if $0.pass == 1 { _ = unsafe truncate(input, length) }
    }
    let error = #expect(throws: FingalError.self) { _ = try converter.run() }
    #expect(error?.file == input, "\(error as Any)")
    #expect(workspace.names == ["in.csv"])
  }
}
