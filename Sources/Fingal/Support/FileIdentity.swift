import Glibc

/// Which file a path means, whatever links lead to it: device and inode. A path that names nothing yet is told apart by
/// its folder and its last part.
package struct FileIdentity: Hashable, Sendable {
  private var device: dev_t
  private var inode: ino_t
  private var name: String?

  /// nil if neither the file nor its folder exists, or it is no regular file: a pipe cannot be overwritten.
  ///
  /// - Parameter path: `-` is standard input, which may be a file too.
  package init?(_ path: String) {
    var status = stat()
    if path == "-" {
      guard unsafe fstat(STDIN_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    } else if unsafe stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    } else {
      let slash = path.lastIndex(of: "/")
      let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
      guard unsafe stat(folder, &status) == 0 else { return nil }
      name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    }
    device = status.st_dev
    inode = status.st_ino
  }
}

extension OutputFile {
  /// Makes sure that writing `output` destroys none of the other files of the same call: `--force` is no leave to
  /// replace the input while it is read.
  ///
  /// - Parameters:
  ///   - option: how the user named the output, for the message: `-o`.
  ///   - others: what each file is to the call, and its path: `("the input", "hits.csv")`.
  /// - Throws: `usage` if `output` is one of the others, also by way of a symbolic or hard link.
  package static func check(
    _ output: String, given option: String, isNoneOf others: [(role: String, path: String)]
  ) throws(FingalError) {
    guard let identity = FileIdentity(output) else { return }
    for other in others where FileIdentity(other.path) == identity {
      throw FingalError(
        .usage, "\(option) is \(other.role) itself" + (other.path == output ? "" : ", '\(other.path)'"), file: output,
        advice: "choose another name")
    }
  }
}
