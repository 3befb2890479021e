package import KubernetesAPI

extension KubeProxyConfiguration {
    /// Reads a configuration file's document, as kube-proxy does: what a strict reader refuses is passed over with a
    /// warning, and what no reader can make sense of is an error.
    ///
    /// - Parameters:
    ///   - document: The document; of two members with one name the last one counts.
    ///   - warnings: Gets a line for each unknown field.
    /// - Throws: Another version or kind, or a value of the wrong type.
    package init(decoding document: ObjectValue, warnings: inout [String]) throws(ConfigurationError) {
        guard case .object(let members) = document else {
            throw ConfigurationError("", "\(document) stands where a \(Self.kind) is expected")
        }
        func text(_ name: String) -> ObjectValue? { members.last { $0.name == name }?.value }
        guard text("kind") == .string(Self.kind) else {
            throw ConfigurationError("kind", Self.misfit(text("kind"), Self.kind))
        }
        guard text("apiVersion") == .string(Self.apiVersion) else {
            throw ConfigurationError("apiVersion", Self.misfit(text("apiVersion"), Self.apiVersion))
        }
        self.init()
        var notes = DecodingNotes()
        try read(members.filter { $0.name != "kind" && $0.name != "apiVersion" }, at: "", &notes)
        warnings += notes.warnings
    }

    private static func misfit(_ found: ObjectValue?, _ expected: String) -> String {
        guard let found, found != .null else { return "it is missing; expected \(expected)" }
        return "\(found) is not known here; expected \(expected)"
    }

    /// The configuration as a document, with its fields in the order of their names.
    package var document: ObjectValue {
        guard case .object(var members) = objectValue else { return .null }
        if fairlead == nil { members.removeAll { $0.name == "fairlead" } }
        members.append(ObjectValue.Member(name: "apiVersion", value: .string(Self.apiVersion)))
        members.append(ObjectValue.Member(name: "kind", value: .string(Self.kind)))
        return .object(members.sorted { $0.name < $1.name })
    }

    /// The configuration as YAML text that `init(decoding:warnings:)` reads again as the same.
    package var yaml: String { YAMLText.document(document) }
}
