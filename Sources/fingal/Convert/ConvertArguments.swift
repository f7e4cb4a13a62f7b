import Fingal
import FingalCSV
import FingalSelect

/// The command line of `fingal convert` as options of the library.
struct ConvertArguments {
  private let command: ConvertCommand

  init(_ command: ConvertCommand) { self.command = command }

  /// - Throws: `usage` naming the option that is wrong.
  func options() throws(FingalError) -> ConvertOptions {
    var options = ConvertOptions()
    if command.layout != "auto" {
      guard let layout = LayoutKind(rawValue: command.layout) else {
        throw usage("--layout", command.layout, "auto, hits, rows or cells")
      }
      options.layout = layout
    }
    options.eventKey = command.eventKey.map { $0.split(separator: ",").map(String.init) } ?? []
    options.collections = try command.collection.map { text throws(FingalError) in try pair(text, "--collection") }
    for text in command.tensor { options.tensors.append(try tensor(text)) }
    for text in command.type {
      let (name, value) = try split(text, "--type")
      if let labels = try labels(value) {
        options.types.append(.init(name, .enumeration))
        options.labels.append(.init(name, labels))
        continue
      }
      guard let type = ScalarType(rawValue: value) else {
        throw usage("--type", value, ScalarType.allCases.map(\.rawValue).joined(separator: ", ") + ", enum(a,b,c)")
      }
      options.types.append(.init(name, type))
    }
    for text in command.unit { options.units.append(try pair(text, "--unit")) }
    for text in command.describe { options.descriptions.append(try pair(text, "--describe")) }
    for text in command.precision {
      let (name, value) = try split(text, "--precision")
      do throws(FingalError) { options.precisions.append(.init(name, try Precision(value))) } catch {
        throw FingalError(.usage, "--precision \(text): \(error.message)", advice: error.advice)
      }
    }
    for text in command.rename { options.renames.append(try pair(text, "--rename")) }
    for text in command.meta {
      let (key, value) = try split(text, "--meta")
      if key.hasPrefix("csv.") || key == Provenance.key {
        throw FingalError(.usage, "--meta '\(key)' is a key of the converter's own", advice: "choose another")
      }
      options.metadata[key] = value
    }
    options.program = ("fingal convert", FingalTool.version, given)
    options.drops = command.drop
    options.nullTexts = command.null
    options.dryRun = command.dryRun
    options.rejects = command.rejects
    guard let policy = ConvertOptions.ErrorPolicy(rawValue: command.onError) else {
      throw usage("--on-error", command.onError, "stop, skip or null")
    }
    options.onError = policy
    if command.rejects != nil && policy != .skip {
      throw FingalError(.usage, "--rejects needs --on-error skip")
    }
    try dialect(&options)
    options.writer.overwrite = command.force
    options.writer.threads = command.threads
    try compression(&options)
    if let text = command.filter {
      let expression = try Expression(parsing: text)
      options.filter = { schema throws(FingalError) in
        let bound = try expression.checked(against: schema, expecting: .condition)
        return { batch throws(FingalError) in batch.filtered(by: try bound.mask(batch)) }
      }
    }
    return options
  }

  /// `--optimize`, `--encoding`, `--codec` and `--level`: for the whole file, or with `column=` in front for a column.
  private func compression(_ options: inout ConvertOptions) throws(FingalError) {
    guard let optimize = EncodingOptions.Optimize(rawValue: command.optimize) else {
      throw usage(
        "--optimize", command.optimize, EncodingOptions.Optimize.allCases.map(\.rawValue).joined(separator: ", "))
    }
    options.writer.encoding.optimize = optimize
    for text in command.encoding where text.contains("=") {
      let (name, value) = try split(text, "--encoding")
      guard let encoding = try pageEncoding(value) else {
        throw usage("--encoding", text, Self.pageEncodings)
      }
      options.pins.append(.init(name, EncodingPin(encoding: encoding)))
    }
    for text in command.encoding where !text.contains("=") {
      if let encoding = try pageEncoding(text) { options.writer.encoding.encoding = encoding }
    }
    for text in command.codec {
      if text.contains("=") {
        let (name, value) = try split(text, "--codec")
        options.pins.append(.init(name, EncodingPin(codec: try codec(value))))
      } else {
        options.writer.encoding.codec = try codec(text)
      }
    }
    for text in command.level {
      if text.contains("=") {
        let (name, value) = try split(text, "--level")
        let own = options.pins.last { $0.name == name && $0.value.codec != nil }?.value.codec
        let level = try level(value, own ?? options.writer.encoding.codec)
        options.pins.append(.init(name, EncodingPin(level: level)))
      } else {
        options.writer.encoding.level = try level(text, options.writer.encoding.codec)
      }
    }
  }

