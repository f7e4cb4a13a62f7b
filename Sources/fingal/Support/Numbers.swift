/// Numbers as people read them. The same text on every machine: no locale.
enum Numbers {
  /// `1,234,567`.
  static func grouped(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var out = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { out.append(",") }
      out.append(digit)
    }
    return value < 0 ? "-" + out : out
  }

  /// `1 page`, `2,048 pages`.
  static func counted(_ count: Int, _ noun: String) -> String { "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")" }

  /// `999 B`, `1.23 kB`, `45.6 MB`: three significant digits, powers of 1,000 as disks are sold.
  static func bytes(_ count: Int) -> String {
    if count < 1000 { return "\(count) B" }
    var value = Double(count)
    var unit = -1
    let units = ["kB", "MB", "GB", "TB", "PB", "EB"]
    repeat {
      value /= 1000
      unit += 1
    } while value >= 999.5 && unit < units.count - 1
    return "\(significant(value)) \(units[unit])"
  }

  /// Three significant digits without an exponent, for values from 0.001 to 999: `1.23`, `45.6`, `789`.
  static func significant(_ value: Double) -> String {
    if value < 9.995 { return fixed(value, 2) }
    return fixed(value, value < 99.95 ? 1 : 0)
  }

  /// A value with a fixed number of decimals, rounded half away from zero.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = Int((abs(value) * scale).rounded())
    let whole = scaled / Int(scale)
    let sign = value < 0 && scaled != 0 ? "-" : ""
    if decimals == 0 { return "\(sign)\(whole)" }
    let fraction = String(scaled % Int(scale))
    return "\(sign)\(whole)." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  /// `3.41×`; `–` where there is nothing to divide by.
  static func ratio(_ large: Int, _ small: Int) -> String {
    small == 0 ? "–" : significant(Double(large) / Double(small)) + "×"
  }

  /// `97 %`, one decimal below ten; `–` where there is nothing to divide by.
  static func percent(_ part: Int, of whole: Int) -> String {
    if whole == 0 { return "–" }
    let value = 100 * Double(part) / Double(whole)
    if part > 0, value < 0.05 { return "<0.1 %" }
    return (value < 9.95 ? fixed(value, 1) : fixed(value, 0)) + " %"
  }

  /// A float in its shortest form that reads back to the same bits, without a needless `.0`.
  static func shortest(_ value: Double) -> String { trimmed("\(value)") }
  static func shortest(_ value: Float) -> String { trimmed("\(value)") }

  private static func trimmed(_ text: String) -> String { text.hasSuffix(".0") ? String(text.dropLast(2)) : text }
}
