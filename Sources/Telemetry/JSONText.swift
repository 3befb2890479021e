/// Text in the form of a JSON string (RFC 8259 §7).
package enum JSONText {
    /// Returns the text between quotation marks, with everything escaped that must be.
    package static func quoted(_ text: String) -> String { "\"\(escaped(text, quotes: true))\"" }

    /// Returns the text with control characters escaped, and quotation marks and backslashes where asked for.
    static func escaped(_ text: String, quotes: Bool) -> String {
        let needsNothing = text.unicodeScalars.allSatisfy { scalar in
            !isControl(scalar) && !(quotes && (scalar == "\"" || scalar == "\\"))
        }
        if needsNothing { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"" where quotes: escaped += "\\\""
            case "\\" where quotes: escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case _ where isControl(scalar):
                let digits = String(scalar.value, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// Whether a terminal or a line reader might act on a character: C0, DEL, C1 and the two Unicode line breaks.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
    }
}
