internal import NetworkAddress
package import Nftables
internal import ServiceModel

extension DataPlane {
    /// The map that rules remember clients in.
    package static func affinityMap(of table: Table) -> SetDeclaration {
        DataPlaneSet.affinity.declaration(in: table.family)
    }

    /// Returns the elements of the affinity map that lead clients to endpoints which have departed.
    ///
    /// - Parameters:
    ///   - elements: The elements of the map.
    ///   - departed: The endpoints, with the front ends that led to them.
    ///   - table: The table that holds the map.
    /// - Returns: Those of the elements that should go.
    package static func staleClients(
        _ elements: [Element],
        of departed: [DepartedEndpoint],
        in table: Table
    ) -> [Element] {
        let family = table.family.addressFamily
        let words = DataType.address(family).words
        let relevant = departed.filter { $0.hadAffinity && $0.frontEnd.family == family }
        guard !relevant.isEmpty else { return [] }
        let byEndpoint = Dictionary(grouping: relevant) { PackedFields($0.endpoint) }
        return elements.filter { element in
            guard case .fields(let endpoint) = element.value, let candidates = byEndpoint[endpoint] else {
                return false
            }
            // The key: the client, the address that it asked, the protocol and the port.
            let asked = element.key.address(family, at: words)
            let transport = element.key.protocolNumber(at: 2 * words)
            let port = element.key.portNumber(at: 2 * words + 1)
            return candidates.contains { candidate in
                let key = candidate.frontEnd
                guard key.transport.rawValue == transport, key.port.rawValue == port else { return false }
                if case .address(let address) = key.listener { return address == asked }
                return true
            }
        }
    }

    /// Returns the elements of the affinity map that lead clients where no front end with affinity leads now.
    ///
    /// They are what endpoints left behind that departed while no agent ran.
    ///
    /// - Parameters:
    ///   - elements: The elements of the map.
    ///   - table: The table that holds the map.
    /// - Returns: Those of the elements that should go.
    package func strayClients(_ elements: [Element], in table: Table) -> [Element] {
        guard !elements.isEmpty else { return [] }
        let family = table.family.addressFamily
        let words = DataType.address(family).words
        var known: [FrontEndKey: Set<PackedFields>] = [:]
        for service in services {
            for frontEnd in snapshot(of: service).frontEnds where frontEnd.affinitySeconds != nil {
                known[frontEnd.key] = Set(frontEnd.destinations.map { PackedFields($0) })
            }
        }
        return elements.filter { element in
            guard case .fields(let endpoint) = element.value,
                let transport = TransportProtocol(rawValue: element.key.protocolNumber(at: 2 * words)),
                let port = Port(element.key.portNumber(at: 2 * words + 1))
            else { return false }
            let listeners: [FrontEndKey.Listener] = [
                .address(element.key.address(family, at: words)), .nodeAddresses(family),
            ]
            return !listeners.contains { listener in
                known[FrontEndKey(listener: listener, transport: transport, port: port)]?.contains(endpoint) == true
            }
        }
    }
}

extension Plan {
    /// The endpoints that clients return to until the end of the plan, as keys of the two sets that hold them.
    private func ends(in table: Table) -> (services: Set<PackedFields>, nodePorts: Set<PackedFields>) {
        var ends: (services: Set<PackedFields>, nodePorts: Set<PackedFields>) = ([], [])
        for operation in transaction.operations.suffix(endOperations) {
            guard case .deleteElements(table, let set, let elements) = operation else { continue }
            switch set {
            case DataPlaneSet.affinityEndpoints.name: ends.services.formUnion(elements.map(\.key))
            case DataPlaneSet.affinityNodePortEndpoints.name: ends.nodePorts.formUnion(elements.map(\.key))
            default: break
            }
        }
        return ends
    }

    /// Whether the plan has an end that concerns the clients of a table.
    package func hasEnd(in table: Table) -> Bool {
        let (services, nodePorts) = ends(in: table)
        return !services.isEmpty || !nodePorts.isEmpty
    }

    /// Returns the elements of the affinity map whose clients cannot return to their endpoint after the end of the plan.
    ///
    /// - Parameters:
    ///   - elements: The elements of the map.
    ///   - table: The table that holds the map.
    /// - Returns: Those of the elements that should go with the end.
    package func endedClients(_ elements: [Element], in table: Table) -> [Element] {
        let (services, nodePorts) = ends(in: table)
        guard !services.isEmpty || !nodePorts.isEmpty else { return [] }
        let words = DataType.address(table.family.addressFamily).words
        return elements.filter { element in
            guard case .fields(let endpoint) = element.value else { return false }
            /// The key from a word on, with the endpoint: the client comes first, then what it asked.
            func key(from first: Int) -> PackedFields {
                var key = PackedFields()
                for word in first..<element.key.count { key.append(number: element.key[word]) }
                for word in 0..<endpoint.count { key.append(number: endpoint[word]) }
                return key
            }
            return services.contains(key(from: words)) || nodePorts.contains(key(from: 2 * words))
        }
    }

    /// The endpoints that departed; those whose clients were forgotten with the end of the plan have none any more.
    ///
    /// - Parameter tables: The tables.
    /// - Returns: The endpoints.
    package func departedAfterEnd(in tables: [Table]) -> [DepartedEndpoint] {
        let ends = tables.map { ($0.family.addressFamily, self.ends(in: $0)) }
        return departed.map { departed in
            let endpoint = departed.endpoint
            let isEnded = ends.contains { family, ends in
                guard family == departed.frontEnd.family else { return false }
                var key: PackedFields
                switch departed.frontEnd.listener {
                case .address(let address):
                    key = PackedFields(address, departed.frontEnd.transport, departed.frontEnd.port)
                case .nodeAddresses: key = PackedFields(departed.frontEnd.transport, departed.frontEnd.port)
                }
                key.append(endpoint.address)
                key.append(endpoint.port)
                return ends.services.contains(key) || ends.nodePorts.contains(key)
            }
            return isEnded ? departed.withoutClients : departed
        }
    }
}
