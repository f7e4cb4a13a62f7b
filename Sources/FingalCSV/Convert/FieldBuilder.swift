import Fingal
internal import FingalKernels

/// Reads the cells of one field, notes what they are, and collects their values.
///
/// While `decision` is nil it only notes (the sample). After that it stores values of the decided type as well; a cell
/// that does not fit makes it `isStale`: its values are then of no use, but its facts stay complete, so that
/// a second pass with the type chosen from them cannot fail.
@safe
final class FieldBuilder {
  /// What messages call the column: its name in the header.
  let header: String
  let pinned: ScalarType?
  /// Of an enumeration.
  private var labels: LabelTable
  let nullTexts: [[UInt8]]
  /// Whether one of them is a number, such as -999.
  private let numbersMayBeNull: Bool
  let point: UInt8

  /// The type it stores; nil while sampling.
  private(set) var decision: ColumnDecision?
  /// Whether it is a column of text; nil until the sample has decided.
  private(set) var isText: Bool?
  private(set) var facts: ColumnFacts
  private(set) var values = ColumnValues(.uint8)
  /// Its facts are those of a sample or of a whole pass.
  private(set) var isSettled = false
  /// Text in a number column becomes a null instead of an error.
  var textBecomesNull = false
  private(set) var refusedCells = 0
  /// A cell did not fit the decided type.
  private(set) var hasMisfit = false
  private let chunk: CellChunk
  /// A plain number did not fit the decided type: from then on cells are read one after another in this pass.
  private var hasUnfit = false

  /// Numbers in the sample of a column that is text only because of its first value.
  private(set) var numbersInText: Int?
  /// The first cell of this pass that export will write with other digits.
  private(set) var firstChanged: (file: String, line: Int)?

  /// What the column is while no cell has held a value.
  let emptyType: ScalarType

  /// - Parameters:
  ///   - labels: of an enumeration, if the user gave them; nil to gather them.
  ///   - isList: the cells are elements of lists or tensors, which are always numbers.
  ///   - chunk: memory to read with; builders that read in turn may share it.
  init(
    header: String, pinned: ScalarType?, labels: [String]? = nil, nullTexts: [String], point: UInt8,
    isList: Bool = false, chunk: CellChunk = CellChunk()
  ) {
    self.chunk = chunk
    self.labels = LabelTable(given: labels)
    emptyType = isList ? .float32 : .string
    isText = isList ? false : nil
    self.header = header
    self.pinned = pinned
    self.nullTexts = nullTexts.map { Array($0.utf8) }
    numbersMayBeNull = self.nullTexts.contains { text in
      unsafe text.withUnsafeBytes { unsafe DecimalText($0, point: point) != nil }
    }
    self.point = point
    facts = ColumnFacts(point: point)
  }

  // MARK: Deciding

  /// Ends the sample (or a pass that only notes): whether the column is text is settled, and its facts can be used.
  func settle() {
    isSettled = true
    if facts.values > 0 && isText == nil {
      isText = facts.isTextColumn
      if isText == true && pinned == nil && facts.numbers > facts.texts { numbersInText = facts.numbers }
    }
    if textBecomesNull && isNumberColumn { facts.refused = max(facts.refused, facts.texts) }
  }

  /// What is no number is an error here.
  private var isNumberColumn: Bool {
    if let pinned { return pinned.isNumeric && pinned != .bool && pinned != .enumeration }
    return isText == false
  }

  /// The decision that fits everything seen so far.
  func bestDecision(withReason: Bool = false) -> ColumnDecision {
    var decision = facts.decision(
      pinned: pinned, isText: isText ?? facts.isTextColumn, emptyType: emptyType, withReason: withReason)
    // An enumeration has a label, even where every cell is empty.
    if decision.type == .enumeration { decision.labels = labels.labels.isEmpty ? ["none"] : labels.labels }
    return decision
  }

