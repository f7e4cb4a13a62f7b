/// One way to encode pages, as it was chosen on a sample: the encoding, what it decided, and the recipes of the pages
/// inside it in their order.
struct EncodingRecipe: Sendable, Equatable {
  var encoding: Encoding
  var decisions: [Int] = []
  /// Nil for a page that had no elements in the sample: nothing was learnt about it.
  var children: [EncodingRecipe?] = []

  var summary: String {
    let numbers = decisions.map { " \($0)" }.joined()
    let inside = children.map { $0?.summary ?? "-" }.joined(separator: ", ")
    return encoding.name + numbers + (children.isEmpty ? "" : "(\(inside))")
  }
}

/// What an encoder asks where it has a choice. On a sample the guide makes each choice and writes it down as a recipe;
/// on the pages it repeats what the recipe says. So every encoder has one body for both.
struct EncodingGuide {
  let options: EncodingOptions
  /// The choices made so far.
  private(set) var recipe: EncodingRecipe
  /// Estimated time to decode what was written, in nanoseconds, the encoding itself apart.
  private(set) var nanoseconds = 0.0
  /// Whether something inside is compressed, so that a codec for the whole page hardly finds more.
  private(set) var hasCompressed = false
  /// Bytes that another encoding already reached: an encoder that sees early that it will need more may give up.
  var limit = Int.max
  private let given: EncodingRecipe?

  /// A guide for an encoder that makes its choices.
  init(choosing encoding: Encoding, _ options: EncodingOptions) {
    self.options = options
    recipe = EncodingRecipe(encoding: encoding)
    given = nil
  }

  /// A guide for an encoder that follows a recipe.
  init(following recipe: EncodingRecipe, _ options: EncodingOptions) {
    self.options = options
    self.recipe = EncodingRecipe(encoding: recipe.encoding)
    given = recipe
  }

  /// Whether choices are being made rather than repeated. A recipe that has nothing but a name leaves them open.
  var isChoosing: Bool { given.map { $0.decisions.isEmpty && $0.children.isEmpty } ?? true }

  /// A parameter of the encoding, such as how many bits it splits off: found by `choose` unless a recipe has it. It must
  /// then suit any values, or the encoder give up by returning nil.
  mutating func decide(_ choose: () -> Int) -> Int {
    let index = recipe.decisions.count
    let value = given.flatMap { index < $0.decisions.count ? $0.decisions[index] : nil } ?? choose()
    recipe.decisions.append(value)
    return value
  }

  /// Notes the time that a part takes to decode.
  mutating func add(_ nanoseconds: Double, for count: Int) { self.nanoseconds += nanoseconds * Double(count) }

  /// Notes a part that was compressed.
  mutating func addCompressed(_ codec: Codec, from count: Int, to stored: Int) {
    nanoseconds += EncodingCost.decompress(codec, from: stored, to: count)
    hasCompressed = true
  }

  /// What so many bytes and the time noted so far cost together.
  func cost(of bytes: AlignedBytes) -> Double { Double(bytes.count) + options.bytesPerNanosecond * nanoseconds }

  /// Appends elements as a page inside the one at work.
  mutating func child(_ page: NumberPage, into output: AlignedBytes) {
    let index = recipe.children.count
    let following = given.flatMap { index < $0.children.count ? $0.children[index] : nil }
    let child = EncodingChoice.inside(page, among: Encoding.below(recipe.encoding.level), following, options)
    recipe.children.append(page.count == 0 ? nil : child.recipe)
    nanoseconds += child.nanoseconds
    hasCompressed = hasCompressed || child.hasCompressed
    ChildPage.append(child.candidate, into: output)
  }
}
