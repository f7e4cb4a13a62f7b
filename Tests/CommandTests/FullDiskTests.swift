import Fingal
import Glibc
import Testing

/// A disk without room, and files that cannot be read: one clear line, the right exit code, the old file as it was, and no
/// litter.
@Suite struct FullDiskTests {
  let folder: TemporaryDirectory
  let source: String

  init() throws {
    folder = try TemporaryDirectory()
    // Digits without a pattern, so that the output is larger than the limits below.
    var text = "event,x\n"
    var state: UInt64 = 7
    for event in 0..<30_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      text += "\(event),\(Double(state >> 40) / 1000)\n"
    }
    source = try folder.file("in.csv", text)
  }

  /// Whether a file system may be mounted here, in a namespace of its own.
  static let mayMount: Bool = {
    let script = "mount -t tmpfs -o size=64k none /mnt && umount /mnt"
    return (try? runProgram("/usr/bin/env", ["unshare", "-rm", "bash", "-c", script]).status) == 0
  }()

  /// Runs a command that writes `out.fingal` beside an old file of that name, where there is room for 64 kB.
  private func withoutRoom(_ arguments: [String], mounted: Bool) throws -> (Finished, names: [String], old: Bool) {
    let tool = try Programs.path(of: "fingal")
    let place = folder.path("place")
    let command = arguments.map { "'\($0)'" }.joined(separator: " ")
    let enter = mounted ? "mount -t tmpfs -o size=64k none '\(place)' || exit 99" : "true"
    // Small files only are allowed to grow; the shell counts blocks of a kilobyte.
    let limit = mounted ? "true" : "ulimit -f 48"
    let script = """
      mkdir -p '\(place)'
      \(enter)
      cd '\(place)'
      cp '\(folder.path("old.fingal"))' out.fingal
      (\(limit); exec '\(tool)' \(command))
      status=$?
      ls > '\(folder.path("names"))'
      cmp -s '\(folder.path("old.fingal"))' out.fingal && touch '\(folder.path("same"))'
      exit $status
      """
    _ = unsafe unlink(folder.path("same"))
    let result =
      mounted
      ? try runProgram("/usr/bin/env", ["unshare", "-rm", "bash", "-c", script])
      : try runProgram("/bin/bash", ["-c", script])
    let names = String(decoding: try bytes(of: folder.path("names")), as: UTF8.self).split(separator: "\n")
    return (result, names.map(String.init).sorted(), exists(folder.path("same")))
  }

  @Test(arguments: [true, false]) func theOldFileStaysAndNothingIsLeft(mounted: Bool) throws {
    if mounted && !Self.mayMount {
      // The limit on the size of files tests the same path of the code.
      print("no file system may be mounted here: only the limit is tested")
      return
    }
    let small = try folder.file("small.csv", "event,x\n1,1234567.125\n")
    try #require(
      try run("fingal", ["convert", small, "-o", folder.path("old.fingal"), "--type", "x=float64"]).status == 0)
    let big = folder.path("big.fingal")
    try #require(try run("fingal", ["convert", source, "-o", big, "--codec", "none"]).status == 0)
    try #require(try bytes(of: big).count > 80_000)
    let reason = mounted ? "No space left on device" : "File too large"
    for arguments in [
      ["convert", source, "-o", "out.fingal", "--force"], ["select", big, "-o", "out.fingal", "--force"],
      ["merge", big, big, "-o", "out.fingal", "--force"], ["salvage", big, "-o", "out.fingal", "--force"],
      ["append", "out.fingal", big], ["export", big, "-o", "out.csv"],
    ] {
      let (result, names, isOld) = try withoutRoom(arguments, mounted: mounted)
      #expect(result.status == 1, "\(arguments): \(result.err)")
      #expect(result.errorLines.count == 1, "\(arguments): \(result.err)")
      #expect(result.err.contains(reason), "\(arguments): \(result.err)")
      #expect(result.err.contains(arguments[0] == "export" ? "out.csv" : "out.fingal"), "\(arguments): \(result.err)")
      #expect(names == ["out.fingal"], "\(arguments)")
      #expect(isOld, "\(arguments): the old file has changed")
    }
  }

  @Test func aFullStandardOutputIsToldOf() throws {
    let file = folder.path("file.fingal")
    try #require(try run("fingal", ["convert", source, "-o", file]).status == 0)
    for arguments in [
      ["dump", file, "--format", "csv"], ["export", file, "-o", "-"], ["info", file], ["pages", file],
    ] {
      let tool = try Programs.path(of: "fingal")
      let command = ([tool] + arguments).map { "'\($0)'" }.joined(separator: " ")
      let result = try runProgram("/bin/bash", ["-c", "\(command) > /dev/full"])
      #expect(result.status == 1, "\(arguments)")
      #expect(result.errorLines.count == 1 && result.err.contains("No space left"), "\(arguments): \(result.err)")
    }
  }

  /// A file without permission to read. The super-user may read any file, so the program runs as nobody then.
  @Test func aFileWithoutPermissionIsNamed() throws {
    let file = folder.path("secret.fingal")
    try #require(try run("fingal", ["convert", source, "-o", file]).status == 0)
    try #require(unsafe chmod(folder.root, 0o755) == 0 && chmod(file, 0) == 0 && chmod(source, 0) == 0)
    let tool = folder.path("fingal")
    try #require(try runProgram("/usr/bin/env", ["cp", Programs.path(of: "fingal"), tool]).status == 0)
    for arguments in [
      ["info", file], ["verify", file], ["salvage", file, "-o", "/tmp/none.fingal"],
      ["convert", source, "-o", folder.path("new.fingal")],
    ] {
      let asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", tool]
      let result =
        geteuid() == 0
        ? try runProgram("/usr/bin/env", asNobody + arguments) : try run("fingal", arguments)
      #expect(result.status == 2, "\(arguments): \(result.err)")
      #expect(result.errorLines.count == 1 && result.err.contains("Permission denied"), "\(arguments): \(result.err)")
      #expect(result.err.contains(arguments[1]))
    }
  }

  /// Nothing that is no file makes a program wait, or worse.
  @Test func whatIsNoFileIsRefusedAtOnce() throws {
    let fifo = folder.path("pipe.fingal")
    try #require(unsafe mkfifo(fifo, 0o600) == 0)
    try #require(unsafe symlink("loop.fingal", folder.path("loop.fingal")) == 0)
    try #require(unsafe symlink("nowhere", folder.path("dangling.fingal")) == 0)
    for path in [
      fifo, folder.root, folder.path("loop.fingal"), folder.path("dangling.fingal"), folder.path("in.csv/x.fingal"),
      "/dev/zero", "/dev/null",
    ] {
      for arguments in [["info", path], ["verify", path], ["salvage", path, "-o", folder.path("new.fingal")]] {
        let result = try runProgram(
          "/usr/bin/env", ["timeout", "20", Programs.path(of: "fingal")] + arguments)
        #expect(result.status == 1 || result.status == 2, "\(arguments): \(result.status) \(result.err)")
        #expect(result.errorLines.count == 1 && result.err.contains(path), "\(arguments): \(result.err)")
      }
    }
    #expect(folder.names.filter { $0.hasSuffix(".partial") || $0.hasPrefix("new") }.isEmpty)
  }
}