  /// Begins a pass that stores values.
  func start(_ decision: ColumnDecision) {
    self.decision = decision
    values = ColumnValues(decision.type)
    hasMisfit = false
    hasUnfit = false
    facts.beginPass(decision)
    firstChanged = nil
    refusedCells = 0
  }

  /// The decided type no longer fits what has been seen.
  var isStale: Bool { hasMisfit || decision.map { $0 != bestDecision() } ?? false }

  // MARK: Reading cells

  /// Reads the texts of a source. Throws `badInput` at the first that a settled number column cannot hold.
  func read<S: TextSource>(_ source: S, in block: RecordBlock) throws(FingalError) {
    guard let decision else {
      try note(source, block)
      return
    }
    switch decision.type {
    case .bool: try readBooleans(source, block)
    case .string: try readStrings(source, block)
    case .enumeration: try readLabels(source, block, storing: true)
    case .int8: try readNumbers(Int8.self, source, block)
    case .int16: try readNumbers(Int16.self, source, block)
    case .int32: try readNumbers(Int32.self, source, block)
    case .int64: try readNumbers(Int64.self, source, block)
    case .uint8: try readNumbers(UInt8.self, source, block)
    case .uint16: try readNumbers(UInt16.self, source, block)
    case .uint32: try readNumbers(UInt32.self, source, block)
    case .uint64: try readNumbers(UInt64.self, source, block)
    case .float32: try readNumbers(Float.self, source, block)
    case .float64: try readNumbers(Double.self, source, block)
    }
  }

  /// Only notes what the texts are.
  func note<S: TextSource>(_ given: S, _ block: RecordBlock) throws(FingalError) {
    if pinned == .enumeration { return try readLabels(given, block, storing: false) }
    var source = given
    var facts = self.facts
    defer { self.facts = facts }
    for index in 0..<source.count {
      let text = unsafe source.next()
      switch unsafe classify(text, &facts, tracksFloat32: true) {
      case .integer, .float, .null: break
      case .text:
        if isNumberColumn && isSettled {
          if textBecomesNull {
            facts.refused += 1
            continue
          }
          throw unsafe refusal(of: text, source.place(index), block)
        }
        unsafe noteText(text, source.place(index), block, &facts)
      }
    }
  }

  private func noteText(
    _ text: UnsafeRawBufferPointer, _ place: (record: Int, column: Int), _ block: RecordBlock,
    _ facts: inout ColumnFacts
  ) {
    unsafe noteTextKind(text, &facts)
    if facts.firstIsText == nil { facts.firstIsText = true }
    if facts.firstText == nil {
      unsafe facts.firstText = .init(
        file: block.file, line: block.line(of: place.record), column: place.column + 1,
        text: String(decoding: text, as: UTF8.self))
    }
  }

  /// Nothing but facts from here on, as in the sample.
  func stopStoring() {
    decision = nil
    values = ColumnValues(.uint8)
  }

  private func noteTextKind(_ text: UnsafeRawBufferPointer, _ facts: inout ColumnFacts) {
    facts.texts &+= 1
    if let value = unsafe Booleans.value(text) {
      facts.booleans &+= 1
      if value { unsafe facts.trueSpelling.note(text) } else { unsafe facts.falseSpelling.note(text) }
    }
  }

  // MARK: One cell

  enum Reading {
    case integer(DecimalText)
    case float(DecimalText, Double)
    case null
    case text
  }

  @inline(__always)
  private func classify(
    _ text: UnsafeRawBufferPointer, _ facts: inout ColumnFacts, tracksFloat32: Bool
  ) -> Reading {
    if !nullTexts.isEmpty, unsafe isNullText(text, &facts) { return .null }
    guard let number = unsafe DecimalText(padded: text, point: point) else {
      return unsafe classifyOdd(text, &facts, tracksFloat32)
    }
    return unsafe note(number, text, trimmed: false, &facts, tracksFloat32)
  }

