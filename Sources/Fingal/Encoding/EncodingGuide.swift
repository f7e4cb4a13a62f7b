/// One way to encode pages, as it was chosen on a sample: the encoding, what it decided, and the recipes of the pages
/// inside it in their order.
struct EncodingRecipe: Sendable, Equatable {
  var encoding: Encoding
  var decisions: [Int] = []
  var children: [EncodingRecipe] = []
}

/// What an encoder asks where it has a choice. On a sample the guide makes each choice and writes it down as a recipe;
/// on the pages it repeats what the recipe says. So every encoder has one body for both.
struct EncodingGuide {
  let options: EncodingOptions
  /// The choices made so far.
  private(set) var recipe: EncodingRecipe
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

  /// Whether choices are being made, on a sample, rather than repeated.
  var isChoosing: Bool { given == nil }

  /// A parameter of the encoding, such as how many bits it splits off: found by `choose` unless a recipe has it. It must
  /// then suit any values, or the encoder give up by returning nil.
  mutating func decide(_ choose: () -> Int) -> Int {
    let index = recipe.decisions.count
    let value = given.flatMap { index < $0.decisions.count ? $0.decisions[index] : nil } ?? choose()
    recipe.decisions.append(value)
    return value
  }

  /// Appends elements as a page inside the one at work.
  mutating func child(_ page: NumberPage, into output: AlignedBytes) {
    let index = recipe.children.count
    let following = given.flatMap { index < $0.children.count ? $0.children[index] : nil }
    let allowed = Encoding.below(recipe.encoding.level)
    let (candidate, made) = EncodingChoice.inside(page, among: allowed, following, options)
    recipe.children.append(made)
    ChildPage.append(candidate, into: output)
  }
}
