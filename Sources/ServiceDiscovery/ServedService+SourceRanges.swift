internal import KubernetesAPI
internal import NetworkAddress

extension ServedService {
    /// The sources that may use the load balancer's addresses of one family; nil for everybody, empty for nobody.
    func sources(in family: AddressFamily, _ circumstances: NodeCircumstances) -> [IPPrefix]? {
        guard let sourceRanges else { return nil }
        if circumstances.failsOpenOnForeignRanges, sourceRanges.isForeign(to: family) { return nil }
        return sourceRanges.sources(of: loadBalancerAddresses, in: family, from: circumstances.localAddresses)
    }

    /// What is wrong with the source ranges: there are some, but none that a load balancer's address can be held to.
    func sourceRangeProblems(_ circumstances: NodeCircumstances) -> [ObjectProblem] {
        guard let sourceRanges else { return [] }
        return families.compactMap { family in
            guard sourceRanges.isForeign(to: family), loadBalancerAddresses.contains(where: { $0.family == family })
            else { return nil }
            let everybody = IPPrefix(holding: IPAddress(family: family, bits: 0), length: 0)
            return problem(
                at: "spec.loadBalancerSourceRanges",
                circumstances.failsOpenOnForeignRanges
                    ? "holds no \(family) range, so that everybody can use the load balancer's \(family) addresses, as "
                        + "this node is set to fail open; add the ranges that are meant"
                    : "holds no \(family) range, so that nobody can use the load balancer's \(family) addresses; "
                        + "add one, or \(everybody) for everybody"
            )
        }
    }
}

extension SourceRanges {
    /// Whether no range is of a family.
    fileprivate func isForeign(to family: AddressFamily) -> Bool { !ranges.contains { $0.family == family } }
}
