/// The integers of one page of decimal floats while it is encoded, ALP's digits or DECIMAL's ranks: which values have
/// none, which of those become specials, and which exceptions.
@safe
struct DecimalPage<Value: DecimalFloat> {
  typealias Word = Value.Word

  /// How integers are made of floats.
  enum Form: Equatable {
    /// ALP: all digits are multiples of one power of ten.
    case digits(exponent: Int)
    /// DECIMAL: so many significant digits.
    case ranks(significant: Int)
  }

  private let values: UnsafePointer<Value>
  private let count: Int
  private let memory: AlignedBytes
  private let words: UnsafeMutablePointer<Word>
  private let bad: UnsafeMutablePointer<UInt8>
  /// Values that have no integer.
  private var found = 0
  /// DECIMAL's e0; 0 if all values are zeros.
  private(set) var firstExponent = 0

  /// Borrows the values.
  init(_ values: UnsafePointer<Value>, count: Int) {
    unsafe self.values = values
    self.count = count
    memory = AlignedBytes(capacity: count * (MemoryLayout<Word>.size + 1))
    unsafe words = memory.base.assumingMemoryBound(to: Word.self)
    unsafe bad = UnsafeMutableRawPointer(words + count).assumingMemoryBound(to: UInt8.self)
  }

  /// Finds the integers. False if no value has one.
  mutating func fill(_ form: Form) -> Bool {
    firstExponent = 0
    switch form {
    case .digits(let exponent):
      found = unsafe Value.encode(values, count: count, exponent: exponent, digits: words, bad: bad)
    case .ranks(let significant):
      let (bad, lowest) = unsafe Value.encode(
        values, count: count, significant: significant, ranks: words, bad: self.bad)
      found = bad
      // Zeros alone are in no decade.
      if lowest > 44 { break }
      firstExponent = lowest - 22
      let decade = 9 * DecimalSample.power(significant - 1) as Word
      unsafe Value.shift(ranks: words, count: count, bad: self.bad, by: decade * Word(lowest))
    }
    if found == count { return false }
    if found > 0 { borrowNeighbours() }
    return true
  }

  /// Values without an integer take that of the value before them, so that they change neither range nor differences.
  private func borrowNeighbours() {
    var previous: Word = 0
    for i in 0..<count where unsafe bad[i] == 0 {
      previous = unsafe words[i]
      break
    }
    for i in 0..<count {
      if unsafe bad[i] == 0 { previous = unsafe words[i] } else { unsafe words[i] = previous }
    }
  }

  /// About what the page takes, packed: for a sample. Values that would be specials cost nothing here.
  func estimate() -> Int {
    let frame = unsafe PackedVectors.chooseFrame(words, count: count, flip: 1 << (Word.bitWidth - 1))
    var exceptions = 0
    for i in 0..<count where unsafe bad[i] == 1 && values[i].isFinite && values[i] != 0 { exceptions += 1 }
    return frame.bytes + exceptions * (MemoryLayout<Word>.size + 4)
  }

  /// Chooses the specials and gives them their integers, then appends specials, exceptions and the child. False, and
  /// the output is then worthless, if exceptions alone take half of the plain bytes.
  func write(_ guide: inout EncodingGuide, into output: AlignedBytes) -> Bool {
    let (specials, exceptions) = separate()
    let width = MemoryLayout<Word>.size
    if exceptions.count * (width + 4) * 2 > count * width { return false }
    specials.write(into: output)
    output.append(UInt32(exceptions.count))
    for position in exceptions { output.append(position) }
    for position in exceptions { unsafe output.append(values[Int(position)].bits) }
    unsafe guide.child(NumberPage(words, count: count, type: Value.digitType, rowLength: 1), into: output)
    withExtendedLifetime(memory) {}
    return true
  }

  /// Patterns that come at least this often are specials: below, their entry and the integers that they take from others
  /// cost more than they save.
  private static var often: Int { 4 }

  private func separate() -> (SpecialValues<Value>, exceptions: [UInt32]) {
    if found == 0 { return (SpecialValues(), []) }
    var places: [UInt32] = []
    places.reserveCapacity(found)
    var counts: [Word: Int] = [:]
    // Runs of one pattern, NaN mostly, are counted before they are looked up.
    var (run, last) = (0, Word(0))
    for i in 0..<count where unsafe bad[i] == 1 {
      places.append(UInt32(i))
      let pattern = unsafe values[i].bits
      if pattern != last && run > 0 {
        counts[last, default: 0] += run
        run = 0
      }
      last = pattern
      run += 1
    }
    counts[last, default: 0] += run

    var chosen = counts.filter { $0.value >= Self.often }.map { (pattern: $0.key, count: $0.value) }
    chosen.sort { $0.count != $1.count ? $0.count > $1.count : $0.pattern < $1.pattern }
    let flip = Word(1) << (Word.bitWidth - 1)
    let smallest = unsafe Word.range(words, count: count, flip: flip).minimum
    // Directly below the smallest integer, where they widen the range least; the first is the most frequent.
    let room = Int(truncatingIfNeeded: min(smallest ^ flip, 16))
    let patterns = chosen.prefix(min(SpecialValues<Value>.limit, room)).map(\.pattern)
    if patterns.isEmpty { return (SpecialValues(), places) }
    let specials = SpecialValues<Value>(first: smallest &- Word(patterns.count), patterns: patterns)
    var exceptions: [UInt32] = []
    for place in places {
      if let index = patterns.firstIndex(of: unsafe values[Int(place)].bits) {
        unsafe words[Int(place)] = specials.first &+ Word(index)
      } else {
        exceptions.append(place)
      }
    }
    return (specials, exceptions)
  }
}
