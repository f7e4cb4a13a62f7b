// Read the events that pass a cut; what cannot pass is not read.
//
//     swift run CutEvents events.fingal

// snippet.hide
let path = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : "events.fingal"
// snippet.show
import Fingal
import FingalSelect

let file = try EventFile(opening: path)
let batches = try file.batches(columns: ["event", "hits"], where: "beamEnergy > 90 && max(hits.energy) > 75")
let number = try batches.schema.scalar("event", as: Int64.self)
let hits = try batches.schema.collection("hits")

var passing = 0
try batches.forEach { batch in
  passing += batch.eventCount
  for event in batch.events.prefix(2) { print("event \(event[number]) has \(event.count(of: hits)) hits") }
}
let statistics = batches.statistics
print("\(passing) of \(file.eventCount) events pass; \(statistics.readPages) of \(statistics.pages) pages were read")
