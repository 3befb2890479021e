/// A part of a YAML file that can be parsed by itself.
struct YAMLPart: Hashable {
    /// The bytes in the file.
    var range: Range<Int>

    /// The number of lines before it.
    var linesBefore: Int
}

/// Cuts a YAML file before each line that begins with `---`, so that a mistake in one document spares the others.
///
/// YAML allows `---` at the beginning of a line nowhere else, not even in quoted or literal text (YAML 1.2 §9.1.2).
/// Directives (`%YAML 1.2`) stay with the document that follows.
func yamlParts(of bytes: [UInt8]) -> [YAMLPart] {
    var parts: [YAMLPart] = []
    var start = 0
    var linesBeforeStart = 0
    var line = 0
    var lineStart = 0
    // Whether only blank lines, comments and directives, with at least one directive, have come since the last document.
    var hasDirective = false
    var hasContent = false
    while lineStart < bytes.count {
        let lineEnd = bytes[lineStart...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        switch bytes[lineStart] {
        case UInt8(ascii: "-") where isMarker(UInt8(ascii: "-"), at: lineStart, in: bytes):
            if lineStart > start, hasContent || !hasDirective {
                parts.append(YAMLPart(range: start..<lineStart, linesBefore: linesBeforeStart))
                start = lineStart
                linesBeforeStart = line
            }
            hasDirective = false
            hasContent = true
        case UInt8(ascii: ".") where isMarker(UInt8(ascii: "."), at: lineStart, in: bytes):
            hasDirective = false
            hasContent = false
        case UInt8(ascii: "%"): hasDirective = true
        case UInt8(ascii: "#"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): break
        default: hasContent = true
        }
        line += 1
        lineStart = lineEnd + 1
    }
    if start < bytes.count { parts.append(YAMLPart(range: start..<bytes.count, linesBefore: linesBeforeStart)) }
    return parts
}

/// Whether a line begins with three times the character, followed by a blank or the end of the line.
private func isMarker(_ character: UInt8, at start: Int, in bytes: [UInt8]) -> Bool {
    guard start + 3 <= bytes.count, bytes[start + 1] == character, bytes[start + 2] == character else { return false }
    guard start + 3 < bytes.count else { return true }
    return [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n")].contains(bytes[start + 3])
}
