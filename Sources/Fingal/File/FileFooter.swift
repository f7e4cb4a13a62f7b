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
  }

  package var clusters: [ClusterEntry] = []
  /// Per numeric scalar field of the event (index into the schema's fields): its bounds in each cluster.
  package var bounds: [(field: Int, perCluster: [Bounds?])] = []
  package var metadata: [String: String] = [:]

  package init() {}

  package var eventCount: Int { clusters.last.map { $0.firstEvent + $0.eventCount } ?? 0 }

  package static func == (a: Self, b: Self) -> Bool {
    a.clusters == b.clusters && a.metadata == b.metadata
      && a.bounds.elementsEqual(b.bounds) { $0.field == $1.field && $0.perCluster == $1.perCluster }
  }

  /// The fields that have bounds in the footer, in order.
  static func boundedFields(of schema: Schema) -> [Int] {
    schema.fields.indices.filter {
      schema.fields[$0].collection == nil && schema.fields[$0].shape.isEmpty && schema.fields[$0].type.isNumeric
    }
  }

  package var encoded: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let json = try? encoder.encode(metadata) else { preconditionFailure("strings are always encodable") }
    var bytes = Self.tag
    bytes.appendLittleEndian(UInt64(clusters.count))
    bytes.appendLittleEndian(UInt64(eventCount))
    bytes.appendLittleEndian(UInt64(bounds.count))
    bytes.appendLittleEndian(UInt64(json.count))
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
    return bytes
  }

  /// - Parameters:
  ///   - bytes: the footer, its checksum verified.
  ///   - end: the offset of the footer in the file; clusters lie before it.
  /// - Throws: `damaged` if an invariant of `FORMAT.md §8.1` does not hold.
  package init(decoding bytes: [UInt8], schema: Schema, firstCluster: Int, end: Int) throws(FingalError) {
    func broken(_ what: String) -> FingalError { FingalError(.damaged, "the footer \(what)", byte: end) }
    var reader = FieldReader(bytes)
    guard reader.bytes(8) == Self.tag, let clusterCount = reader.count(), let events = reader.count(),
      let bounded = reader.count(), let jsonLength = reader.count()
    else { throw broken("is no footer") }
    guard let offsets = reader.array(clusterCount), let lengths = reader.array(clusterCount),
      let firsts = reader.array(clusterCount), let counts = reader.array(clusterCount),
      let checksums = reader.array(clusterCount)
    else { throw broken("is shorter than its cluster count says") }
    var nextOffset = UInt64(firstCluster)
    var nextEvent: UInt64 = 0
    for i in 0..<clusterCount {
      guard offsets[i] == nextOffset, firsts[i] == nextEvent, counts[i] > 0, counts[i] < 1 << 48,
        lengths[i] % 64 == 0, lengths[i] >= UInt64(ClusterDirectory.headLength), lengths[i] <= UInt64(end) - nextOffset
      else { throw broken("places cluster \(i) where it cannot be") }
      nextOffset += lengths[i]
      nextEvent += counts[i]
      guard nextEvent < 1 << 60 else { throw broken("counts more events than any file holds") }
      clusters.append(
        ClusterEntry(
          offset: Int(offsets[i]), length: Int(lengths[i]), firstEvent: Int(firsts[i]), eventCount: Int(counts[i]),
          directoryChecksum: checksums[i]))
    }
    guard nextOffset == UInt64(end), nextEvent == UInt64(events) else {
      throw broken("does not account for every byte and event")
    }
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
    guard let json = reader.bytes(jsonLength), let padding = reader.bytes(reader.remaining), padding.count < 8,
      padding.allSatisfy({ $0 == 0 }), json.first == UInt8(ascii: "{"), !json.contains(0),
      let decoded = try? JSONDecoder().decode([String: String].self, from: Data(json))
    else { throw broken("has invalid metadata") }
    metadata = decoded
  }
}
