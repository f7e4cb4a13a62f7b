import FingalKernels

/// What the decoded values of one stream are, whatever their encodings, pages and clusters (`FORMAT.md §4.4`):
/// a polynomial in R over the hashes of its events, so that the digest of two runs of events follows from theirs.
package struct StreamDigest: Sendable, Equatable {
  package var value: UInt64

  /// The digest of no events.
  package init() { value = 0 }

  /// A digest as it is stored.
  package init(value: UInt64) { self.value = value }

  /// 2^61 - 1: digests are below it.
  package static let modulus: UInt64 = (1 << 61) - 1

  /// Goes on with the events of a column that holds `elements` values an event, from its first value.
  package mutating func append(_ column: ColumnValues, elementsPerEvent elements: Int, events: Int) {
    precondition(column.count == elements * events, "a column of \(column.count) values for \(events) events")
    if column.type == .string {
      var end: Int64 = 0
      let ends = (0..<events).map { _ in
        end += Int64(elements)
        return end
      }
      append(column, ends: ends)
    } else {
      value = unsafe fingal_digest_fixed(column.storage.base, elements * column.type.byteWidth, events, value)
    }
  }

  /// Goes on with the events of a column.
  ///
  /// - Parameter ends: where the elements of each event end; the first event's begin at 0.
  package mutating func append(_ column: ColumnValues, ends: [Int64]) {
    precondition(ends.last ?? 0 == Int64(column.count), "events of \(ends.last ?? 0) values for \(column.count)")
    if let strings = column.stringEnds {
      value = unsafe fingal_digest_strings(
        column.storage.base, strings.base.assumingMemoryBound(to: Int64.self), 0, ends, ends.count, value)
    } else {
      value = unsafe fingal_digest_jagged(column.storage.base, column.type.byteWidth, 0, ends, ends.count, value)
    }
  }

  /// Goes on with a run of events whose digest is known: nothing has to be decoded.
  package mutating func append(_ other: StreamDigest, events: Int) {
    value = fingal_digest_join(value, other.value, UInt64(events))
  }
}

/// What a file holds, as one number: independent of encodings, codecs, pages, clusters, descriptions and metadata
/// (`FORMAT.md §8.3`). Two files with equal hashes hold equal events in equal columns.
package struct ContentHash: Sendable, Equatable {
  /// Per stream, in the order of the schema.
  package private(set) var streams: [StreamDigest]
  package private(set) var eventCount = 0
  private let structure: [UInt8]

  package init(of schema: Schema) {
    streams = schema.streams.map { _ in StreamDigest() }
    structure = Array(schema.structureJSON.utf8)
  }

  /// Goes on with a cluster.
  package mutating func append(_ directory: ClusterDirectory) {
    precondition(directory.streams.count == streams.count, "a cluster of another schema")
    var index = 0
    for stream in directory.streams {
      streams[index].append(stream.digest, events: directory.eventCount)
      index += 1
    }
    eventCount += directory.eventCount
  }

  package var value: UInt64 {
    var bytes = structure
    bytes.appendLittleEndian(UInt64(eventCount))
    for stream in streams { bytes.appendLittleEndian(stream.value) }
    return Checksum.of(bytes, seed: Checksum.content)
  }
}

extension Schema {
  /// What of a schema decides how values are stored and what they are: no units, descriptions and metadata. Files with
  /// equal structures can take each other's clusters as they are.
  package var structure: Schema {
    Schema(
      collections: collections.map {
        var collection = $0
        collection.description = nil
        collection.metadata = [:]
        return collection
      },
      fields: fields.map {
        var field = $0
        field.unit = nil
        field.description = nil
        field.metadata = [:]
        return field
      })
  }

  /// The structure as JSON, in the form of `FORMAT.md §3.1`.
  package var structureJSON: String { structure.json() }
}
