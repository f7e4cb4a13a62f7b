internal import FingalKernels

/// The specials block of ALP and DECIMAL (`FORMAT.md §6.10`): a run of up to 16 integers that stand for bit patterns
/// instead of decimals: NaN, −0, ±∞, or any other value without digits that comes again and again. One NaN in twenty
/// hits would cost more as exceptions than all digits together.
struct SpecialValues<Value: DecimalFloat> {
  typealias Word = Value.Word
  static var limit: Int { 16 }

  /// The integer of the first pattern, in two's complement.
  var first: Word = 0
  var patterns: [Word] = []

  /// What the kernels take.
  var kernelTable: fingal_specials {
    var table = fingal_specials()
    table.first = UInt64(truncatingIfNeeded: first)
    table.count = UInt64(patterns.count)
    unsafe withUnsafeMutableBytes(of: &table.bits) { bits in
      for (i, pattern) in patterns.enumerated() {
        unsafe bits.storeBytes(of: UInt64(pattern), toByteOffset: i * 8, as: UInt64.self)
      }
    }
    return table
  }

  func write(into output: AlignedBytes) {
    output.append(UInt8(patterns.count))
    output.append(first)
    for pattern in patterns { output.append(pattern) }
  }

  static func read(_ reader: inout ByteReader) throws(FingalError) -> Self {
    let count = Int(try reader.read(UInt8.self, "special values"))
    guard count <= limit else { throw damagedPage("\(count) special values") }
    var specials = Self(first: try reader.read(Word.self, "special values"))
    let sign = Word(1) << (Word.bitWidth - 1)
    if count == 0 {
      if specials.first != 0 { throw damagedPage("a place for special values, but none of them") }
      return specials
    }
    // In the order of signed integers the last one must not be below the first.
    guard (specials.first ^ sign) <= Word.max - Word(count - 1) else { throw damagedPage("special values wrap around") }
    for _ in 0..<count { specials.patterns.append(try reader.read(Word.self, "special values")) }
    return specials
  }
}

/// Single elements of a page that its integers do not give (`FORMAT.md §6.10`): positions and bit patterns, checked, in
/// the memory of the page.
@safe
struct ExceptionBlock<Word: FixedWidthInteger & BitwiseCopyable> {
  let count: Int
  private let positions: UnsafeRawPointer
  private let words: UnsafeRawPointer

  init(_ reader: inout ByteReader, elements: Int) throws(FingalError) {
    count = Int(try reader.read(UInt32.self, "exceptions"))
    guard count <= elements else { throw damagedPage("\(count) exceptions among \(elements) values") }
    unsafe positions = try reader.take(count * 4, "exception positions")
    unsafe words = try reader.take(count * (Word.bitWidth / 8), "exceptions")
    var previous = -1
    for i in 0..<count {
      let position = self.position(i)
      guard position > previous, position < elements else { throw damagedPage("exception positions out of order") }
      previous = position
    }
  }

  /// The position of exception `i`; it lies in the page.
  @inline(__always)
  func position(_ i: Int) -> Int {
    unsafe Int(UInt32(littleEndian: positions.loadUnaligned(fromByteOffset: i &* 4, as: UInt32.self)))
  }

  @inline(__always)
  func word(_ i: Int) -> Word {
    unsafe Word(littleEndian: words.loadUnaligned(fromByteOffset: i &* (Word.bitWidth / 8), as: Word.self))
  }
}
