// Write events: a number for each event, and hits of any number.
//
//     swift run WriteEvents events.fingal

// snippet.hide
let path = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : "events.fingal"
// snippet.show
import Fingal

let schema = Schema(
  collections: [.init("hits", description: "cells above 0.5 MIP")],
  fields: [
    .init("event", .int64),
    .init("beamEnergy", .float32, unit: "GeV"),
    .init("layer", .uint8, in: "hits"),
    .init("energy", .float32, in: "hits", unit: "MIP"),
  ])

let writer = try EventWriter(creating: path, schema: schema, options: .init(overwrite: true))
var batch = EventBatch(schema)
for event in 0..<1000 {
  let hits = event % 30
  batch.columns[0].append(Int64(event))
  batch.columns[1].append(Float(20 + event % 80))
  batch.counts[0].append(UInt32(hits))
  for hit in 0..<hits {
    batch.columns[2].append(UInt8(hit % 28 + 1))
    batch.columns[3].append(Float(event % 80) / Float(hit + 1))
  }
  batch.eventCount += 1
  if batch.eventCount == 256 {
    // The batch is a buffer: hand it over, empty it, fill it again.
    try writer.append(batch)
    batch.removeAll()
  }
}
try writer.append(batch)
try writer.finish(metadata: ["detector": "a made-up one"])
// snippet.hide
print("wrote \(writer.eventCount) events")