  /// The encoding of pages that a text names; nil if it names none.
  private func pageEncoding(_ text: String) throws(FingalError) -> Encoding? {
    let found = Encoding.allCases.first { $0.name == text.uppercased() }
    if found == .lookup {
      throw FingalError(
        .usage, "LOOKUP cannot be asked for: a column is looked up where others of the cluster determine it",
        advice: "it is found by itself; --encoding takes \(Self.pageEncodings)")
    }
    return found
  }

  private static let pageEncodings =
    Encoding.allCases.filter { $0 != .lookup }.map(\.name).joined(separator: ", ")

  private func codec(_ name: String) throws(FingalError) -> EncodingOptions.CodecChoice {
    if name == "auto" { return .automatic }
    guard let codec = Codec.allCases.first(where: { $0.name == name }) else {
      throw usage("--codec", name, "auto, " + Codec.allCases.map(\.name).joined(separator: ", "))
    }
    return .only(codec)
  }

  private func level(_ text: String, _ codec: EncodingOptions.CodecChoice) throws(FingalError) -> Int {
    let levels: ClosedRange<Int>
    let name: String
    switch codec {
    case .only(.none): throw FingalError(.usage, "--level needs a codec; '--codec none' has no levels")
    case .only(.lz4): (levels, name) = (0...12, "lz4")
    case .only(.zlib): (levels, name) = (1...9, "zlib")
    case .only(.zstd): (levels, name) = (1...22, "zstd")
    case .automatic: (levels, name) = (1...22, "auto")
    }
    guard let level = Int(text), levels.contains(level) else {
      throw usage("--level", text, "\(levels.lowerBound) to \(levels.upperBound) with --codec \(name)")
    }
    return level
  }

  /// The labels of `enum(electron,pion)`; nil for other types.
  private func labels(_ text: String) throws(FingalError) -> [String]? {
    guard text.hasPrefix("enum("), text.hasSuffix(")") else { return nil }
    let labels = try quotedList(text.dropFirst(5).dropLast(), of: text)
    if labels.contains("") { throw FingalError(.usage, "--type '\(text)' has an empty label") }
    var seen = Set<String>()
    for label in labels where !seen.insert(label).inserted {
      throw FingalError(.usage, "--type '\(text)' has the label '\(label)' twice")
    }
    if labels.count > SchemaLimits.labels {
      throw FingalError(.usage, "--type gives \(labels.count) labels; at most \(SchemaLimits.labels) are allowed")
    }
    return labels
  }

  /// Parts between commas, blanks around them dropped; a part in double quotes may hold commas, and quotes doubled.
  private func quotedList(_ list: Substring, of text: String) throws(FingalError) -> [String] {
    var parts: [String] = []
    var rest = list
    while true {
      rest = rest.drop { $0 == " " }
      var part = ""
      if rest.first == "\"" {
        rest = rest.dropFirst()
        while true {
          guard let close = rest.firstIndex(of: "\"") else {
            throw FingalError(.usage, "--type '\(text)' has a quote that is never closed")
          }
          part += rest[..<close]
          rest = rest[rest.index(after: close)...]
          if rest.first != "\"" { break }
          part += "\""
          rest = rest.dropFirst()
        }
        rest = rest.drop { $0 == " " }
        guard rest.isEmpty || rest.first == "," else {
          throw FingalError(.usage, "--type '\(text)' has text behind a closing quote")
        }
      } else {
        let end = rest.firstIndex(of: ",") ?? rest.endIndex
        part = trimmed(rest[..<end])
        rest = rest[end...]
      }
      parts.append(part)
      if rest.isEmpty { return parts }
      rest = rest.dropFirst()
    }
  }

