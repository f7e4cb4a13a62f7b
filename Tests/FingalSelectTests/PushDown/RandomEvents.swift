import Fingal

/// Random schemas, and events whose values wander slowly, so that pages have bounds that differ: what makes bounds both
/// useful and dangerous.
struct RandomEvents {
  let schema: Schema
  let batch: EventBatch

  /// - Parameter special: columns stand for a stretch of events on one of the values that arithmetic trips over, so that
  ///   whole pages have bounds like 0...0 or ∞...∞.
  init(_ count: Int, special: Bool = false, using random: inout SplitMix) {
    var fields: [Schema.Field] = []
    let isNested = Bool.random(using: &random)
    let collections = (0..<Int.random(in: 0...2, using: &random)).map {
      Schema.Collection("c\($0)", in: $0 == 1 && isNested ? "c0" : nil)
    }
    func field(_ name: String, in collection: String?) -> Schema.Field {
      let type = ScalarType.allCases.randomElement(using: &random)!
      let shape = type != .string && Int.random(in: 0..<6, using: &random) == 0 ? [2] : []
      return Schema.Field(
        name, type, in: collection, shape: shape, labels: type == .enumeration ? Self.labels : [],
        nullable: Int.random(in: 0..<3, using: &random) == 0)
    }
    for i in 0..<Int.random(in: 2...6, using: &random) { fields.append(field("s\(i)", in: nil)) }
    for collection in collections {
      for i in 0..<Int.random(in: 0...3, using: &random) { fields.append(field("f\(i)", in: collection.name)) }
    }
    if Bool.random(using: &random) { fields.append(Schema.Field("image", .float32, shape: [2, 3])) }
    schema = Schema(collections: collections, fields: fields)
    var batch = EventBatch(schema)
    var walks = fields.map { _ in Walk(special: special, using: &random) }
    var sizes = collections.map { _ in 0 }
    for event in 0..<count {
      var elements: [String?: Int] = [nil: 1]
      for (index, collection) in collections.enumerated() {
        // Stretches of empty, small and large events.
        if event % 37 == 0 { sizes[index] = [0, 0, 1, 2, 6].randomElement(using: &random)! }
        var total = 0
        for _ in 0..<elements[collection.parent]! {
          let size = sizes[index] == 0 ? 0 : Int.random(in: sizes[index] / 2...sizes[index], using: &random)
          batch.counts[index].append(UInt32(size))
          total += size
        }
        elements[collection.name] = total
      }
      for (place, field) in fields.enumerated() {
        for _ in 0..<elements[field.collection]! {
          walks[place].append(to: batch.columns[place], field, using: &random)
        }
      }
    }
    batch.eventCount = count
    self.batch = batch
  }

  static let labels = ["electron", "pion", "muon", "proton", "kaon", "photon", "neutron"]

  private struct Walk {
    var value = 0.0
    var step: Double
    var nanStretch = 0
    var nullStretch = 0
    let offset: Int128
    let special: Bool
    /// Of `special` walks: where it stands, and for how many values more.
    var stand = 0
    var standStretch = 0

    init(special: Bool, using random: inout SplitMix) {
      self.special = special
      step = [0, 0.01, 0.5, 3].randomElement(using: &random)!
      value = Double.random(in: -20...20, using: &random)
      // Some columns of whole numbers lie beyond 2^53, where float64 has gaps.
      offset = [0, 0, 0, 1 << 53, -(1 << 53), 1 << 62].randomElement(using: &random)!
    }

    mutating func append(to column: ColumnValues, _ field: Schema.Field, using random: inout SplitMix) {
      value += step * Double.random(in: -1...1.2, using: &random)
      if Int.random(in: 0..<200, using: &random) == 0 { nanStretch = Int.random(in: 1...60, using: &random) }
      if Int.random(in: 0..<150, using: &random) == 0 { nullStretch = Int.random(in: 1...60, using: &random) }
      if standStretch == 0 {
        stand = Int.random(in: 0..<1 << 20, using: &random)
        standStretch = Int.random(in: 1...80, using: &random)
      }
      standStretch -= 1
      nanStretch -= 1
      nullStretch -= 1
      if field.nullable, nullStretch > 0, Int.random(in: 0..<4, using: &random) > 0 {
        for _ in 0..<field.elementsPerValue { column.appendNull() }
        return
      }
      for _ in 0..<field.elementsPerValue { appendElement(to: column, field, using: &random) }
    }

