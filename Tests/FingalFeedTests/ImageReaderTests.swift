import Fingal
import FingalFeed
import Testing

@Suite struct ImageReaderTests {
  static let descriptions = ["hits.energy @ layer:1..4, y:-7..7:12, x:-7..7:15", "image", "hits.iu @ iv:-3..3"]

  /// The images of all events in the order of the files, by another way: a feed in that order.
  private func allImages(_ data: DataSet, _ image: ImageDescription, _ scale: PixelScale) throws -> [[Float]] {
    let selection = try EventSelection(data, cuts: electrons(), validation: 0)
    let feed = try BatchFeed(
      selection, image: image, part: .all, order: .file, options: .init(batch: 37, scale: scale))
    var images: [[Float]] = []
    while let minibatch = try feed.next() { for event in 0..<minibatch.count { images.append(minibatch.image(event)) } }
    return images
  }

  /// Any events in any order, whatever the budget and the threads; slots that are filled again hold nothing old.
  @Test(arguments: descriptions, [1, 20_000, 1 << 30])
  func givesTheImagesAskedFor(_ text: String, _ memory: Int) throws {
    let one = try TestFile("one", signal: 150, background: 151)
    let two = try TestFile("two", signal: 40, background: 59, firstEvent: 900)
    let data = try DataSet(opening: [one.path, two.path])
    let image = try ImageDescription(parsing: text)
    let expected = try allImages(data, image, .log1p)
    for threads in [1, 3] {
      let reader = try ImageReader(
        data, image: image, scale: .log1p, memory: memory, threads: threads, blockEvents: 16)
      #expect(reader.eventCount == 400)
      #expect(try reader.shape == data.imageShape(image))
      let batch = ImageBatch(capacity: 64, shape: reader.shape)
      var random = Random(state: UInt64(threads))
      for round in 0..<12 {
        let count = Int(random.next() % 65)
        let events = (0..<count).map { _ in Int(random.next() % 400) }
        try reader.fill(batch, events: events)
        #expect(batch.count == count)
        for (index, event) in events.enumerated() {
          #expect(batch.image(index) == expected[event], "seed \(threads), round \(round), event \(event)")
        }
        let pixels = batch.pixels
        #expect(pixels.count == count * batch.pixelCount)
        if count > 0 { #expect(pixels[pixels.count - 1] == expected[events[count - 1]].last) }
        #expect(reader.keptBytes <= memory)
      }
      try reader.fill(batch, events: 290..<310)
      #expect((0..<20).allSatisfy { batch.image($0) == expected[290 + $0] })
      try reader.fill(batch, events: [7, 8, 9][1...])
      #expect(batch.count == 2 && batch.image(0) == expected[8])
      #expect((reader.keptBytes > 0) == (memory > 1))
    }
  }

  @Test func severalThreadsShareAReader() async throws {
    let file = try TestFile(signal: 300, background: 300)
    let data = try DataSet(opening: [file.path])
    let image = try ImageDescription(parsing: Self.descriptions[0])
    let expected = try allImages(data, image, .none)
    for memory in [30_000, 1 << 30] {
      let reader = try ImageReader(data, image: image, memory: memory, blockEvents: 32)
      let same = await withTaskGroup(of: Bool.self) { group in
        for task in 0..<4 {
          group.addTask {
            let batch = ImageBatch(capacity: 32, shape: reader.shape)
            var random = Random(state: UInt64(task))
            for _ in 0..<20 {
              let events = (0..<32).map { _ in Int(random.next() % 600) }
              do { try reader.fill(batch, events: events) } catch { return false }
              for (index, event) in events.enumerated() where batch.image(index) != expected[event] { return false }
            }
            return true
          }
        }
        return await group.allSatisfy { $0 }
      }
      #expect(same)
    }
  }

  @Test func wrongCallsAreRefused() throws {
    let file = try TestFile(signal: 5, background: 5)
    let data = try DataSet(opening: [file.path])
    let reader = try ImageReader(data, image: ImageDescription(parsing: "image"))
    let batch = ImageBatch(capacity: 4, shape: reader.shape)
    for events in [[10], [-1], [0, 1, 2, 3, 4]] {
      #expect(throws: FingalError.self) { try reader.fill(batch, events: events) }
    }
    let other = ImageBatch(capacity: 4, shape: [24])
    #expect(throws: FingalError.self) { try reader.fill(other, events: [0]) }
    #expect(throws: FingalError.self) {
      _ = try ImageReader(data, image: ImageDescription(parsing: "image"), memory: 0)
    }
    // A feed takes only a reader of its own events, image and scale.
    let selection = try EventSelection(data, cuts: electrons(), validation: 0)
    let options = FeedOptions(batch: 2, scale: .log1p)
    #expect(throws: FingalError.self) {
      _ = try BatchFeed(
        selection, image: ImageDescription(parsing: "image"), part: .all, order: .file, options: options,
        reader: reader)
    }
  }
}
