import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel
import Testing

/// Whatever the order of the events, and whatever was there before, the outcome is that of the objects as they stand.
@Suite struct OrderIndependenceTests {
    @Test(arguments: 0..<300)
    func `the outcome depends on the objects, not on their history`(seed: Int) {
        var world = World(random: SplitMix(state: UInt64(seed)))
        var observer = Observer()
        var told = Told()
        var standing: [ObjectReference: KubernetesObject] = [:]
        for _ in 0..<60 {
            let object = world.object()
            if world.random.next() % 4 == 0 {
                observer.directory.apply(.removed(object.reference))
                standing[object.reference] = nil
            } else {
                observer.directory.apply(.applied(object))
                standing[object.reference] = object
            }
            if world.random.next() % 8 == 0 { observer.directory.localAddresses = world.localAddresses() }
            if world.random.next() % 3 == 0 {
                observer.take()
                told.takeChanges(from: &observer.directory)
                expectSoundFrontEnds(observer)
            }
        }
        observer.take()
        var fresh = Observer()
        if seed.isMultiple(of: 2) { fresh.directory.localAddresses = observer.directory.localAddresses }
        for object in standing.values.shuffled(using: &world.random) { fresh.directory.apply(.applied(object)) }
        fresh.directory.localAddresses = observer.directory.localAddresses
        fresh.take()
        expectEqual(observer, fresh)
        for reference in standing.keys.shuffled(using: &world.random) { observer.directory.apply(.removed(reference)) }
        observer.directory.localAddresses = []
        observer.take()
        expectEqual(observer, Observer())
        told.takeChanges(from: &observer.directory)
        #expect(remains(in: observer.directory).isEmpty, "a departed object leaves nothing behind")
    }

    /// What the agent would know by the changes alone.
    private struct Told {
        private var problems: Set<ObjectProblem> = []
        private var healthChecks: [ObjectName: HealthCheck] = [:]

        /// Takes the changes, which must be real ones and lead to what the directory holds.
        mutating func takeChanges(from directory: inout ServiceDirectory) {
            let (appeared, clearedProblems) = directory.takeProblemChanges()
            #expect(problems.isDisjoint(with: appeared))
            #expect(problems.isSuperset(of: clearedProblems))
            problems.formUnion(appeared)
            problems.subtract(clearedProblems)
            #expect(problems.sorted() == directory.problems)

            let (changed, cleared) = directory.takeHealthCheckChanges()
            for check in changed {
                #expect(healthChecks[check.service] != check)
                healthChecks[check.service] = check
            }
            for service in cleared { #expect(healthChecks.removeValue(forKey: service) != nil) }
            #expect(healthChecks.values.sorted { $0.service < $1.service } == directory.healthChecks)
        }
    }

    private func expectEqual(_ observer: Observer, _ fresh: Observer) {
        #expect(observer.snapshots == fresh.snapshots)
        #expect(observer.directory.problems == fresh.directory.problems)
        #expect(observer.directory.serviceCount == fresh.snapshots.count)
        #expect(observer.directory.endpointCount == fresh.directory.endpointCount)
        #expect(observer.directory.healthChecks == fresh.directory.healthChecks)
        #expect(observer.directory.localEndpointGaps == fresh.directory.localEndpointGaps)
        #expect(observer.directory.serviceCIDRs == fresh.directory.serviceCIDRs)
        #expect(observer.directory.nodeEligibility == fresh.directory.nodeEligibility)
    }

    /// The collections within a value that are not empty, by path: what a long-lived agent would leak.
    private func remains(in value: Any, at path: String = "directory") -> [String] {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .collection, .dictionary, .set: return mirror.children.isEmpty ? [] : [path]
        default: return mirror.children.flatMap { remains(in: $0.value, at: "\(path).\($0.label ?? "?")") }
        }
    }

    /// Holds every front end to what `FrontEnd` promises, whatever the objects are.
    private func expectSoundFrontEnds(_ observer: Observer) {
        let frontEnds = observer.snapshots.values.flatMap(\.frontEnds)
        #expect(Set(frontEnds.map(\.key)).count == frontEnds.count, "no key twice")
        for frontEnd in frontEnds { #expect(fault(of: frontEnd) == nil) }
    }

    private func fault(of frontEnd: FrontEnd) -> String? {
        for case .forward(let endpoints) in [frontEnd.action, frontEnd.shortCircuit] {
            if endpoints.isEmpty { return "it leads to no endpoint" }
            if Set(endpoints.map(\.destination)).count < endpoints.count { return "it names an endpoint twice" }
        }
        if frontEnd.masquerade == .never, case .forward(let endpoints) = frontEnd.action,
            !endpoints.allSatisfy({ $0.locality == .local })
        {
            return "an endpoint on another node would answer past this node"
        }
        if let shortCircuit = frontEnd.shortCircuit {
            if frontEnd.masquerade != .never { return "it needs no short circuit" }
            guard case .forward = shortCircuit else { return "the short circuit leads nowhere" }
        }
        for (index, range) in (frontEnd.sourceRanges ?? []).enumerated() {
            if range.family != frontEnd.key.family { return "\(range) is of another family" }
            for other in frontEnd.sourceRanges?.dropFirst(index + 1) ?? []
            where range.contains(other.address) || other.contains(range.address) {
                return "\(range) and \(other) overlap"
            }
        }
        return nil
    }
}
