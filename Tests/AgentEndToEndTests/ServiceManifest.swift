import LabKit
import NetworkAddress

/// A Service of both families with its EndpointSlices, to be written as YAML.
///
/// It takes TCP and UDP on port 80 and leads to the echo port of its pods.
struct ServiceManifest {
    /// The port of every such Service.
    static let port = 80

    /// An endpoint of the EndpointSlices.
    struct Endpoint {
        var addresses: [AddressFamily: String]
        var nodeName: String? = AgentLab.nodeName
        /// The conditions as YAML, or nothing.
        var conditions: String?

        /// A pod of the lab, on this node unless said otherwise.
        init(_ pod: ServiceLab.Pod, on nodeName: String? = AgentLab.nodeName, conditions: String? = nil) {
            addresses = [.ipv4: "\(pod.ipv4)", .ipv6: "\(pod.ipv6)"]
            self.nodeName = nodeName
            self.conditions = conditions
        }
    }

    var namespace = "default"
    var name = "web"
    /// The last number of the cluster IPs.
    var number = 80
    var nodePort: Int?
    /// When it was made, as `2026-01-01T00:00:00Z`.
    var created: String?
    /// Further lines of `spec`, such as a selector, without indentation.
    var spec: [String] = []
    /// The ports that the pods listen on, over both protocols.
    var targetPorts = [ServiceLab.echoPort]
    /// The endpoints; nil writes no EndpointSlice at all.
    var endpoints: [Endpoint]? = []

    init(_ name: String = "web", number: Int = 80, nodePort: Int? = nil, to pods: [ServiceLab.Pod]? = []) {
        self.name = name
        self.number = number
        self.nodePort = nodePort
        endpoints = pods?.map { Endpoint($0) }
    }

    /// The cluster IP of a family.
    func clusterIP(_ family: AddressFamily) -> String { Self.clusterIP(number, family) }

    /// The cluster IP that ends in a number.
    static func clusterIP(_ number: Int, _ family: AddressFamily) -> String {
        family == .ipv4 ? "10.96.0.\(number)" : "fd00:10:96::\(number)"
    }

    /// The whole manifest.
    var yaml: String { ([service] + slices).joined(separator: "---\n") }

    /// The Service alone.
    var service: String {
        let timestamp = created.map { ", creationTimestamp: \"\($0)\"" } ?? ""
        let nodePort = nodePort.map { ", nodePort: \($0)" } ?? ""
        let target = "targetPort: \(ServiceLab.echoPort)\(nodePort)"
        let lines =
            [
                "apiVersion: v1",
                "kind: Service",
                "metadata: {namespace: \(namespace), name: \(name)\(timestamp)}",
                "spec:",
                "  clusterIPs: [\(clusterIP(.ipv4)), \"\(clusterIP(.ipv6))\"]",
            ] + spec.map { "  \($0)" } + [
                "  ports:",
                "  - {name: tcp, port: \(Self.port), protocol: TCP, \(target)}",
                "  - {name: udp, port: \(Self.port), protocol: UDP, \(target)}",
            ]
        return lines.joined(separator: "\n") + "\n"
    }

    /// Its EndpointSlices: one for each family and target port.
    var slices: [String] {
        guard let endpoints else { return [] }
        return targetPorts.flatMap { port in
            AddressFamily.allCases.map { family in slice(family, targetPort: port, endpoints) }
        }
    }

    private func slice(_ family: AddressFamily, targetPort: Int, _ endpoints: [Endpoint]) -> String {
        let entries = endpoints.compactMap { endpoint -> String? in
            guard let address = endpoint.addresses[family] else { return nil }
            let place = endpoint.nodeName.map { ", nodeName: \($0)" } ?? ""
            let conditions = endpoint.conditions.map { ", conditions: {\($0)}" } ?? ""
            return "- {addresses: [\"\(address)\"]\(place)\(conditions)}"
        }
        let lines = [
            "apiVersion: discovery.k8s.io/v1",
            "kind: EndpointSlice",
            "metadata:",
            "  namespace: \(namespace)",
            "  name: \(name)-\("\(family)".lowercased())-\(targetPort)",
            "  labels: {kubernetes.io/service-name: \(name)}",
            "addressType: \(family)",
            "ports:",
            "- {name: tcp, port: \(targetPort), protocol: TCP}",
            "- {name: udp, port: \(targetPort), protocol: UDP}",
        ]
        let list = entries.isEmpty ? ["endpoints: []"] : ["endpoints:"] + entries
        return (lines + list).joined(separator: "\n") + "\n"
    }
}
