internal import FingalKernels

/// One plane of bytes as it stands in BYTE_SPLIT and elsewhere: u8 codec, u32 stored length, bytes. A codec must make it
/// shorter, else it stands as it is.
enum PlaneCodec {
  /// Appends a plane, compressed by the codec that the guide has for it, if that saves anything to speak of.
  static func append(_ plane: UnsafeRawBufferPointer, _ guide: inout EncodingGuide, into output: AlignedBytes) {
    // On a sample several codecs may be tried: what the best of them gave is kept.
    var tried: [UInt8]?
    let options = guide.options
    let id = guide.decide {
      let (codec, bytes) = unsafe choose(plane, options)
      tried = bytes
      return Int(codec.rawValue)
    }
    let codec = Codec(rawValue: UInt8(truncatingIfNeeded: id)) ?? .none
    let limit = plane.count - (plane.count + 31) / 32
    if let bytes = unsafe tried ?? codec.compress(plane, level: options.codecLevel, limit: limit) {
      guide.addCompressed(codec, from: plane.count, to: bytes.count)
      output.append(codec.rawValue)
      output.append(UInt32(bytes.count))
      unsafe bytes.withUnsafeBytes { unsafe output.append($0) }
    } else {
      output.append(Codec.none.rawValue)
      output.append(UInt32(plane.count))
      unsafe output.append(plane)
    }
  }

  /// The codec of the least cost, and what it gives.
  private static func choose(_ plane: UnsafeRawBufferPointer, _ options: EncodingOptions) -> (Codec, [UInt8]?) {
    let limit = plane.count - (plane.count + 31) / 32
    var best: (Codec, [UInt8]?) = (.none, nil)
    var lowest = Double(plane.count)
    for codec in options.planeCodecs {
      guard let bytes = unsafe codec.compress(plane, level: options.codecLevel, limit: limit) else { continue }
      let time = EncodingCost.decompress(codec, from: bytes.count, to: plane.count)
      let cost = Double(bytes.count) + options.bytesPerNanosecond * time
      if cost < lowest { (best, lowest) = ((codec, bytes), cost) }
    }
    return best
  }

  /// Reads a plane of exactly `target.count` bytes.
  static func read(_ reader: inout ByteReader, into target: UnsafeMutableRawBufferPointer) throws(FingalError) {
    let id = try reader.read(UInt8.self, "codec of a plane")
    guard let codec = Codec(rawValue: id) else {
      throw FingalError(.unsupported, "codec \(id) inside a page", advice: "a newer release of Fingal may read it")
    }
    let length = Int(try reader.read(UInt32.self, "length of a plane"))
    guard codec == .none ? length == target.count : length < target.count else {
      throw damagedPage("a plane of \(length) bytes as \(codec.name) for \(target.count) values")
    }
    let stored = try unsafe UnsafeRawBufferPointer(start: reader.take(length, "plane"), count: length)
    if codec == .none {
      unsafe target.copyMemory(from: stored)
    } else {
      try unsafe codec.decompress(stored, into: target)
    }
  }

  /// All bits that any of the bytes has.
  static func anyBits(_ bytes: UnsafeRawPointer, _ count: Int) -> UInt8 {
    unsafe fingal_any_bits(bytes.assumingMemoryBound(to: UInt8.self), count)
  }
}
