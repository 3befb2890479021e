/// A manifest or an answer of the API server as a tree, whether it was written in YAML or in JSON.
package enum ObjectValue: Hashable, Sendable {
    /// One named value of an object.
    package struct Member: Hashable, Sendable {
        /// The key.
        package let name: String
        /// The value.
        package let value: ObjectValue

        /// Creates a member of an object.
        package init(name: String, value: ObjectValue) {
            self.name = name
            self.value = value
        }
    }

    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([ObjectValue])
    case object([Member])

    /// The value of a member; nil where there is none, where it is null and where this is no object.
    ///
    /// Kubernetes treats a null as an absent field. The cost grows with the number of members.
    package subscript(name: String) -> ObjectValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }.flatMap { $0.value == .null ? nil : $0.value }
    }
}

extension ObjectValue: CustomStringConvertible {
    /// The value in words for a message, such as `the integer 80`; long text is cut.
    package var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): "the boolean \(value)"
        case .integer(let value): "the integer \(value)"
        case .number(let value): "the number \(value)"
        case .string(let text): "the text \(Self.quoted(text))"
        case .array: "a list"
        case .object: "an object"
        }
    }

    /// Text in double quotes, with invisible characters escaped and cut after 64 characters, fit for a log line.
    package static func quoted(_ text: String) -> String {
        let head = String(text.unicodeScalars.prefix(64))
        let isCut = head.unicodeScalars.count < text.unicodeScalars.count
        return head.debugDescription.escapingInvisibles + (isCut ? "…" : "")
    }

    /// Text as it is when it is plain enough for a log line, else quoted.
    package static func printable(_ text: String) -> String {
        text.utf8.count <= 253 && text.utf8.allSatisfy { (0x21...0x7e).contains($0) } ? text : quoted(text)
    }
}