    private static let specialFloats: [Double] = [
      0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .greatestFiniteMagnitude,
      -.greatestFiniteMagnitude, 1, -1, 709.7, 710.4, -745.2, 900, .leastNormalMagnitude / 8, 9_007_199_254_740_992, 3,
    ]
    private static let specialWholes: [Int128] = [
      0, 1, -1, 1 << 53, 1 << 53 + 1, 1 << 53 - 1, -(1 << 53) - 1, -(1 << 63), 1 << 63 - 1, 1 << 64 - 1, 1 << 63, 2, -7,
      1 << 31, 1 << 32 - 1,
    ]

    private func appendSpecial(to column: ColumnValues, _ field: Schema.Field) {
      let float = Self.specialFloats[stand % Self.specialFloats.count]
      let whole = Self.specialWholes[stand % Self.specialWholes.count]
      switch field.type {
      case .bool: column.append(UInt8(stand & 1))
      case .int8: column.append(Int8(clamping: whole))
      case .int16: column.append(Int16(clamping: whole))
      case .int32: column.append(Int32(clamping: whole))
      case .int64: column.append(Int64(clamping: whole))
      case .uint8: column.append(UInt8(clamping: whole))
      case .uint16: column.append(UInt16(clamping: whole))
      case .uint32: column.append(UInt32(clamping: whole))
      case .uint64: column.append(UInt64(clamping: whole))
      case .float32: column.append(Float(float))
      case .float64: column.append(float)
      case .enumeration: column.append(UInt16(stand % RandomEvents.labels.count))
      case .string: column.append(["", "EB", "EE", "pion"][stand % 4])
      }
    }

    private func appendElement(to column: ColumnValues, _ field: Schema.Field, using random: inout SplitMix) {
      // Now and then something else, so that some pages hold several.
      if special, Int.random(in: 0..<30, using: &random) > 0 { return appendSpecial(to: column, field) }
      var float = value
      if nanStretch > 0, Int.random(in: 0..<5, using: &random) > 0 { float = .nan }
      if Int.random(in: 0..<400, using: &random) == 0 { float = Bool.random(using: &random) ? .infinity : -.infinity }
      if Int.random(in: 0..<50, using: &random) == 0 { float = -0.0 }
      let whole = Int128(value.rounded())
      switch field.type {
      case .bool: column.append(UInt8(value > 0 ? 1 : 0))
      case .int8: column.append(Int8(clamping: whole))
      case .int16: column.append(Int16(clamping: whole))
      case .int32: column.append(Int32(clamping: whole))
      case .int64: column.append(Int64(clamping: whole + offset))
      case .uint8: column.append(UInt8(clamping: whole))
      case .uint16: column.append(UInt16(clamping: whole))
      case .uint32: column.append(UInt32(clamping: whole))
      case .uint64: column.append(UInt64(clamping: whole + offset * 2))
      case .float32: column.append(Float(float))
      case .float64: column.append(float)
      case .enumeration: column.append(UInt16(UInt(abs(whole)) / 4 % UInt(RandomEvents.labels.count)))
      case .string: column.append(["", "EB", "EE", "pion"][Int(abs(whole) % 4)])
      }
    }
  }
}

/// Random expressions of the cut language over a schema.
struct RandomExpressions {
  let schema: Schema

  private func fields(_ collection: String?, _ accepts: (ScalarType) -> Bool) -> [Schema.Field] {
    schema.fields.filter { $0.collection == collection && accepts($0.type) && $0.shape.isEmpty }
  }

  private var levels: [String] {
    schema.collections.map(\.name) + schema.fields.filter { !$0.shape.isEmpty }.map(\.path)
  }

