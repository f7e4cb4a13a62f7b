import Fingal

/// Four events with hits 2, 0, 3, 1; one column of every kind that expressions meet.
func testBatch() -> EventBatch {
  let schema = Schema(
    collections: [.init("hits"), .init("tracks")],
    fields: [
      .init("event", .int64), .init("key", .uint64), .init("pdgID", .int32), .init("beamEnergy", .float64),
      .init("type1", .string, nullable: true), .init("time", .float32, nullable: true), .init("good", .bool),
      .init("odd name", .int16), .init("energy", .float32, in: "hits"), .init("layer", .uint8, in: "hits"),
      .init("id", .int64, in: "hits"), .init("noise", .bool, in: "hits"),
      .init("adc", .int16, in: "hits", nullable: true),
      .init("pt", .float32, in: "tracks"), .init("image", .float32, shape: [2, 2]),
    ])
  let time = ColumnValues(.float32)
  time.append(1.5 as Float)
  time.appendNull()
  time.append(Float.nan)
  time.append(-2 as Float)
  let type = ColumnValues(.string)
  type.append("EB")
  type.append("EE")
  type.appendNull()
  type.append("it's")
  let good = ColumnValues(.bool)
  good.append(contentsOf: [1, 0, 1, 0] as [UInt8])
  let noise = ColumnValues(.bool)
  noise.append(contentsOf: [0, 1, 0, 0, 1, 1] as [UInt8])
  let adc = ColumnValues(.int16)
  adc.append(5 as Int16)
  adc.appendNull()
  adc.append(7 as Int16)
  adc.append(-3 as Int16)
  adc.appendNull()
  adc.appendNull()
  return EventBatch(
    schema, eventCount: 4,
    counts: [ColumnValues([2, 0, 3, 1] as [UInt32]), ColumnValues([1, 0, 0, 1] as [UInt32])],
    columns: [
      ColumnValues([9_007_199_254_740_992, 9_007_199_254_740_993, -9_007_199_254_740_993, 7] as [Int64]),
      ColumnValues([UInt64.max, UInt64.max - 1, 0, 1]),
      ColumnValues([11, -11, 211, -211] as [Int32]), ColumnValues([20, 70, 99.5, 100] as [Double]),
      type, time, good, ColumnValues([-7, 7, 8, 0] as [Int16]),
      ColumnValues([1.5, 2.5, 10, 20, 30, 4] as [Float]), ColumnValues([1, 2, 7, 8, 28, 3] as [UInt8]),
      ColumnValues([1, 9_007_199_254_740_993, 3, 4, 5, 9_007_199_254_740_992] as [Int64]), noise, adc,
      ColumnValues([0.5, 3] as [Float]),
      ColumnValues([0, 1, 2, 3, 0, 0, 0, 0, -1, -1, -1, -1, 5, 0, 0, 0] as [Float]),
    ])
}