  /// The options that decide what is in the file, for its provenance. Names of files, threads, and what is printed are
  /// left out: they do not change the bytes.
  private var given: [String] {
    var texts: [String] = []
    func add(_ option: String, _ values: [String]) { for value in values { texts.append("\(option) \(value)") } }
    func add(_ option: String, _ value: String?) { if let value { texts.append("\(option) \(value)") } }
    if command.layout != "auto" { add("--layout", command.layout) }
    add("--event-key", command.eventKey)
    add("--collection", command.collection)
    add("--tensor", command.tensor)
    add("--type", command.type)
    add("--unit", command.unit)
    add("--describe", command.describe)
    add("--precision", command.precision)
    add("--rename", command.rename)
    add("--drop", command.drop)
    add("--null", command.null)
    add("--meta", command.meta)
    add("--where", command.filter)
    add("--separator", command.separator)
    add("--quote", command.quote)
    add("--comment", command.comment)
    add("--header", command.header)
    if command.decimalComma { texts.append("--decimal-comma") }
    add("--encoding", command.encoding)
    if command.onError != "stop" { add("--on-error", command.onError) }
    if command.optimize != "balanced" { add("--optimize", command.optimize) }
    add("--codec", command.codec)
    add("--level", command.level)
    return texts
  }

  private func dialect(_ options: inout ConvertOptions) throws(FingalError) {
    if let text = command.separator {
      switch text {
      case "comma": options.dialect.separator = .byte(0x2C)
      case "tab", "\\t", "\t": options.dialect.separator = .byte(0x09)
      case "semicolon": options.dialect.separator = .byte(0x3B)
      case "pipe": options.dialect.separator = .byte(0x7C)
      case "spaces", " ": options.dialect.separator = .spaces
      default: options.dialect.separator = .byte(try character(text, "--separator"))
      }
    }
    if let text = command.quote {
      if text == "none" {
        options.dialect.quote = .some(nil)
      } else {
        options.dialect.quote = try character(text, "--quote")
      }
    }
    if let text = command.comment {
      if text == "none" {
        options.dialect.comment = .some(nil)
      } else {
        options.dialect.comment = try character(text, "--comment")
      }
    }
    if let text = command.header {
      guard text == "yes" || text == "no" else { throw usage("--header", text, "yes or no") }
      options.dialect.hasHeader = text == "yes"
    }
    if command.decimalComma { options.dialect.decimalComma = true }
    for text in command.encoding where !text.contains("=") {
      switch text.lowercased() {
      case "utf-8", "utf8": options.encoding = .utf8
      case "latin-1", "latin1", "iso-8859-1": options.encoding = .latin1
      case "utf-16le": options.encoding = .utf16LittleEndian
      case "utf-16be": options.encoding = .utf16BigEndian
      default:
        if try pageEncoding(text) != nil { continue }
        throw usage(
          "--encoding", text, "utf-8, latin-1, utf-16le or utf-16be for the text; \(Self.pageEncodings) for pages")
      }
    }
  }

  private func tensor(_ text: String) throws(FingalError) -> ConvertOptions.Tensor {
    let (name, rest) = try split(text, "--tensor")
    guard let colon = rest.lastIndex(of: ":") else { throw usage("--tensor", text, "name=pattern:28x13x13") }
    var shape: [Int] = []
    for part in rest[rest.index(after: colon)...].split(separator: "x", omittingEmptySubsequences: false) {
      guard let extent = Int(part), extent > 0, extent <= SchemaLimits.tensorElements else {
        throw usage("--tensor", text, "name=pattern:28x13x13")
      }
      shape.append(extent)
    }
    guard shape.count <= SchemaLimits.dimensions,
      shape.reduce(1.0, { $0 * Double($1) }) <= Double(SchemaLimits.tensorElements)
    else { throw FingalError(.usage, "the shape of --tensor '\(text)' is too large") }
    return .init(name: name, pattern: String(rest[..<colon]), shape: shape)
  }

  private func pair(_ text: String, _ option: String) throws(FingalError) -> ConvertOptions.Named<String> {
    let (name, value) = try split(text, option)
    return .init(name, value)
  }

  private func split(_ text: String, _ option: String) throws(FingalError) -> (String, String) {
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex,
      text.index(after: equals) < text.endIndex
    else { throw FingalError(.usage, "\(option) '\(text)' is not of the form name=value") }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }

  private func character(_ text: String, _ option: String) throws(FingalError) -> UInt8 {
    guard text.utf8.count == 1, let byte = text.utf8.first, byte >= 0x20, byte < 0x7F else {
      throw usage(option, text, "one ASCII character")
    }
    return byte
  }

  private func usage(_ option: String, _ value: String, _ allowed: String) -> FingalError {
    FingalError(.usage, "\(option) '\(value)' is not known", advice: "it takes \(allowed)")
  }
}
