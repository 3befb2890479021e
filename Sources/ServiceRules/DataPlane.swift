internal import NetworkAddress
package import Nftables
package import ServiceModel

/// What the kernel holds for every Service, and the smallest change that brings it to what is wanted.
///
/// Pure: it makes plans, and believes one only when it is told that the kernel has taken it.
package struct DataPlane {
    /// What the operator chose.
    package private(set) var configuration: DataPlaneConfiguration

    private var programmed: [ObjectName: [ProgrammedFrontEnd]] = [:]
    /// The chains on demand that the tables hold.
    private var chains: Set<DataPlaneChain> = []
    private var references: [SharedElement: Int] = [:]

    /// Creates a data plane that has programmed nothing yet.
    package init(configuration: DataPlaneConfiguration) { self.configuration = configuration }

    /// The tables, one in each family that has one.
    package var tables: [Table] { configuration.tables }

    /// The number of Services that something is programmed for.
    package var serviceCount: Int { programmed.count }

    /// The Services that something is programmed for, in no order.
    package var services: some Collection<ObjectName> { programmed.keys }

    /// Returns what is programmed for a Service; its front ends' endpoints stand in the order of their slots.
    package func snapshot(of service: ObjectName) -> ServiceSnapshot {
        ServiceSnapshot(service: service, frontEnds: (programmed[service] ?? []).map(\.frontEnd))
    }

    /// The most endpoints that one front end balances over.
    package static let endpointsMax = BalancingClass.endpointsMax

    // MARK: - Planning

    /// Plans the smallest change after which the kernel holds the given snapshots, one for a Service at most, and
    /// what it held for all other Services.
    package func plan(_ snapshots: [ServiceSnapshot]) -> Plan {
        var builder = PlanBuilder(references: references, families: configuration.families)
        for snapshot in snapshots {
            builder.change(snapshot, from: programmed[snapshot.service] ?? [])
        }
        // Elements cannot lead to a chain that is not there. Both tables get most: that is simpler, and costs little.
        let missing = builder.chains.subtracting(chains)
        let additions = tables.flatMap { table in
            missing.inOrder(in: table.family).flatMap {
                Skeleton(family: table.family, configuration: configuration).addition(of: $0)
            }
        }
        return builder.plan(preparation: additions, tableName: configuration.tableName, isRebuild: false)
    }

    /// Plans a transaction that leaves the tables with exactly what is wanted, whatever they hold before.
    ///
    /// - Parameters:
    ///   - found: What the tables hold now, without their elements; those that are missing do not exist.
    ///   - snapshots: The Services that changed since the last plan was adopted.
    ///   - excluded: Services to leave out, because the kernel refused them.
    ///   - newConfiguration: What the operator chose; nil keeps what it is.
    /// - Returns: The plan, for every Service that is not excluded.
    package func rebuild(
        replacing found: [Table: TableContents],
        changing snapshots: [ServiceSnapshot] = [],
        excluding excluded: Set<ObjectName> = [],
        configuration newConfiguration: DataPlaneConfiguration? = nil
    ) -> Plan {
        let configuration = newConfiguration ?? configuration
        var builder = PlanBuilder(references: [:], families: configuration.families)
        let changed = Set(snapshots.map(\.service))
        let kept = programmed.keys.filter { !changed.contains($0) && !excluded.contains($0) }.sorted()
        for service in kept { builder.restore(service, programmed[service] ?? []) }
        for snapshot in snapshots where !excluded.contains(snapshot.service) {
            // Slots keep their endpoints, though everything is written again.
            builder.restore(snapshot, current: programmed[snapshot.service] ?? [])
        }
        var preparation: [Operation] = []
        let spare = builder.serviceCount < Self.spareChainsFrom ? [] : Self.spareChains.subtracting(builder.chains)
        for table in configuration.tables {
            let skeleton = Skeleton(family: table.family, configuration: configuration)
            let onDemand = builder.chains.union(spare).inOrder(in: table.family)
            preparation += skeleton.preparation(replacing: found[table], onDemand: onDemand)
            if case .only(let addresses) = skeleton.nodePortAddresses, !addresses.isEmpty {
                let elements = Set(addresses).sorted().map { Element(PackedFields($0)) }
                let set = DataPlaneSet.nodePortAddresses.name
                preparation.append(.addElements(table, set: set, elements))
            }
        }
        return builder.plan(
            preparation: preparation,
            tableName: configuration.tableName,
            isRebuild: true,
            spareChains: spare
        )
    }

    /// From how many Services on a rebuild makes the usual chains whether elements lead to them or not.
    ///
    /// The kernel looks through the whole table for each rule that is added to it: a chain that comes later costs 50 ms
    /// at 10,000 Services, and 1 s at 100,000. In an empty table it costs next to nothing.
    private static let spareChainsFrom = 1000
    private static let spareChains = Set(
        BalancingClass.usual.flatMap { [DataPlaneChain.balance(.service, $0), .balance(.nodePort, $0)] }
    )

    /// The changes that make chains which a rebuild leads to and its tables lack, so that they stand before elements
    /// lead to them; see `Plan.chainOperations`.
    ///
    /// - Parameters:
    ///   - plan: A rebuild.
    ///   - found: What the tables hold now. Tables that lack more than such chains get none: no flow is led by them.
    /// - Returns: The changes; none when nothing is missing.
    package func chainsAhead(of plan: Plan, in found: [Table: TableContents]) -> Transaction {
        var operations: [Operation] = []
        for table in tables {
            guard let contents = found[table] else { continue }
            let skeleton = Skeleton(family: table.family, configuration: configuration)
            let held = Set(contents.chains.keys)
            guard contents.sets.isSuperset(of: skeleton.sets), held.isSuperset(of: skeleton.chains.map(\.chain)) else {
                continue
            }
            let missing = plan.chains.inOrder(in: table.family).filter { !held.contains(Chain($0.name)) }
            operations += missing.flatMap { skeleton.addition(of: $0) }
        }
        return Transaction(operations)
    }

    // MARK: - Believing

    /// Remembers that the kernel has taken the chains of a plan, whatever becomes of the rest.
    package mutating func adoptChains(of plan: Plan) { chains.formUnion(plan.chains) }

    /// Remembers that the kernel has taken a plan of this data plane, the last one that was made.
    package mutating func adopt(_ plan: Plan, configuration newConfiguration: DataPlaneConfiguration? = nil) {
        if plan.isRebuild {
            programmed.removeAll(keepingCapacity: true)
            references.removeAll(keepingCapacity: true)
            chains.removeAll()
            if let newConfiguration { configuration = newConfiguration }
        }
        for (service, frontEnds) in zip(plan.services, plan.outcomes) {
            programmed[service] = frontEnds.isEmpty ? nil : frontEnds
        }
        chains.formUnion(plan.chains)
        chains.formUnion(plan.spareChains)
        for (element, change) in plan.referenceChanges {
            let count = (references[element] ?? 0) + change
            references[element] = count == 0 ? nil : count
        }
    }

    /// The changes that remove every trace of the data plane, from what the tables hold now.
    package static func cleanup(of found: [Table: TableContents]) -> Transaction {
        Transaction(found.keys.sorted { $0.description < $1.description }.map { .deleteTable($0) })
    }
}

extension DataPlaneConfiguration {
    fileprivate var tables: [Table] {
        TableFamily.allCases.filter { families.contains($0.addressFamily) }.map { Table($0, tableName) }
    }
}

extension Set<DataPlaneChain> {
    /// The chains of a table, those first that others lead to.
    fileprivate func inOrder(in family: TableFamily) -> [DataPlaneChain] {
        filter { $0.belongs(in: family.addressFamily) }.sorted {
            ($0.withDependencies.count, $0.name) < ($1.withDependencies.count, $1.name)
        }
    }
}
