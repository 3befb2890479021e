internal import KubernetesAPI
internal import NetworkAddress
internal import ServiceModel

/// What is read out of a Service: what it asks for, and what of it is left out and why.
struct ServiceReading: Equatable, Sendable {
    /// What the Service asks for; nil when that is nothing, or must be nothing.
    let served: ServedService?
    /// What tells the Service from a later one of its name, for whoever tells the cluster about it.
    let uid: ObjectUID?
    /// What the Service alone has wrong with it, whatever the others are.
    let problems: [ObjectProblem]

    /// The label, with any value, that hands a Service to another proxy.
    static let otherProxyLabel = "service.kubernetes.io/service-proxy-name"

    /// Reads a Service; external IPs may be out of use on this node.
    init(_ given: Service, servesExternalIPs: Bool = true) {
        var service = given
        uid = given.metadata.uid
        if !servesExternalIPs { service.externalIPs = [] }
        // No proxy's business, by design: names are for DNS, headless Services are reached at their pods.
        guard service.type != .externalName, !service.isHeadless,
            service.metadata.labels[Self.otherProxyLabel] == nil
        else {
            served = nil
            problems = []
            return
        }
        if let problem = Self.addressProblem(of: service) {
            served = nil
            problems = [problem]
            return
        }
        var problems: [ObjectProblem] = []
        let metadata = service.metadata
        let standingPorts = Self.standingPorts(of: &service, problems: &problems)
        let externalAddresses = Self.externalAddresses(of: service, problems: &problems)
        served = ServedService(
            claim: Claim(
                service: ObjectName(namespace: metadata.namespace, name: metadata.name),
                creationTimestamp: metadata.creationTimestamp
            ),
            origin: metadata.origin,
            clusterIPs: Self.distinct(service.clusterIPs),
            externalAddresses: externalAddresses,
            allPorts: service.ports,
            standingPorts: standingPorts.count == service.ports.count ? nil : standingPorts,
            selector: service.selector.map { Label(key: $0.key, value: $0.value) }.sorted(),
            publishesNotReady: service.publishNotReadyAddresses,
            internalTrafficPolicy: service.internalTrafficPolicy,
            externalTrafficPolicy: Self.effectiveExternalPolicy(of: service),
            sourceRanges: SourceRanges(service.loadBalancerSourceRanges),
            affinitySeconds: service.affinitySeconds,
            healthCheckNodePort: Self.healthCheckNodePort(of: service, problems: &problems)
        )
        self.problems = problems
    }

    /// Why the cluster IPs cannot be used, if they cannot.
    private static func addressProblem(of service: Service) -> ObjectProblem? {
        if service.clusterIPs.isEmpty {
            return ObjectProblem(
                .service,
                service.metadata,
                field: "spec.clusterIP",
                message: "is not set, and no API server assigns one here; the Service is left out, node ports too; "
                    + "set spec.clusterIP"
            )
        }
        for (index, address) in service.clusterIPs.enumerated() {
            guard let fault = address.faultAsVirtualAddress else { continue }
            return ObjectProblem(
                .service,
                service.metadata,
                field: addressField("spec.clusterIP", at: index),
                message: "\(address) \(fault); the Service is left out"
            )
        }
        return nil
    }

    private static func distinct(_ addresses: [IPAddress]) -> [IPAddress] {
        // Nearly all Services have one; the array is shared with the object's then.
        if addresses.count < 2 { return addresses }
        return addresses.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The positions of the ports that stand: of two that cannot both be, the first; of two with one node port, the
    /// second loses it.
    ///
    /// Names must differ even across protocols, as Kubernetes has it; no name is a name, too.
    private static func standingPorts(of service: inout Service, problems: inout [ObjectProblem]) -> [Int] {
        let metadata = service.metadata
        struct Number: Hashable {
            let transport: TransportProtocol
            let port: Port
        }
        var indexByName: [String: Int] = [:]
        var indexByNumber: [Number: Int] = [:]
        var indexByNodePort: [Number: Int] = [:]
        var standing: [Int] = []
        var shadowedNodePorts: [Int] = []
        for (index, port) in service.ports.enumerated() {
            func report(_ field: String, _ message: String) {
                let path = "spec.ports[\(index)]\(field)"
                problems.append(ObjectProblem(.service, metadata, field: path, message: message))
            }
            let number = Number(transport: port.transport, port: port.port)
            if let first = indexByName[port.name] {
                report(
                    ".name",
                    port.name.isEmpty
                        ? "is not set, as that of spec.ports[\(first)]; the port is left out; name every port"
                        : "\"\(port.name)\" is the name of spec.ports[\(first)], too; the port is left out"
                )
                continue
            }
            if let first = indexByNumber[number] {
                report(".port", "\(port.port)/\(port.transport) is spec.ports[\(first)], too; the port is left out")
                continue
            }
            indexByName[port.name] = index
            indexByNumber[number] = index
            if let nodePort = port.nodePort {
                let number = Number(transport: port.transport, port: nodePort)
                if let first = indexByNodePort[number] {
                    let holder = "that of spec.ports[\(first)], too"
                    report(".nodePort", "\(nodePort)/\(port.transport) is \(holder); this node port is left out")
                    shadowedNodePorts.append(index)
                } else {
                    indexByNodePort[number] = index
                }
            }
            standing.append(index)
        }
        // Not in the loop above: there the compiler would copy the array ahead of it, and every Service would have two.
        if !shadowedNodePorts.isEmpty {
            var ports = service.ports
            for index in shadowedNodePorts { ports[index].nodePort = nil }
            service.ports = ports
        }
        return standing
    }
}
