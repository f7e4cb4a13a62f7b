import Fingal
import FingalFeed
import Testing

@Suite struct OrderTests {
  @Test(arguments: [0, 1, 2, 3, 4, 5, 16, 17, 63, 64, 65, 1000, 4097])
  func feistelPermutes(_ count: Int) {
    let permutation = FeistelPermutation(count: count, key: CounterGenerator(5, 1))
    let image = (0..<count).map { permutation($0) }
    #expect(image.sorted() == Array(0..<count))
    if count > 60 {
      #expect(image != Array(0..<count))
      #expect(image != (0..<count).map { FeistelPermutation(count: count, key: CounterGenerator(5, 2))($0) })
      // Neighbours do not stay neighbours.
      let close = zip(image, image.dropFirst()).filter { abs($0 - $1) == 1 }.count
      #expect(close < count / 10)
    }
  }

  @Test func generatorIsThePublishedOne() {
    // SplitMix64 from state 0: its first output.
    #expect(CounterGenerator.mix(0x9E37_79B9_7F4A_7C15) == 0xE220_A839_7B1D_CDAF)
    let generator = CounterGenerator(7, 0, 3)
    #expect(Set((0..<1000).map { generator($0, below: 10) }) == Set(0..<10))
    #expect(CounterGenerator(7, 0, 3)(5) == generator(5) && CounterGenerator(7, 1, 3)(5) != generator(5))
  }

  private func events(
    _ selection: EventSelection, _ order: FeedOrder, part: EventSelection.Part = .training, options: FeedOptions
  ) throws -> [[Int]] {
    let feed = try BatchFeed(
      selection, image: ImageDescription(parsing: "hits.energy @ layer:0..5"), part: part, order: order,
      options: options)
    var list: [[Int]] = []
    while let minibatch = try feed.next() {
      #expect(minibatch.count == options.batch || list.count + minibatch.count == feed.eventCount)
      for event in 0..<minibatch.count {
        let origin = minibatch.origin(of: event)
        list.append([origin.file, origin.event])
      }
    }
    #expect(list.count == feed.eventCount)
    return list
  }

  @Test(arguments: [(16, 64, 7), (64, 4096, 128), (1, 1, 1), (1000, 10, 33)])
  func epochsArePermutations(_ blockEvents: Int, _ windowEvents: Int, _ batch: Int) throws {
    let one = try TestFile("one", signal: 150, background: 151)
    let two = try TestFile("two", signal: 99, background: 0, firstEvent: 900)
    let selection = try EventSelection(DataSet(opening: [one.path, two.path]), cuts: electrons(), validation: 0.2)
    let options = FeedOptions(batch: batch, blockEvents: blockEvents, windowEvents: windowEvents)
    let inFileOrder = try events(selection, .file, options: options)
    let validation = try events(selection, .file, part: .validation, options: options)
    #expect(inFileOrder.count == selection.counts(.training).total)
    #expect(Set(inFileOrder + validation) == Set((0..<301).map { [0, $0] } + (0..<99).map { [1, $0] }))
    #expect(inFileOrder.count + validation.count == 400 && (50...110).contains(validation.count))

    let first = try events(selection, .shuffled(seed: 1, epoch: 0), options: options)
    #expect(Set(first) == Set(inFileOrder) && first != inFileOrder)
    #expect(try events(selection, .shuffled(seed: 1, epoch: 0), options: options) == first)
    let fewer = FeedOptions(batch: batch, prefetch: 1, blockEvents: blockEvents, windowEvents: windowEvents)
    #expect(try events(selection, .shuffled(seed: 1, epoch: 0), options: fewer) == first)
    for order in [FeedOrder.shuffled(seed: 1, epoch: 1), .shuffled(seed: 2, epoch: 0)] {
      let other = try events(selection, order, options: options)
      #expect(Set(other) == Set(inFileOrder) && other != first)
    }
  }

  /// The order is specified (`spec/LOADER.md`) so that other programs can reproduce it: the numbers of its worked
  /// example, from an independent script.
  @Test func orderOfTheWorkedExample() throws {
    let file = try TestFile("example", signal: 6, background: 6)
    let selection = try EventSelection(DataSet(opening: [file.path]), cuts: electrons(), validation: 0)
    let options = FeedOptions(batch: 5, blockEvents: 2, windowEvents: 8)
    #expect(
      try events(selection, .shuffled(seed: 7, epoch: 0), options: options).map { $0[1] } == [
        4, 1, 8, 9, 5, 0, 11, 10, 3, 2, 7, 6,
      ])
    #expect(
      try events(selection, .shuffled(seed: 7, epoch: 1), options: options).map { $0[1] } == [
        7, 9, 8, 0, 3, 6, 1, 2, 4, 11, 10, 5,
      ])
    let split = try EventSelection(
      DataSet(opening: [file.path]), cuts: electrons(), validation: 0.3, needsBothClasses: false)
    #expect(try events(split, .file, part: .validation, options: options).map { $0[1] } == [10, 11])
  }

  /// A file sorted by class still gives mixed minibatches.
  @Test func sortedFilesAreMixed() throws {
    let file = try TestFile(signal: 1000, background: 1000)
    let selection = try EventSelection(DataSet(opening: [file.path]), cuts: electrons(), validation: 0)
    let feed = try BatchFeed(
      selection, image: ImageDescription(parsing: "image"), part: .training, order: .shuffled(seed: 3, epoch: 0),
      options: .init(batch: 100, blockEvents: 16, windowEvents: 1000))
    while let minibatch = try feed.next() {
      let signal = (0..<minibatch.count).filter { minibatch.isSignal($0) }.count
      #expect((15...85).contains(signal), "seed 3: \(signal) of \(minibatch.count) are signal")
    }
  }

  @Test func balancedEpochsDrawAnew() throws {
    let file = try TestFile(signal: 100, background: 700)
    let selection = try EventSelection(DataSet(opening: [file.path]), cuts: electrons(), validation: 0)
    let options = FeedOptions(batch: 64, blockEvents: 32, windowEvents: 100, balance: true)
    var seen: Set<[Int]> = []
    for epoch in 0..<30 {
      let list = try events(selection, .shuffled(seed: 4, epoch: epoch), options: options)
      #expect(list.count == 200)
      #expect(Set(list).count == 200)
      #expect(list.filter { $0[1] < 100 }.count == 100)
      seen.formUnion(list)
    }
    // One background event in seven an epoch: 30 epochs leave out about 7 of 700.
    #expect(seen.count > 780, "seed 4")
    // In the order of the file nothing is drawn.
    #expect(try events(selection, .file, options: options).count == 800)
  }
}
