internal import KubernetesAPI
internal import NetworkAddress
internal import ServiceDiscovery
internal import ServiceRules

extension AgentOptions {
    /// What the rules should be, by the operator's choice and by what is known of the node and the cluster.
    ///
    /// - Parameters:
    ///   - directory: What the objects say.
    ///   - localAddresses: The addresses of the node's interfaces.
    /// - Returns: The configuration of the data plane.
    func dataPlane(_ directory: ServiceDirectory, localAddresses: [IPAddress]) -> DataPlaneConfiguration {
        var wanted = dataPlane
        wanted.serviceCIDRs = Set(serviceCIDRs).union(directory.serviceCIDRs)
            .sorted { ($0.address, $0.length) < ($1.address, $1.length) }
        let node = directory.node
        if localDetection == .nodeCIDR {
            let ranges = node?.podCIDRs ?? []
            wanted.clusterCIDRs = AddressFamily.allCases.compactMap { family in ranges.first { $0.family == family } }
        }
        if nodePorts.dependsOnNode {
            let primary = primaryAddresses(ofNode: (node?.internalIPs ?? []) + (node?.externalIPs ?? []))
            wanted.nodePortAddresses = nodePorts.resolve(local: localAddresses, primary: primary)
        }
        return wanted
    }
}
