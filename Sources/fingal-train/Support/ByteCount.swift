import Fingal

/// A number of bytes as options write it: `1GiB`, `512 MiB`, `2GB`, `1048576`.
///
/// - Throws: `usage` if it is none, or below 1 MiB, in which no window of events has room.
func byteCount(_ text: String, option: String) throws(FingalError) -> Int {
  let units = [
    "": 1, "b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40, "k": 1 << 10, "m": 1 << 20,
    "g": 1 << 30, "t": 1 << 40, "kb": 1000, "mb": 1_000_000, "gb": 1_000_000_000, "tb": 1_000_000_000_000,
  ]
  let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
  let unit = text.dropFirst(digits.count).filter { $0 != " " }.lowercased()
  guard let number = Double(digits), let scale = units[unit], number * Double(scale) < 0x1p50 else {
    throw FingalError(.usage, "\(option) '\(text)' is no size", advice: "write it like 512MiB or 4GiB")
  }
  let bytes = Int(number * Double(scale))
  guard bytes >= 1 << 20 else {
    throw FingalError(.usage, "\(option) '\(text)' is below 1MiB, too little for a window of events")
  }
  return bytes
}
