internal import KubernetesAPI
internal import NetworkAddress
internal import ServiceModel

extension ServiceDirectory {
    /// Takes this node's object, or its absence, and touches the Services that see the difference.
    mutating func replaceNode(with node: Node?) {
        self.node = node
        guard circumstances.zone != node?.zone else { return }
        circumstances.zone = node?.zone
        touched.formUnion(zoneHinted)
    }

    /// Takes the addresses of this node, and touches the Services whose source ranges see the difference.
    mutating func replaceLocalAddresses(with addresses: [IPAddress]) {
        let former = circumstances.localAddresses
        guard former != addresses else { return }
        circumstances.localAddresses = addresses
        for name in sourceLimited {
            guard let service = entries[name]?.service?.served, let ranges = service.sourceRanges else { continue }
            let sees = service.families.contains {
                ranges.admits(anyOf: former, in: $0) != ranges.admits(anyOf: addresses, in: $0)
            }
            if sees { touched.insert(name) }
        }
    }

    /// Takes the ranges of a ServiceCIDR, or its absence.
    ///
    /// Those of one that is being deleted count until it is gone: it stays while addresses in it are in use.
    mutating func replaceServiceCIDR(_ name: String, with ranges: [IPPrefix]?) {
        guard rangesByServiceCIDR[name] != ranges else { return }
        rangesByServiceCIDR[name] = ranges
        serviceCIDRs = Set(rangesByServiceCIDR.values.joined())
            .sorted { ($0.address, $0.length) < ($1.address, $1.length) }
    }
}
