/// Decoded values of one column for a run of events: what a writer takes and a reader gives.
///
/// Numbers lie densely in native byte order in 64-byte aligned memory; `bool` is one byte, 0 or 1; an enumeration is the
/// index of its label as `UInt16`; strings are UTF-8 bytes with the end of each. A null slot holds zero bits (an empty
/// string) and is marked in the validity.
///
/// A column knows nothing of shapes: of a field with the shape `[28, 13, 13]` each value is 28 × 13 × 13 elements in a
/// row, outermost axis first, and all elements of a missing (null) tensor are null.
///
/// It is a reusable buffer with reference semantics, so that loops need not allocate: fill it, hand it on, call
/// `removeAll()` and fill it again. One thread at a time may use it; that is why it is `@unchecked Sendable`.
/// Do not keep one as a value that others may change under you: copy what you need.
public final class ColumnValues: @unchecked Sendable {
  public let type: ScalarType
  /// Number of elements, nulls included.
  public private(set) var count = 0
  /// Number of nulls among them.
  public private(set) var nullCount = 0

  /// Numbers: the values. Strings: the UTF-8 bytes of all, one after another.
  package let storage: AlignedBytes
  /// Strings only: for each value, the end (as `Int64`) of its bytes in `storage`.
  package let stringEnds: AlignedBytes?
  /// One byte a value, 1 valid, 0 null; kept only once a null has been seen (`nullCount > 0`).
  package let validity: AlignedBytes

  public init(_ type: ScalarType, reserving capacity: Int = 0) {
    self.type = type
    storage = AlignedBytes(capacity: capacity * max(1, type.byteWidth))
    stringEnds = type == .string ? AlignedBytes(capacity: capacity * 8) : nil
    validity = AlignedBytes()
  }

  /// A column of numbers from an array.
  public convenience init<T: ColumnElement>(_ values: [T]) {
    self.init(T.scalarType, reserving: values.count)
    append(contentsOf: values)
  }

  /// A column of strings from an array.
  public convenience init(strings: [String]) {
    self.init(.string, reserving: strings.count)
    for string in strings { append(string) }
  }

  /// Bytes that the decoded values take: what "raw size" means in every report.
  public var byteCount: Int { storage.count + (stringEnds == nil ? 0 : count * 4) }

  // MARK: Filling

  public func removeAll() {
    count = 0
    nullCount = 0
    storage.removeAll()
    stringEnds?.removeAll()
    validity.removeAll()
  }

  /// Appends one number. The element type must be the column's (for `bool`: `UInt8` 0 or 1; for `enum`: `UInt16`, the
  /// index of the label).
  @inlinable @inline(__always)
  public func append<T: ColumnElement>(_ value: T) {
    checkElement(T.self)
    appendUnchecked(value)
  }

  /// Appends without checking the element type: for loops that checked it once outside.
  @inline(__always) @usableFromInline
  package func appendUnchecked<T: ColumnElement>(_ value: T) {
    storage.append(value)
    count &+= 1
    if nullCount > 0 { validity.append(1 as UInt8) }
  }

  public func append<T: ColumnElement>(contentsOf values: [T]) {
    checkElement(T.self)
    unsafe values.withUnsafeBytes { bytes in unsafe storage.append(bytes) }
    grew(by: values.count)
  }

  public func append(_ string: String) {
    var copy = string
    copy.withUTF8 { utf8 in unsafe append(utf8: UnsafeRawBufferPointer(utf8)) }
  }

  /// Appends a string given as UTF-8 bytes. The caller has validated them.
  package func append(utf8 bytes: UnsafeRawBufferPointer) {
    guard let stringEnds else { preconditionFailure("a column of type \(type) holds no strings") }
    unsafe storage.append(bytes)
    stringEnds.append(Int64(storage.count))
    grew(by: 1)
  }

