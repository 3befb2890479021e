import NetworkAddress
import Nftables
import ServiceModel
import ServiceRules
import Testing

/// A refused element leads back to its Service.
@Suite struct SuspectsTests {
    private func failure(_ operation: Int?, _ element: Int? = nil) -> OperationFailure {
        OperationFailure(operation: operation, element: element, reason: .invalid)
    }

    @Test(arguments: 0..<20)
    func `each element leads to a Service that has it, before or after`(seed: Int) throws {
        var random = RandomCluster(seed: seed)
        let before = random.cluster()
        let after = random.evolved(from: before)
        let node = try ProgrammedNode(Array(before.values))
        let gone = before.keys.filter { after[$0] == nil }.map { ServiceSnapshot(service: $0, frontEnds: []) }
        let changed = Array(after.values) + gone
        var known: [ObjectName: Set<PlacedElement>] = [:]
        for snapshot in Array(before.values) + Array(after.values) {
            known[snapshot.service, default: []].formUnion(try ProgrammedNode([snapshot]).snapshot.elements)
        }
        for plan in [node.plane.plan(changed), node.plane.rebuild(replacing: [:], changing: changed)] {
            #expect(Set(plan.services).count == plan.services.count)
            for (index, operation) in plan.transaction.operations.enumerated() {
                var owners: Set<ObjectName> = []
                if let (table, set, elements) = operation.elements {
                    for (number, element) in elements.enumerated() {
                        let suspects = plan.suspects(for: failure(index, number))
                        #expect(suspects.count == 1)
                        owners.formUnion(suspects)
                        let placed = PlacedElement(table: table, set: set, element: element)
                        let known = try #require(suspects.first.flatMap { known[$0] })
                        #expect(known.contains { placed.hasKey(of: $0) })
                    }
                }
                // Without an element, all that the operation is for may be the reason.
                #expect(Set(plan.suspects(for: failure(index))) == owners)
            }
            #expect(plan.suspects(for: failure(nil)).isEmpty)
            #expect(plan.suspects(for: failure(-1)).isEmpty)
            #expect(plan.suspects(for: failure(plan.transaction.operations.count, 0)).isEmpty)
        }
    }

    @Test func `no Service is suspected when the skeleton is refused`() {
        let plane = DataPlane(
            configuration: DataPlaneConfiguration(nodePortAddresses: [.ipv4: .only([ip("192.0.2.1")])])
        )
        let plan = plane.rebuild(replacing: [:], changing: [service("web", clusterIP("10.96.0.1", does: .refuse))])
        let own = plan.transaction.operations.indices.filter { !plan.suspects(for: failure($0)).isEmpty }
        #expect(
            own.map { Transaction([plan.transaction.operations[$0]]).summary } == [
                ["cluster-ips +1"], ["no-endpoint-services +1"],
            ]
        )
        let addresses = plan.transaction.operations.firstIndex { Transaction([$0]).summary == ["nodeport-ips +1"] }
        #expect(plan.suspects(for: failure(addresses, 0)).isEmpty)
    }
}

extension Nftables.Operation {
    fileprivate var elements: (table: Table, set: String, elements: [Element])? {
        switch self {
        case .addElements(let table, let set, let elements), .deleteElements(let table, let set, let elements):
            (table, set, elements)
        default: nil
        }
    }
}

extension PlacedElement {
    /// Whether both have one key in one set, but for the number of the slot.
    fileprivate func hasKey(of other: PlacedElement) -> Bool {
        guard table == other.table, set == other.set else { return false }
        let own = element.key.words
        let others = other.element.key.words
        return set.hasSuffix("endpoints") ? own.dropLast() == others.dropLast() : own == others
    }
}