  @inline(__always)
  private func note(
    _ number: DecimalText, _ text: UnsafeRawBufferPointer, trimmed: Bool, _ facts: inout ColumnFacts,
    _ tracksFloat32: Bool
  ) -> Reading {
    if facts.firstIsText == nil { facts.firstIsText = false }
    if number.isInteger {
      facts.noteInteger(number, trimmed: trimmed)
      return .integer(number)
    }
    let value = unsafe number.float64(text, point: point)
    if number.isFinite {
      unsafe facts.noteFloat(number, value, text, trimmed: trimmed, tracksFloat32: tracksFloat32)
    } else {
      unsafe noteSpecial(number, text, &facts)
    }
    return .float(number, value)
  }

  @inline(never)
  private func noteSpecial(_ number: DecimalText, _ text: UnsafeRawBufferPointer, _ facts: inout ColumnFacts) {
    if number.isNaN {
      facts.nans += 1
      unsafe facts.nanSpelling.note(text)
    } else {
      facts.infinities += 1
      let unsigned = number.isNegative || number.spelling.contains(.plus) ? 1 : 0
      unsafe facts.infinitySpelling.note(UnsafeRawBufferPointer(rebasing: text[unsigned...]))
    }
  }

  /// What is no plain number: empty, a number between blanks, or text.
  @inline(never)
  private func classifyOdd(
    _ text: UnsafeRawBufferPointer, _ facts: inout ColumnFacts, _ tracksFloat32: Bool
  ) -> Reading {
    let trimmed = unsafe NumberText.trimmed(text)
    if trimmed.count == 0 {
      facts.empties &+= 1
      return .null
    }
    if trimmed.count != text.count, let number = unsafe DecimalText(trimmed, point: point) {
      return unsafe note(number, trimmed, trimmed: true, &facts, tracksFloat32)
    }
    return .text
  }

  private func isNullText(_ text: UnsafeRawBufferPointer, _ facts: inout ColumnFacts) -> Bool {
    for null in nullTexts where null.count == text.count {
      if unsafe null.elementsEqual(text) {
        facts.nullTexts += 1
        unsafe facts.nullSpelling.note(text)
        return true
      }
    }
    return false
  }

  // MARK: Loops by type

  private func readNumbers<T: CellNumber, S: TextSource>(
    _: T.Type, _ given: S, _ block: RecordBlock
  ) throws(FingalError) {
    var source = given
    let count = source.count
    if count == 0 { return }
    let first = values.count
    let out = unsafe values.extend(by: count).assumingMemoryBound(to: T.self)
    var nulls: [Int] = []
    // A local copy: a property of a class is checked for exclusive access at every use.
    var facts = self.facts
    defer { self.facts = facts }
    var done = 0
    while done < count {
      chunk.fill(&source, most: count - done)
      let part = unsafe out + done
      let isRead = unsafe readPlain(part, &facts)
      if !isRead || chunk.oddCount > 0 {
        for index in 0..<chunk.count where !isRead || chunk.isOdd(index) {
          let isNull = try unsafe readCell(
            chunk.text(index), into: part + index, &facts, source.place(done + index), block)
          if isNull { nulls.append(first + done + index) }
        }
      }
      done += chunk.count
    }
    if !nulls.isEmpty {
      if decision?.nullable != true { hasMisfit = true }
      for index in nulls { values.markNull(index) }
    }
    if firstChanged == nil && facts.roundedValues + facts.respelledValues > 0 { locateChanged(given, block) }
  }

  /// Reads and notes the plain numbers of the chunk, all in one go, which is the same as reading one after another; false,
  /// with nothing noted, where that may not be so.
  private func readPlain<T: CellNumber>(_ out: UnsafeMutablePointer<T>, _ facts: inout ColumnFacts) -> Bool {
    // The first value of a column decides what it is; and `examinesShort` looks at each value's digits.
    guard !numbersMayBeNull, !hasUnfit, facts.firstIsText != nil, !facts.examinesShort else { return false }
    let tracksFloat32 = T.scalarType != .float64
    chunk.read(point: point, tracksFloat32: tracksFloat32)
    guard unsafe chunk.store(out) else {
      hasUnfit = true
      return false
    }
    facts.note(chunk, tracksFloat32: tracksFloat32)
    if T.scalarType == .float32 && chunk.facts.ties > 0 {
      // Half-way between two floats only the digits can tell.
      for index in 0..<chunk.count where chunk.isDecimal(index) {
        let text = unsafe chunk.text(index)
        guard let number = unsafe DecimalText(padded: text, point: point) else { continue }
        if let value = unsafe T.from(number, number.float64(text, point: point), text, point: point) {
          unsafe out[index] = value
        }
      }
    }
    return true
  }

