internal import KubernetesAPI

/// Writes trees as YAML in block style, two spaces a level.
enum YAMLText {
    /// The text of a document, without `---`.
    static func document(_ value: ObjectValue) -> String {
        var text = ""
        append(value, indent: 0, to: &text)
        return text
    }

    /// Appends a value that begins on a line of its own.
    private static func append(_ value: ObjectValue, indent: Int, to text: inout String) {
        let margin = String(repeating: " ", count: indent)
        switch value {
        case .object(let members) where !members.isEmpty:
            for member in members {
                text += "\(margin)\(scalar(member.name)):"
                appendBehindKey(member.value, indent: indent, to: &text)
            }
        case .array(let elements) where !elements.isEmpty:
            for element in elements {
                // A nested object or list starts behind the dash, whose two columns are its margin.
                var nested = ""
                append(element, indent: indent + 2, to: &nested)
                text += "\(margin)- \(nested.dropFirst(indent + 2))"
            }
        default:
            text += "\(margin)\(scalar(value))\n"
        }
    }

    private static func appendBehindKey(_ value: ObjectValue, indent: Int, to text: inout String) {
        switch value {
        case .object(let members) where !members.isEmpty:
            text += "\n"
            append(value, indent: indent + 2, to: &text)
        case .array(let elements) where !elements.isEmpty:
            text += "\n"
            append(value, indent: indent, to: &text)
        default:
            text += " \(scalar(value))\n"
        }
    }

    private static func scalar(_ value: ObjectValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .string(let text): scalar(text)
        case .array: "[]"
        case .object: "{}"
        }
    }

    /// Text as it is where every reader of YAML takes it for text, else in quotes.
    private static func scalar(_ text: String) -> String {
        isPlain(text) ? text : quoted(text)
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, last != UInt8(ascii: ":"),
            text.utf8.allSatisfy({ isLetter($0) || isDigit($0) || [0x2d, 0x2e, 0x2f, 0x3a, 0x5f].contains($0) })
        else { return false }
        if isLetter(first) {
            // YAML 1.1 reads these as truth values or as nothing.
            let words = ["y", "n", "yes", "no", "true", "false", "on", "off", "null"]
            return !words.contains(text.lowercased())
        }
        if first == UInt8(ascii: "/") { return true }
        // Digits may be a number, in one of many notations, unless they are an address or a duration.
        let dots = text.utf8.count { $0 == UInt8(ascii: ".") }
        return isDigit(first) && (dots > 1 || [UInt8(ascii: "s"), UInt8(ascii: "m"), UInt8(ascii: "h")].contains(last))
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _
            where scalar.value < 0x20 || (0x7f...0xa0).contains(scalar.value)
                || [0x2028, 0x2029, 0xfeff].contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
