import Fingal

/// The labels of an enumeration that a column of text becomes: given by the user, or gathered in the order of their
/// first appearance.
struct LabelTable {
  private(set) var labels: [String] = []
  /// No others are taken.
  let isGiven: Bool
  private var places: [[UInt8]: UInt16] = [:]
  private var known: Set<String> = []
  /// The label found last: neighbouring lines mostly agree.
  private var last: (text: [UInt8], index: UInt16)?

  /// - Parameter given: nil to gather them.
  init(given: [String]?) {
    isGiven = given != nil
    for label in given ?? [] { append(label) }
  }

  private mutating func append(_ label: String) {
    places[Array(label.utf8)] = UInt16(labels.count)
    known.insert(label)
    labels.append(label)
  }

  /// The index of a label that is known.
  mutating func index(of text: UnsafeRawBufferPointer) -> UInt16? {
    if let last, last.text.count == text.count, unsafe text.elementsEqual(last.text) { return last.index }
    let key = unsafe Array(text)
    guard let index = places[key] else { return nil }
    last = (key, index)
    return index
  }

  /// Takes a new label, and gives its index.
  ///
  /// - Returns: what is wrong with it, if it cannot be one.
  mutating func add(_ text: UnsafeRawBufferPointer) -> Result<UInt16, LabelFault> {
    let label = unsafe String(decoding: text, as: UTF8.self)
    if isGiven { return .failure(.unknown) }
    if label.utf8.count > SchemaLimits.nameBytes { return .failure(.tooLong) }
    if label.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return .failure(.control) }
    if known.contains(label) { return .failure(.equivalent) }
    if labels.count == SchemaLimits.labels { return .failure(.tooMany) }
    append(label)
    return .success(UInt16(labels.count - 1))
  }
}

/// Why a text is no label.
enum LabelFault: Error {
  case unknown, tooLong, control, equivalent, tooMany

  var reason: String {
    switch self {
    case .unknown: "is none of the labels that --type gives"
    case .tooLong: "is too long for a label: at most \(SchemaLimits.nameBytes) bytes are"
    case .control: "holds a control character, which a label cannot"
    case .equivalent: "is another spelling of a label that is the same text in Unicode"
    case .tooMany: "is one label too many: an enumeration has at most \(SchemaLimits.labels)"
    }
  }

  var advice: String {
    self == .unknown ? "add it to the list" : "keep the column as text with --type 'column=string'"
  }
}
