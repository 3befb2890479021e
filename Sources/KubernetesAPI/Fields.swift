internal import NetworkAddress

/// The members of one object, read by name with the rules of the API server.
///
/// A null is as good as an absent field; unknown fields are never looked at; a value of the wrong type is an error.
struct Fields {
    private let members: [ObjectValue.Member]

    /// Opens an object; `path` names it in the error when it is something else.
    init(_ value: ObjectValue, path: String) throws(InvalidField) {
        guard case .object(let members) = value else {
            throw InvalidField(path, "\(value) stands where an object is expected")
        }
        self.members = members
    }

    private init(members: [ObjectValue.Member]) { self.members = members }

    /// The value of a field; nil when it is absent or null.
    subscript(name: String) -> ObjectValue? {
        for member in members where member.name == name {
            if case .null = member.value { return nil }
            return member.value
        }
        return nil
    }

    /// The text of a field, or nil when it is absent.
    ///
    /// A plain `80` or `true` in YAML is no text, for the API server as for us; the error says to quote it.
    func string(_ name: String) throws(InvalidField) -> String? {
        switch self[name] {
        case nil: return nil
        case .string(let text): return text
        case .some(let value): throw InvalidField(name, Self.notText(value))
        }
    }

    /// The text of a field, or nil when it is absent or empty.
    func nonEmptyString(_ name: String) throws(InvalidField) -> String? {
        let text = try string(name)
        return text == "" ? nil : text
    }

    /// The whole number of a field, or nil when it is absent.
    func integer(_ name: String) throws(InvalidField) -> Int64? {
        switch self[name] {
        case nil: return nil
        case .integer(let value): return value
        case .number(let value):
            guard let whole = Int64(exactly: value) else {
                throw InvalidField(name, "\(value) is not a whole number")
            }
            return whole
        case .string(let text):
            throw InvalidField(
                name,
                "the text \(ObjectValue.quoted(text)) stands where a number is expected; write it without quotes"
            )
        case .some(let value): throw InvalidField(name, "\(value) stands where a number is expected")
        }
    }

    /// The port number of a field, or nil when it is absent.
    func port(_ name: String) throws(InvalidField) -> Port? {
        guard let number = try integer(name) else { return nil }
        return try Self.port(number, name)
    }

    /// The port number of a field, or nil when it is absent or 0, where 0 means that none is chosen.
    func nonZeroPort(_ name: String) throws(InvalidField) -> Port? {
        guard let number = try integer(name), number != 0 else { return nil }
        return try Self.port(number, name)
    }

    /// The truth value of a field, or nil when it is absent.
    func bool(_ name: String) throws(InvalidField) -> Bool? {
        switch self[name] {
        case nil: return nil
        case .bool(let value): return value
        case .some(let value): throw InvalidField(name, "\(value) stands where true or false is expected")
        }
    }

    /// The elements of a list; none when it is absent or null.
    func array(_ name: String) throws(InvalidField) -> [ObjectValue] {
        switch self[name] {
        case nil: return []
        case .array(let elements): return elements
        case .some(let value): throw InvalidField(name, "\(value) stands where a list is expected")
        }
    }

    /// The fields of an object; one without fields when it is absent or null.
    func object(_ name: String) throws(InvalidField) -> Fields {
        guard let value = self[name] else { return Fields(members: []) }
        return try Fields(value, path: name)
    }

    /// A map of names to text, such as labels; a null value is an empty text, as the API server reads it.
    func stringMap(_ name: String) throws(InvalidField) -> [String: String] {
        guard let value = self[name] else { return [:] }
        var map: [String: String] = [:]
        for member in try Fields(value, path: name).members {
            switch member.value {
            case .null: map[member.name] = ""
            case .string(let text): map[member.name] = text
            default: throw InvalidField("\(name)[\(ObjectValue.printable(member.name))]", Self.notText(member.value))
            }
        }
        return map
    }

    /// The transport protocol of a field; TCP when it is absent or empty.
    func transport(_ name: String = "protocol") throws(InvalidField) -> TransportProtocol {
        guard let text = try nonEmptyString(name) else { return .tcp }
        guard let transport = TransportProtocol(kubernetesName: text) else {
            throw InvalidField(name, "\(ObjectValue.quoted(text)) is not TCP, UDP or SCTP")
        }
        return transport
    }

    /// The name of a port; empty when it is absent.
    ///
    /// The API server wants a DNS label; here only what would spoil a log line or a rule's comment is refused.
    func portName(_ name: String = "name") throws(InvalidField) -> String {
        let text = try string(name) ?? ""
        guard text.utf8.count <= 63, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw InvalidField(
                name,
                "\(ObjectValue.quoted(text)) is no port name: at most 63 letters, digits and hyphens"
            )
        }
        return text
    }

    /// The choice of a field among the raw values of an enumeration, or nil when it is absent or empty.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String,
        of type: Choice.Type
    ) throws(InvalidField) -> Choice? where Choice.RawValue == String {
        guard let text = try nonEmptyString(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw InvalidField(name, "\(ObjectValue.quoted(text)) is none of \(choices)")
        }
        return choice
    }

    private static func port(_ number: Int64, _ name: String) throws(InvalidField) -> Port {
        guard let port = Port(number) else { throw InvalidField(name, "\(number) is not between 1 and 65535") }
        return port
    }

    private static func notText(_ value: ObjectValue) -> String {
        switch value {
        case .bool(let value): "\(ObjectValue.bool(value)) stands where text is expected; quote it: \"\(value)\""
        case .integer(let value): "\(ObjectValue.integer(value)) stands where text is expected; quote it: \"\(value)\""
        case .number: "\(value) stands where text is expected; quote it"
        default: "\(value) stands where text is expected"
        }
    }
}
