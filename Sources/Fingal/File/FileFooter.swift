import FoundationEssentials

/// The index at the end of a file: where the clusters are and what they hold (`FORMAT.md §8.1`).
package struct FileFooter: Sendable, Equatable {
  package static let tag: [UInt8] = Array("FGLFOOT\0".utf8)

  package struct ClusterEntry: Sendable, Equatable {
    package var offset: Int
    package var length: Int
    package var firstEvent: Int
    package var eventCount: Int
    /// The checksum of the cluster's directory, which binds the cluster to this file.
    package var directoryChecksum: UInt64

    package init(offset: Int, length: Int, firstEvent: Int, eventCount: Int, directoryChecksum: UInt64) {
      self.offset = offset
      self.length = length
      self.firstEvent = firstEvent
      self.eventCount = eventCount
      self.directoryChecksum = directoryChecksum
    }
  }

  package var clusters: [ClusterEntry] = []
  /// Per numeric scalar field of the event (index into the schema's fields): its bounds in each cluster.
  package var bounds: [(field: Int, perCluster: [Bounds?])] = []
  package var metadata: [String: String] = [:]
  /// `ContentHash` of the events of all clusters.
  package var contentHash: UInt64 = 0

  package init() {}

  package var eventCount: Int { clusters.last.map { $0.firstEvent + $0.eventCount } ?? 0 }

  package static func == (a: Self, b: Self) -> Bool {
    a.clusters == b.clusters && a.metadata == b.metadata && a.contentHash == b.contentHash
      && a.bounds.elementsEqual(b.bounds) { $0.field == $1.field && $0.perCluster == $1.perCluster }
  }

  /// The fields that have bounds in the footer, in order.
  static func boundedFields(of schema: Schema) -> [Int] {
    schema.fields.indices.filter {
      schema.fields[$0].collection == nil && schema.fields[$0].shape.isEmpty && schema.fields[$0].type.isNumeric
    }
  }

  /// Bytes from the tag to the arrays.
  package static let headLength = 56

  /// Bytes of the footer with its padding and the trailer.
  private static func blockLength(_ footer: Int) -> Int { roundUp(footer, to: 64) + FileTrailer.length }

  /// The footer, its padding and the trailer: the end of a file, written at the offset given.
  package func encodedBlock(at offset: Int) -> [UInt8] {
    var bytes = encoded
    let trailer = FileTrailer(footer: bytes, at: offset, eventCount: eventCount)
    bytes.pad(to: 64)
    return bytes + trailer.encoded
  }

  package var encoded: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let json = try? encoder.encode(metadata) else { preconditionFailure("strings are always encodable") }
    let arrays = clusters.count * 40 + bounds.count * (8 + roundUp(clusters.count, to: 8) + 16 * clusters.count)
    let length = Self.blockLength(roundUp(Self.headLength + arrays + json.count, to: 8))
    var bytes = Self.tag
    bytes.appendLittleEndian(UInt64(length))
    bytes.appendLittleEndian(UInt64(clusters.count))
    bytes.appendLittleEndian(UInt64(eventCount))
    bytes.appendLittleEndian(UInt64(bounds.count))
    bytes.appendLittleEndian(UInt64(json.count))
    bytes.appendLittleEndian(contentHash)
    for cluster in clusters { bytes.appendLittleEndian(UInt64(cluster.offset)) }
    for cluster in clusters { bytes.appendLittleEndian(UInt64(cluster.length)) }
    for cluster in clusters { bytes.appendLittleEndian(UInt64(cluster.firstEvent)) }
    for cluster in clusters { bytes.appendLittleEndian(UInt64(cluster.eventCount)) }
    for cluster in clusters { bytes.appendLittleEndian(cluster.directoryChecksum) }
    for entry in bounds {
      bytes.appendLittleEndian(UInt64(entry.field))
      for bound in entry.perCluster { bytes.append(bound == nil ? 0 : 1) }
      bytes.pad(to: 8)
      for bound in entry.perCluster { bytes.appendLittleEndian(bound?.bits.minimum ?? 0) }
      for bound in entry.perCluster { bytes.appendLittleEndian(bound?.bits.maximum ?? 0) }
    }
    bytes.append(contentsOf: json)
    bytes.pad(to: 8)
    precondition(length == Self.blockLength(bytes.count), "the footer has another length than it says")
    return bytes
  }

  /// - Parameters:
  ///   - bytes: the footer, its checksum verified.
  ///   - end: the offset of the footer in the file; clusters lie before it.
  /// - Throws: `damaged` if an invariant of `FORMAT.md §8.1` does not hold; `limit` if it counts more events than a file
  ///   may have.
  package init(decoding bytes: [UInt8], schema: Schema, firstCluster: Int, end: Int) throws(FingalError) {
    func broken(_ what: String) -> FingalError { FingalError(.damaged, "the footer \(what)", byte: end) }
    var reader = FieldReader(bytes)
    guard reader.bytes(8) == Self.tag, let length = reader.count(), let clusterCount = reader.count(),
      let events = reader.integer(UInt64.self), let bounded = reader.count(), let jsonLength = reader.count(),
      let content = reader.integer(UInt64.self)
    else { throw broken("is no footer") }
    guard length == Self.blockLength(bytes.count) else { throw broken("does not end where it says") }
    contentHash = content
    guard let offsets = reader.array(clusterCount), let lengths = reader.array(clusterCount),
      let firsts = reader.array(clusterCount), let counts = reader.array(clusterCount),
      let checksums = reader.array(clusterCount)
    else { throw broken("is shorter than its cluster count says") }
    var nextOffset = UInt64(firstCluster)
    var nextEvent: UInt64 = 0
    for i in 0..<clusterCount {
      // Between clusters may stand the footers that later ones have replaced: `oldFooters()` checks them.
      guard offsets[i] >= nextOffset, offsets[i] % 64 == 0, offsets[i] <= UInt64(end), firsts[i] == nextEvent,
        counts[i] > 0, counts[i] < 1 << 48, lengths[i] % 64 == 0,
        lengths[i] >= UInt64(ClusterDirectory.headLength), lengths[i] <= UInt64(end) - offsets[i]
      else { throw broken("places cluster \(i) where it cannot be") }
      nextOffset = offsets[i] + lengths[i]
      nextEvent += counts[i]
      guard nextEvent < UInt64(ClusterLimits.fileEvents) else {
        throw FingalError(
          .limit, "the footer counts \(nextEvent) events; a file holds at most \(ClusterLimits.fileEvents - 1)",
          byte: end)
      }
      clusters.append(
        ClusterEntry(
          offset: Int(offsets[i]), length: Int(lengths[i]), firstEvent: Int(firsts[i]), eventCount: Int(counts[i]),
          directoryChecksum: checksums[i]))
    }
    guard nextEvent == events else { throw broken("does not account for every event") }
    let fields = Self.boundedFields(of: schema)
    guard bounded == fields.count else { throw broken("has bounds for a wrong number of fields") }
    for field in fields {
      let type = schema.fields[field].type
      guard reader.count() == field, let flags = reader.bytes(clusterCount),
        let padding = reader.bytes((8 - clusterCount % 8) % 8), padding.allSatisfy({ $0 == 0 }),
        let minima = reader.array(clusterCount), let maxima = reader.array(clusterCount)
      else { throw broken("has no bounds for '\(schema.fields[field].path)'") }
      var entry: [Bounds?] = []
      for i in 0..<clusterCount {
        if flags[i] == 0, minima[i] == 0, maxima[i] == 0 {
          entry.append(nil)
        } else if flags[i] == 1, let bound = Bounds(type, minimum: minima[i], maximum: maxima[i]) {
          entry.append(bound)
        } else {
          throw broken("has invalid bounds for '\(schema.fields[field].path)'")
        }
      }
      bounds.append((field, entry))
    }
    let jsonStart = reader.offset
    guard let json = reader.bytes(jsonLength), let padding = reader.bytes(reader.remaining), padding.count < 8,
      padding.allSatisfy({ $0 == 0 }), json.first == UInt8(ascii: "{"), !json.contains(0)
    else { throw broken("has invalid metadata") }
    do throws(StrictJSON.Fault) { try StrictJSON.check(json) } catch {
      throw FingalError(
        .damaged, "the footer's metadata is not the JSON it must be: \(error.what)", byte: end + jsonStart + error.byte)
    }
    guard let decoded = try? JSONDecoder().decode([String: String].self, from: Data(json)) else {
      throw broken("has metadata that is no text")
    }
    metadata = decoded
  }
}