  /// Appends a missing tensor of so many elements (`Schema.Field.elementsPerValue`).
  public func appendNull(elements: Int) {
    for _ in 0..<elements { appendNull() }
  }

  /// Appends a null: zero bits, marked invalid.
  public func appendNull() {
    if nullCount == 0 {
      validity.removeAll()
      unsafe validity.extend(by: count).initializeMemory(as: UInt8.self, repeating: 1, count: count)
    }
    nullCount += 1
    if let stringEnds {
      stringEnds.append(Int64(storage.count))
    } else {
      let width = type.byteWidth
      unsafe storage.extend(by: width).initializeMemory(as: UInt8.self, repeating: 0, count: width)
    }
    validity.append(0 as UInt8)
    count += 1
  }

  /// Appends a range of another column of the same type, nulls included.
  public func append(contentsOf other: ColumnValues, _ range: Range<Int>) {
    precondition(other.type == type, "a column of type \(type) cannot take values of type \(other.type)")
    precondition(range.lowerBound >= 0 && range.upperBound <= other.count, "range outside the column")
    if range.isEmpty { return }
    let before = count
    if let stringEnds {
      let bytes = other.stringBytes(range)
      let shift = Int64(storage.count) - Int64(bytes.lowerBound)
      unsafe storage.append(UnsafeRawBufferPointer(rebasing: other.storage.bytes[bytes]))
      let ends = unsafe other.stringEnds!.values(Int64.self)
      for i in range { unsafe stringEnds.append(ends[i] + shift) }
    } else {
      let width = type.byteWidth
      unsafe storage.append(
        UnsafeRawBufferPointer(rebasing: other.storage.bytes[range.lowerBound * width..<range.upperBound * width]))
    }
    grew(by: range.count)
    if other.nullCount > 0 {
      let flags = unsafe other.validity.values(UInt8.self)
      for i in range where unsafe flags[i] == 0 { markNull(before + i - range.lowerBound) }
    }
  }

  /// Makes room for as many more values, so that appending them page by page moves nothing.
  package func reserve(more count: Int) {
    storage.reserve(storage.count + count * type.byteWidth)
    stringEnds?.reserve((self.count + count) * 8)
  }

  /// Lengthens a numeric column by `count` values and returns the memory to fill; every byte must be filled.
  package func extend(by count: Int) -> UnsafeMutableRawPointer {
    precondition(type != .string)
    let start = unsafe storage.extend(by: count * type.byteWidth)
    grew(by: count)
    return unsafe start
  }

  /// Appends the bytes of `count` strings at once and returns where their ends go; every end must be filled.
  package func extendStrings(by count: Int, utf8: UnsafeRawBufferPointer) -> UnsafeMutablePointer<Int64> {
    guard let stringEnds else { preconditionFailure("a column of type \(type) holds no strings") }
    unsafe storage.append(utf8)
    let ends = unsafe stringEnds.extend(by: count * 8).assumingMemoryBound(to: Int64.self)
    grew(by: count)
    return unsafe ends
  }

  /// Marks a value that was appended (as zero bits) as null.
  package func markNull(_ index: Int) {
    if nullCount == 0 {
      validity.removeAll()
      unsafe validity.extend(by: count).initializeMemory(as: UInt8.self, repeating: 1, count: count)
    }
    let flags = unsafe validity.values(UInt8.self)
    if unsafe flags[index] == 1 {
      unsafe flags[index] = 0
      nullCount += 1
    }
  }

  private func grew(by added: Int) {
    count += added
    if nullCount > 0 { unsafe validity.extend(by: added).initializeMemory(as: UInt8.self, repeating: 1, count: added) }
  }

  @inline(__always) @usableFromInline
  package func checkElement<T: ColumnElement>(_: T.Type) {
    precondition(
      T.represents(type),
      "a column of type \(type) has no values of type \(T.scalarType)")
  }

  // MARK: Reading

