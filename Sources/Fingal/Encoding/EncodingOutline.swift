/// How a page is put together, for people: `ALP(BYTE_SPLIT)`, `DICT(ALP, FOR)`, `SPARSE(FOR, FOR, PLAIN)`. It walks the
/// headers of the pages inside (`FORMAT.md §6`) and decodes no value.
package enum EncodingOutline {
  /// - Parameters:
  ///   - bytes: the encoded bytes of the page, its codec undone.
  ///   - type: of its values.
  /// - Returns: the name of the encoding alone, where what is inside cannot be made out.
  package static func of(_ encoding: Encoding, _ bytes: UnsafeRawBufferPointer, type: ScalarType) -> String {
    var reader = unsafe ByteReader(bytes)
    do throws(FingalError) {
      let inside = try children(encoding, &reader, width: type.byteWidth, depth: 0)
      return inside.isEmpty ? encoding.name : "\(encoding.name)(\(inside.joined(separator: ", ")))"
    } catch {
      return encoding.name
    }
  }

  private static func child(_ reader: inout ByteReader, width: Int, depth: Int) throws(FingalError) -> String {
    let id = try reader.read(UInt8.self, "inner encoding")
    let length = Int(try reader.read(UInt32.self, "length of an inner page"))
    let start = try unsafe reader.take(length, "inner page")
    guard let encoding = Encoding(rawValue: id) else { return "#\(id)" }
    var inner = unsafe ByteReader(UnsafeRawBufferPointer(start: start, count: length))
    // Levels fall from page to inner page; there are fewer than eight.
    guard depth < 8 else { throw damagedPage("pages inside pages without end") }
    let inside = try children(encoding, &inner, width: width, depth: depth + 1)
    return inside.isEmpty ? encoding.name : "\(encoding.name)(\(inside.joined(separator: ", ")))"
  }

  /// - Parameter width: bytes of a value; 0 for strings.
  private static func children(
    _ encoding: Encoding, _ reader: inout ByteReader, width: Int, depth: Int
  ) throws(FingalError) -> [String] {
    switch encoding {
    case .plain, .const, .frameOfReference, .byteSplit: return []
    case .delta:
      _ = try unsafe reader.take(width, "first value")
      return [try child(&reader, width: width, depth: depth)]
    case .dictionary:
      let entries = Int(try reader.read(UInt32.self, "number of entries"))
      let index = entries <= 1 << 8 ? 1 : entries <= 1 << 16 ? 2 : 4
      return [try child(&reader, width: width, depth: depth), try child(&reader, width: index, depth: depth)]
    case .runLength:
      _ = try reader.read(UInt32.self, "number of runs")
      return [try child(&reader, width: width, depth: depth), try child(&reader, width: 4, depth: depth)]
    case .alp, .decimal:
      if encoding == .decimal { _ = try reader.read(UInt8.self, "number of digits") }
      _ = try reader.read(Int8.self, "exponent")
      let specials = Int(try reader.read(UInt8.self, "special values"))
      _ = try unsafe reader.take((1 + specials) * width, "special values")
      let exceptions = Int(try reader.read(UInt32.self, "exceptions"))
      _ = try unsafe reader.take(exceptions * (4 + width), "exceptions")
      return [try child(&reader, width: width, depth: depth)]
    case .alpRightDigits:
      _ = try reader.read(UInt8.self, "number of right bits")
      let lefts = Int(try reader.read(UInt8.self, "number of left parts"))
      _ = try unsafe reader.take(lefts * 2, "left parts")
      let exceptions = Int(try reader.read(UInt32.self, "exceptions"))
      _ = try unsafe reader.take(exceptions * 6, "exceptions")
      return [try child(&reader, width: 1, depth: depth)]
    case .sparse:
      var parts: [String] = []
      for width in [4, 4, width] { parts.append(try child(&reader, width: width, depth: depth)) }
      return parts
    case .lookup:
      let form = try reader.read(UInt8.self, "form")
      let keys = Int(try reader.read(UInt8.self, "number of keys"))
      _ = try unsafe reader.take(keys * 4, "keys")
      if form == 0 {
        // Only the first page of a column holds the map.
        if reader.remaining == 0 { return ["map of the first page"] }
        _ = try unsafe reader.take(keys * 12, "extents")
        return ["map", try child(&reader, width: width, depth: depth)]
      }
      return ["carry", try child(&reader, width: width, depth: depth)]
    }
  }
}

extension EventFile {
  /// How a page is put together: reads it and undoes its codec.
  ///
  /// - Throws: `damaged`, `truncated`, `inputOutput`.
  package func outline(ofPage page: Int, stream: Int, cluster: Int) throws(FingalError) -> String {
    let directory = try directory(ofCluster: cluster)
    let row = directory.streams[stream].pages[page]
    guard let encoding = Encoding(rawValue: row.encoding), let codec = Codec(rawValue: row.codec) else {
      return "#\(row.encoding)"
    }
    let entry = clusters[cluster]
    let stored = AlignedBytes(capacity: row.storedLength)
    let target = unsafe UnsafeMutableRawBufferPointer(
      start: stored.extend(by: row.storedLength), count: row.storedLength)
    do throws(FingalError) {
      try unsafe file.read(into: target, at: entry.offset + row.offset)
      guard unsafe Checksum.of(stored.bytes, seed: Checksum.page(stream: stream, index: page)) == row.checksum else {
        throw FingalError(
          .damaged, "damaged page of column '\(schema.name(of: streams[stream]))': its checksum differs",
          byte: entry.offset + row.offset)
      }
      if codec == .none { return unsafe EncodingOutline.of(encoding, stored.bytes, type: streams[stream].type) }
      let encoded = AlignedBytes(capacity: row.encodedLength)
      let out = unsafe UnsafeMutableRawBufferPointer(
        start: encoded.extend(by: row.encodedLength), count: row.encodedLength)
      try unsafe codec.decompress(stored.bytes, into: out)
      return unsafe EncodingOutline.of(encoding, encoded.bytes, type: streams[stream].type)
    } catch {
      throw error.naming(file: path)
    }
  }
}
