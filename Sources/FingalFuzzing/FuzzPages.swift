package import Fingal

/// The most that a forged description may ask for: a page's own limit is a gigabyte, which would leave no time for
/// anything else. The budget of the run (`-malloc_limit_mb`) stands above it.
private let decodedLimit = 1 << 20

/// Input: 2 bytes encoding and codec, 1 type and flags, 2 row length, 2 elements, 2 and 2 changes of the two
/// lengths, then the stored bytes.
func fuzzPage(_ input: [UInt8]) {
  var choices = Choices(input[...])
  guard let encoding = Encoding(rawValue: choices.byte()), let codec = Codec(rawValue: choices.byte()) else { return }
  let kind = choices.byte()
  let type = ScalarType.allCases[Int(kind & 0x0F) % ScalarType.allCases.count]
  let rowLength = choices.word()
  var elements = choices.word()
  if kind & 0x10 != 0 { elements <<= 8 }
  if kind & 0x20 != 0 { elements = -elements }
  let decodedChange = choices.word()
  let encodedLength = choices.word()
  let stored = choices.all()
  // Most inputs should pass the arithmetic of the lengths: it is checked before anything else is looked at.
  let width = type == .string ? 4 : type.byteWidth
  var decodedLength = elements &* width
  if type == .string || kind & 0x40 != 0 { decodedLength &+= decodedChange }
  if decodedLength > decodedLimit { return }
  let description = PageDescription(
    encoding: encoding, codec: codec, encodedLength: codec == .none && kind & 0x80 == 0 ? stored.count : encodedLength,
    decodedLength: decodedLength, elements: elements, type: type, rowLength: rowLength)
  let values = ColumnValues(type)
  do throws(FingalError) {
    try decode(stored, description, into: values)
  } catch {
    check(error.code == .damaged || error.code == .unsupported || error.code == .limit, "\(error)")
    return
  }
  check(values.count == elements && values.byteCount == decodedLength, "decoded to something else than declared")
  if elements <= 1024 { checkRoundTrip(values, rowLength: rowLength, EncodingOptions()) }
}

/// Input: 1 byte type, 1 codec and encoding, 1 row length, 1 how the bytes make values; then the values.
func fuzzValues(_ input: [UInt8]) {
  var choices = Choices(input[...])
  let type = ScalarType.allCases[Int(choices.byte()) % ScalarType.allCases.count]
  let how = choices.byte()
  let rowLength = 1 + Int(choices.byte() % 32)
  let shape = choices.byte()
  let bytes = choices.all()
  let values = ColumnValues(type)
  if type == .string {
    for piece in bytes.split(separator: 0xFF, maxSplits: 4096, omittingEmptySubsequences: false) {
      values.append(String(decoding: piece, as: UTF8.self))
    }
  } else {
    // Few different values, runs and mostly zeros are what encodings look for: the shape says how often a
    // value repeats, and how many zeros stand between two.
    let width = type.byteWidth
    let repeats = 1 + Int(shape & 0x0F)
    let zeros = Int(shape >> 4)
    let target = AlignedBytes()
    let zero = [UInt8](repeating: 0, count: width)
    var start = 0
    while start + width <= bytes.count, target.count < 1 << 16 {
      var value = Array(bytes[start..<start + width])
      if type == .bool { value[0] &= 1 }
      for _ in 0..<repeats { unsafe value.withUnsafeBytes { unsafe target.append($0) } }
      for _ in 0..<zeros { unsafe zero.withUnsafeBytes { unsafe target.append($0) } }
      start += width
    }
    let count = target.count / width / rowLength * rowLength
    if count == 0 { return }
    unsafe values.extend(by: count).copyMemory(from: target.base, byteCount: count * width)
  }
  // A codec or the writer's choice, and an encoding or the writer's choice.
  let options = EncodingOptions(
    optimize: how & 0x80 != 0 ? .speed : .balanced, encoding: Encoding(rawValue: how >> 3 & 0x0F),
    codec: Codec(rawValue: how & 7).map { .only($0) } ?? .automatic)
  checkRoundTrip(values, rowLength: type == .string ? 1 : rowLength, options)
}

/// Encodes the values as one page, which must be no larger than PLAIN and decode to the same bits.
private func checkRoundTrip(_ values: ColumnValues, rowLength: Int, _ options: EncodingOptions) {
  let page = PageCoder.encode(values, 0..<values.count, rowLength: rowLength, options: options)
  check(page.stored.count <= values.byteCount, "\(page.encoding.name) is larger than PLAIN")
  let description = PageDescription(
    encoding: page.encoding, codec: page.codec, encodedLength: page.encodedLength, decodedLength: values.byteCount,
    elements: values.count, type: values.type, rowLength: rowLength)
  let back = ColumnValues(values.type)
  do throws(FingalError) {
    try decode(page.stored, description, into: back)
  } catch {
    fail("a page that was just encoded does not decode: \(error)")
  }
  check(sameBits(values, back), "\(page.encoding.name) with \(page.codec.name) changed a value")
}

/// The stored bytes go to memory of just their size, so that AddressSanitizer sees a read past their end.
private func decode(_ stored: [UInt8], _ page: PageDescription, into values: ColumnValues) throws(FingalError) {
  let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: stored.count, alignment: 1)
  defer { unsafe bytes.deallocate() }
  unsafe bytes.copyBytes(from: stored)
  try unsafe PageCoder.decode(UnsafeRawBufferPointer(bytes), page, into: values)
}

/// Equality bit for bit: NaN payloads and the sign of zero count.
package func sameBits(_ a: ColumnValues, _ b: ColumnValues) -> Bool {
  guard a.type == b.type, a.count == b.count, a.nullCount == b.nullCount else { return false }
  if a.nullCount > 0 { for i in 0..<a.count where a.isNull(i) != b.isNull(i) { return false } }
  if a.type == .string {
    for i in 0..<a.count where unsafe !a.utf8(i).elementsEqual(b.utf8(i)) { return false }
    return true
  }
  return unsafe a.storage.bytes.elementsEqual(b.storage.bytes)
}

func check(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { fail(message()) }
}

func fail(_ message: String) -> Never { fatalError(message) }
