internal import KubernetesAPI

/// Reads the annotations of one Ingress, and keeps what is wrong with them.
struct AnnotationReader {
    private let ingress: Ingress
    private let prefix: String
    private(set) var problems: [IngressProblem] = []

    /// What follows from a value that cannot be used.
    enum Consequence {
        /// The default is taken, as ingress-nginx does: it only tunes.
        case usesDefault
        /// The routes answer 503: it decides who gets what.
        case refuses
    }

    /// Whether a rule of access could not be read.
    private(set) var isRefused = false

    init(_ ingress: Ingress, prefix: String) {
        self.ingress = ingress
        self.prefix = prefix
    }

    /// The value of an annotation; nil when it is absent or blank.
    func text(_ name: String) -> String? {
        guard let value = ingress.annotations["\(prefix)/\(name)"] else { return nil }
        let text = TextValues.trimmed(value)
        return text.isEmpty ? nil : String(text)
    }

    /// Reads an annotation, under its other name if it has not this one; nil when it is absent, blank or wrong.
    mutating func read<Value>(
        _ name: String,
        alias: String? = nil,
        otherwise consequence: Consequence = .usesDefault,
        _ parse: (String) throws(ValueFault) -> Value
    ) -> Value? {
        for name in [name, alias].compactMap(\.self) {
            guard let text = text(name) else { continue }
            do throws(ValueFault) { return try parse(text) } catch {
                report(name, error.rule, otherwise: consequence)
                return nil
            }
        }
        return nil
    }

    /// Reports the value of an annotation.
    mutating func report(_ name: String, _ rule: String, otherwise consequence: Consequence = .usesDefault) {
        let value = ObjectValue.quoted(text(name) ?? "")
        if consequence == .refuses { isRefused = true }
        let outcome = consequence == .refuses ? "the routes answer 503" : "the default is used"
        add(.invalidAnnotation, name, "\(value) \(rule); \(outcome)")
    }

    /// Reports annotations that are not obeyed, and names that none has.
    ///
    /// - Returns: Whether one of them keeps people out, so that the routes must answer 503.
    mutating func reportUnobeyed() -> Bool {
        var isGuarded = false
        for key in ingress.annotations.keys.sorted() where key.hasPrefix(prefix + "/") {
            let name = String(key.dropFirst(prefix.count + 1))
            guard let value = text(name) else {
                if AnnotationCatalogue.byName[name] == nil { reportUnknown(name) }
                continue
            }
            let shown = ObjectValue.quoted(value)
            switch AnnotationCatalogue.byName[name]?.verdict {
            case nil: reportUnknown(name)
            case .supported: break
            case .accepted(let acceptance):
                if !acceptance.contains(value) {
                    add(.unsupportedAnnotation, name, "\(shown) is not supported yet; it has no effect")
                }
            case .unsupported: add(.unsupportedAnnotation, name, "it is not supported yet; it has no effect")
            case .guarding(let harmless):
                if value.lowercased() == harmless { break }
                isGuarded = true
                add(.unsupportedAnnotation, name, "it is not supported yet; the routes answer 503")
            case .refused:
                let message = "text for another program is never interpreted; it has no effect"
                add(.unsupportedAnnotation, name, message)
            }
        }
        return isGuarded
    }

    private mutating func reportUnknown(_ name: String) {
        let shown = ObjectValue.quoted(name)
        if AnnotationCatalogue.removed.contains(name) {
            add(.unsupportedAnnotation, name, "ingress-nginx has removed it; it has no effect")
        } else {
            let hint = NearestName.of(name, among: AnnotationCatalogue.byName.keys).map { "; is \($0) meant?" } ?? ""
            add(.unknownAnnotation, name, "there is no annotation \(shown)\(hint)")
        }
    }

    /// Adds a problem with an annotation.
    mutating func add(_ reason: IngressProblem.Reason, _ name: String, _ message: String) {
        problems.append(
            IngressProblem(
                reason,
                ingress.reference,
                origin: ingress.metadata.origin,
                field: "metadata.annotations[\(ObjectValue.printable("\(prefix)/\(name)"))]",
                message: message
            )
        )
    }
}

extension Ingress {
    /// The name of the Ingress.
    var name: NamespacedName { NamespacedName(metadata.namespace, metadata.name) }

    /// What identifies the Ingress.
    var reference: ObjectReference {
        ObjectReference(kind: .ingress, namespace: metadata.namespace, name: metadata.name)
    }

    /// Creates a problem of the Ingress.
    func problem(_ reason: IngressProblem.Reason, at field: String?, _ message: String) -> IngressProblem {
        IngressProblem(reason, reference, origin: metadata.origin, field: field, message: message)
    }
}
