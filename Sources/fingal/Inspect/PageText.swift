import Fingal

/// The name of an encoding by its byte; `#13` for one that this version does not know.
func encodingName(_ id: UInt8) -> String { Encoding(rawValue: id)?.name ?? "#\(id)" }

/// The name of a codec by its byte; `#13` for one that this version does not know.
func codecName(_ id: UInt8) -> String { Codec(rawValue: id)?.name ?? "#\(id)" }

/// Smallest and largest value as the column's type prints them.
func boundsText(_ bounds: Bounds, _ type: ScalarType) -> (minimum: String, maximum: String) {
  switch bounds {
  case .signed(let range): ("\(range.lowerBound)", "\(range.upperBound)")
  case .unsigned(let range):
    type == .bool
      ? (range.lowerBound == 0 ? "false" : "true", range.upperBound == 0 ? "false" : "true")
      : ("\(range.lowerBound)", "\(range.upperBound)")
  case .float(let range):
    type == .float32
      ? (Numbers.shortest(Float(range.lowerBound)), Numbers.shortest(Float(range.upperBound)))
      : (Numbers.shortest(range.lowerBound), Numbers.shortest(range.upperBound))
  }
}

/// A bound as a JSON number of its own type: integers stay exact, `bool` is 0 or 1.
enum BoundValue: Encodable {
  case signed(Int64)
  case unsigned(UInt64)
  case single(Float)
  case double(Double)

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .signed(let value): try container.encode(value)
    case .unsigned(let value): try container.encode(value)
    case .single(let value): try container.encode(value)
    case .double(let value): try container.encode(value)
    }
  }
}

func boundValues(_ bounds: Bounds?, _ type: ScalarType) -> (minimum: BoundValue?, maximum: BoundValue?) {
  switch bounds {
  case nil: (nil, nil)
  case .signed(let range): (.signed(range.lowerBound), .signed(range.upperBound))
  case .unsigned(let range): (.unsigned(range.lowerBound), .unsigned(range.upperBound))
  case .float(let range):
    type == .float32
      ? (.single(Float(range.lowerBound)), .single(Float(range.upperBound)))
      : (.double(range.lowerBound), .double(range.upperBound))
  }
}
