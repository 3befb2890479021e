/// Turns documents into objects, with the defaults and the rules of the API server.
///
/// One bad object harms only itself: it is left out with a problem that names it, its field, the value and the rule.
package struct ObjectDecoder: Sendable {
    private let kinds: Set<ObjectKind>

    /// Creates a decoder of the kinds that the program reads; others lead to notices.
    package init(kinds: Set<ObjectKind>) { self.kinds = kinds }

    /// Decodes a document: one object, a list of objects, or nothing (null).
    ///
    /// - Parameters:
    ///   - value: The document.
    ///   - origin: Where it was read, for metadata and messages.
    ///   - inherited: The type of a list item that names none itself.
    ///   - result: Gets what the document leads to.
    package func decode(
        _ value: ObjectValue,
        origin: String?,
        inherited: ObjectType? = nil,
        into result: inout DecodedObjects
    ) {
        if case .null = value { return }
        do throws(InvalidField) {
            guard case .object = value else {
                throw InvalidField("", "\(value) stands where an object with apiVersion and kind is expected")
            }
            let fields = try Fields(value, path: "")
            let type = try Self.type(fields, inherited: inherited)
            if type.isList {
                for (index, item) in try fields.array("items").enumerated() {
                    let place = origin.map { "\($0) item \(index + 1)" }
                    decode(item, origin: place, inherited: type.itemType, into: &result)
                }
            } else if let kind = ObjectKind(rawValue: type.kind) {
                guard kind.apiVersions.contains(type.apiVersion) else {
                    throw InvalidField(
                        "apiVersion",
                        "\(ObjectValue.quoted(type.apiVersion)) has no \(kind.rawValue) that can be read; "
                            + "write \(kind.apiVersions[0])"
                    )
                }
                if kinds.contains(kind) {
                    decode(fields, kind: kind, origin: origin, into: &result)
                } else {
                    result.notices.append(Self.unread(type, fields, origin: origin))
                }
            } else if type.isWellKnown {
                result.notices.append(Self.unread(type, fields, origin: origin))
            } else {
                throw InvalidField("kind", Self.unknown(type))
            }
        } catch {
            result.problems.append(
                ObjectProblem(
                    origin: origin,
                    object: Self.roughName(value),
                    field: error.path.isEmpty ? nil : error.path,
                    message: "\(error.rule); the document is left out"
                )
            )
        }
    }

    /// The item type of a document that is a list; nil when it is no list.
    ///
    /// Lists too long to hold as one tree are read item by item with this.
    package static func listItemType(of document: ObjectValue) -> ListItemType? {
        guard let fields = try? Fields(document, path: ""), let type = try? type(fields, inherited: nil), type.isList
        else { return nil }
        return type.itemType.map(ListItemType.named) ?? .unnamed
    }

    /// What the items of a list are.
    package enum ListItemType: Sendable {
        /// Items name their own type.
        case unnamed
        /// Items that name none are of this type.
        case named(ObjectType)

        /// The type for items that name none, if the list has one.
        package var type: ObjectType? {
            switch self {
            case .unnamed: nil
            case .named(let type): type
            }
        }
    }

    private func decode(_ fields: Fields, kind: ObjectKind, origin: String?, into result: inout DecodedObjects) {
        var name = kind.rawValue
        var known: ObjectReference?
        do throws(InvalidField) {
            let reference = try ObjectReference(kind: kind, fields: fields)
            name = reference.description
            known = reference
            let metadata = try ObjectMetadata(reference, fields: fields, origin: origin)
            var omissions: Omissions = []
            let object: KubernetesObject =
                switch kind {
                case .service: .service(try Service(metadata, fields: fields, omissions: &omissions))
                case .endpointSlice:
                    .endpointSlice(try EndpointSlice(metadata, fields: fields, omissions: &omissions))
                case .endpoints: .endpoints(try Endpoints(metadata, fields: fields, omissions: &omissions))
                case .node: .node(try Node(metadata, fields: fields, omissions: &omissions))
                case .pod: .pod(try Pod(metadata, fields: fields, omissions: &omissions))
                case .serviceCIDR:
                    .serviceCIDR(try ServiceCIDR(metadata, fields: fields, omissions: &omissions))
                case .ingress: .ingress(try Ingress(metadata, fields: fields, omissions: &omissions))
                case .ingressClass: .ingressClass(try IngressClass(metadata, fields: fields))
                case .secret: .secret(try Secret(metadata, fields: fields, omissions: &omissions))
                case .configMap: .configMap(try ConfigMap(metadata, fields: fields))
                case .namespace: .namespace(Namespace(metadata: metadata))
                }
            result.objects.append(object)
            result.problems += omissions.map {
                ObjectProblem(origin: origin, object: name, field: $0.path, message: $0.rule)
            }
            if case .endpointSlice = object, metadata.labels[EndpointSlice.serviceNameLabel] == nil {
                let message = "it has no label \(EndpointSlice.serviceNameLabel), so no Service uses it"
                result.notices.append(ObjectNotice(origin: origin, object: name, message: message))
            }
        } catch {
            if let known { result.leftOut.append(known) }
            let message = "\(error.rule); the \(kind.rawValue) is left out"
            result.problems.append(ObjectProblem(origin: origin, object: name, field: error.path, message: message))
        }
    }

    private static func type(_ fields: Fields, inherited: ObjectType?) throws(InvalidField) -> ObjectType {
        guard let kind = try fields.nonEmptyString("kind") ?? inherited?.kind else {
            throw InvalidField("kind", "the kind is missing, such as Service")
        }
        guard let apiVersion = try fields.nonEmptyString("apiVersion") ?? inherited?.apiVersion else {
            throw InvalidField("apiVersion", "the apiVersion is missing, such as v1")
        }
        return ObjectType(apiVersion: apiVersion, kind: kind)
    }

    private static func unread(_ type: ObjectType, _ fields: Fields, origin: String?) -> ObjectNotice {
        let name = (try? fields.object("metadata"))?["name"]
        let object =
            if case .string(let text) = name { "\(type.kind) \(ObjectValue.printable(text))" } else { type.kind }
        return ObjectNotice(
            origin: origin,
            object: object,
            message: "this program reads no \(type.kind); the document is passed over"
        )
    }

    private static func unknown(_ type: ObjectType) -> String {
        let meant = ObjectKind.allCases.first { $0.rawValue.lowercased() == type.kind.lowercased() }
        let hint = meant.map { "; write \($0.rawValue)" } ?? ""
        return "\(ObjectValue.quoted(type.kind)) of \(ObjectValue.quoted(type.apiVersion)) is an unknown kind\(hint)"
    }

    /// The kind and name of a document that is not understood, as far as they are text.
    private static func roughName(_ value: ObjectValue) -> String? {
        guard case .string(let kind) = value["kind"] else { return nil }
        guard case .string(let name) = value["metadata"]?["name"] else { return ObjectValue.printable(kind) }
        return "\(ObjectValue.printable(kind)) \(ObjectValue.printable(name))"
    }
}
