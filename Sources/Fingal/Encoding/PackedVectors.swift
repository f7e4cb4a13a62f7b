internal import FingalKernels

/// Vectors of up to 1,024 words as frames of reference: base, width, packed differences, and exceptions where a value
/// lies outside the frame (`FORMAT.md §6.3`). FOR is nothing else; DICT, SPARSE and the lengths of strings use it
/// inside. A sequence of vectors ends by itself, since the reader knows how many values there are.
enum PackedVectors {
  static let vectorLength = 1024

  /// Bytes of `count` packed values: the same for lanes and for short vectors, but for rounding.
  @inline(__always)
  static func packedBytes(count: Int, width: Int) -> Int { (count * width + 7) / 8 }

  // MARK: Encoding

  /// How one vector is stored; `bytes` is everything but its header.
  struct Frame<Word: PackedWord> {
    var base: Word
    var width: Int
    var bytes: Int

    var mask: Word { width == 0 ? 0 : Word.max >> (Word.bitWidth - width) }
  }

  /// Appends `count` values as vectors. `flip` is the sign bit for signed types and 0 for others: it gives the order
  /// in which the frame is small.
  static func encode<Word: PackedWord>(
    _ values: UnsafePointer<Word>, count: Int, flip: Word, into output: AlignedBytes
  ) {
    unsafe withUnsafeTemporaryAllocation(of: Word.self, capacity: vectorLength) { deltas in
      unsafe withUnsafeTemporaryAllocation(of: UInt16.self, capacity: vectorLength) { exceptions in
        var start = 0
        while start < count {
          let length = min(vectorLength, count - start)
          let vector = unsafe values + start
          let frame = unsafe chooseFrame(vector, count: length, flip: flip)
          unsafe encodeVector(
            vector, count: length, frame, deltas.baseAddress!, exceptions.baseAddress!, into: output)
          start += length
        }
      }
    }
  }

  private static func encodeVector<Word: PackedWord>(
    _ values: UnsafePointer<Word>, count: Int, _ frame: Frame<Word>, _ deltas: UnsafeMutablePointer<Word>,
    _ exceptions: UnsafeMutablePointer<UInt16>, into output: AlignedBytes
  ) {
    let found = unsafe Word.frame(
      values, count: count, base: frame.base, mask: frame.mask, deltas: deltas, exceptions: exceptions)
    output.append(frame.base)
    output.append(UInt8(frame.width))
    output.append(UInt16(found))
    let packed = unsafe output.extend(by: packedBytes(count: count, width: frame.width))
    unsafe Word.pack(deltas, count: count, width: frame.width, into: packed)
    unsafe output.append(UnsafeRawBufferPointer(start: exceptions, count: found * 2))
    for i in 0..<found { unsafe output.append(values[Int(exceptions[i])]) }
  }

  /// The frame that stores a vector in the fewest bytes, among those that begin at its minimum (exceptions above) and
  /// those that end at its maximum (exceptions below).
  static func chooseFrame<Word: PackedWord>(
    _ values: UnsafePointer<Word>, count: Int, flip: Word
  ) -> Frame<Word> {
    let (minimum, maximum) = unsafe Word.range(values, count: count, flip: flip)
    let full = Word.bitWidth - (maximum &- minimum).leadingZeroBitCount
    var best = Frame(base: minimum, width: full, bytes: packedBytes(count: count, width: full))
    let exceptionBytes = Word.bitWidth / 8 + 2
    var width = full - 1
    while width >= 0 {
      let mask: Word = width == 0 ? 0 : Word.max >> (Word.bitWidth - width)
      let (above, below) = unsafe Word.outside(
        values, count: count, minimum: minimum, maximum: maximum, mask: mask)
      // Narrower frames leave out more: once the exceptions alone are too many, so they are in all that follow.
      let fewest = min(above, below) * exceptionBytes
      if fewest >= best.bytes { break }
      let bytes = packedBytes(count: count, width: width) + fewest
      if bytes < best.bytes {
        best = Frame(base: above <= below ? minimum : maximum &- mask, width: width, bytes: bytes)
      }
      width -= 1
    }
    return best
  }

  // MARK: Decoding

  /// Reads `count` values. Nothing is allocated.
  static func decode<Word: PackedWord>(
    _ reader: inout ByteReader, count: Int, into output: UnsafeMutablePointer<Word>
  ) throws(FingalError) {
    var start = 0
    while start < count {
      let length = min(vectorLength, count - start)
      let vector = unsafe output + start
      let base = try reader.read(Word.self, "vector header")
      let width = Int(try reader.read(UInt8.self, "vector header"))
      let exceptions = Int(try reader.read(UInt16.self, "vector header"))
      try unsafe unpack(&reader, count: length, width: width, base: base, into: vector)
      try unsafe patch(&reader, exceptions, count: length, into: vector)
      start += length
    }
  }

