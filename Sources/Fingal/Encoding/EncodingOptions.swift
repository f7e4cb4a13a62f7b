/// What a writer may choose for its pages. None of it changes a value, and a reader needs none of it.
public struct EncodingOptions: Sendable, Equatable {
  public enum CodecChoice: Sendable, Equatable {
    /// LZ4 or zstd where they pay, none otherwise. Never zlib, which zstd beats in size and speed. A level applies to
    /// zstd.
    case automatic
    /// This one wherever it saves 5 % or more of a page, or 3 % of a plane of bytes.
    case only(Codec)
  }

  /// What the choice among encodings and codecs aims at.
  public enum Optimize: String, Sendable, Equatable, CaseIterable {
    /// Small, as long as the bytes saved are worth the time to decode them.
    case balanced
    /// As few bytes as can be; zstd at level 19. Writing takes several times as long.
    case size
    /// Decoding at memory speed: codecs only where they save most of the bytes.
    case speed
  }

  public var optimize: Optimize
  /// The encoding to use wherever it applies; nil to choose. Where it does not apply to a page, or takes more bytes than
  /// PLAIN, the page is PLAIN.
  public var encoding: Encoding?
  public var codec: CodecChoice
  /// Level of the codec; nil for its default (lz4 0, zlib 6, zstd 3, or 19 to optimize for size).
  public var level: Int?

  public init(
    optimize: Optimize = .balanced, encoding: Encoding? = nil, codec: CodecChoice = .automatic, level: Int? = nil
  ) {
    self.optimize = optimize
    self.encoding = encoding
    self.codec = codec
    self.level = level
  }
}

/// What one column is given in place of the options of the file.
public struct EncodingPin: Sendable, Equatable {
  public var encoding: Encoding?
  public var codec: EncodingOptions.CodecChoice?
  public var level: Int?

  public init(encoding: Encoding? = nil, codec: EncodingOptions.CodecChoice? = nil, level: Int? = nil) {
    self.encoding = encoding
    self.codec = codec
    self.level = level
  }

  /// Takes over what another pin says.
  package mutating func add(_ other: EncodingPin) {
    encoding = other.encoding ?? encoding
    codec = other.codec ?? codec
    level = other.level ?? level
  }
}

extension EncodingOptions {
  /// The options for a column with a pin.
  func with(_ pin: EncodingPin?) -> EncodingOptions {
    guard let pin else { return self }
    var options = self
    options.encoding = pin.encoding ?? encoding
    options.codec = pin.codec ?? codec
    options.level = pin.level ?? level
    return options
  }
}
