import Fingal
import FingalFeed
import Glibc
import Testing

@Suite struct PrefetchTests {
  /// Letting go of a feed, or cancelling it, at any point of a pass stops its thread.
  @Test(arguments: 0..<60)
  func stopsAnywhere(_ minibatches: Int) throws {
    let file = try TestFile(signal: 100, background: 100)
    let selection = try EventSelection(DataSet(opening: [file.path]), cuts: electrons(), validation: 0)
    let image = try ImageDescription(parsing: "hits.energy @ layer:1..4, hex(iu,iv)")
    for prefetch in [1, 3] {
      let feed = try BatchFeed(
        selection, image: image, part: .all, order: .shuffled(seed: 1, epoch: minibatches),
        options: .init(batch: 4, prefetch: prefetch, blockEvents: 8, windowEvents: 50))
      for number in 0..<minibatches { #expect((try feed.next() != nil) == (number < 50)) }
      if minibatches % 2 == 0 {
        feed.cancel()
        feed.cancel()
        #expect(try feed.next() == nil)
        #expect(try feed.next() == nil)
      }
    }
  }

  @Test func damageReachesTheConsumer() throws {
    let file = try TestFile(signal: 400, background: 400)
    let selection = try EventSelection(DataSet(opening: [file.path]), cuts: electrons(), validation: 0)
    let image = try ImageDescription(parsing: "image")
    let feed = try BatchFeed(
      selection, image: image, part: .all, order: .file, options: .init(batch: 16, blockEvents: 16, windowEvents: 16))
    _ = try feed.next()
    // Overwrite the middle of the file behind the reader's back.
    let descriptor = unsafe open(file.path, O_WRONLY)
    let size = Int(lseek(descriptor, 0, SEEK_END))
    let junk = [UInt8](repeating: 0x5A, count: size / 3)
    #expect(unsafe pwrite(descriptor, junk, junk.count, size / 2) == junk.count)
    close(descriptor)
    #expect {
      while try feed.next() != nil {}
    } throws: { error in
      let error = error as? FingalError
      return error?.code == .damaged && error?.file == file.path && error?.events != nil
    }
    // The error stays; nothing hangs.
    #expect(throws: FingalError.self) { _ = try feed.next() }
  }

  @Test func optionsAreChecked() throws {
    let file = try TestFile(signal: 10, background: 10)
    let selection = try EventSelection(DataSet(opening: [file.path]), cuts: electrons(), validation: 0)
    let image = try ImageDescription(parsing: "image")
    for options in [FeedOptions(batch: 0), .init(prefetch: 0), .init(blockEvents: 0), .init(windowEvents: -1)] {
      #expect(throws: FingalError.self) {
        _ = try BatchFeed(selection, image: image, part: .all, order: .file, options: options)
      }
    }
  }

  @Test func memoryIsAligned() throws {
    let file = try TestFile(signal: 10, background: 10)
    let selection = try EventSelection(DataSet(opening: [file.path]), cuts: electrons(), validation: 0)
    let feed = try BatchFeed(
      selection, image: ImageDescription(parsing: "image"), part: .all, order: .file, options: .init(batch: 3))
    while let minibatch = try feed.next() {
      #expect(unsafe Int(bitPattern: minibatch.images) % 64 == 0 && Int(bitPattern: minibatch.labels) % 64 == 0)
    }
  }
}
