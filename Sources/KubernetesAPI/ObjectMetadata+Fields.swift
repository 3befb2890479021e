extension ObjectReference {
    /// Reads what identifies an object of a kind from its fields.
    init(kind: ObjectKind, fields: Fields) throws(InvalidField) {
        do throws(InvalidField) {
            let metadata = try fields.object("metadata")
            guard let name = try metadata.nonEmptyString("name") else {
                let hint = metadata["generateName"] == nil ? "" : "; generateName works only through an API server"
                throw InvalidField("name", "the name is missing\(hint)")
            }
            try Self.check(name, field: "name")
            var namespace = ""
            if kind.isNamespaced {
                namespace = try metadata.nonEmptyString("namespace") ?? "default"
                try Self.check(namespace, field: "namespace")
            }
            self.init(kind: kind, namespace: namespace, name: name)
        } catch { throw error.path == "metadata" ? error : error.within("metadata") }
    }

    /// Refuses names that would spoil a log line, a rule's comment or a `namespace/name`.
    private static func check(_ name: String, field: String) throws(InvalidField) {
        guard name.utf8.count <= 253 else {
            throw InvalidField(field, "\(ObjectValue.quoted(name)) is longer than 253 characters")
        }
        guard name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }) else {
            throw InvalidField(
                field,
                "\(ObjectValue.quoted(name)) is no name: lower-case letters, digits, hyphens and dots"
            )
        }
    }
}

extension ObjectKind {
    /// Whether objects of the kind live in a namespace.
    package var isNamespaced: Bool {
        switch self {
        case .service, .endpointSlice, .endpoints, .pod, .ingress, .secret, .configMap: true
        case .node, .serviceCIDR, .ingressClass, .namespace: false
        }
    }
}

extension ObjectMetadata {
    /// Reads the rest of `metadata` for an object whose reference is known.
    init(_ reference: ObjectReference, fields: Fields, origin: String?) throws(InvalidField) {
        do throws(InvalidField) {
            let metadata = try fields.object("metadata")
            self.init(
                namespace: reference.namespace,
                name: reference.name,
                labels: try metadata.stringMap("labels"),
                creationTimestamp: try metadata.string("creationTimestamp").flatMap(Self.comparableTimestamp),
                isBeingDeleted: try metadata.nonEmptyString("deletionTimestamp") != nil,
                origin: origin,
                uid: Self.uid(metadata)
            )
        } catch { throw error.within("metadata") }
    }

    /// The identity that an API server gave the object; in a manifest it may be anything, and does not matter.
    private static func uid(_ metadata: Fields) -> ObjectUID? {
        guard case .string(let text)? = metadata["uid"] else { return nil }
        return ObjectUID(text)
    }

    /// A time as the API server prints it (`2026-05-04T03:02:01Z`), whose order as text is the order of time.
    ///
    /// Other forms of RFC 3339, which only a person writes, do not compare as text and count as unknown.
    private static func comparableTimestamp(_ text: String) -> String? {
        let shape = "0000-00-00T00:00:00Z"
        guard text.utf8.count == shape.utf8.count else { return nil }
        let fits = zip(text.utf8, shape.utf8).allSatisfy { byte, model in
            model == UInt8(ascii: "0") ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == model
        }
        return fits ? text : nil
    }
}
