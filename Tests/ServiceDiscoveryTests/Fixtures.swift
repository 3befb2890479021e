import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel

// MARK: - Values from text

func ip(_ text: String) -> IPAddress {
    guard let address = IPAddress(parsing: text) else { preconditionFailure("\(text) is not an address") }
    return address
}

func port(_ number: Int) -> Port {
    guard let port = Port(number) else { preconditionFailure("\(number) is not a port") }
    return port
}

func destination(_ text: String) -> TransportAddress {
    guard let destination = TransportAddress(parsing: text) else { preconditionFailure("\(text) has no port") }
    return destination
}

func range(_ text: String) -> IPPrefix {
    guard let range = IPPrefix(parsing: text) else { preconditionFailure("\(text) is not a range") }
    return range
}

extension Service.LoadBalancerIngress {
    /// An ingress point at an address, by text.
    init(_ address: String, _ mode: IPMode = .vip) { self.init(address: ip(address), ipMode: mode) }
}

// MARK: - Objects

func metadata(
    _ name: String,
    in namespace: String = "default",
    labels: [String: String] = [:],
    created: String? = nil,
    origin: String? = nil
) -> ObjectMetadata {
    ObjectMetadata(
        namespace: namespace,
        name: name,
        labels: labels,
        creationTimestamp: created,
        origin: origin
    )
}

func service(
    _ name: String = "web",
    clusterIPs: [String] = ["10.96.0.10"],
    ports: [Service.ServicePort] = [Service.ServicePort(name: "http", port: port(80))],
    created: String? = nil,
    origin: String? = nil,
    selector: [String: String] = [:],
    _ change: (inout Service) -> Void = { _ in }
) -> Service {
    var service = Service(
        metadata: metadata(name, created: created, origin: origin),
        clusterIPs: clusterIPs.map(ip),
        selector: selector,
        ports: ports
    )
    change(&service)
    return service
}

func slice(
    _ name: String = "web-1",
    of service: String = "web",
    family: EndpointSlice.AddressType = .ipv4,
    ports: [EndpointSlice.EndpointPort] = [EndpointSlice.EndpointPort(name: "http", port: port(8080))],
    origin: String? = nil,
    endpoints: [EndpointSlice.SliceEndpoint]
) -> EndpointSlice {
    EndpointSlice(
        metadata: metadata(name, labels: [EndpointSlice.serviceNameLabel: service], origin: origin),
        addressType: family,
        ports: ports,
        endpoints: endpoints
    )
}

func endpoint(
    _ address: String,
    ready: Bool = true,
    serving: Bool = true,
    terminating: Bool = false,
    on node: String? = nil,
    forNodes: [String] = [],
    forZones: [String] = []
) -> EndpointSlice.SliceEndpoint {
    EndpointSlice.SliceEndpoint(
        address: ip(address),
        isReady: ready,
        isServing: serving,
        isTerminating: terminating,
        nodeName: node,
        nodeHints: forNodes,
        zoneHints: forZones
    )
}

func node(_ name: String = "node-a", zone: String? = nil, _ change: (inout Node) -> Void = { _ in }) -> Node {
    var node = Node(metadata: metadata(name, in: "", labels: zone.map { [Node.zoneLabel: $0] } ?? [:]))
    change(&node)
    return node
}

func serviceCIDR(_ name: String, _ ranges: String...) -> ServiceCIDR {
    ServiceCIDR(metadata: metadata(name, in: ""), ranges: ranges.map(range))
}

func pod(
    _ name: String,
    _ addresses: String...,
    labels: [String: String] = ["app": "web"],
    on node: String? = nil,
    _ change: (inout Pod) -> Void = { _ in }
) -> Pod {
    var pod = Pod(metadata: metadata(name, labels: labels), podIPs: addresses.map(ip), nodeName: node)
    change(&pod)
    return pod
}

// MARK: - What comes out

/// A directory, with everything that it has said so far, as the agent would hold it.
struct Observer {
    var directory = ServiceDirectory(nodeName: "node-a")
    private(set) var snapshots: [ObjectName: ServiceSnapshot] = [:]

    init(_ objects: KubernetesObject...) {
        for object in objects { directory.apply(.applied(object)) }
        take()
    }

    /// Takes what changed; returns it.
    @discardableResult
    mutating func take() -> [ServiceSnapshot] {
        let changed = directory.takeChangedSnapshots()
        for snapshot in changed { snapshots[snapshot.service] = snapshot.frontEnds.isEmpty ? nil : snapshot }
        return changed
    }

    /// Applies objects and takes what changed; returns it.
    @discardableResult
    mutating func apply(_ objects: KubernetesObject...) -> [ServiceSnapshot] {
        for object in objects { directory.apply(.applied(object)) }
        return take()
    }

    /// Removes objects and takes what changed; returns it.
    @discardableResult
    mutating func remove(_ objects: KubernetesObject...) -> [ServiceSnapshot] {
        for object in objects { directory.apply(.removed(object.reference)) }
        return take()
    }

    /// The front ends of a Service, one line each, such as `10.96.0.10:80/tcp → 10.0.0.1:8080`.
    func frontEnds(of name: String = "web") -> [String] {
        (snapshots[ObjectName(namespace: "default", name: name)]?.frontEnds ?? []).map { frontEnd in
            "\(frontEnd.key) \(Self.words(frontEnd.action))"
        }
    }

    /// The external front ends of a Service, one line each, with all that is said of them.
    func externalFrontEnds(of name: String = "web") -> [String] {
        let frontEnds = snapshots[ObjectName(namespace: "default", name: name)]?.frontEnds ?? []
        return frontEnds.filter { $0.masquerade != .offCluster }.map { frontEnd in
            var line = "\(frontEnd.key) \(Self.words(frontEnd.action))"
            if frontEnd.masquerade == .always { line += " masqueraded" }
            if let action = frontEnd.shortCircuit { line += ", here \(Self.words(action))" }
            if let sources = frontEnd.sourceRanges { line += ", from \(sources)" }
            return line
        }
    }

    private static func words(_ action: FrontEndAction) -> String {
        switch action {
        case .forward(let endpoints): "→ \(endpoints.map(\.description).joined(separator: " "))"
        case .refuse: "refused"
        case .drop: "dropped"
        }
    }

    /// The problems, one line each.
    var problems: [String] { directory.problems.map(\.description) }
}
