internal import KubernetesAPI
internal import NetworkAddress

/// A cluster of a given size: Services with one TCP port, each with an EndpointSlice.
struct SyntheticCluster {
    let services: Int
    let endpoints: Int
    let family: AddressFamily

    /// The Service of an index, which may lie past the cluster's own.
    func service(_ index: Int) -> Service {
        Service(
            metadata: ObjectMetadata(namespace: "bench-\(index % 50)", name: "service-\(index)"),
            clusterIPs: [clusterIP(index)],
            ports: [.init(name: "http", port: Self.servicePort, targetPort: .number(Self.endpointPort))]
        )
    }

    /// The slice of a Service with the given endpoints, all of them on other nodes.
    func slice(_ index: Int, endpoints: [IPAddress]) -> EndpointSlice {
        EndpointSlice(
            metadata: ObjectMetadata(
                namespace: "bench-\(index % 50)",
                name: "service-\(index)-abcde",
                labels: [EndpointSlice.serviceNameLabel: "service-\(index)"]
            ),
            addressType: family == .ipv4 ? .ipv4 : .ipv6,
            ports: [.init(name: "http", port: Self.endpointPort)],
            endpoints: endpoints.map { .init(address: $0, nodeName: "other-node") }
        )
    }

    /// The address of an endpoint, different for every Service and number below 200.
    func endpoint(_ service: Int, _ number: Int) -> IPAddress {
        let offset = UInt128(service) * 200 + UInt128(number)
        return switch family {
        case .ipv4: IPAddress(ipv4: (128 << 24) + UInt32(offset))
        case .ipv6: IPAddress(family: .ipv6, bits: (0xfd00_0010 << 96) + offset + 1)
        }
    }

    /// Returns the Service that an address of an endpoint belongs to, and the number that the endpoint has there.
    func owner(of endpoint: IPAddress) -> (service: Int, number: Int) {
        let offset = endpoint.bits &- self.endpoint(0, 0).bits
        return (Int(truncatingIfNeeded: offset / 200), Int(truncatingIfNeeded: offset % 200))
    }

    /// The cluster IP of a Service.
    func clusterIP(_ service: Int) -> IPAddress {
        switch family {
        case .ipv4: IPAddress(ipv4: (10 << 24) + (96 << 16) + UInt32(service) + 1)
        case .ipv6: IPAddress(family: .ipv6, bits: (0xfd00_0096 << 96) + UInt128(service) + 1)
        }
    }

    /// The port of every Service.
    static let servicePort = port(80)

    /// The port of every endpoint.
    static let endpointPort = port(8080)

    /// The range that all cluster IPs are in.
    var serviceRange: String { family == .ipv4 ? "10.96.0.0/12" : "fd00:96::/32" }

    /// The range that all endpoints are in.
    var endpointRange: String { family == .ipv4 ? "128.0.0.0/6" : "fd00:10::/32" }

    /// The range that clients are in, which counts as that of the cluster's pods: nothing is masqueraded.
    var clientRange: String { family == .ipv4 ? "192.168.50.0/24" : "fd00:50::/64" }

    private static func port(_ number: Int) -> Port {
        guard let port = Port(number) else { preconditionFailure("\(number) is a port") }
        return port
    }
}