  /// The values as a span, without a copy. The element type must be the column's (`UInt8` for `bool`, `UInt16` for
  /// `enum`).
  @_lifetime(borrow self)
  public func values<T: ColumnElement>(as _: T.Type = T.self) -> Span<T> {
    checkElement(T.self)
    let buffer = unsafe UnsafeBufferPointer(storage.values(T.self))
    return unsafe _overrideLifetime(Span(_unsafeElements: buffer), borrowing: self)
  }

  /// The values for loops inside the package; valid until the column grows or goes.
  @inline(__always)
  package func unsafeValues<T: ColumnElement>(as _: T.Type = T.self) -> UnsafeMutableBufferPointer<T> {
    checkElement(T.self)
    return unsafe storage.values(T.self)
  }

  public func isNull(_ index: Int) -> Bool {
    precondition(index >= 0 && index < count, "index outside the column")
    return unsafe nullCount > 0 && validity.values(UInt8.self)[index] == 0
  }

  /// Nulls in a range.
  package func nullCount(in range: Range<Int>) -> Int {
    if nullCount == 0 { return 0 }
    let flags = unsafe validity.values(UInt8.self)
    var nulls = 0
    for i in range where unsafe flags[i] == 0 { nulls += 1 }
    return nulls
  }

  /// The validity as a column of its own: `bool`, 1 valid, 0 null; one for each `rowLength` elements, which are all
  /// null or none.
  package func validityColumn(rowLength: Int) -> ColumnValues {
    let rows = count / rowLength
    let column = ColumnValues(.bool, reserving: rows)
    let target = unsafe column.extend(by: rows)
    if nullCount == 0 {
      unsafe target.initializeMemory(as: UInt8.self, repeating: 1, count: rows)
    } else if rowLength == 1 {
      unsafe target.copyMemory(from: validity.base, byteCount: rows)
    } else {
      let flags = unsafe validity.values(UInt8.self)
      let valid = unsafe target.assumingMemoryBound(to: UInt8.self)
      for row in 0..<rows { unsafe valid[row] = flags[row * rowLength] }
    }
    return column
  }

  /// Whether the elements of every tensor of so many elements are all null or none.
  package func hasWholeNulls(rowLength: Int) -> Bool {
    if nullCount == 0 || rowLength == 1 { return true }
    let flags = unsafe validity.values(UInt8.self)
    var first: UInt8 = 1
    var place = 0
    for i in 0..<count {
      if place == 0 { first = unsafe flags[i] }
      if unsafe flags[i] != first { return false }
      place = place + 1 == rowLength ? 0 : place + 1
    }
    return true
  }

  /// The largest index among the elements of an enumeration (or `bool`) from `start` on; -1 if there are none.
  package func largestIndex(from start: Int) -> Int {
    precondition((type == .enumeration || type == .bool) && start >= 0 && start <= count)
    if start == count { return -1 }
    if type == .bool {
      return unsafe Int(
        UInt8.range(storage.values(UInt8.self).baseAddress! + start, count: count - start, flip: 0).maximum)
    }
    return unsafe Int(
      UInt16.range(storage.values(UInt16.self).baseAddress! + start, count: count - start, flip: 0).maximum)
  }

  /// Where the bytes of the strings of a range lie in `storage`.
  package func stringBytes(_ range: Range<Int>) -> Range<Int> {
    let ends = unsafe stringEnds!.values(Int64.self)
    let low = unsafe range.lowerBound == 0 ? 0 : Int(ends[range.lowerBound - 1])
    let high = unsafe range.upperBound == 0 ? 0 : Int(ends[range.upperBound - 1])
    return low..<max(low, high)
  }

  /// Whether all bits of a value are zero (a string: whether it is empty): what a null slot must hold.
  package func isZero(_ index: Int) -> Bool {
    if type == .string { return stringBytes(index..<index + 1).isEmpty }
    let width = type.byteWidth
    return unsafe storage.bytes[index * width..<(index + 1) * width].allSatisfy { $0 == 0 }
  }

