/// The texts of the objects that tests put into the gateway's directory.
enum Manifest {
    /// A path of an Ingress.
    struct Path {
        var path: String
        var type: String
        var service: String
        var port: String

        init(_ path: String, _ type: String = "Prefix", to service: String, port: String = "number: 80") {
            self.path = path
            self.type = type
            self.service = service
            self.port = port
        }

        /// A path of type Prefix.
        static func prefix(_ path: String, to service: String) -> Path { Path(path, to: service) }

        /// A path of type Exact.
        static func exact(_ path: String, to service: String) -> Path { Path(path, "Exact", to: service) }

        /// A path of type ImplementationSpecific.
        static func pattern(_ path: String, to service: String) -> Path {
            Path(path, "ImplementationSpecific", to: service)
        }
    }

    /// An Ingress of one host.
    ///
    /// Annotations are given without the prefix of ingress-nginx.
    static func ingress(
        _ name: String,
        host: String? = nil,
        _ paths: [Path],
        annotations: [String: String] = [:],
        namespace: String = "default",
        created: String = "2026-01-01T00:00:00Z",
        className: String? = "nginx",
        secret: String? = nil,
        defaultBackend: String? = nil
    ) -> String {
        var lines = [
            "apiVersion: networking.k8s.io/v1", "kind: Ingress", "metadata:", "  name: \(quoted(name))",
            "  namespace: \(namespace)", "  creationTimestamp: \(created)",
        ]
        if !annotations.isEmpty {
            lines.append("  annotations:")
            for (key, value) in annotations.sorted(by: { $0.key < $1.key }) {
                let full = key.contains("/") ? key : "nginx.ingress.kubernetes.io/\(key)"
                lines.append("    \(full): \(quoted(value))")
            }
        }
        lines.append("spec:")
        if let className { lines.append("  ingressClassName: \(className)") }
        if let defaultBackend {
            lines.append("  defaultBackend: {service: {name: \(defaultBackend), port: {number: 80}}}")
        }
        if let secret, let host {
            lines.append("  tls: [{hosts: [\(quoted(host))], secretName: \(quoted(secret))}]")
        }
        if !paths.isEmpty {
            lines += ["  rules:", "  - http:", "      paths:"]
            for path in paths {
                lines += [
                    "      - path: \(quoted(path.path))", "        pathType: \(path.type)",
                    "        backend: {service: {name: \(path.service), port: {\(path.port)}}}",
                ]
            }
            if let host { lines.append("    host: \(quoted(host))") }
        }
        return text(lines)
    }

    /// An IngressClass.
    static func ingressClass(_ name: String, controller: String = "k8s.io/ingress-nginx") -> String {
        text([
            "apiVersion: networking.k8s.io/v1", "kind: IngressClass", "metadata: {name: \(name)}",
            "spec: {controller: \(controller)}",
        ])
    }

    /// A Service with one port, 80, named `http`.
    static func service(_ name: String, namespace: String = "default", spec: [String] = []) -> String {
        text(
            [
                "apiVersion: v1", "kind: Service", "metadata: {name: \(name), namespace: \(namespace)}", "spec:",
                "  ports: [{name: http, port: 80, targetPort: \(GatewayLab.podPort)}]",
            ] + spec.map { "  \($0)" }
        )
    }

    /// The endpoints of a Service, all ready and on one port.
    static func endpoints(
        _ service: String,
        _ addresses: [String],
        port: Int = GatewayLab.podPort,
        name: String = "http",
        namespace: String = "default",
        conditions: String = "{ready: true, serving: true, terminating: false}"
    ) -> String {
        var lines = [
            "apiVersion: discovery.k8s.io/v1", "kind: EndpointSlice",
            "metadata:", "  name: \(service)-\(name)", "  namespace: \(namespace)",
            "  labels: {kubernetes.io/service-name: \(service)}",
            "addressType: \(addresses.first?.contains(":") == true ? "IPv6" : "IPv4")",
            "ports: [{name: \(name), port: \(port), protocol: TCP}]",
        ]
        lines.append(addresses.isEmpty ? "endpoints: []" : "endpoints:")
        lines += addresses.map { "- {addresses: [\"\($0)\"], conditions: \(conditions)}" }
        return text(lines)
    }

    /// A ConfigMap in the default namespace.
    static func configMap(_ name: String, _ options: [String: String]) -> String {
        text(
            ["apiVersion: v1", "kind: ConfigMap", "metadata: {name: \(name), namespace: default}", "data:"]
                + options.sorted { $0.key < $1.key }.map { "  \($0.key): \(quoted($0.value))" }
        )
    }

    /// Several objects as one text.
    static func all(_ texts: [String]) -> String { texts.joined(separator: "---\n") }

    /// A text in YAML's double quotes.
    static func quoted(_ value: String) -> String {
        "\"" + value.map { $0 == "\\" || $0 == "\"" ? "\\\($0)" : String($0) }.joined() + "\""
    }

    private static func text(_ lines: [String]) -> String { lines.joined(separator: "\n") + "\n" }
}
