internal import NetworkAddress

extension Service {
    /// Reads a Service; an invalid external address or source range in it is left out and noted.
    ///
    /// Any other invalid field is an error, since half a Service would send packets astray.
    init(_ metadata: ObjectMetadata, fields: Fields, omissions: inout Omissions) throws(InvalidField) {
        do throws(InvalidField) {
            let spec = try fields.object("spec")
            let type = try spec.choice("type", of: ServiceType.self) ?? .clusterIP
            let (clusterIPs, isHeadless) = try Self.clusterIPs(spec)
            self.init(
                metadata: metadata,
                type: type,
                clusterIPs: clusterIPs,
                isHeadless: isHeadless,
                selector: try spec.stringMap("selector"),
                ports: try spec.elements("ports") { port throws(InvalidField) in try ServicePort(port) },
                publishNotReadyAddresses: try spec.bool("publishNotReadyAddresses") ?? false,
                externalTrafficPolicy: try spec.choice("externalTrafficPolicy", of: TrafficPolicy.self) ?? .cluster,
                internalTrafficPolicy: try spec.choice("internalTrafficPolicy", of: TrafficPolicy.self) ?? .cluster,
                affinitySeconds: try Self.affinitySeconds(spec),
                healthCheckNodePort: try spec.nonZeroPort("healthCheckNodePort"),
                externalName: type == .externalName ? try spec.nonEmptyString("externalName") : nil
            )
            try checkPorts()
            try readExternalAddresses(spec: spec, omissions: &omissions)
        } catch { throw error.path == "spec" ? error : error.within("spec") }
        do throws(InvalidField) {
            try readIngress(status: try fields.object("status"), omissions: &omissions)
        } catch { throw error.path == "status" ? error : error.within("status") }
    }

    private static func clusterIPs(_ spec: Fields) throws(InvalidField) -> ([IPAddress], isHeadless: Bool) {
        var texts: [(path: String, text: String)] = []
        for (index, value) in try spec.array("clusterIPs").enumerated() {
            guard case .string(let text) = value else {
                throw InvalidField("clusterIPs[\(index)]", "\(value) stands where an IP address is expected")
            }
            texts.append((path: "clusterIPs[\(index)]", text: text))
        }
        let single = try spec.string("clusterIP")
        if texts.isEmpty, let single { texts = [(path: "clusterIP", text: single)] }
        texts.removeAll { $0.text.isEmpty }
        if single == "None" || texts.contains(where: { $0.text == "None" }) {
            if let odd = texts.first(where: { $0.text != "None" }) {
                throw InvalidField(odd.path, "\(ObjectValue.quoted(odd.text)) stands beside None")
            }
            return ([], isHeadless: true)
        }
        var addresses: [IPAddress] = []
        addresses.reserveCapacity(texts.count)
        for (path, text) in texts {
            let address = try IPAddress(destinationField: path, text: text)
            if let earlier = addresses.first(where: { $0.family == address.family }) {
                throw InvalidField(path, "\(address) is a second address of the family of \(earlier)")
            }
            addresses.append(address)
        }
        return (addresses, isHeadless: false)
    }

    /// Holds the ports against each other, by the rules that the API server has for one Service.
    private func checkPorts() throws(InvalidField) {
        if ports.isEmpty, type != .externalName, !isHeadless {
            throw InvalidField("ports", "there is no port")
        }
        for (index, port) in ports.enumerated() {
            if port.name.isEmpty, ports.count > 1 {
                throw InvalidField(
                    "ports[\(index)].name",
                    "the name is missing, which only a single port may do without"
                )
            }
            for (earlierIndex, earlier) in ports[..<index].enumerated() {
                let place = "ports[\(earlierIndex)]"
                if earlier.name == port.name {
                    throw InvalidField("ports[\(index)].name", "\(port.name) is already the name of \(place)")
                }
                guard earlier.transport == port.transport else { continue }
                let transport = port.transport.kubernetesName
                if earlier.port == port.port {
                    throw InvalidField("ports[\(index)].port", "\(transport) \(port.port) is already that of \(place)")
                }
                if let nodePort = port.nodePort, nodePort == earlier.nodePort {
                    throw InvalidField(
                        "ports[\(index)].nodePort",
                        "\(transport) \(nodePort) is already that of \(place)"
                    )
                }
            }
        }
    }
}

extension Service.ServicePort {
    /// Reads one of `spec.ports`.
    init(_ fields: Fields) throws(InvalidField) {
        guard let port = try fields.port("port") else { throw InvalidField("port", "the port is missing") }
        self.init(
            name: try fields.portName(),
            transport: try fields.transport(),
            port: port,
            targetPort: try Service.TargetPort(fields),
            nodePort: try fields.nonZeroPort("nodePort"),
            appProtocol: try fields.nonEmptyString("appProtocol")
        )
    }
}

extension Service.TargetPort {
    /// Reads `targetPort`, or returns nil when it is absent, 0 or empty, all of which mean "the same as port".
    init?(_ fields: Fields) throws(InvalidField) {
        guard case .string(let text) = fields["targetPort"] else {
            guard let port = try fields.nonZeroPort("targetPort") else { return nil }
            self = .number(port)
            return
        }
        if text.isEmpty { return nil }
        let name = try fields.portName("targetPort")
        guard name.utf8.contains(where: { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }) else {
            throw InvalidField(
                "targetPort",
                "the text \(ObjectValue.quoted(name)) names a container port and needs a letter; "
                    + "a number stands without quotes"
            )
        }
        self = .name(name)
    }
}
