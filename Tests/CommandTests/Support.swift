import FoundationEssentials
import Glibc
import Testing

/// What a finished program left behind.
struct Finished {
  var status: Int32
  var stdout: [UInt8]
  var stderr: [UInt8]

  var out: String { String(decoding: stdout, as: UTF8.self) }
  var err: String { String(decoding: stderr, as: UTF8.self) }
  /// Lines of standard error.
  var errorLines: [Substring] { err.split(separator: "\n") }
}

/// Runs a built program (`fingal`, `fingal-train`) and waits for it. A program that a signal ended has the status
/// 128 + signal, as in a shell.
@discardableResult
func run(
  _ tool: String, _ arguments: [String], stdin: [UInt8] = [], directory: String? = nil,
  environment: [String: String] = [:]
) throws -> Finished {
  try runProgram(Programs.path(of: tool), arguments, stdin: stdin, directory: directory, environment: environment)
}

/// The same for any program, by its path.
@discardableResult
func runProgram(
  _ path: String, _ arguments: [String], stdin: [UInt8] = [], directory: String? = nil,
  environment: [String: String] = [:]
) throws -> Finished {
  let temporary = try TemporaryDirectory()
  let (input, output, errors) = (temporary.path("stdin"), temporary.path("stdout"), temporary.path("stderr"))
  try write(stdin, to: input)
  // `env -C` changes the folder: Glibc's spawn action for it is not visible to Swift.
  var command = [path] + arguments
  if let directory { command = ["/usr/bin/env", "-C", directory] + command }
  let program = command[0]

  var actions = unsafe posix_spawn_file_actions_t()
  unsafe posix_spawn_file_actions_init(&actions)
  defer { unsafe _ = posix_spawn_file_actions_destroy(&actions) }
  unsafe posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
  unsafe posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)

  var variables = ProcessInfo.processInfo.environment
  for (name, value) in environment { variables[name] = value }
  var argv: [UnsafeMutablePointer<CChar>?] = unsafe command.map { unsafe strdup($0) } + [nil]
  var envp: [UnsafeMutablePointer<CChar>?] = unsafe variables.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
  defer { unsafe (argv + envp).forEach { unsafe free($0) } }

  // The threads that tests run on block signals, and a program would inherit that: it could not be interrupted.
  var attributes = posix_spawnattr_t()
  unsafe posix_spawnattr_init(&attributes)
  defer { unsafe _ = posix_spawnattr_destroy(&attributes) }
  var signals = sigset_t()
  unsafe sigemptyset(&signals)
  unsafe posix_spawnattr_setsigmask(&attributes, &signals)
  unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

  var child = pid_t()
  let failure = unsafe posix_spawn(&child, program, &actions, &attributes, &argv, &envp)
  try #require(failure == 0, "cannot start \(program): error \(failure)")
  var status: Int32 = 0
  while unsafe waitpid(child, &status, 0) < 0 { try #require(errno == EINTR) }
  let signal = status & 0x7F
  return Finished(
    status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, stdout: try bytes(of: output),
    stderr: try bytes(of: errors))
}

/// The built programs lie where the test bundle lies.
enum Programs {
  static func path(of tool: String) throws -> String {
    // The test bundle `fingalPackageTests.xctest` is the program that runs, or is loaded by one that lies elsewhere.
    for candidate in CommandLine.arguments + [try loadedBundle()] where candidate.contains(".xctest") {
      let folder = candidate.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
      let path = folder.isEmpty ? tool : folder + "/" + tool
      if unsafe access(path, X_OK) == 0 { return path }
    }
    throw Missing(tool: tool)
  }

  struct Missing: Error, CustomStringConvertible {
    var tool: String
    var description: String { "the program '\(tool)' is not built: run `swift build --build-tests`" }
  }

  /// The path of the test bundle among the mapped files of this process.
  private static func loadedBundle() throws -> String {
    let maps = String(decoding: try bytes(of: "/proc/self/maps"), as: UTF8.self)
    let line = maps.split(separator: "\n").first { $0.hasSuffix(".xctest") }
    return line.flatMap { line in line.firstIndex(of: "/").map { String(line[$0...]) } } ?? ""
  }
}

/// A folder of its own for one test, removed when the last reference goes.
final class TemporaryDirectory {
  let root: String

  init() throws {
    var template = Array("/tmp/fingal-test-XXXXXX".utf8CString)
    let made = unsafe mkdtemp(&template) != nil
    try #require(made, "cannot make a folder under /tmp")
    root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func path(_ name: String) -> String { root + "/" + name }

  /// Writes a text and returns its path.
  @discardableResult
  func file(_ name: String, _ text: String) throws -> String {
    try write(Array(text.utf8), to: path(name))
    return path(name)
  }

  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).sorted() }
}

func write(_ bytes: [UInt8], to path: String) throws { try Data(bytes).write(to: URL(filePath: path)) }

func bytes(of path: String) throws -> [UInt8] {
  let descriptor = unsafe open(path, O_RDONLY)
  try #require(descriptor >= 0, "cannot open \(path)")
  defer { close(descriptor) }
  var out: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = unsafe read(descriptor, &chunk, chunk.count)
    try #require(count >= 0, "cannot read \(path)")
    if count == 0 { return out }
    out.append(contentsOf: chunk[..<count])
  }
}

func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

/// The root of the package: where `samples/` and `README.md` lie.
var packageRoot: String {
  var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
  parts.removeLast(3)
  return parts.joined(separator: "/")
}
