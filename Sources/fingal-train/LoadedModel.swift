public import ArgumentParser
import Fingal
public import FingalFeed
import FingalNet

/// A model folder ready to score events.
struct LoadedModel {
  let folder: String
  let checkpoint: Checkpoint
  let settings: ModelSettings

  init(_ folder: String) throws(FingalError) {
    self.folder = folder
    checkpoint = try Checkpoint.load(from: folder)
    settings = try ModelSettings(of: checkpoint, in: folder)
  }

  /// Scores the events of a part, in the order of the files.
  ///
  /// - Throws: `usage` if the data do not fit the model; what reading throws.
  func scores(
    _ selection: EventSelection, part: EventSelection.Part, batch: Int, prefetch: Int, threads: Int?
  ) throws(FingalError) -> ScoredEvents {
    try Fit.requireMatch(checkpoint.net, selection.dataSet.imageShape(settings.image), settings.image)
    try BatchFeed.requireHits(selection, image: settings.image)
    let trainer = try Trainer(checkpoint, batch: batch, threads: threads ?? min(availableCores(), max(batch, 1)))
    let feed = try BatchFeed(
      selection, image: settings.image, part: part, order: .file,
      options: .init(batch: batch, prefetch: prefetch, scale: settings.scale))
    return try ScoredEvents(trainer, feed)
  }
}

extension EventSelection.Part: ExpressibleByArgument {}
extension Shuffle: ExpressibleByArgument {}
