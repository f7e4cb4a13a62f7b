import Fingal
import FingalFeed
import Testing

/// Minibatches are the same whatever is kept in memory, however many threads read, and however many passes share a reader.
@Suite struct GlobalOrderTests {
  /// Everything that a pass gives.
  struct Pass: Equatable {
    var images: [[UInt32]] = []
    var origins: [[Int]] = []
    var sizes: [Int] = []
    var tally = ImageTally()

    init(_ feed: BatchFeed) throws {
      while let minibatch = try feed.next() {
        sizes.append(minibatch.count)
        for event in 0..<minibatch.count {
          images.append(minibatch.image(event).map(\.bitPattern))
          let origin = minibatch.origin(of: event)
          origins.append([origin.file, origin.event, minibatch.isSignal(event) ? 1 : 0])
          #expect(unsafe minibatch.labels[event] == (minibatch.isSignal(event) ? 1 : 0))
        }
      }
      tally = feed.tally
    }
  }

  @Test(arguments: ["hits.energy @ layer:1..4, hex(iu,iv)", "image"], [false, true])
  func memoryAndThreadsChangeNothing(_ text: String, _ balance: Bool) throws {
    let one = try TestFile("one", signal: 100, background: 201)
    let two = try TestFile("two", signal: 99, background: 0, firstEvent: 900)
    let selection = try EventSelection(
      DataSet(opening: [one.path, two.path]), cuts: electrons(where: "event % 5 != 0"), validation: 0.2)
    let image = try ImageDescription(parsing: text)
    func pass(_ order: FeedOrder, _ options: FeedOptions, _ reader: ImageReader? = nil) throws -> Pass {
      try Pass(
        BatchFeed(selection, image: image, part: .training, order: order, options: options, reader: reader))
    }
    for order in [FeedOrder.global(seed: 3, epoch: 1), .shuffled(seed: 3, epoch: 1), .file] {
      let base = FeedOptions(batch: 48, blockEvents: 16, windowEvents: 90, scale: .log1p, balance: balance)
      let expected = try pass(order, base)
      #expect(Set(expected.origins).count == expected.origins.count)
      let counts = selection.counts(.training)
      #expect(
        expected.origins.count
          == (balance && order != .file ? 2 * min(counts.signal, counts.background) : counts.total))
      for threads in [1, 3] {
        for memory in [1, 5000, 1 << 30] {
          // The memory decides about the order of windows, as specified; never about a global one.
          if case .shuffled = order, memory < 1 << 30 { continue }
          var options = base
          options.memory = memory
          options.threads = threads
          options.prefetch = threads
          #expect(try pass(order, options) == expected, "\(order), \(threads) threads, \(memory) bytes")
          let reader = try ImageReader(selection, image: image, options: options)
          for _ in 0..<2 { #expect(try pass(order, options, reader) == expected) }
          #expect(reader.keptBytes <= memory)
          #expect((reader.keptBytes > 0) == (memory == 1 << 30))
        }
      }
    }
  }

  private func events(_ feed: BatchFeed) throws -> [Int] { try Pass(feed).origins.map { $0[1] } }

  /// Far from each other in the file, near in the pass: no blocks, no windows.
  @Test func mixesTheWholePass() throws {
    let file = try TestFile(signal: 1000, background: 1000)
    let selection = try EventSelection(DataSet(opening: [file.path]), cuts: electrons(), validation: 0)
    let image = try ImageDescription(parsing: "image")
    var first: [Int] = []
    for epoch in 0..<2 {
      let order = try events(
        BatchFeed(
          selection, image: image, part: .all, order: .global(seed: 5, epoch: epoch),
          options: .init(batch: 100, blockEvents: 16, memory: 20_000)))
      #expect(order.sorted() == Array(0..<2000) && order != first)
      for start in stride(from: 0, to: 2000, by: 100) {
        let quarters = [Int](order[start..<start + 100]).reduce(into: [0, 0, 0, 0]) { $0[$1 / 500] += 1 }
        #expect(quarters.allSatisfy { (8...45).contains($0) }, "seed 5: \(quarters)")
      }
      first = order
    }
  }

  /// The worked example of `spec/LOADER.md`, read from that page, which has it from the independent script.
  @Test func ordersOfTheSpecification() throws {
    let file = try TestFile("example", signal: 6, background: 6)
    let selection = try EventSelection(DataSet(opening: [file.path]), cuts: electrons(), validation: 0)
    let image = try ImageDescription(parsing: "hits.energy @ layer:0..5")
    let perEvent = (file.batch.columns[3].count + 11) / 12
    let page = try Self.workedExample()
    #expect(page.count == 7)
    for epoch in 0...1 {
      var options = FeedOptions(batch: 5, blockEvents: 2, windowEvents: 8)
      func pass(_ order: FeedOrder) throws -> [Int] {
        try events(BatchFeed(selection, image: image, part: .all, order: order, options: options))
      }
      #expect(try pass(.shuffled(seed: 7, epoch: epoch)) == page["epoch \(epoch)"])
      #expect(try pass(.global(seed: 7, epoch: epoch)) == page["global epoch \(epoch)"])
      // The last memory in which five events fit, and the first one.
      for memory in [5 * 2 * (8 * perEvent + 16), 6 * 2 * (8 * perEvent + 16) - 1] {
        options.memory = memory
        #expect(try pass(.shuffled(seed: 7, epoch: epoch)) == page["narrow epoch \(epoch)"])
      }
      options.memory = 8 * 2 * (8 * perEvent + 16)
      #expect(try pass(.shuffled(seed: 7, epoch: epoch)) == page["epoch \(epoch)"])
    }
  }

  /// The lines `name: [numbers]` of the page.
  private static func workedExample() throws -> [String: [Int]] {
    let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let text = try textFile("/" + folder + "/spec/LOADER.md")
    var found: [String: [Int]] = [:]
    for line in text.split(separator: "\n") where line.hasSuffix("]") {
      let parts = line.dropLast().split(separator: "[")
      guard parts.count == 2, parts[0].hasSuffix(": ") else { continue }
      found[String(parts[0].dropLast(2))] = parts[1].split(separator: ",").compactMap {
        Int($0.filter { $0 != " " })
      }
    }
    return found
  }
}
