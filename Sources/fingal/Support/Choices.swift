import Fingal

/// The columns named in an option: comma-separated, blanks around names do not count.
///
/// - Throws: `usage` if a name is empty: `--columns ''` is a slip, such as an unset variable of a shell.
func columnNames(_ text: String, option: String = "--columns") throws(FingalError) -> [String] {
  let names = text.split(separator: ",", omittingEmptySubsequences: false).map(trimmed)
  guard names.allSatisfy({ !$0.isEmpty }) else {
    throw FingalError(
      .usage, "\(option) '\(text)' names \(names.count == 1 ? "no column" : "a column without a name")",
      advice: "give names as in \(option) event,hits.energy")
  }
  return names
}

extension EventRange {
  /// The events of a file that the range means.
  ///
  /// - Throws: `usage` if some of them are not there.
  func events(of file: EventFile) throws(FingalError) -> Range<Int> {
    let end = end ?? file.eventCount
    if first > file.eventCount || end > file.eventCount || (first == file.eventCount && end > first) {
      let held = file.eventCount == 0 ? "no events" : "events 0..<\(file.eventCount)"
      throw FingalError(
        .usage,
        self.end == nil
          ? "there is no event \(first): the file has \(held)"
          : "events \(first)..<\(end) are not all there: the file has \(held)", file: file.path)
    }
    return first..<max(end, first)
  }
}