  /// Reads a cell on its own.
  ///
  /// - Returns: whether it holds no value.
  private func readCell<T: CellNumber>(
    _ text: UnsafeRawBufferPointer, into out: UnsafeMutablePointer<T>, _ facts: inout ColumnFacts,
    _ place: @autoclosure () -> (record: Int, column: Int), _ block: RecordBlock
  ) throws(FingalError) -> Bool {
    switch unsafe classify(text, &facts, tracksFloat32: T.scalarType != .float64) {
    case .integer(let number):
      if let value = T.from(integer: number) {
        unsafe out.pointee = value
      } else {
        unsafe out.pointee = try roundedInteger(T.self, number, text, &facts, place(), block)
      }
    case .float(let number, let value):
      if let stored = unsafe T.from(number, value, text, point: point) {
        unsafe out.pointee = stored
      } else {
        unsafe out.pointee = Self.zero(T.self)
        try unsafe misfit(text, place(), block)
      }
    case .null:
      unsafe out.pointee = Self.zero(T.self)
      return true
    case .text:
      guard textBecomesNull else { throw unsafe refusal(of: text, place(), block) }
      facts.refused += 1
      refusedCells += 1
      unsafe out.pointee = Self.zero(T.self)
      return true
    }
    return false
  }

  /// Finds the first cell of a block that export will write with other digits: looked for only where there is one, so
  /// that the loop over values need not know where it is.
  @inline(never)
  private func locateChanged<S: TextSource>(_ given: S, _ block: RecordBlock) {
    var source = given
    var probe = ColumnFacts(point: point)
    probe.exported = facts.exported
    for index in 0..<source.count {
      let text = unsafe source.next()
      if case .integer(let number) = unsafe classify(text, &probe, tracksFloat32: false), pinned == .float64,
        Double.from(integer: number) == nil
      {
        let trimmed = unsafe NumberText.trimmed(text)
        unsafe probe.noteLong(number, number.float64(trimmed, point: point), trimmed)
      }
      if probe.roundedValues + probe.respelledValues > 0 {
        firstChanged = (block.file, block.line(of: source.place(index).record))
        return
      }
    }
  }

  /// A whole number that the type does not hold exactly: with a given float type the nearest value, else a misfit.
  @inline(never)
  private func roundedInteger<T: CellNumber>(
    _: T.Type, _ number: DecimalText, _ text: UnsafeRawBufferPointer, _ facts: inout ColumnFacts,
    _ place: (record: Int, column: Int), _ block: RecordBlock
  ) throws(FingalError) -> T {
    if pinned?.isFloat == true {
      let trimmed = unsafe NumberText.trimmed(text)
      let value = unsafe number.float64(trimmed, point: point)
      if let nearest = unsafe T.from(number, value, trimmed, point: point) {
        unsafe facts.noteLong(number, value, trimmed)
        return nearest
      }
    }
    try unsafe misfit(text, place, block)
    return Self.zero(T.self)
  }

  private static func zero<T: CellNumber>(_: T.Type) -> T {
    let zero: UInt64 = 0
    return unsafe withUnsafeBytes(of: zero) { unsafe $0.loadUnaligned(as: T.self) }
  }

