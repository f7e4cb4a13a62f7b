import Fingal
import FoundationEssentials
import Testing

/// The built `fingal-train` on small files. One after another: each run computes with two threads.
@Suite(.serialized) struct TrainTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  static let grid = "hits.energy @ layer:1..8, y:-4..4:8, x:-4..4:8"

  private struct Evaluation: Decodable, Equatable {
    var signal: Int
    var background: Int
    var loss: Double
    var accuracy: Double
    var auc: Double?
  }

  private struct Line: Decodable {
    struct Part: Decodable {
      var signal: Int
      var background: Int
    }

    var record: String
    var epoch: Int?
    var loss: Double?
    var accuracy: Double?
    var validation: Evaluation?
    var events: Int?
  }

  private func arguments(_ data: [String], image: String = grid, net: String = "cnn2d", _ more: [String] = [])
    -> [String]
  {
    ["fit"] + data + [
      "--signal", "pdgID == 11", "--background", "pdgID == 211", "--image", image, "--net", net, "--epochs", "4",
      "--batch", "16", "--seed", "3", "--validation", "0.25", "--threads", "2",
    ] + more
  }

  private func epochs(_ finished: Finished) throws -> [Line] {
    let lines = finished.out.split(separator: "\n").map {
      try? JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
    try #require(lines.count >= 3, "\(finished.err)")
    #expect(finished.out.hasPrefix("{") && finished.out.contains("\"record\":\"start\""))
    #expect(lines.last??.record == "end")
    return lines.compactMap { $0?.record == "epoch" ? $0 : nil }
  }

  @Test(arguments: [
    (grid, "cnn2d"), ("hits.energy @ layer:1..9:4, y:-4..4:4, x:-4..4:4", "cnn3d"),
    ("hits.energy @ layer:1..8, hex(iu,iv)", "cnn2d"), ("image", "cnn2d"),
  ])
  func learns(_ image: String, _ net: String) throws {
    let data = try TrainFile.write(in: folder, electrons: 150, pions: 150)
    let model = folder.path("model")
    let result = try run("fingal-train", arguments([data], image: image, net: net, ["-o", model, "--json"]))
    #expect(result.status == 0, "\(result.err)")
    let lines = try epochs(result)
    #expect(lines.count == 4)
    let validation = try #require(lines.last?.validation)
    #expect((validation.auc ?? 0) > 0.95, "seed 3: \(validation)")
    #expect((lines.last?.loss ?? 9) < (lines.first?.loss ?? 0))
    #expect((lines.last?.accuracy ?? 0) > 0.85)
    #expect((lines.last?.events ?? 0) + validation.signal + validation.background == 300)

    // Read back, the model says of the validation events what fit said.
    let again = try run("fingal-train", ["evaluate", model, data, "--part", "validation", "--threads", "2", "--json"])
    #expect(again.status == 0, "\(again.err)")
    struct Report: Decodable { var all: Evaluation }
    let report = try JSONDecoder().decode(Report.self, from: Data(again.stdout))
    #expect(report.all.signal == validation.signal && report.all.background == validation.background)
    #expect(abs(report.all.loss - validation.loss) < 1e-6)
    #expect(report.all.accuracy == validation.accuracy)
    #expect(abs((report.all.auc ?? 0) - (validation.auc ?? 1)) < 1e-6)
  }

  @Test func sameSeedSameNumbers() throws {
    let data = try TrainFile.write(in: folder, electrons: 60, pions: 120)
    func losses(_ seed: String, _ name: String) throws -> [Double?] {
      let model = folder.path(name)
      let result = try run(
        "fingal-train",
        arguments([data], ["-o", model, "--json", "--balance"]).map { $0 == "3" ? seed : $0 })
      #expect(result.status == 0, "\(result.err)")
      return try epochs(result).flatMap { [$0.loss, $0.accuracy, $0.validation?.loss, $0.validation?.auc] }
    }
    let first = try losses("3", "a")
    #expect(try losses("3", "b") == first)
    #expect(try losses("4", "c") != first)
    #expect(try bytes(of: folder.path("a/weights.bin")) == bytes(of: folder.path("b/weights.bin")))
    #expect(try bytes(of: folder.path("a/model.json")) == bytes(of: folder.path("b/model.json")))
  }

  @Test func textOutput() throws {
    let data = try TrainFile.write(in: folder, electrons: 100, pions: 150)
    let model = folder.path("model")
    let fit = try run(
      "fingal-train",
      arguments(
        [data], image: "hits.energy @ layer:1..8, y:-4..4:8, x:-2..2:4",
        ["--balance", "--where", "beamEnergy > 20", "-o", model]))
    #expect(fit.status == 0, "\(fit.err)")
    let lines = fit.out.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines[0] == "data        187 of 250 events selected")
    #expect(lines[1].hasPrefix("training    ") && lines[1].hasSuffix(" of each drawn an epoch"))
    #expect(lines[3] == "image       8 × 8 × 4, hits.energy @ layer:1..8, y:-4..4:8, x:-2..2:4, scale log1p")
    #expect(lines[4].hasPrefix("net         cnn2d, ") && lines[4].hasSuffix(" parameters, 2 threads"))
    #expect(lines[6] == "  epoch     loss  accuracy  val loss  val accuracy  val AUC  events/s  waited")
    #expect(lines[7].hasPrefix("    1/4") && lines[10].hasPrefix("    4/4"))
    #expect(lines[12] == "model written to \(model)")
    // Half of the pions' hits lie beyond 2 cm; the note says so once.
    #expect(fit.errorLines.count == 1)
    #expect(fit.err.hasPrefix("fingal-train: ") && fit.err.contains(" % of the hits lie outside the image"))

    let evaluation = try run("fingal-train", ["evaluate", model, data, "--by", "beamEnergy"])
    #expect(evaluation.status == 0, "\(evaluation.err)")
    let table = evaluation.out.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    let byEnergy = table.drop { $0.first != "beamEnergy" }
    #expect(byEnergy.dropFirst().map { $0[0] } == ["40", "60", "80"])
    #expect(byEnergy.dropFirst().map { Int($0[1]) ?? 0 }.reduce(0, +) == 187)
    let all = try run("fingal-train", ["evaluate", model, data, "--by", "beamEnergy", "--where", "true"])
    #expect(all.out.contains("\n        20  "))

    let scores = try run("fingal-train", ["predict", model, data, "-o", "-"])
    #expect(scores.status == 0, "\(scores.err)")
    let rows = scores.out.split(separator: "\n")
    #expect(rows.count == 251 && rows[0] == "file,event,score" && rows[7].hasPrefix("\(data),6,"))
    let numbers = rows.dropFirst().compactMap { Float($0.split(separator: ",")[2]) }
    let electrons: Float = numbers[..<100].reduce(0, +) / 100
    let pions: Float = numbers[100...].reduce(0, +) / 150
    #expect(electrons > pions + 0.2)
  }

  @Test func predictKeepsWhatItMustNotReplace() throws {
    let data = try TrainFile.write(in: folder, electrons: 20, pions: 20)
    let model = folder.path("model")
    #expect(try run("fingal-train", arguments([data], ["-o", model])).status == 0)
    let before = try bytes(of: data)
    let copy = folder.path("copy.csv")
    try FileManager.default.linkItem(atPath: data, toPath: copy)
    let own = try run("fingal-train", ["predict", model, data, "-o", copy, "--force"])
    #expect(own.status == 2)
    #expect(own.err.contains("-o is the input itself"), "\(own.err)")
    #expect(try bytes(of: data) == before)
    let place = try run("fingal-train", ["predict", model, data, "-o", folder.path("no/scores.csv")])
    #expect(place.status == 2, "\(place.err)")
    let kind = try run("fingal-train", ["predict", model, data, "-o", folder.path("scores.fingal")])
    #expect(kind.status == 2 && !exists(folder.path("scores.fingal")), "\(kind.err)")
    let scores = folder.path("scores.csv")
    #expect(try run("fingal-train", ["predict", model, data, "-o", scores]).status == 0)
    #expect(try bytes(of: scores).split(separator: 10).count == 41)
  }

  @Test func weightsThatAreNoNumbersAreNotSaved() throws {
    let data = try TrainFile.write(in: folder, electrons: 20, pions: 20)
    let model = folder.path("model")
    let result = try run(
      "fingal-train",
      arguments(
        [data], ["-o", model, "--learning-rate", "3e38", "--validation", "0", "--epochs", "1", "--batch", "64"]))
    #expect(result.status == 1, "\(result.err)")
    #expect(!exists(model + "/model.json"))
  }

  @Test func existingModelsAreKept() throws {
    let data = try TrainFile.write(in: folder, electrons: 30, pions: 30)
    let model = folder.path("model")
    #expect(try run("fingal-train", arguments([data], ["-o", model])).status == 0)
    let before = try bytes(of: model + "/weights.bin")
    let refused = try run("fingal-train", arguments([data], ["-o", model]))
    #expect(refused.status == 2 && refused.out == "")
    #expect(refused.err == "fingal-train: \(model): exists; pass --force to replace the model\n")
    #expect(
      try run("fingal-train", arguments([data], ["-o", model, "--force", "--learning-rate", "0.01"])).status == 0)
    #expect(try bytes(of: model + "/weights.bin") != before)
    // A failure on the way leaves the old model alone.
    let kept = try bytes(of: model + "/weights.bin")
    #expect(
      try run("fingal-train", arguments([data], ["-o", model, "--force", "--learning-rate", "1e30"])).status == 1)
    #expect(try bytes(of: model + "/weights.bin") == kept)
  }

  @Test func netsFromJSON() throws {
    let data = try TrainFile.write(in: folder, electrons: 40, pions: 40)
    let small = try folder.file(
      "small.json",
      #"{"name": "small", "input": [8, 8, 8], "layers": [{"type": "conv2d", "filters": 4, "kernel": 3, "activation": "relu"}, {"type": "dense", "units": 1, "activation": "sigmoid"}]}"#
    )
    let result = try run("fingal-train", arguments([data], net: small, ["-o", folder.path("small")]))
    #expect(result.status == 0, "\(result.err)")
    #expect(result.out.contains("net         small, 549 parameters"))
    let other = try run(
      "fingal-train",
      arguments([data], image: "hits.energy @ layer:1..8, hex(iu,iv)", net: small, ["-o", folder.path("x")]))
    #expect(other.status == 2)
    #expect(
      other.err
        == "fingal-train: net 'small' takes 8×8×8, but the images 'hits.energy @ layer:1..8, hex(iu,iv)' are 8×12×15; use the image that the net was made for\n"
    )
  }

  /// Each is found before any training, says what is wrong in one line, and leaves nothing behind.
  @Test(arguments: [
    (
      ["--image", "hits.energy @ layer:1..8, y:400..500:8, x:-4..4:8"],
      "image 'hits.energy @ layer:1..8, y:400..500:8, x:-4..4:8': none of HITS hits lies inside the image; look at the columns' ranges with `fingal columns`"
    ),
    (
      ["--image", "hits.energy @ lyr:1..8, hex(iu,iv)"],
      "DATA: image 'hits.energy @ lyr:1..8, hex(iu,iv)': there is no column 'hits.lyr'; the columns are event, pdgID, beamEnergy, hits.layer, hits.x, hits.y, hits.iu, hits.iv, hits.energy, image"
    ),
    (
      ["--image", "hits.energy @ layer:1..8, y:-4..4:2, x:-4..4:2"],
      "net 'cnn2d': layer 5 (maxpool) pools by 2, but its input is 64×1×1: too small; take a larger image or fewer poolings; the image is 8×2×2"
    ),
    (["--image", "hits.energy @ layer:1..8"], "net 'cnn2d' takes images of three axes (layers, height, width), not 1"),
    (
      ["--image", "hits.energy @"],
      "image 'hits.energy @': '' is no axis; an axis is written name:lo..hi, name:lo..hi:bins or hex(iu,iv)"
    ),
    (
      ["--image", "hits.energy @ layer:-9223372036854775808..1, hex(iu,iv)"],
      "image 'hits.energy @ layer:-9223372036854775808..1, hex(iu,iv)': the range of 'layer' is not of whole numbers; give a number of bins: layer:-9223372036854775808..1:10"
    ),
    (
      ["--image", "hits.energy @ layer:1..8, y:0..1e-320:15, x:-4..4:8"],
      "image 'hits.energy @ layer:1..8, y:0..1e-320:15, x:-4..4:8': the range of 'y' is too wide or too narrow for 15 bins"
    ),
    (
      ["--image", "hits.energy @ layer:1..8, y:-1e308..1e308:15, x:-4..4:8"],
      "image 'hits.energy @ layer:1..8, y:-1e308..1e308:15, x:-4..4:8': the range of 'y' is too wide or too narrow for 15 bins"
    ),
    (
      ["--signal", "pdg == 11"],
      "DATA: --signal: there is no column 'pdg', at character 1 of \"pdg == 11\"; the columns are event, pdgID, beamEnergy, hits.layer, hits.x, hits.y, hits.iu, hits.iv, hits.energy, image, hits"
    ),
    (
      ["--background", "pdgID = 211"],
      "--background: '=' has no meaning here, at character 7 of \"pdgID = 211\"; equality is =="
    ),
    (
      ["--where", "beamEnergy"],
      "DATA: --where: a condition is needed, but this is a number, at character 1 of \"beamEnergy\"; compare it, as in `x != 0`"
    ),
    (
      ["--where", "event < 20"],
      "no event is background: none of 40 meets 'pdgID == 211' after --where 'event < 20'; the other class has 20 events; look at the columns with `fingal dump`"
    ),
    (
      ["--background", "pdgID > 0"],
      "DATA: event 0 meets both --signal and --background; make the two exclude each other"
    ),
    (["--validation", "0"], ""),
    (["--validation", "1.5"], "a validation share of 1.5 is not from 0 to below 1"),
    (["--scale", "sqrt"], "'sqrt' is no scale; use none, log1p or a factor such as 0.01"),
    (["--net", "cnn4d"], "unknown net 'cnn4d'; nets are cnn2d, cnn3d, or a JSON file"),
    (["--net", "/nowhere.json"], "/nowhere.json: cannot be read"),
    (["--epochs", "0"], "--epochs 0 is not at least 1"),
    (["--learning-rate", "0"], "--learning-rate 0.0 is not a positive number"),
    (["--batch", "0"], "a minibatch of 0 is not from 1 to 65536"),
    (["--prefetch", "0"], "a prefetch of 0 is not from 1 to 1024"),
    (["--memory", "much"], "--memory 'much' is no size; write it like 512MiB or 4GiB"),
    (["--memory", "12kB"], "--memory '12kB' is below 1MiB, too little for a window of events"),
    (["-o", "/nowhere/model"], "/nowhere: is no folder to write the model into"),
    (["--epochs", "many"], "the value 'many' is invalid for '--epochs <n>'; see 'fingal-train --help'"),
  ])
  func errorsBeforeTraining(_ change: [String], _ expected: String) throws {
    let data = try TrainFile.write(in: folder, electrons: 20, pions: 20)
    var list = arguments([data], ["-o", folder.path("model")])
    let place = try #require(
      list.firstIndex(of: change[0])
        ?? {
          list += [change[0], ""]; return list.count - 2
        }())
    list[place + 1] = change[1]
    let result = try run("fingal-train", list)
    if expected.isEmpty {
      #expect(result.status == 0, "\(result.err)")
      #expect(result.out.contains("validation  none"))
      return
    }
    let file = try EventFile(opening: data)
    let hits = try file.read(["hits.layer"], events: 0..<40).columns[0].count
    let message = expected.split(separator: "DATA", omittingEmptySubsequences: false).joined(separator: data)
      .split(separator: "HITS", omittingEmptySubsequences: false).joined(separator: "\(hits)")
    #expect(result.err == "fingal-train: \(message)\n")
    #expect(result.status == 2)
    #expect(result.out == "")
    #expect(folder.names == ["beam.fingal"])
  }

  @Test func filesAtFault() throws {
    let data = try TrainFile.write(in: folder, electrons: 20, pions: 20)
    let missing = try run("fingal-train", arguments([folder.path("nowhere.fingal")], ["-o", folder.path("model")]))
    #expect(missing.status == 2 && missing.errorLines.count == 1 && missing.err.contains("nowhere.fingal: "))
    let csv = try folder.file("hits.csv", "event,energy\n1,2\n")
    let foreign = try run("fingal-train", arguments([data, csv], ["-o", folder.path("model")]))
    #expect(foreign.status == 1 && foreign.err.contains("hits.csv: ") && foreign.err.contains("not a Fingal file"))
    let twice = try run("fingal-train", arguments([data, data], ["-o", folder.path("model")]))
    #expect(twice.status == 2 && twice.err.contains("the file is given twice"))
    let noModel = try run("fingal-train", ["evaluate", folder.path("nothing"), data])
    #expect(noModel.status == 2 && noModel.errorLines.count == 1 && noModel.err.contains("is not a model"))

    // A page damaged on disk stops the training with its column and events, and leaves no model.
    var copy = try bytes(of: data)
    let file = try EventFile(opening: data)
    let directory = try file.directory(ofCluster: 0)
    let field = try #require(file.streams.firstIndex { file.schema.name(of: $0) == "hits.energy" })
    let row = directory.streams[field].pages[0]
    copy[file.clusters[0].offset + row.offset + row.storedLength / 2] ^= 1
    try write(copy, to: data)
    let damaged = try run("fingal-train", arguments([data], ["-o", folder.path("model")]))
    #expect(damaged.status == 1 && damaged.errorLines.count == 1)
    #expect(damaged.err.contains("hits.energy") && damaged.err.contains("events "))
    #expect(!exists(folder.path("model")))
  }

  /// A program that is stopped on the way (by SIGTERM, since shells let background programs ignore Ctrl-C) leaves no model, and no half of one.
  @Test func interruptionLeavesNoModel() throws {
    let data = try TrainFile.write(in: folder, electrons: 50, pions: 50)
    let model = folder.path("model")
    let list = arguments([data], ["-o", model]).map { $0 == "4" ? "100000" : $0 }
    let result = try runProgram(
      "/usr/bin/timeout", ["--foreground", "-s", "TERM", "-k", "20", "3", Programs.path(of: "fingal-train")] + list)
    #expect(result.status == 124)
    #expect(result.out.contains("1/100000"))
    #expect(folder.names == ["beam.fingal"])
  }

  @Test func benchMeasuresAllThree() throws {
    let data = try TrainFile.write(in: folder, electrons: 50, pions: 50)
    let result = try run(
      "fingal-train",
      [
        "bench", data, "--signal", "pdgID == 11", "--background", "pdgID == 211", "--image", "image", "--batch", "32",
        "--seconds", "0.1", "--json",
      ])
    #expect(result.status == 0, "\(result.err)")
    struct Report: Decodable {
      var feed: Double
      var network: Double
      var both: Double
      var waitShare: Double
    }
    let report = try JSONDecoder().decode(Report.self, from: Data(result.stdout))
    #expect(report.feed > 0 && report.network > 0 && report.both > 0)
    #expect(report.both < 2 * report.network && (0...1).contains(report.waitShare))
  }

  @Test func help() throws {
    let help = try run("fingal-train", ["--help"])
    #expect(help.status == 0 && help.out.contains("fingal-train fit electrons.fingal"))
    let fit = try run("fingal-train", ["fit", "--help"])
    #expect(fit.status == 0)
    for option in [
      "--signal", "--background", "--where", "--image", "--net", "--epochs", "--batch", "--learning-rate",
      "--seed", "--validation", "--balance", "--scale", "--prefetch", "--threads", "--output", "--json", "--force",
      "--shuffle", "--memory",
    ] {
      #expect(fit.out.contains(option), "\(option)")
    }
    #expect(try run("fingal-train", ["fit"]).status == 2)
    #expect(try run("fingal-train", ["evaluate", "--help"]).out.contains("--by"))
  }
}
