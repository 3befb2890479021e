import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// Random clusters: the smallest change leads where writing everything again leads, and touches nothing else.
@Suite struct SmallestChangeTests {
    @Test(arguments: 0..<60)
    func `a change leads to what is wanted, and to what a fresh rebuild gives`(seed: Int) throws {
        var random = RandomCluster(seed: seed)
        var cluster = random.cluster()
        var node = try ProgrammedNode(Array(cluster.values))
        expect(node, holds: cluster)
        for _ in 0..<5 {
            let next = random.happens(oneIn: 4) ? random.cluster() : random.evolved(from: cluster)
            let before = node.snapshot
            let transaction = try node.change(changes(from: cluster, to: next).shuffled(using: &random))
            cluster = next
            expect(node, holds: cluster)
            let fresh = try ProgrammedNode(Array(cluster.values))
            #expect(DataPlaneState(node.snapshot) == DataPlaneState(fresh.snapshot))
            // Chains, rules and declarations never change.
            for (table, contents) in fresh.snapshot.tables {
                // Classes are kept lazily, so that other chains on demand may be in use.
                let held = node.snapshot.tables[table]?.chains ?? [:]
                for (chain, rules) in contents.chains where held[chain] != nil { #expect(held[chain] == rules) }
                #expect(Set(held.keys.filter { $0.base != nil }) == Set(contents.chains.keys.filter { $0.base != nil }))
                #expect(node.snapshot.tables[table].map { Set($0.sets.keys) } == Set(contents.sets.keys))
            }
            expectTouchesOnlyWhatDiffers(transaction, before, node.snapshot)
        }
    }

    @Test(arguments: 0..<60)
    func `a rebuild after changes keeps every slot, and a change after a rebuild goes on from there`(seed: Int) throws {
        var random = RandomCluster(seed: seed)
        let first = random.cluster()
        let second = random.evolved(from: first)
        let third = random.evolved(from: second)
        var node = try ProgrammedNode(Array(first.values))
        try node.change(changes(from: first, to: second))
        let before = node.snapshot
        try node.rebuild()
        #expect(before.withoutUnreachedChains.differences(to: node.snapshot.withoutUnreachedChains).isEmpty)
        try node.rebuild(changes(from: second, to: third))
        expect(node, holds: third)
        let transaction = try node.change(Array(third.values))
        #expect(transaction.isEmpty)
    }

    @Test(arguments: 0..<60)
    func `any order and any grouping of the same changes lead to the same`(seed: Int) throws {
        var random = RandomCluster(seed: seed)
        // Every Service has keys of its own, since a key that moves must leave before it comes.
        var histories: [[ServiceSnapshot]] = []
        for (number, keys) in RandomCluster.keys.shuffled(using: &random).chunks(of: 4).enumerated() {
            let name = ObjectName(namespace: "default", name: "service-\(number)")
            var frontEnds = keys.map { random.frontEnd($0) }
            var history = [ServiceSnapshot(service: name, frontEnds: frontEnds)]
            for _ in 0..<random.upTo(4) {
                frontEnds = frontEnds.map { random.evolved(from: $0) }
                if random.happens(oneIn: 3) { frontEnds.shuffle(using: &random) }
                history.append(ServiceSnapshot(service: name, frontEnds: Array(frontEnds.dropFirst(random.upTo(2)))))
            }
            histories.append(history)
        }
        let wanted = histories.compactMap(\.last)

        var states: Set<DataPlaneState> = []
        for _ in 0..<3 {
            var node = try ProgrammedNode()
            var rest = histories
            while rest.contains(where: { !$0.isEmpty }) {
                var batch: [ServiceSnapshot] = []
                for index in rest.indices.shuffled(using: &random).prefix(1 + random.upTo(5)) where !rest[index].isEmpty
                {
                    // A batch has the newest of each Service; versions in between may never be seen.
                    let skipped = random.upTo(rest[index].count - 1)
                    batch.append(rest[index][skipped])
                    rest[index].removeFirst(skipped + 1)
                }
                try node.change(batch)
            }
            states.insert(DataPlaneState(node.snapshot))
        }
        #expect(states == [DataPlaneState(of: wanted)])
    }

    @Test(arguments: 0..<60)
    func `everything that comes goes again without a trace`(seed: Int) throws {
        var random = RandomCluster(seed: seed)
        var cluster = random.cluster()
        let empty = try ProgrammedNode()
        var node = try ProgrammedNode(Array(cluster.values))
        for _ in 0..<3 {
            let next = random.evolved(from: cluster)
            try node.change(changes(from: cluster, to: next))
            cluster = next
        }
        try node.change(changes(from: cluster, to: [:]))
        #expect(node.snapshot.withoutUnreachedChains.differences(to: empty.snapshot.withoutUnreachedChains).isEmpty)
        #expect(node.plane.serviceCount == 0)
        #expect(Array(node.plane.services).isEmpty)
    }

    @Test(arguments: 0..<60)
    func `endpoints that stay keep their slots as far as can be`(seed: Int) throws {
        var random = RandomCluster(seed: seed)
        let all = endpoints(40)
        var held = Array(all.shuffled(using: &random).prefix(1 + random.upTo(20)))
        var node = try ProgrammedNode([service("web", clusterIP("10.96.0.1", does: .forward(held)))])
        for _ in 0..<10 {
            let next = Array(all.shuffled(using: &random).prefix(1 + random.upTo(20)))
            let departed = Set(held).subtracting(next).count
            let arrived = Set(next).subtracting(held).count
            // Each surplus departure may move one endpoint into the hole that it leaves.
            let moved = max(0, departed - arrived)
            let transaction = try node.change(service("web", clusterIP("10.96.0.1", does: .forward(next))))
            let deleted = transaction.deletedElements.count { $0.set == "endpoints" }
            let added = transaction.addedElements.count { $0.set == "endpoints" }
            #expect((departed...departed + moved).contains(deleted))
            #expect((arrived...arrived + moved).contains(added))
            #expect(added - deleted == next.count - held.count)
            held = next
        }
    }

    // MARK: - What is expected

    private func expect(
        _ node: ProgrammedNode,
        holds cluster: [ObjectName: ServiceSnapshot],
        _ location: SourceLocation = #_sourceLocation
    ) {
        let differences = DataPlaneState(of: cluster.values).differences(to: DataPlaneState(node.snapshot))
        #expect(differences.isEmpty, sourceLocation: location)
        let services = cluster.values.filter { !$0.frontEnds.isEmpty }
        #expect(Set(node.plane.services) == Set(services.map(\.service)), sourceLocation: location)
        #expect(node.plane.serviceCount == services.count, sourceLocation: location)
        for snapshot in services {
            let held = node.plane.snapshot(of: snapshot.service)
            #expect(held.service == snapshot.service, sourceLocation: location)
            #expect(
                held.frontEnds.map(\.withSortedEndpoints) == snapshot.frontEnds.map(\.withSortedEndpoints),
                sourceLocation: location
            )
        }
    }

