import Fingal
import FingalSelect
import Testing

@Suite struct FilterTests {
  @Test(arguments: 0..<16)
  func keepsWhatTheMaskSays(_ bits: Int) throws {
    let batch = testBatch()
    let mask = (0..<4).map { bits >> $0 & 1 == 1 }
    let kept = batch.filtered(by: mask)
    try kept.validate()
    let events = (0..<4).filter { mask[$0] }
    #expect(kept.eventCount == events.count)
    let starts = [0, 2, 2, 5, 6]
    for (index, field) in batch.schema.fields.enumerated() {
      var expected: [String] = []
      for event in events {
        let range =
          switch field.collection {
          case "hits": starts[event]..<starts[event] + [2, 0, 3, 1][event]
          case "tracks": [0..<1, 1..<1, 1..<1, 1..<2][event]
          default: event * field.elementsPerValue..<(event + 1) * field.elementsPerValue
          }
        expected += range.map { text(batch.columns[index], $0) }
      }
      #expect((0..<kept.columns[index].count).map { text(kept.columns[index], $0) } == expected, "\(field.path)")
    }
  }

  private func text(_ column: ColumnValues, _ index: Int) -> String {
    if column.isNull(index) { return "null" }
    if column.type == .string { return column.string(at: index) }
    return column.integer(at: index).map { "\($0)" } ?? "\(column.double(at: index))"
  }
}
