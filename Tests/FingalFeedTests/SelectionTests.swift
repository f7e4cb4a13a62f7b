import Fingal
import FingalFeed
import Testing

@Suite struct SelectionTests {
  @Test func countsWhatTheCutsSay() throws {
    let file = try TestFile(signal: 300, background: 500)
    let data = try DataSet(opening: [file.path])
    let all = try EventSelection(data, cuts: electrons(), validation: 0.25)
    #expect(all.counts(.all) == .init(signal: 300, background: 500))
    #expect((50...100).contains(all.counts(.validation).signal))
    let few = try EventSelection(data, cuts: electrons(), validation: 0.02)
    #expect((6...32).contains(few.counts(.validation).total))
    let cut = try EventSelection(data, cuts: electrons(where: "70 < beamEnergy < 100"), validation: 0.25)
    #expect(cut.counts(.all) == .init(signal: 3 * 29, background: 5 * 29))
    let some = try EventSelection(
      data, cuts: ClassCuts(signal: "event < 10", background: "event >= 790 && count(hits) >= 0"), validation: 0)
    #expect(some.counts(.all) == .init(signal: 10, background: 10))
    #expect(some.unclassified == 780)
    #expect(some.counts(.training) == some.counts(.all))
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch let error as FingalError {
      #expect(error.code == .usage)
      return "\(error)"
    } catch { return "another error: \(error)" }
  }

  @Test func errorsNameTheFault() throws {
    let file = try TestFile(signal: 5, background: 50)
    let data = try DataSet(opening: [file.path])
    func refusal(_ signal: String, _ background: String, _ cut: String? = nil, _ validation: Double = 0) -> String {
      message {
        let cuts = try ClassCuts(signal: signal, background: background, where: cut)
        _ = try EventSelection(data, cuts: cuts, validation: validation)
      }
    }
    #expect(
      refusal("pdgID > 0", "event == 17")
        == "\(file.path): event 17 meets both --signal and --background; make the two exclude each other")
    #expect(
      refusal("pdgID == 13", "true")
        == "no event is signal: none of 55 meets 'pdgID == 13'; the other class has 55 events; look at the columns with `fingal dump`"
    )
    #expect(
      refusal("pdgID == 11", "pdgID == 211", "event < 5")
        == "no event is background: none of 55 meets 'pdgID == 211' after --where 'event < 5'; the other class has 5 events; look at the columns with `fingal dump`"
    )
    #expect(
      refusal("event == 2", "event > 4", nil, 0.01)
        == "the validation part has no signal event: 1 are too few to split with --validation 0.01; give more events or another share"
    )
    #expect(
      refusal("pdg == 1", "event > 4")
        == "\(file.path): --signal: there is no column 'pdg', at character 1 of \"pdg == 1\"; the columns are event, pdgID, beamEnergy, hits.energy, hits.layer, hits.x, hits.y, hits.iu, hits.iv, image, hits"
    )
    #expect(refusal("1 +", "true").hasPrefix("--signal: the expression ends too early"))
    #expect(refusal("true", "event < 0", nil, 1) == "a validation share of 1.0 is not from 0 to below 1")
    #expect(
      message { _ = try DataSet(opening: [file.path, file.path]) }
        == "\(file.path): the file is given twice; its events would count twice")
    #expect(message { _ = try DataSet(opening: []) } == "no data file is given")
  }

  @Test func imagesMustHoldHits() throws {
    let file = try TestFile(signal: 5, background: 50)
    let selection = try EventSelection(DataSet(opening: [file.path]), cuts: electrons(), validation: 0)
    let hits = file.batch.columns[3].count
    #expect(
      message { try BatchFeed.requireHits(selection, image: ImageDescription(parsing: "hits.x @ x:1000..2000:5")) }
        == "image 'hits.x @ x:1000..2000:5': none of \(hits) hits lies inside the image; look at the columns' ranges with `fingal columns`"
    )
    try BatchFeed.requireHits(selection, image: ImageDescription(parsing: "hits.energy @ x:-8..8:5"))
  }

  /// The split follows an event, whatever the order of the files or the cut.
  @Test func splitIsStable() throws {
    let one = try TestFile("a", signal: 60, background: 60)
    let two = try TestFile("b", signal: 60, background: 60)
    func validating(_ paths: [String], _ cuts: ClassCuts) throws -> Set<String> {
      let selection = try EventSelection(DataSet(opening: paths), cuts: cuts, validation: 0.3)
      let feed = try BatchFeed(selection, image: ImageDescription(parsing: "image"), part: .validation, order: .file)
      var found: Set<String> = []
      while let minibatch = try feed.next() {
        for event in 0..<minibatch.count {
          let origin = minibatch.origin(of: event)
          found.insert("\(paths[origin.file]) \(origin.event)")
        }
      }
      return found
    }
    let all = try validating([one.path, two.path], electrons())
    #expect(try validating([two.path, one.path], electrons()) == all)
    #expect(try validating([one.path, two.path], electrons(where: "event % 2 == 0")).isSubset(of: all))
    let numbers = [one, two].map { file in
      Set(all.filter { $0.hasPrefix(file.path) }.map { $0.split(separator: " ")[1] })
    }
    #expect(numbers[0] != numbers[1])
  }
}