    private func expectTouchesOnlyWhatDiffers(
        _ transaction: Transaction,
        _ before: RulesetSnapshot,
        _ after: RulesetSnapshot
    ) {
        let (old, new) = (before.elements, after.elements)
        #expect(transaction.deletedElements == old.subtracting(new))
        #expect(transaction.addedElements == new.subtracting(old))
        #expect(transaction.elementCount == old.symmetricDifference(new).count, "no element is named twice")
    }

    /// What a directory would say between two states: what is new or differs, and that the rest is gone.
    private func changes(
        from before: [ObjectName: ServiceSnapshot],
        to after: [ObjectName: ServiceSnapshot]
    ) -> [ServiceSnapshot] {
        let changed = after.values.filter { before[$0.service] != $0 }
        let gone = before.keys.filter { after[$0] == nil }
        return (changed + gone.map { ServiceSnapshot(service: $0, frontEnds: []) }).sorted { $0.service < $1.service }
    }
}

extension FrontEnd {
    /// The front end without the order of its endpoints, which says nothing.
    fileprivate var withSortedEndpoints: FrontEnd {
        FrontEnd(
            key: key,
            portName: portName,
            masquerade: masquerade,
            action: action.withSortedEndpoints,
            shortCircuit: shortCircuit?.withSortedEndpoints,
            sourceRanges: sourceRanges,
            affinitySeconds: affinitySeconds
        )
    }
}

extension FrontEndAction {
    fileprivate var withSortedEndpoints: FrontEndAction {
        guard case .forward(let endpoints) = self else { return self }
        return .forward(endpoints.sorted { $0.destination < $1.destination })
    }
}

extension Array {
    fileprivate func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
