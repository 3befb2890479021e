package import KubernetesAPI

/// Objects of one kind that an API server is asked for: all of them, or those that selectors pick.
package struct WatchedResource: Hashable, Sendable, CustomStringConvertible {
    /// The API group; empty for the core group.
    package var group: String
    /// The version, such as `v1`.
    package var version: String
    /// The resource as paths name it, such as `endpointslices`.
    package var plural: String
    /// The kind of the objects.
    package var kind: ObjectKind
    /// The one namespace that is looked at; nil for all, and for kinds that have none.
    package var namespace: String?
    /// The labels to ask for, as `kubectl -l` takes them; nil for any.
    package var labelSelector: String?
    /// The fields to ask for, such as `metadata.name=node-1`; nil for any.
    package var fieldSelector: String?
    /// Fields to ask for where the server knows them; one that does not is asked without.
    package var preferredFieldSelector: String?
    /// Whether life goes on without these objects when the server does not know or does not give them.
    package var isOptional: Bool

    /// Creates a resource to watch.
    ///
    /// - Parameters:
    ///   - group: The API group; empty for the core group.
    ///   - version: The version.
    ///   - plural: The resource as paths name it.
    ///   - kind: The kind of the objects.
    ///   - namespace: The one namespace to look at; nil for all.
    ///   - labelSelector: The labels to ask for.
    ///   - fieldSelector: The fields to ask for.
    ///   - preferredFieldSelector: Fields to ask for where the server knows them.
    ///   - isOptional: Whether life goes on without these objects.
    package init(
        group: String = "",
        version: String = "v1",
        plural: String,
        kind: ObjectKind,
        namespace: String? = nil,
        labelSelector: String? = nil,
        fieldSelector: String? = nil,
        preferredFieldSelector: String? = nil,
        isOptional: Bool = false
    ) {
        self.group = group
        self.version = version
        self.plural = plural
        self.kind = kind
        self.namespace = namespace
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
        self.preferredFieldSelector = preferredFieldSelector
        self.isOptional = isOptional
    }

    /// The `apiVersion` of the objects.
    package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// The type of the items of a list, which do not name it themselves.
    package var type: ObjectType { ObjectType(apiVersion: apiVersion, kind: kind.rawValue) }

    /// The path of the collection.
    package var path: String {
        var path = group.isEmpty ? "/api/" : "/apis/\(group)/"
        path += version
        if let namespace { path += "/namespaces/" + namespace.percentEncoded }
        return path + "/" + plural
    }

    /// The resource as messages and RBAC rules name it, such as `endpointslices.discovery.k8s.io`.
    package var description: String {
        var text = group.isEmpty ? plural : "\(plural).\(group)"
        if let namespace { text += " in namespace \(namespace)" }
        if let fieldSelector { text += " with \(fieldSelector)" }
        return text
    }
}

extension WatchedResource {
    /// The Services that kube-proxy's selectors pick: none with a proxy of its own, none that is headless.
    package static var services: WatchedResource {
        WatchedResource(
            plural: "services",
            kind: .service,
            labelSelector: proxiedLabels,
            preferredFieldSelector: "spec.clusterIP!=None"
        )
    }

    /// The EndpointSlices of such Services.
    package static var endpointSlices: WatchedResource {
        WatchedResource(
            group: "discovery.k8s.io",
            plural: "endpointslices",
            kind: .endpointSlice,
            labelSelector: proxiedLabels
        )
    }

    /// One Node.
    package static func node(named name: String) -> WatchedResource {
        WatchedResource(plural: "nodes", kind: .node, fieldSelector: "metadata.name=\(name)")
    }

    /// The ranges of cluster IPs, which servers before Kubernetes 1.33 do not serve as v1.
    package static var serviceCIDRs: WatchedResource {
        WatchedResource(group: "networking.k8s.io", plural: "servicecidrs", kind: .serviceCIDR, isOptional: true)
    }

    /// What an agent follows.
    package static func agent(nodeName: String) -> [WatchedResource] {
        [.services, .endpointSlices, .node(named: nodeName), .serviceCIDRs]
    }

    private static var proxiedLabels: String {
        "!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name"
    }
}

extension String {
    /// The text as a part of a URL, with every byte percent-encoded that is not unreserved (RFC 3986 §2.3).
    package var percentEncoded: String {
        var encoded = ""
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded += byte < 16 ? "%0" : "%"
                encoded += String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}
