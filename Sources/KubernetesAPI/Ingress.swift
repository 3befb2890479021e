package import NetworkAddress

/// A networking.k8s.io/v1 Ingress, as far as it is read; the older shapes of its backends read as the current one.
package struct Ingress: Hashable, Sendable {
    /// `pathType`: how a path is compared.
    package enum PathType: String, CaseIterable, Sendable {
        /// Byte by byte.
        case exact = "Exact"
        /// Element by element between slashes.
        case prefix = "Prefix"
        /// As the controller likes; also what an absent type reads as.
        case implementationSpecific = "ImplementationSpecific"
    }

    /// The port of a Service that a backend names.
    package enum ServicePort: Hashable, Sendable, CustomStringConvertible {
        case number(Port)
        case name(String)

        /// The number or the name, as it was written.
        package var description: String {
            switch self {
            case .number(let port): port.description
            case .name(let name): name
            }
        }
    }

    /// Where requests go.
    package enum Backend: Hashable, Sendable {
        /// A port of a Service in the Ingress's namespace.
        case service(name: String, port: ServicePort)
        /// An object of another kind, such as a bucket.
        case resource(kind: String, name: String)
    }

    /// One of `http.paths` of a rule.
    package struct Path: Hashable, Sendable {
        /// The position in the list, for messages.
        package var position: Int
        /// The path; `/` where none was written.
        package var path: String
        /// How it is compared.
        package var type: PathType
        /// Where its requests go.
        package var backend: Backend

        /// Creates a path.
        package init(position: Int = 0, path: String = "/", type: PathType = .prefix, backend: Backend) {
            self.position = position
            self.path = path
            self.type = type
            self.backend = backend
        }
    }

    /// One of `rules`.
    package struct Rule: Hashable, Sendable {
        /// The position in the list, for messages.
        package var position: Int
        /// The host in lower case: `foo.com`, `*.foo.com`, or empty for any.
        package var host: String
        /// The paths; a rule without any only makes the host known.
        package var paths: [Path]

        /// Creates a rule.
        package init(position: Int = 0, host: String = "", paths: [Path] = []) {
            self.position = position
            self.host = host
            self.paths = paths
        }
    }

    /// One of `tls`.
    package struct TLS: Hashable, Sendable {
        /// The position in the list, for messages.
        package var position: Int
        /// The hosts in lower case.
        package var hosts: [String]
        /// The Secret with the certificate, in the Ingress's namespace; empty for the default certificate.
        package var secretName: String

        /// Creates an entry.
        package init(position: Int = 0, hosts: [String] = [], secretName: String = "") {
            self.position = position
            self.hosts = hosts
            self.secretName = secretName
        }
    }

    /// One of `status.loadBalancer.ingress`: where clients reach the Ingress, as its controller says.
    package struct PublishedAddress: Hashable, Comparable, Sendable {
        /// The IP address, as it was written; nil where there is a host name.
        package var ip: String?
        /// The host name; nil where there is an address.
        package var hostname: String?

        /// Creates an address.
        package init(ip: String? = nil, hostname: String? = nil) {
            self.ip = ip
            self.hostname = hostname
        }

        package static func < (left: PublishedAddress, right: PublishedAddress) -> Bool {
            (left.ip ?? "", left.hostname ?? "") < (right.ip ?? "", right.hostname ?? "")
        }
    }

    /// The metadata.
    package var metadata: ObjectMetadata
    /// `metadata.uid`, which tells the Ingress from a later one of the same name; nil in manifests.
    package var uid: String?
    /// `metadata.annotations`.
    package var annotations: [String: String]
    /// `spec.ingressClassName`, if it is set.
    package var className: String?
    /// Where requests go that no path takes, if that is set (`spec.defaultBackend`, once `spec.backend`).
    package var defaultBackend: Backend?
    /// `spec.tls`.
    package var tls: [TLS]
    /// `spec.rules`.
    package var rules: [Rule]
    /// `status.loadBalancer.ingress`.
    package var published: [PublishedAddress] = []

    /// Creates an Ingress.
    package init(
        metadata: ObjectMetadata,
        annotations: [String: String] = [:],
        className: String? = nil,
        defaultBackend: Backend? = nil,
        tls: [TLS] = [],
        rules: [Rule] = []
    ) {
        self.metadata = metadata
        self.annotations = annotations
        self.className = className
        self.defaultBackend = defaultBackend
        self.tls = tls
        self.rules = rules
    }
}
