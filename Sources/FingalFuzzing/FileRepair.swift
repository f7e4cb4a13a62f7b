import Fingal

/// Makes the checksums of a mutated file right again, and the places that must repeat one another, so that a fuzzer gets
/// past them to the code that parses what they cover (`FORMAT.md §2–§8`). It follows the lengths in the file as far as
/// they make sense and leaves the rest alone.
package enum FileRepair {
  package static func repair(_ bytes: inout [UInt8]) {
    guard bytes.count >= FileHeader.length + FileTrailer.length else { return }
    for (i, byte) in FileHeader.magic.enumerated() { bytes[i] = byte }
    let schemaEnd = integer(bytes, 32, 8).flatMap { add(FileHeader.length, $0) } ?? Int.max
    if schemaEnd <= bytes.count {
      sign(&bytes, FileHeader.length..<schemaEnd, seed: Checksum.schema, at: 40)
      walk(&bytes, from: roundUp(schemaEnd, to: 64))
    }
    sign(&bytes, 0..<56, seed: Checksum.header, at: 56)
    repairTrailer(&bytes, end: bytes.count)
  }

  /// Clusters, and the ends that the file had before events were appended.
  private static func walk(_ bytes: inout [UInt8], from first: Int) {
    var start = first
    while start + ClusterDirectory.headLength <= bytes.count {
      let tag = bytes[start..<start + 8]
      guard let length = integer(bytes, start + 8, 8), length >= ClusterDirectory.headLength,
        let end = add(start, length), end <= bytes.count
      else { return }
      if tag.elementsEqual(ClusterDirectory.tag) {
        repairCluster(&bytes, start..<end)
      } else if tag.elementsEqual(FileFooter.tag), length >= FileFooter.headLength + FileTrailer.length {
        repairTrailer(&bytes, end: end)
      } else {
        return
      }
      start = end
    }
  }

  private static func repairCluster(_ bytes: inout [UInt8], _ cluster: Range<Int>) {
    let start = cluster.lowerBound
    let table = start + ClusterDirectory.headLength
    let streamCount = integer(bytes, start + 24, 4) ?? 0
    if let length = integer(bytes, start + 32, 8), let end = add(table, length), end <= cluster.upperBound,
      streamCount < length
    {
      var row = table + streamCount * ClusterDirectory.streamRowLength
      for stream in 0..<streamCount {
        let pages = integer(bytes, table + stream * ClusterDirectory.streamRowLength + 4, 4) ?? 0
        for page in 0..<pages {
          guard row + PageRow.length <= end else { break }
          if let offset = integer(bytes, row, 8), let stored = integer(bytes, row + 8, 4),
            let first = add(start, offset), let last = add(first, stored), last <= cluster.upperBound, first >= end
          {
            sign(&bytes, first..<last, seed: Checksum.page(stream: stream, index: page), at: row + 40)
          }
          row += PageRow.length
        }
      }
      sign(&bytes, table..<end, seed: Checksum.directory, at: start + 40)
    }
    sign(&bytes, start..<start + 56, seed: Checksum.clusterHead, at: start + 56)
  }

  /// The trailer that ends there, and the footer it names.
  private static func repairTrailer(_ bytes: inout [UInt8], end: Int) {
    let trailer = end - FileTrailer.length
    put(&bytes, UInt64(end), at: trailer + 24)
    if let offset = integer(bytes, trailer, 8), let length = integer(bytes, trailer + 8, 8),
      let footerEnd = add(offset, length), footerEnd <= trailer
    {
      repairFooter(&bytes, offset..<footerEnd)
      sign(&bytes, offset..<footerEnd, seed: Checksum.footer, at: trailer + 16)
    }
    sign(&bytes, trailer..<trailer + 48, seed: Checksum.trailer, at: trailer + 48)
    for (i, byte) in FileTrailer.magic.enumerated() { bytes[trailer + 56 + i] = byte }
  }

  /// The footer repeats the checksum of each cluster's directory.
  private static func repairFooter(_ bytes: inout [UInt8], _ footer: Range<Int>) {
    guard let clusters = integer(bytes, footer.lowerBound + 16, 8), clusters <= footer.count / 40 else { return }
    let arrays = footer.lowerBound + FileFooter.headLength
    for cluster in 0..<clusters {
      let place = arrays + clusters * 32 + cluster * 8
      guard place + 8 <= footer.upperBound, let offset = integer(bytes, arrays + cluster * 8, 8),
        offset <= bytes.count - ClusterDirectory.headLength
      else { continue }
      for i in 0..<8 { bytes[place + i] = bytes[offset + 40 + i] }
    }
  }

  private static func sign(_ bytes: inout [UInt8], _ range: Range<Int>, seed: UInt64, at place: Int) {
    put(&bytes, Checksum.of(Array(bytes[range]), seed: seed), at: place)
  }

  private static func put(_ bytes: inout [UInt8], _ value: UInt64, at place: Int) {
    for i in 0..<8 { bytes[place + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * i)) }
  }

  /// A little-endian integer of the file; nil outside of it, or if it is no count.
  private static func integer(_ bytes: [UInt8], _ place: Int, _ width: Int) -> Int? {
    guard place >= 0, place + width <= bytes.count else { return nil }
    var value: UInt64 = 0
    for i in 0..<width { value |= UInt64(bytes[place + i]) << UInt64(8 * i) }
    return Int(exactly: value)
  }

  private static func add(_ a: Int, _ b: Int) -> Int? {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? nil : sum
  }
}
