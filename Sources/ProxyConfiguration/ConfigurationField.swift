internal import KubernetesAPI

/// A field of a configuration block: its name in files, and where its value is kept.
///
/// One table of fields serves reading and writing, so that what is written can always be read again.
struct ConfigurationField<Block> {
    let name: String
    let read: (ObjectValue, String, inout Block, inout DecodingNotes) throws(ConfigurationError) -> Void
    let write: (Block) -> ObjectValue

    /// Declares a field.
    init<Value: ConfigurationValue>(_ name: String, _ place: WritableKeyPath<Block, Value>) {
        self.name = name
        read = { value, path, block, notes throws(ConfigurationError) in
            block[keyPath: place] = try Value(value, at: path, &notes)
        }
        write = { $0[keyPath: place].objectValue }
    }
}

/// An object of known fields in a configuration file.
protocol ConfigurationBlock: ConfigurationValue {
    /// Creates the block that no field is set in.
    init()

    /// All fields.
    static var fields: [ConfigurationField<Self>] { get }
}

extension ConfigurationBlock {
    init(_ value: ObjectValue, at path: String, _ notes: inout DecodingNotes) throws(ConfigurationError) {
        guard case .object(let members) = value else {
            throw ConfigurationError(path, "\(value) stands where an object is expected")
        }
        self.init()
        try read(members, at: path, &notes)
    }

    /// Reads the members of an object; of two with one name the last one counts, as in Go.
    mutating func read(
        _ members: [ObjectValue.Member],
        at path: String,
        _ notes: inout DecodingNotes
    ) throws(ConfigurationError) {
        let fields = Self.fields
        for member in members {
            let place = (path.isEmpty ? "" : "\(path).") + ObjectValue.printable(member.name)
            guard let field = fields.first(where: { $0.name == member.name }) else {
                notes.warnings.append("unknown field \"\(place)\"")
                continue
            }
            // A null is as good as an absent field.
            if member.value != .null { try field.read(member.value, place, &self, &notes) }
        }
    }

    /// The block with its fields in the order of their names, as kube-proxy writes them.
    var objectValue: ObjectValue {
        .object(
            Self.fields.map { ObjectValue.Member(name: $0.name, value: $0.write(self)) }.sorted { $0.name < $1.name }
        )
    }
}
