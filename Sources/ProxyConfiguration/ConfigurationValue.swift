internal import KubernetesAPI

/// What a lenient reader passes over and a strict one refuses.
struct DecodingNotes {
    /// One line for each, such as `unknown field "conntrack.maxPerCode"`.
    var warnings: [String] = []
}

/// A value that a configuration field can have.
protocol ConfigurationValue: Hashable, Sendable {
    /// Reads a value that is not null; `path` names the field in errors.
    init(_ value: ObjectValue, at path: String, _ notes: inout DecodingNotes) throws(ConfigurationError)

    /// The value as a file holds it.
    var objectValue: ObjectValue { get }
}

private func mismatch(_ path: String, _ value: ObjectValue, _ expected: String) -> ConfigurationError {
    ConfigurationError(path, "\(value) stands where \(expected) is expected")
}

extension Bool: ConfigurationValue {
    init(_ value: ObjectValue, at path: String, _: inout DecodingNotes) throws(ConfigurationError) {
        guard case .bool(let flag) = value else { throw mismatch(path, value, "true or false") }
        self = flag
    }

    var objectValue: ObjectValue { .bool(self) }
}

extension Int32: ConfigurationValue {
    init(_ value: ObjectValue, at path: String, _: inout DecodingNotes) throws(ConfigurationError) {
        let whole: Int64? =
            switch value {
            case .integer(let number): number
            case .number(let number): Int64(exactly: number)
            default: nil
            }
        guard let whole, let number = Int32(exactly: whole) else {
            throw mismatch(path, value, "a whole number of 32 bits")
        }
        self = number
    }

    var objectValue: ObjectValue { .integer(Int64(self)) }
}

extension Double: ConfigurationValue {
    init(_ value: ObjectValue, at path: String, _: inout DecodingNotes) throws(ConfigurationError) {
        switch value {
        case .integer(let number): self = Double(number)
        case .number(let number) where number.isFinite: self = number
        default: throw mismatch(path, value, "a number")
        }
    }

    var objectValue: ObjectValue { Int64(exactly: self).map(ObjectValue.integer) ?? .number(self) }
}

extension String: ConfigurationValue {
    init(_ value: ObjectValue, at path: String, _: inout DecodingNotes) throws(ConfigurationError) {
        guard case .string(let text) = value else { throw mismatch(path, value, "text (in quotes)") }
        self = text
    }

    var objectValue: ObjectValue { .string(self) }
}

extension Duration: ConfigurationValue {
    init(_ value: ObjectValue, at path: String, _: inout DecodingNotes) throws(ConfigurationError) {
        guard case .string(let text) = value, let duration = Duration(goSyntax: text) else {
            throw mismatch(path, value, "a duration such as \"30s\" or \"1h2m\"")
        }
        self = duration
    }

    var objectValue: ObjectValue { .string(goSyntax) }
}

extension Optional: ConfigurationValue where Wrapped: ConfigurationValue {
    init(_ value: ObjectValue, at path: String, _ notes: inout DecodingNotes) throws(ConfigurationError) {
        self = try Wrapped(value, at: path, &notes)
    }

    var objectValue: ObjectValue { self?.objectValue ?? .null }
}

extension Array: ConfigurationValue where Element: ConfigurationValue {
    init(_ value: ObjectValue, at path: String, _ notes: inout DecodingNotes) throws(ConfigurationError) {
        guard case .array(let elements) = value else { throw mismatch(path, value, "a list") }
        self = []
        for (index, element) in elements.enumerated() {
            append(try Element(element, at: "\(path)[\(index)]", &notes))
        }
    }

    // Go writes an empty list as null, and reads both alike.
    var objectValue: ObjectValue { isEmpty ? .null : .array(map(\.objectValue)) }
}

extension Dictionary: ConfigurationValue where Key == String, Value: ConfigurationValue {
    init(_ value: ObjectValue, at path: String, _ notes: inout DecodingNotes) throws(ConfigurationError) {
        guard case .object(let members) = value else { throw mismatch(path, value, "an object") }
        self = [:]
        for member in members where member.value != .null {
            self[member.name] = try Value(member.value, at: "\(path).\(ObjectValue.printable(member.name))", &notes)
        }
    }

    var objectValue: ObjectValue {
        .object(map { ObjectValue.Member(name: $0.key, value: $0.value.objectValue) }.sorted { $0.name < $1.name })
    }
}
