/// Where the elements of one collection lie, event by event: element `borders[e]` is the first of event e, and
/// `borders[e + 1]` the first of the next. One more border than events.
///
/// For a collection inside another, the counts speak of the parent's elements; the borders speak of events all the same.
package struct ElementBorders: Sendable, Equatable {
  package private(set) var borders: [Int]

  /// - Parameters:
  ///   - counts: `uint32`: elements of each event, or of each element of the parent.
  ///   - parent: the borders of the parent; nil for a collection of the event.
  /// - Returns: nil if there are more or fewer counts than the parent has elements.
  package init?(counts: ColumnValues, events: Int, parent: ElementBorders?) {
    let values = counts.values(as: UInt32.self)
    borders = []
    borders.reserveCapacity(events + 1)
    borders.append(0)
    var total = 0
    if let parent {
      guard parent.eventCount == events, parent.total == counts.count else { return nil }
      var position = 0
      for end in parent.borders.dropFirst() {
        while position < end {
          total += Int(values[position])
          position += 1
        }
        borders.append(total)
      }
    } else {
      guard counts.count == events else { return nil }
      for i in values.indices {
        total += Int(values[i])
        borders.append(total)
      }
    }
  }

  private init(borders: [Int]) { self.borders = borders }

  package var eventCount: Int { borders.count - 1 }
  /// Elements of all events.
  package var total: Int { borders[borders.count - 1] }

  /// The elements of a run of events.
  package subscript(_ events: Range<Int>) -> Range<Int> { borders[events.lowerBound]..<borders[events.upperBound] }

  /// Where the values of each event end, in elements of a column that has so many a value.
  package func ends(elementsPerValue: Int) -> [Int64] { borders.dropFirst().map { Int64($0 * elementsPerValue) } }

  /// The borders of a run of events, counted from its first element.
  package func slice(_ events: Range<Int>) -> ElementBorders {
    let first = borders[events.lowerBound]
    return ElementBorders(borders: borders[events.lowerBound...events.upperBound].map { $0 - first })
  }
}
