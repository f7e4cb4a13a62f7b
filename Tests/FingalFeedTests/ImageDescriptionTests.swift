import Fingal
import FingalFeed
import Testing

@Suite struct ImageDescriptionTests {
  let schema = Schema(
    collections: [.init("hits")],
    fields: [
      .init("event", .int64), .init("energy", .float32, in: "hits"), .init("layer", .uint8, in: "hits"),
      .init("x", .float32, in: "hits"), .init("y pos", .float64, in: "hits"), .init("iu", .int8, in: "hits"),
      .init("iv", .int8, in: "hits"), .init("kind", .string, in: "hits"),
      .init("image", .float32, shape: [28, 13, 13]),
    ])

  @Test(arguments: [
    ("hits.energy @ layer:1..28, x:-7..7:12, x:-7..7:15", [28, 12, 15], ["hits.energy", "hits.layer", "hits.x"]),
    ("hits.energy@layer:1..28,hex(iu,iv)", [28, 12, 15], ["hits.energy", "hits.layer", "hits.iu", "hits.iv"]),
    ("hits.energy @ hits.layer : 5 .. 5 , `y pos`:-1e1..1.5:3", [1, 3], ["hits.energy", "hits.layer", "hits.y pos"]),
    ("hits.layer @ layer:-2..2", [5], ["hits.layer"]),
    ("image", [28, 13, 13], ["image"]),
    (" `image` ", [28, 13, 13], ["image"]),
  ])
  func shapes(_ text: String, _ shape: [Int], _ columns: [String]) throws {
    let image = try ImageDescription(parsing: text)
    #expect(try image.shape(in: schema) == shape)
    #expect(image.columns == columns)
    #expect(image.description == text)
  }

  static let axis = "an axis is written name:lo..hi, name:lo..hi:bins or hex(iu,iv)"
  static let columns =
    "the columns are event, hits.energy, hits.layer, hits.x, hits.y pos, hits.iu, hits.iv, hits.kind, image"

  @Test(arguments: [
    ("", "the name of the column of values is missing"),
    ("energy @ layer:1..28", "'energy' is no field of a collection; an image is made of hits, as in 'hits.energy @ …'"),
    ("hits.energy @", "'' is no axis; \(axis)"),
    ("hits.energy @ layer", "'layer' is no axis; \(axis)"),
    ("hits.energy @ layer:1-28", "'1-28' is no range; \(axis)"),
    ("hits.energy @ layer:28..1", "the range of 'layer' is empty: 28 is above 1"),
    ("hits.energy @ x:0.5..7", "the range of 'x' is not of whole numbers; give a number of bins: x:0.5..7:10"),
    ("hits.energy @ x:7..7:3", "the range of 'x' is empty: 7 is not below 7"),
    ("hits.energy @ x:nan..7:3", "the range of 'x' is not of numbers; \(axis)"),
    ("hits.energy @ x:0..7:0", "'0' is no number of bins"),
    ("hits.energy @ hex(iu)", "hex(…) takes two fields; write hex(iu,iv)"),
    ("hits.energy @ layer:1..1000, x:0..1:1000, x:0..1:1000", "more than 16777216 pixels"),
    ("hits.energy @ a:1..28 @ x:1..2", "'@' stands once, between the column of values and the axes"),
    ("hits.energy @ y pos:1..28", "' ' in the name of an axis; put the name in backquotes if it is meant"),
    ("hits.enrgy @ layer:1..28", "there is no column 'hits.enrgy'; \(columns)"),
    ("hits.energy @ lyr:1..28", "there is no column 'hits.lyr'; \(columns)"),
    ("hits.energy @ kind:1..28", "column 'hits.kind' holds text"),
    (
      "event",
      "column 'event' is no tensor; describe an image as in 'hits.energy @ layer:1..28, y:-7..7:12, x:-7..7:15'"
    ),
  ])
  func errors(_ text: String, _ expected: String) {
    #expect {
      _ = try ImageDescription(parsing: text).shape(in: schema)
    } throws: { error in
      #expect("\(error)" == "image '\(text)': \(expected)")
      return (error as? FingalError)?.code == .usage
    }
  }

  @Test func scales() throws {
    #expect(try PixelScale(parsing: "none") == .none)
    #expect(try PixelScale(parsing: "log1p") == .log1p)
    #expect(try PixelScale(parsing: "0.25") == .factor(0.25))
    for text in ["0", "inf", "nan", "log", ""] { #expect(throws: FingalError.self) { try PixelScale(parsing: text) } }
    for scale in [PixelScale.none, .log1p, .factor(0.1)] { #expect(try PixelScale(parsing: "\(scale)") == scale) }
  }
}