  /// One string as its UTF-8 bytes; valid until the column grows or goes.
  package func utf8(_ index: Int) -> UnsafeRawBufferPointer {
    precondition(index >= 0 && index < count, "index outside the column")
    return unsafe UnsafeRawBufferPointer(rebasing: storage.bytes[stringBytes(index..<index + 1)])
  }

  /// One string. For loops over many, prefer the bytes.
  public func string(at index: Int) -> String { unsafe String(decoding: utf8(index), as: UTF8.self) }

  /// One value as a `Double`: integers beyond 2^53 round to nearest, nulls and strings are NaN.
  public func double(at index: Int) -> Double {
    if isNull(index) { return .nan }
    var result = Double.nan
    unsafe withDoubles(index..<index + 1) { unsafe result = $0[0] }
    return result
  }

  /// A range converted to `Double` (integers beyond 2^53 round to nearest, nulls and strings become NaN), in a buffer
  /// that lives for the call.
  package func withDoubles<R>(_ range: Range<Int>, _ body: (UnsafeMutableBufferPointer<Double>) throws -> R) rethrows
    -> R
  {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the column")
    return try unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: range.count) { out in
      unsafe fill(out, from: range)
      return try unsafe body(out)
    }
  }

  /// Fills `out` (as long as the range) with the range converted to `Double`, as `withDoubles` does.
  package func fill(_ out: UnsafeMutableBufferPointer<Double>, from range: Range<Int>) {
    switch type {
    case .bool, .uint8: unsafe convert(UInt8.self, range, out) { Double($0) }
    case .int8: unsafe convert(Int8.self, range, out) { Double($0) }
    case .int16: unsafe convert(Int16.self, range, out) { Double($0) }
    case .int32: unsafe convert(Int32.self, range, out) { Double($0) }
    case .int64: unsafe convert(Int64.self, range, out) { Double($0) }
    case .uint16, .enumeration: unsafe convert(UInt16.self, range, out) { Double($0) }
    case .uint32: unsafe convert(UInt32.self, range, out) { Double($0) }
    case .uint64: unsafe convert(UInt64.self, range, out) { Double($0) }
    case .float32: unsafe convert(Float.self, range, out) { Double($0) }
    case .float64: unsafe convert(Double.self, range, out) { $0 }
    case .string: unsafe out.update(repeating: .nan)
    }
    if nullCount > 0 {
      let flags = unsafe validity.values(UInt8.self)
      for i in range where unsafe flags[i] == 0 { unsafe out[i - range.lowerBound] = .nan }
    }
  }

  @inline(__always)
  private func convert<T: ColumnElement>(
    _: T.Type, _ range: Range<Int>, _ out: UnsafeMutableBufferPointer<Double>, _ body: (T) -> Double
  ) {
    let values = unsafe storage.values(T.self)
    for i in range { unsafe out[i &- range.lowerBound] = body(values[i]) }
  }

  /// One integer of an integer (or `bool`, or `enum`: the index) column as an `Int`; nil where it does not fit, is null, or is no integer.
  public func integer(at index: Int) -> Int? {
    if isNull(index) { return nil }
    switch type {
    case .bool, .uint8: return unsafe Int(storage.values(UInt8.self)[index])
    case .int8: return unsafe Int(storage.values(Int8.self)[index])
    case .int16: return unsafe Int(storage.values(Int16.self)[index])
    case .int32: return unsafe Int(storage.values(Int32.self)[index])
    case .int64: return unsafe Int(storage.values(Int64.self)[index])
    case .uint16, .enumeration: return unsafe Int(storage.values(UInt16.self)[index])
    case .uint32: return unsafe Int(storage.values(UInt32.self)[index])
    case .uint64: return unsafe Int(exactly: storage.values(UInt64.self)[index])
    case .float32, .float64, .string: return nil
    }
  }
}
