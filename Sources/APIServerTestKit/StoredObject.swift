/// An object as the stand-in server keeps it.
package struct StoredObject: Hashable, Sendable {
    /// The namespace; empty for kinds that have none.
    package var namespace: String
    /// The name.
    package var name: String
    /// The labels, for selectors.
    package var labels: [String: String]
    /// The fields that field selectors can ask for, besides name and namespace.
    package var fields: [String: String]
    /// The object as JSON, with `@version@` where the resourceVersion stands.
    package var text: String

    /// Creates an object.
    package init(
        namespace: String = "default",
        name: String,
        labels: [String: String] = [:],
        fields: [String: String] = [:],
        text: String
    ) {
        self.namespace = namespace
        self.name = name
        self.labels = labels
        self.fields = fields
        self.text = text
    }

    var key: String { "\(namespace)/\(name)" }

    /// The object as JSON.
    func text(version: UInt64) -> String {
        let parts = text.split(separator: "@version@", omittingEmptySubsequences: false)
        return parts.joined(separator: "\(version)")
    }
}

/// What a request asks for besides the collection.
struct ObjectSelector {
    private var terms: [(key: String, operation: Operation, isLabel: Bool)] = []
    private let namespace: String?

    private enum Operation {
        case equals(String)
        case differs(String)
        case exists
        case isMissing
    }

    init(namespace: String?, labels: String?, fields: String?) {
        self.namespace = namespace
        for term in labels?.split(separator: ",") ?? [] { terms.append(Self.term(term, isLabel: true)) }
        for term in fields?.split(separator: ",") ?? [] { terms.append(Self.term(term, isLabel: false)) }
    }

    private static func term(_ text: Substring, isLabel: Bool) -> (key: String, operation: Operation, isLabel: Bool) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            return text.hasPrefix("!")
                ? (String(text.dropFirst()), .isMissing, isLabel) : (String(text), .exists, isLabel)
        }
        let value = String(parts[1])
        return parts[0].hasSuffix("!")
            ? (String(parts[0].dropLast()), .differs(value), isLabel) : (String(parts[0]), .equals(value), isLabel)
    }

    func matches(_ object: StoredObject) -> Bool {
        if let namespace, object.namespace != namespace { return false }
        return terms.allSatisfy { term in
            let value =
                switch (term.isLabel, term.key) {
                case (true, _): object.labels[term.key]
                case (false, "metadata.name"): object.name
                case (false, "metadata.namespace"): object.namespace
                case (false, _): object.fields[term.key]
                }
            return switch term.operation {
            case .equals(let wanted): value == wanted
            case .differs(let unwanted): value != unwanted
            case .exists: value != nil
            case .isMissing: value == nil
            }
        }
    }
}
