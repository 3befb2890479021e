internal import NetworkAddress

extension EndpointSlice {
    /// Reads a slice; an invalid port or endpoint in it is left out and noted, the rest is used.
    init(_ metadata: ObjectMetadata, fields: Fields, omissions: inout Omissions) throws(InvalidField) {
        guard let addressType = try fields.choice("addressType", of: AddressType.self) else {
            throw InvalidField("addressType", "the address type is missing")
        }
        var endpoints: [SliceEndpoint] = []
        if let family = addressType.family {
            endpoints = try fields.validElements("endpoints", what: "endpoint", omissions: &omissions) {
                endpoint throws(InvalidField) in try SliceEndpoint(endpoint, family: family)
            }
        }
        var metadata = metadata
        metadata.labels = Self.labelsThatCount(of: metadata)
        self.init(
            metadata: metadata,
            addressType: addressType,
            ports: try EndpointPort.list(fields, requiresNumber: false, omissions: &omissions),
            endpoints: endpoints,
            lastChangeTrigger: Self.lastChangeTrigger(fields)
        )
    }

    /// The labels that say whose the slice is; there are as many slices as Services, and controllers write more on each.
    private static func labelsThatCount(of metadata: ObjectMetadata) -> [String: String] {
        var labels: [String: String] = [:]
        for label in [serviceNameLabel, headlessLabel] { labels[label] = metadata.labels[label] }
        return labels
    }

    /// The time in the annotation; one that cannot be read is as good as none, as in kube-proxy.
    private static func lastChangeTrigger(_ fields: Fields) -> Timestamp? {
        guard let annotations = try? fields.object("metadata").object("annotations"),
            case .string(let text) = annotations[lastChangeTriggerAnnotation]
        else { return nil }
        return Timestamp(rfc3339: text)
    }
}

extension EndpointSlice.AddressType {
    /// The family of the addresses; nil for names.
    var family: AddressFamily? {
        switch self {
        case .ipv4: .ipv4
        case .ipv6: .ipv6
        case .fqdn: nil
        }
    }
}

extension EndpointSlice.EndpointPort {
    /// Reads `ports` of a slice or of a subset; of several with one name the first counts.
    ///
    /// `requiresNumber` says whether a missing number is a mistake. In a slice it stands for "all ports", which a
    ///   packet rewriter cannot use, so such an entry is passed over in silence, as kube-proxy does.
    static func list(
        _ fields: Fields,
        requiresNumber: Bool,
        omissions: inout Omissions
    ) throws(InvalidField) -> [Self] {
        var names: Set<String> = []
        return try fields.validElements("ports", what: "port", omissions: &omissions) { entry throws(InvalidField) in
            let name = try entry.portName()
            let transport = try entry.transport()
            guard let port = requiresNumber ? try entry.port("port") : try entry.nonZeroPort("port") else {
                if requiresNumber { throw InvalidField("port", "the port is missing") }
                return nil
            }
            guard names.insert(name).inserted else {
                throw InvalidField("name", "\(ObjectValue.quoted(name)) is already the name of an earlier port")
            }
            return Self(name: name, transport: transport, port: port)
        }
    }
}

extension EndpointSlice.SliceEndpoint {
    /// Reads one of `endpoints`.
    init(_ fields: Fields, family: AddressFamily) throws(InvalidField) {
        // kube-proxy and the documentation of `addresses` agree that only the first one counts.
        guard let first = try fields.array("addresses").first else {
            throw InvalidField("addresses", "there is no address")
        }
        guard case .string(let text) = first else {
            throw InvalidField("addresses[0]", "\(first) stands where an IP address is expected")
        }
        let address = try IPAddress(destinationField: "addresses[0]", text: text)
        guard address.family == family else {
            throw InvalidField("addresses[0]", "\(address) is not of the slice's addressType")
        }
        do throws(InvalidField) {
            let conditions = try fields.object("conditions")
            self.init(
                address: address,
                isReady: try conditions.bool("ready") ?? true,
                isServing: try conditions.bool("serving") ?? true,
                isTerminating: try conditions.bool("terminating") ?? false
            )
        } catch { throw error.path == "conditions" ? error : error.within("conditions") }
        nodeName = try fields.nonEmptyString("nodeName")
        do throws(InvalidField) {
            let hints = try fields.object("hints")
            nodeHints = try Self.names(hints, "forNodes")
            zoneHints = try Self.names(hints, "forZones")
        } catch { throw error.path == "hints" ? error : error.within("hints") }
    }

    private static func names(_ hints: Fields, _ list: String) throws(InvalidField) -> [String] {
        guard hints[list] != nil else { return [] }
        return try hints.elements(list) { entry throws(InvalidField) in
            guard let name = try entry.nonEmptyString("name") else {
                throw InvalidField("name", "the name is missing")
            }
            return name
        }
    }
}