  /// - Parameter level: inside a function over this collection or tensor; nil for the event.
  func condition(_ depth: Int, in level: String? = nil, using random: inout SplitMix) -> String {
    switch Int.random(in: 0..<(depth > 0 ? 9 : 3), using: &random) {
    case 0:
      let flags = fields(nil) { $0 == .bool } + (level.map { fields($0) { $0 == .bool } } ?? [])
      if let flag = flags.randomElement(using: &random) { return flag.path }
      fallthrough
    case 1, 2:
      let signs = ["<", "<=", ">", ">=", "==", "!="]
      if Int.random(in: 0..<6, using: &random) == 0,
        let text = (fields(nil) { $0 == .string }).randomElement(using: &random)
      {
        return "\(text.path) \(signs.randomElement(using: &random)!) 'EE'"
      }
      if Int.random(in: 0..<4, using: &random) == 0,
        let particle = (fields(level) { $0 == .enumeration }).randomElement(using: &random)
      {
        let label = RandomEvents.labels.randomElement(using: &random)!
        return "\(particle.path) \(signs.randomElement(using: &random)!) '\(label)'"
      }
      let a = number(depth - 1, in: level, using: &random)
      let b = number(depth - 1, in: level, using: &random)
      if Int.random(in: 0..<4, using: &random) == 0 {
        return "\(a) < \(b) <= \(number(depth - 1, in: level, using: &random))"
      }
      return "\(a) \(signs.randomElement(using: &random)!) \(b)"
    case 3: return "!(\(condition(depth - 1, in: level, using: &random)))"
    case 4, 5:
      return
        "(\(condition(depth - 1, in: level, using: &random)) && \(condition(depth - 1, in: level, using: &random)))"
    case 6:
      return
        "(\(condition(depth - 1, in: level, using: &random)) || \(condition(depth - 1, in: level, using: &random)))"
    default:
      guard level == nil, let inner = levels.randomElement(using: &random) else {
        return condition(depth - 1, in: level, using: &random)
      }
      // Something of the collection itself must be in it.
      let subject = elementCondition(depth - 1, in: inner, using: &random)
      let name = Bool.random(using: &random) ? "any" : "all"
      if Bool.random(using: &random) { return "\(name)(\(subject))" }
      return "\(name)(\(subject), \(condition(depth - 1, in: inner, using: &random)))"
    }
  }

  private func elementCondition(_ depth: Int, in level: String, using random: inout SplitMix) -> String {
    guard let own = element(of: level, using: &random) else { return "true" }
    let sign = ["<", "<=", ">", ">=", "==", "!="].randomElement(using: &random)!
    return "\(own) \(sign) \(number(depth, in: level, using: &random))"
  }

  private func element(of level: String, using random: inout SplitMix) -> String? {
    if schema.field(level) != nil { return level }
    return fields(level, \.isNumber).randomElement(using: &random)?.path
  }

  func number(_ depth: Int, in level: String? = nil, using random: inout SplitMix) -> String {
    switch Int.random(in: 0..<(depth > 0 ? 10 : 4), using: &random) {
    case 0:
      return [
        "0", "1", "-3", "5", "2.5", "-10", "20", "127", "9007199254740993", "-9007199254740992", "4611686018427387910",
        "1e300", "18014398509481990", "1000", "1e-320", "exp(1000)", "log(0)", "9223372036854775808",
      ].randomElement(using: &random)!
    case 1, 2, 3:
      if let level, Bool.random(using: &random), let own = element(of: level, using: &random) { return own }
      return (fields(nil, \.isNumber)).randomElement(using: &random)?.path ?? "7"
    case 4, 5:
      let sign = ["+", "-", "*", "/", "%"].randomElement(using: &random)!
      return
        "(\(number(depth - 1, in: level, using: &random)) \(sign) \(number(depth - 1, in: level, using: &random)))"
    case 6:
      let name = [
        "abs", "sqrt", "log", "log10", "exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "floor", "ceil", "round",
        "-",
      ].randomElement(using: &random)!
      return "\(name)(\(number(depth - 1, in: level, using: &random)))"
    case 7:
      let name = ["min", "max", "pow", "atan2", "hypot"].randomElement(using: &random)!
      return
        "\(name)(\(number(depth - 1, in: level, using: &random)), \(number(depth - 1, in: level, using: &random)))"
    default:
      guard level == nil, let inner = levels.randomElement(using: &random) else {
        return number(depth - 1, in: level, using: &random)
      }
      if schema.field(inner) == nil, Int.random(in: 0..<3, using: &random) == 0 {
        let count = "count(\(inner))"
        return Int.random(in: 0..<3, using: &random) == 0 ? "(\(count) * \(count) * \(count))" : count
      }
      if Int.random(in: 0..<6, using: &random) == 0 {
        return "count(\(elementCondition(depth - 1, in: inner, using: &random)))"
      }
      guard let own = element(of: inner, using: &random) else { return "count(\(inner))" }
      let name = ["sum", "mean", "min", "max", "count"].randomElement(using: &random)!
      let subject =
        Bool.random(using: &random) ? own : "(\(own) * \(number(depth - 1, in: inner, using: &random)))"
      if Bool.random(using: &random) { return "\(name)(\(subject))" }
      return "\(name)(\(subject), \(condition(depth - 1, in: inner, using: &random)))"
    }
  }
}

extension ScalarType {
  fileprivate var isNumber: Bool { self != .string && self != .enumeration }
}
