extension ObjectValue {
    /// The value as JSON in one line, for what is sent to an API server or to a program.
    package var jsonText: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): value.isFinite ? "\(value)" : "null"
        case .string(let text): Self.jsonQuoted(text)
        case .array(let elements): "[" + elements.map(\.jsonText).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { "\(Self.jsonQuoted($0.name)):\($0.value.jsonText)" }.joined(separator: ",") + "}"
        }
    }

    /// Puts an object together from its members; those without a value are left out.
    package static func members(_ members: KeyValuePairs<String, ObjectValue?>) -> ObjectValue {
        .object(members.compactMap { name, value in value.map { Member(name: name, value: $0) } })
    }

    private static func jsonQuoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
