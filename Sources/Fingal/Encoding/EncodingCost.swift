/// What decoding costs, in nanoseconds on one core: fixed numbers, so that the same values and options give the same
/// bytes everywhere. They weigh against bytes in the writer's choice (`EncodingOptions.optimize`) and mean nothing to a
/// reader.
///
/// Measured on a Zen 4 core at about 3.7 GHz, pages of 128 KiB in the cache, rounded; what counts is their ratio.
enum EncodingCost {
  /// The encoding itself, for one element of `bytes` bytes; pages inside are counted apart.
  static func decode(_ encoding: Encoding, bytes: Int) -> Double {
    let bytes = Double(bytes)
    return switch encoding {
    case .plain, .const: 0.03 * bytes
    case .frameOfReference: 0.05 * bytes
    // Its planes and low bits are counted where they are written.
    case .byteSplit: 0
    case .delta: 0.06 + 0.04 * bytes
    case .runLength: 0.1 + 0.04 * bytes
    case .dictionary: 0.4
    case .alp: 0.12 * bytes
    case .alpRightDigits: 0.3
    case .decimal: 0.25 * bytes
    case .sparse: 0.04 * bytes
    case .lookup: 0.8
    }
  }

  /// Putting planes and low bits together into words of `bytes` bytes.
  static func merge(bytes: Int, low: Int) -> Double { 0.03 * Double(bytes) + (low > 0 ? 0.04 * Double(bytes) : 0) }

  /// Adding a plane to the words.
  static let plane = 0.06

  /// A codec. Zstandard's time is that of its Huffman stage for every byte that is not part of a repetition; bytes stored
  /// in less than a bit mostly are. Its tables take half a microsecond before the first byte.
  static func decompress(_ codec: Codec, from stored: Int, to count: Int) -> Double {
    let bits = min(1, 8 * Double(stored) / Double(max(1, count)))
    return switch codec {
    case .none: 0
    case .lz4: (0.15 + 0.35 * bits) * Double(count)
    case .zstd: 500 + (0.2 + 0.6 * bits) * Double(count)
    case .zlib: (0.5 + 3 * bits) * Double(count)
    }
  }
}

extension EncodingOptions {
  /// How many bytes one nanosecond of decoding may save, or must. A byte a value saves about what reading it from a
  /// disk of 300 MB/s takes (`balanced`), or of a memory-mapped file at 3 GB/s (`speed`).
  var bytesPerNanosecond: Double {
    switch optimize {
    case .balanced: 0.3
    case .size: 0
    case .speed: 3
    }
  }

  /// The level for the codec in use; nil for its default.
  var codecLevel: Int? {
    if level != nil { return level }
    switch optimize {
    case .size: return 19
    case .balanced, .speed: return nil
    }
  }

  /// The codecs that planes are tried with.
  var planeCodecs: [Codec] {
    switch codec {
    case .automatic: optimize == .speed ? [.lz4, .zstd] : [.zstd]
    case .only(.none): []
    case .only(let codec): [codec]
    }
  }
}
