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
