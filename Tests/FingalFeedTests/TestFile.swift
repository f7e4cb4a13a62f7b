import Fingal
import FingalFeed
import Glibc

/// A file with events sorted by class: the first `signal` events are electrons. Removed when it goes out of use.
final class TestFile {
  let path: String
  let batch: EventBatch
  private let folder: String

  static let schema = Schema(
    collections: [.init("hits")],
    fields: [
      .init("event", .int64), .init("pdgID", .int32), .init("beamEnergy", .float64),
      .init("energy", .float32, in: "hits", nullable: true), .init("layer", .uint8, in: "hits", nullable: true),
      .init("x", .float32, in: "hits"), .init("y", .float64, in: "hits"), .init("iu", .int8, in: "hits"),
      .init("iv", .int16, in: "hits"), .init("image", .float32, shape: [2, 3, 4]),
    ])

  init(_ name: String = "data", signal: Int, background: Int, firstEvent: Int = 0) throws {
    var template = Array("/tmp/fingal-feed-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { fatalError("no temporary folder") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    path = folder + "/\(name).fingal"
    batch = Self.events(signal: signal, background: background, firstEvent: firstEvent)
    let writer = try EventWriter(
      creating: path, schema: Self.schema, options: .init(clusterBytes: 64 << 10, pageBytes: 1 << 10))
    try writer.append(batch)
    try writer.finish()
  }

  deinit {
    unsafe unlink(path)
    unsafe rmdir(folder)
  }

  static func events(signal: Int, background: Int, firstEvent: Int) -> EventBatch {
    var batch = EventBatch(schema)
    var random = Random(state: UInt64(firstEvent + 1))
    func below(_ bound: UInt64) -> Int { Int(random.next() % bound) }
    for number in 0..<signal + background {
      batch.columns[0].append(Int64(firstEvent + number))
      batch.columns[1].append(number < signal ? 11 : 211 as Int32)
      batch.columns[2].append(Double(20 + number % 100))
      let hits = below(12)
      batch.counts[0].append(UInt32(hits))
      for _ in 0..<hits {
        switch below(20) {
        case 0: batch.columns[3].append(Float.nan)
        case 1: batch.columns[3].appendNull()
        default: batch.columns[3].append(Float(below(1000)) / 8)
        }
        if below(20) == 0 { batch.columns[4].appendNull() } else { batch.columns[4].append(UInt8(below(6))) }
        batch.columns[5].append(Float(below(33)) / 2 - 8)
        batch.columns[6].append(Double(below(1600)) / 100 - 8)
        batch.columns[7].append(Int8(below(17) - 8))
        batch.columns[8].append(Int16(below(17) - 8))
      }
      for pixel in 0..<24 { batch.columns[9].append(below(4) == 0 ? Float(number * 24 + pixel) : 0) }
    }
    batch.eventCount = signal + background
    return batch
  }
}

struct Random: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return CounterGenerator.mix(state)
  }
}

/// The cuts that most tests use.
func electrons(where selection: String? = nil) throws -> ClassCuts {
  try ClassCuts(signal: "pdgID == 11", background: "pdgID == 211", where: selection)
}

/// A file of text.
func textFile(_ path: String) throws -> String {
  let descriptor = unsafe open(path, O_RDONLY)
  guard descriptor >= 0 else { throw FingalError(.missingFile, "cannot be read", file: path) }
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  let count = unsafe read(descriptor, &bytes, bytes.count)
  return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
}
