// Read events: the columns by name, once; then spans, without copies.
//
//     swift run ReadEvents events.fingal

// snippet.hide
let path = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : "events.fingal"
// snippet.show
import Fingal

let file = try EventFile(opening: path)
let batches = try file.batches(columns: ["beamEnergy", "hits.energy"])
let beamEnergy = try batches.schema.scalar("beamEnergy", as: Float.self)
let energy = try batches.schema.elements("hits.energy", as: Float.self)

var largest: (event: Int, fraction: Float) = (0, 0)
while let batch = try batches.next() {
  for event in batch.events {
    let energies = event[energy]
    var sum: Float = 0
    for hit in energies.indices { sum += energies[hit] }
    if sum / event[beamEnergy] > largest.fraction { largest = (event.number, sum / event[beamEnergy]) }
  }
}
print("event \(largest.event) of \(file.eventCount) has the largest share, \(largest.fraction)")