  /// Reads the packed values of one vector.
  @inline(__always)
  static func unpack<Word: PackedWord>(
    _ reader: inout ByteReader, count: Int, width: Int, base: Word, into output: UnsafeMutablePointer<Word>
  ) throws(FingalError) {
    guard width <= Word.bitWidth else { throw damagedPage("a width of \(width) bits in words of \(Word.bitWidth)") }
    let length = packedBytes(count: count, width: width)
    let packed = try unsafe reader.take(length, "packed values")
    let spare = length * 8 - count * width
    if spare > 0, unsafe packed.load(fromByteOffset: length - 1, as: UInt8.self) >> UInt8(8 - spare) != 0 {
      throw damagedPage("bits left over are not zero")
    }
    unsafe Word.unpack(packed, count: count, width: width, base: base, into: output)
  }

  /// Reads the exceptions of one vector and puts them where they belong.
  @inline(__always)
  static func patch<Word: PackedWord>(
    _ reader: inout ByteReader, _ exceptions: Int, count: Int, into output: UnsafeMutablePointer<Word>
  ) throws(FingalError) {
    if exceptions == 0 { return }
    guard exceptions <= count else { throw damagedPage("\(exceptions) exceptions in a vector of \(count)") }
    let positions = try unsafe reader.take(exceptions * 2, "exception positions")
    let values = try unsafe reader.take(exceptions * (Word.bitWidth / 8), "exceptions")
    var previous = -1
    for i in 0..<exceptions {
      let position = unsafe Int(positions.loadUnaligned(fromByteOffset: i &* 2, as: UInt16.self))
      guard position > previous, position < count else { throw damagedPage("exception positions out of order") }
      unsafe output[position] = values.loadUnaligned(fromByteOffset: i &* (Word.bitWidth / 8), as: Word.self)
      previous = position
    }
  }
}

extension PackedVectors {
  /// Appends `count` words of `width` bits without the headers of vectors: packed bits (`FORMAT.md §6.3`). `fill` gives
  /// the words of a vector: those from a place on, so many of them.
  static func encodeBits<Word: PackedWord>(
    count: Int, width: Int, into output: AlignedBytes, fill: (Int, Int, UnsafeMutablePointer<Word>) -> Void
  ) {
    unsafe withUnsafeTemporaryAllocation(of: Word.self, capacity: vectorLength) { words in
      var start = 0
      while start < count {
        let length = min(vectorLength, count - start)
        unsafe fill(start, length, words.baseAddress!)
        let packed = unsafe output.extend(by: packedBytes(count: length, width: width))
        unsafe Word.pack(words.baseAddress!, count: length, width: width, into: packed)
        start += length
      }
    }
  }

  /// Reads packed bits and adds `base` to each word.
  static func decodeBits<Word: PackedWord>(
    _ reader: inout ByteReader, count: Int, width: Int, base: Word, into output: UnsafeMutablePointer<Word>
  ) throws(FingalError) {
    var start = 0
    while start < count {
      let length = min(vectorLength, count - start)
      try unsafe unpack(&reader, count: length, width: width, base: base, into: output + start)
      start += length
    }
  }
}

/// The words that hold indices, codes or gaps: the narrowest that can count so many.
enum IndexWidth {
  case one, two, four

  init(distinct: Int) { self = distinct <= 1 << 8 ? .one : distinct <= 1 << 16 ? .two : .four }

  var bytes: Int { type.byteWidth }

  var type: ScalarType {
    switch self {
    case .one: .uint8
    case .two: .uint16
    case .four: .uint32
    }
  }

  /// Numbers that are known to fit, as words of this width.
  func narrowed(_ numbers: UnsafePointer<UInt32>, count: Int) -> AlignedBytes {
    let words = AlignedBytes(capacity: count * bytes)
    let start = unsafe words.extend(by: count * bytes)
    switch self {
    case .one: unsafe fingal_narrow8(numbers, count, start.assumingMemoryBound(to: UInt8.self))
    case .two: unsafe fingal_narrow16(numbers, count, start.assumingMemoryBound(to: UInt16.self))
    case .four: unsafe start.copyMemory(from: numbers, byteCount: count * 4)
    }
    return words
  }
}
