package import NetworkAddress
package import Nftables
package import ServiceModel

/// An endpoint that a front end no longer leads to.
package struct DepartedEndpoint: Hashable, Sendable {
    /// The front end.
    package let frontEnd: FrontEndKey

    /// The endpoint.
    package let endpoint: TransportAddress

    /// Whether clients may be remembered as those of the endpoint.
    package let hadAffinity: Bool

    /// The same endpoint, as nobody is remembered as its client any more.
    package var withoutClients: DepartedEndpoint {
        DepartedEndpoint(frontEnd: frontEnd, endpoint: endpoint, hadAffinity: false)
    }

    /// All endpoints of what was programmed for a Service, for when it has lost them.
    package static func all(of snapshot: ServiceSnapshot) -> [DepartedEndpoint] {
        snapshot.frontEnds.flatMap { frontEnd in
            Set(frontEnd.destinations).sorted().map { endpoint in
                let hadAffinity = frontEnd.affinitySeconds != nil
                return DepartedEndpoint(frontEnd: frontEnd.key, endpoint: endpoint, hadAffinity: hadAffinity)
            }
        }
    }
}

/// What it takes to bring the kernel from what it holds to what is wanted, and what it will hold then.
///
/// Nothing is remembered of a plan until the kernel has taken its transaction and the plan is adopted.
package struct Plan {
    /// The changes.
    package let transaction: Transaction

    /// How many of the changes, the first ones, make chains that elements lead to.
    ///
    /// A packet that is on its way through the rules sees new elements at once, but new chains as they were when it
    /// came: empty. So the kernel is to have taken these before it is given the others; they change nothing by
    /// themselves.
    package let chainOperations: Int

    /// How many of the changes, the last ones, end the return of clients to endpoints that have departed.
    ///
    /// A client that returns after them is forgotten and its packet dropped. So the kernel is to have taken all other
    /// changes before: then no client is given such an endpoint any more, and those that are remembered can be listed,
    /// and forgotten in one transaction with these.
    package let endOperations: Int

    /// The Services that the plan is for, in the order in which owners count them.
    package let services: [ObjectName]

    /// The endpoints that front ends led to before and no longer do: their flows may have to be forgotten.
    package let departed: [DepartedEndpoint]

    /// The front ends that led nowhere before and now do: flows may have gone untranslated until then.
    package let answered: [FrontEndKey]

    /// The owners of each operation's elements; empty for operations that are for no Service.
    let owners: [[Int32]]

    /// What will be programmed for each of the Services.
    let outcomes: [[ProgrammedFrontEnd]]

    /// How many front ends more, or fewer, need a shared element.
    let referenceChanges: [SharedElement: Int]

    /// The chains on demand that the elements of the plan lead to.
    let chains: Set<DataPlaneChain>

    /// Further chains of a rebuild, to which elements may lead one day.
    let spareChains: Set<DataPlaneChain>

    /// Whether the transaction empties the tables first, so that what it adds is all that they hold.
    let isRebuild: Bool

    /// Returns the Services that may have caused a refusal; none when no Service can have.
    package func suspects(for failure: OperationFailure) -> [ObjectName] {
        guard let operation = failure.operation, owners.indices.contains(operation) else { return [] }
        let owners = owners[operation]
        if let element = failure.element, owners.indices.contains(element) {
            return [services[Int(owners[element])]]
        }
        return Set(owners).sorted().map { services[Int($0)] }
    }
}
