import Fingal
import FingalFeed
import Glibc
import Testing

/// Images against a plain loop over hits.
@Suite struct ImagingTests {
  @Test(arguments: [
    ("hits.energy @ layer:1..4, y:-7..7:12, x:-7..7:15", PixelScale.none),
    ("hits.energy @ layer:1..4, hex(iu,iv)", .none),
    ("hits.energy @ hex(iu,iv), layer:0..5", .log1p),
    ("hits.energy @ x:-3..4", .factor(0.5)),
    ("hits.iu @ iv:-3..3, layer:0..9:2", .log1p),
    ("image", .none),
    ("image", .log1p),
  ])
  func drawsWhatALoopDraws(_ text: String, _ scale: PixelScale) throws {
    let file = try TestFile(signal: 60, background: 70)
    let selection = try EventSelection(DataSet(opening: [file.path]), cuts: electrons(), validation: 0)
    let image = try ImageDescription(parsing: text)
    let feed = try BatchFeed(
      selection, image: image, part: .all, order: .file, options: .init(batch: 32, scale: scale))
    var seen = 0
    while let minibatch = try feed.next() {
      for event in 0..<minibatch.count {
        let origin = minibatch.origin(of: event)
        #expect(origin.file == 0 && origin.event == seen)
        #expect(minibatch.isSignal(event) == (seen < 60))
        #expect(unsafe minibatch.labels[event] == (seen < 60 ? 1 : 0))
        let expected = reference(text, file.batch, event: seen, scale: scale, shape: feed.shape)
        #expect(minibatch.image(event) == expected, "event \(seen)")
        seen += 1
      }
    }
    #expect(seen == 130 && feed.eventCount == 130)
    if text != "image" {
      #expect(feed.tally.hits == file.batch.columns[3].count)
      #expect(feed.tally.outside > 0)
      let energies = file.batch.columns[3]
      let bad = (0..<energies.count).filter { energies.double(at: $0).isNaN }.count
      #expect(feed.tally.skipped == (text.hasPrefix("hits.energy") ? bad : 0))
    }
  }

  private func reference(
    _ text: String, _ batch: EventBatch, event: Int, scale: PixelScale, shape: [Int]
  ) -> [Float] {
    var pixels = [Float](repeating: 0, count: shape.reduce(1, *))
    if text == "image" {
      for i in pixels.indices { pixels[i] = Float(batch.columns[9].double(at: event * 24 + i)) }
    } else {
      let counts = (0...event).map { batch.counts[0].integer(at: $0)! }
      let end = counts.reduce(0, +)
      for hit in end - counts[event]..<end {
        func value(_ column: Int) -> Double { batch.columns[column].double(at: hit) }
        let (e, layer, x, y) = (value(3), value(4), value(5), value(6))
        let (iu, iv) = (Int(value(7)), Int(value(8)))
        var index: Int?
        switch text {
        case "hits.energy @ layer:1..4, y:-7..7:12, x:-7..7:15":
          if (1...4).contains(layer), y >= -7, y < 7, x >= -7, x < 7 {
            index = ((Int(layer) - 1) * 12 + Int((y + 7) * (12.0 / 14))) * 15 + Int((x + 7) * (15.0 / 14))
          }
        case "hits.energy @ layer:1..4, hex(iu,iv)":
          if (1...4).contains(layer), let cell = cell(iu, iv) { index = (Int(layer) - 1) * 180 + cell }
        case "hits.energy @ hex(iu,iv), layer:0..5":
          if !layer.isNaN, let cell = cell(iu, iv) { index = cell * 6 + Int(layer) }
        case "hits.energy @ x:-3..4":
          if x >= -3, x < 5 { index = Int(x.rounded(.down)) + 3 }
        default:
          if (-3...3).contains(iv), layer < 9 { index = (iv + 3) * 2 + (layer < 4.5 ? 0 : 1) }
        }
        let weight = text.hasPrefix("hits.iu") ? Float(iu) : Float(e)
        if let index, !weight.isNaN { pixels[index] += weight }
      }
    }
    switch scale {
    case .none: return pixels
    case .factor(let factor): return pixels.map { $0 * factor }
    case .log1p: return pixels.map { $0 < 0 ? -log1pf(-$0) : log1pf($0) }
    }
  }

  private func cell(_ iu: Int, _ iv: Int) -> Int? {
    let (row, column) = ((2 * iu + iv + 11) / 2, iv + 7)
    return (0..<12).contains(row) && (0..<15).contains(column) ? row * 15 + column : nil
  }

  /// All 127 cells of a sensor fall into the grid; two of them share a pixel, as the formula has it.
  @Test func hexGridHoldsTheSensor() {
    var cells: [Int: [[Int]]] = [:]
    for iu in -6...6 {
      for iv in -6...6 where abs(iu + iv) <= 6 {
        #expect(ImageAxis.hexPixel(iu: iu, iv: iv) == cell(iu, iv))
        guard let cell = ImageAxis.hexPixel(iu: iu, iv: iv) else {
          Issue.record("cell (\(iu), \(iv)) is outside")
          continue
        }
        cells[cell, default: []].append([iu, iv])
      }
    }
    #expect(cells.count == 126)
    #expect(cells.values.filter { $0.count > 1 } == [[[-6, 0], [-5, 0]]])
  }
}