  /// A number that does not fit the decided type: the second pass will know better, unless the user gave the type.
  @inline(never)
  private func misfit(
    _ text: UnsafeRawBufferPointer, _ place: (record: Int, column: Int), _ block: RecordBlock
  ) throws(FingalError) {
    hasMisfit = true
    guard let pinned else { return }
    throw unsafe block.error(
      "\(FieldText.quoted(text)) does not fit column '\(header)' of type \(pinned)", record: place.record,
      column: place.column, advice: "give the column another type with --type")
  }

  private func readBooleans<S: TextSource>(_ given: S, _ block: RecordBlock) throws(FingalError) {
    var source = given
    for index in 0..<source.count {
      let text = unsafe source.next()
      switch unsafe classify(text, &facts, tracksFloat32: true) {
      case .null:
        if decision?.nullable != true { hasMisfit = true }
        values.appendNull()
      case .text:
        unsafe noteText(text, source.place(index), block, &facts)
        if let value = unsafe Booleans.value(text) {
          values.append(value ? 1 : 0 as UInt8)
        } else {
          values.append(0 as UInt8)
          try unsafe misfit(text, source.place(index), block)
        }
      case .integer(let number):
        values.append(number.mantissa == 1 ? 1 : 0 as UInt8)
        // 0 and 1 are booleans where the user says so.
        if pinned == nil || number.mantissa > 1 || number.isNegative {
          try unsafe misfit(text, source.place(index), block)
        }
      case .float:
        values.append(0 as UInt8)
        try unsafe misfit(text, source.place(index), block)
      }
    }
  }

  private func readStrings<S: TextSource>(_ given: S, _ block: RecordBlock) throws(FingalError) {
    var source = given
    let settled = pinned == .string || isText == true && facts.booleans < facts.texts
    for index in 0..<source.count {
      let text = unsafe source.next()
      if !nullTexts.isEmpty, unsafe isNullText(text, &facts) {
        if decision?.nullable != true { hasMisfit = true }
        values.appendNull()
        continue
      }
      unsafe values.append(utf8: text)
      if settled {
        facts.texts &+= 1
        continue
      }
      // Still open: an id code that may yet turn out a number, or nothing but empty cells so far.
      switch unsafe classify(text, &facts, tracksFloat32: true) {
      case .integer, .float, .null: break
      case .text:
        if isText == false {
          throw unsafe refusal(of: text, source.place(index), block)
        }
        unsafe noteText(text, source.place(index), block, &facts)
      }
    }
    if isText == nil && facts.values > 0 { isText = facts.isTextColumn }
  }

  /// Cells of an enumeration: any text that is not blank is a label. New ones are gathered; they make the decision stale,
  /// so that the next pass knows all of them.
  private func readLabels<S: TextSource>(
    _ given: S, _ block: RecordBlock, storing: Bool
  ) throws(FingalError) {
    var source = given
    for index in 0..<source.count {
      let text = unsafe source.next()
      let isBlank = unsafe NumberText.trimmed(text).count == 0
      if unsafe isBlank || (!nullTexts.isEmpty && isNullText(text, &facts)) {
        if isBlank { facts.empties &+= 1 }
        if storing { appendNullLabel() }
        continue
      }
      facts.texts &+= 1
      if let known = unsafe labels.index(of: text) {
        if storing { values.append(known) }
        continue
      }
      switch unsafe labels.add(text) {
      case .success(let label): if storing { values.append(label) }
      case .failure(let fault):
        guard textBecomesNull else {
          throw unsafe block.error(
            "\(FieldText.quoted(text)) in column '\(header)' \(fault.reason)", record: source.place(index).record,
            column: source.place(index).column, advice: fault.advice)
        }
        facts.refused += 1
        refusedCells += 1
        if storing { appendNullLabel() }
      }
    }
  }

  private func appendNullLabel() {
    if decision?.nullable != true { hasMisfit = true }
    values.appendNull()
  }

