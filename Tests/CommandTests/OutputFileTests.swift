import Fingal
import FoundationEssentials
import Testing

/// Where outputs go and what they are made of, whatever the threads.
@Suite struct OutputFileTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  @Test func forceOverALinkReplacesWhatItLeadsTo() throws {
    let tiny = try TinyFile.write(in: folder)
    try write([1, 2, 3], to: folder.path("target"))
    try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: "target")
    let refused = try run("fingal", ["select", tiny, "-o", folder.path("link")])
    #expect(refused.status == 2 && refused.err.contains("already exists"))
    #expect(try run("fingal", ["select", tiny, "-o", folder.path("link"), "--force"]).status == 0)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link")) == "target")
    #expect(try EventFile(opening: folder.path("target")).eventCount == 4)
    #expect(folder.names == ["link", "target", "tiny.fingal"])

    try FileManager.default.createSymbolicLink(atPath: folder.path("loose"), withDestinationPath: "nowhere")
    let loose = try run("fingal", ["select", tiny, "-o", folder.path("loose"), "--force"])
    #expect(loose.status == 2 && loose.err.contains("symbolic link that leads nowhere"))
  }

  @Test(arguments: ["electrons.csv.gz", "images.csv"]) func anyNumberOfThreadsWritesTheSameBytes(sample: String) throws
  {
    let source = packageRoot + "/samples/" + sample
    var files: [[UInt8]] = []
    for threads in 1...3 {
      let path = folder.path("\(threads).fingal")
      let result = try run("fingal", ["convert", source, "-o", path, "--threads", "\(threads)", "-q"])
      #expect(result.status == 0, "\(result.err)")
      files.append(try bytes(of: path))
    }
    #expect(files[0] == files[1] && files[0] == files[2])
  }
}
