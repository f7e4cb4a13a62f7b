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
    var calls = 0
    let error = #expect(throws: FingalError.self) {
      // The first MiB is read ahead: a longer text is needed to be caught in the middle of it.
      _ = try Converter([input, input, input], output: workspace.path("out.fingal"), options: options) { _ in
        calls += 1
        if calls == 1 { truncate(input, length) }
      }.run()
    }
    #expect(error?.file == input, "\(error as Any)")
    #expect(workspace.names == ["in.csv"])
  }
}