  /// What is wrong with a cell for this column; nil if it can be read. For `--on-error skip`, which looks before it
  /// leaps.
  func fault(in text: UnsafeRawBufferPointer) -> String? {
    if pinned == .enumeration, labels.isGiven {
      if unsafe NumberText.trimmed(text).count == 0 || nullTexts.contains(where: { unsafe $0.elementsEqual(text) }) {
        return nil
      }
      if unsafe labels.index(of: text) != nil { return nil }
      return unsafe "\(FieldText.quoted(text)) in column '\(header)' \(LabelFault.unknown.reason)"
    }
    if !isNumberColumn { return nil }
    let trimmed = unsafe NumberText.trimmed(text)
    if trimmed.count == 0 { return nil }
    if nullTexts.contains(where: { unsafe $0.elementsEqual(text) }) { return nil }
    if let number = unsafe DecimalText(trimmed, point: point) {
      if unsafe pinned == nil || fits(number, trimmed) { return nil }
      return unsafe "\(FieldText.quoted(text)) does not fit column '\(header)' of type \(pinned ?? .string)"
    }
    return unsafe "expected a number in column '\(header)', found \(FieldText.quoted(text))"
  }

  /// Whether the given type holds a number.
  private func fits(_ number: DecimalText, _ text: UnsafeRawBufferPointer) -> Bool {
    func isHeld<T: CellNumber>(_: T.Type) -> Bool {
      if number.isInteger && T.from(integer: number) != nil { return true }
      if number.isInteger && pinned?.isFloat != true { return false }
      return unsafe T.from(number, number.float64(text, point: point), text, point: point) != nil
    }
    switch pinned {
    case .int8: return isHeld(Int8.self)
    case .int16: return isHeld(Int16.self)
    case .int32: return isHeld(Int32.self)
    case .int64: return isHeld(Int64.self)
    case .uint8: return isHeld(UInt8.self)
    case .uint16: return isHeld(UInt16.self)
    case .uint32: return isHeld(UInt32.self)
    case .uint64: return isHeld(UInt64.self)
    case .float32: return isHeld(Float.self)
    case .float64: return isHeld(Double.self)
    case .bool, .string, .enumeration, nil: return true
    }
  }

  // MARK: Messages

  private func refusal(
    of text: UnsafeRawBufferPointer, _ place: (record: Int, column: Int), _ block: RecordBlock
  ) -> FingalError {
    unsafe refusal(
      found: FieldText.quoted(text), String(decoding: text, as: UTF8.self), file: block.file,
      line: block.line(of: place.record), column: place.column + 1)
  }

  /// The error for the first text of a column that the sample found to be one of numbers.
  func refusalOfFirstText() -> FingalError? {
    guard isNumberColumn, !textBecomesNull, let first = facts.firstText else {
      return nil
    }
    var copy = first.text
    let found = copy.withUTF8 { unsafe FieldText.quoted(UnsafeRawBufferPointer($0)) }
    return refusal(found: found, first.text, file: first.file, line: first.line, column: first.column)
  }

  private func refusal(found: String, _ text: String, file: String, line: Int, column: Int) -> FingalError {
    var ways = ["correct it"]
    if text.utf8.count <= 20 && text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x27 && $0 != 0x7F }) {
      ways.append("pass --null '\(text)' if it means no value")
    }
    if pinned == nil { ways.append("pass --type '\(header)=string' to keep the column as text") }
    let advice = ways.count == 1 ? ways[0] : ways.dropLast().joined(separator: ", ") + " or " + ways[ways.count - 1]
    return FingalError(
      .badInput, "expected a number in column '\(header)', found \(found)", file: file, line: line, column: column,
      advice: advice)
  }
}

/// `true` and `false` in any case.
enum Booleans {
  static func value(_ text: UnsafeRawBufferPointer) -> Bool? {
    if unsafe spells(text, "true") { return true }
    if unsafe spells(text, "false") { return false }
    return nil
  }

  private static func spells(_ text: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
    guard text.count == word.utf8CodeUnitCount else { return false }
    for i in 0..<text.count where unsafe text[i] | 0x20 != word.utf8Start[i] { return false }
    return true
  }
}
