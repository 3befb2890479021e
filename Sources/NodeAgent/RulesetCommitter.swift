package import NetworkAddress
package import Nftables
package import ServiceModel
package import ServiceRules

/// What one commit did.
package struct CommitReport: Hashable, Sendable {
    /// The number of elements that were deleted or added, without those that a rebuild wrote again.
    package var elements: Int

    /// Whether everything was written again.
    package var isRebuild: Bool

    /// The Services that the kernel refused, with its reasons, beyond those that it refused before.
    package var quarantined: [ObjectName: String]

    /// The Services that were refused before and are programmed now.
    package var released: [ObjectName]

    /// The endpoints that front ends no longer lead to.
    package var departed: [DepartedEndpoint] = []

    /// The front ends that led nowhere before and do now.
    package var answered: [FrontEndKey] = []

    /// How many clients were forgotten as their endpoints departed.
    package var forgottenClients = 0

    /// Describes what a commit did; without a word, nothing.
    package init(
        elements: Int = 0,
        isRebuild: Bool = false,
        quarantined: [ObjectName: String] = [:],
        released: [ObjectName] = []
    ) {
        self.elements = elements
        self.isRebuild = isRebuild
        self.quarantined = quarantined
        self.released = released
    }
}

/// Brings the kernel to what is wanted: the smallest change if it can, everything again if it must.
///
/// A Service that the kernel refuses is quarantined: what was programmed for it stays, everything else proceeds,
/// and it is tried again when it changes, or when `retryQuarantined` is called.
package final class RulesetCommitter {
    private let store: any RulesetStore
    private var plane: DataPlane

    /// What the operator chose last; until the next rebuild the tables are as it was chosen before.
    private var configuration: DataPlaneConfiguration

    /// What is known of the tables.
    private var tables = Knowledge.none

    /// Snapshots that the kernel has not taken: the newest of each Service.
    private var pending: [ObjectName: ServiceSnapshot] = [:]

    /// The Services that the kernel refuses, with what is wanted for them, and its reasons.
    private var refused: [ObjectName: (snapshot: ServiceSnapshot, reason: String)] = [:]

    /// The Services that are written ahead of all others where the kernel holds nothing.
    package var priorityServices: Set<ObjectName> = []

    /// Whether the tables hold nothing but what `prepare` wrote.
    private var areOnlyPrepared = false

    /// What was done since the last report was returned, so that an error in between does not swallow it.
    private var report = CommitReport()

    private enum Knowledge {
        /// They may hold anything: nothing was written yet, somebody else changed them, or a rebuild failed.
        case none
        /// They were written a moment ago; what is refused now is not refused because of somebody else.
        case justWritten
        /// They hold what was programmed, unless somebody else changed them since.
        case programmed
    }

    /// How often a rebuild starts again because others change the ruleset; then it goes ahead whatever they do.
    private static let generationConflictsMax = 5

    /// How often a rebuild leaves Services out, one refusal after the other, before it gives up.
    private static let exclusionRoundsMax = 1000

    /// Creates a committer for a kernel that may hold anything; the first commit is a rebuild.
    package init(store: any RulesetStore, configuration: DataPlaneConfiguration) {
        self.store = store
        self.configuration = configuration
        plane = DataPlane(configuration: configuration)
    }

    /// The Services that the kernel refuses, with its reasons.
    package var quarantined: [ObjectName: String] { refused.mapValues(\.reason) }

    /// Whether snapshots wait that the kernel has not taken.
    package var hasPending: Bool { !pending.isEmpty }

    /// The number of Services that something is programmed for.
    package var serviceCount: Int { plane.serviceCount }

    private var waiting: [ServiceSnapshot] { pending.values.sorted { $0.service < $1.service } }

    private func takeReport() -> CommitReport {
        defer { report = CommitReport() }
        return report
    }

    // MARK: - The smallest change

    /// Programs snapshots.
    ///
    /// When this throws, nothing is lost: the snapshots wait for the next commit or rebuild, and so does the report of
    /// what was done before the error.
    ///
    /// - Parameter snapshots: What is wanted, the newest last; Services that are not named stay as they are.
    /// - Returns: What was done.
    /// - Throws: Why the kernel could not be asked, or refuses whatever it is given.
    package func commit(_ snapshots: [ServiceSnapshot]) throws(RulesetError) -> CommitReport {
        for snapshot in snapshots { pending[snapshot.service] = snapshot }
        if tables != .none { try land(waiting) }
        return tables == .none ? try rebuild() : takeReport()
    }

    /// Tries the Services again that the kernel refused.
    package func retryQuarantined() throws(RulesetError) -> CommitReport {
        retryRefused()
        return try commit([])
    }

    /// Puts what the kernel refused among what waits, unless something newer waits already.
    private func retryRefused() {
        for (service, entry) in refused where pending[service] == nil { pending[service] = entry.snapshot }
    }

    /// Programs snapshots in one transaction, or in several when the kernel refuses some; stops where it finds that
    /// somebody else changed the tables.
    private func land(_ snapshots: [ServiceSnapshot]) throws(RulesetError) {
        guard !snapshots.isEmpty, tables != .none else { return }
        let plan = plane.plan(snapshots)
        do throws(RulesetError) {
            try applyInOrder(plan)
        } catch {
            guard case .refused(let failures) = error else { throw error }
            if tables == .programmed, failures.contains(where: \.suggestsDrift) {
                tables = .none
            } else {
                try isolate(snapshots, failures, plan)
            }
            return
        }
        let departed = try endReturns(of: plan)
        plane.adopt(plan)
        report.elements += plan.transaction.elementCount
        report.departed += departed
        report.answered += plan.answered
        for snapshot in snapshots { settle(snapshot.service) }
    }

    /// Applies a plan but for its end: first the chains that its elements lead to, if there are new ones, then elements.
    private func applyInOrder(_ plan: Plan) throws(RulesetError) {
        let (operations, first) = (plan.transaction.operations, plan.chainOperations)
        if first > 0 {
            try store.apply(Transaction(Array(operations.prefix(first))))
            plane.adoptChains(of: plan)
        }
        let elements = operations.dropFirst(first).dropLast(plan.endOperations)
        guard !elements.isEmpty else { return }
        do throws(RulesetError) {
            try store.apply(Transaction(Array(elements)))
        } catch {
            guard case .refused(let failures) = error else { throw error }
            throw .refused(failures.map { $0.shifted(by: first) })
        }
    }

    /// Applies the end of a plan, and forgets in the same transaction whoever is remembered as a client that returns by
    /// it: each returned to its endpoint until now, and none loses a packet.
    ///
    /// - Returns: The endpoints that departed, and whether clients may still be remembered as theirs.
    private func endReturns(of plan: Plan) throws(RulesetError) -> [DepartedEndpoint] {
        let end = Array(plan.transaction.operations.suffix(plan.endOperations))
        guard !end.isEmpty else { return plan.departed }
        // What came before the end is in the kernel; until it is adopted, nobody knows what the tables hold.
        let known = tables
        tables = .none
        for _ in 0..<Self.purgeAttemptsMax {
            let forgetting = try forgetting(clientsEndedBy: plan)
            do throws(RulesetError) {
                try store.apply(Transaction(end + forgetting.operations))
                report.forgottenClients += forgetting.elementCount
                tables = known
                return plan.departedAfterEnd(in: plane.tables)
            } catch {
                // One of them may have ended by itself between the listing and the deletion.
                guard case .refused(let failures) = error, failures.allSatisfy({ ($0.operation ?? 0) >= end.count })
                else { throw error }
            }
        }
        try store.apply(Transaction(end))
        tables = known
        return plan.departed
    }

    /// The changes that forget whoever is remembered now and cannot return after the end of a plan.
    private func forgetting(clientsEndedBy plan: Plan) throws(RulesetError) -> Transaction {
        var deletions = Transaction()
        for table in plane.tables where plan.hasEnd(in: table) {
            let map = DataPlane.affinityMap(of: table)
            let clients = plan.endedClients(try store.elements(of: map, in: table), in: table)
            if !clients.isEmpty { deletions.append(.deleteElements(table, set: map.name, clients)) }
        }
        return deletions
    }

    /// Finds the Services that make the kernel refuse, and programs the others.
    private func isolate(
        _ snapshots: [ServiceSnapshot],
        _ failures: [OperationFailure],
        _ plan: Plan
    ) throws(RulesetError) {
        if snapshots.count == 1 {
            quarantine(snapshots[0], failures)
            return
        }
        let culprits = Set(failures.filter { $0.element != nil }.flatMap { plan.suspects(for: $0) })
        if !culprits.isEmpty {
            for snapshot in snapshots where culprits.contains(snapshot.service) {
                quarantine(snapshot, failures.filter { plan.suspects(for: $0) == [snapshot.service] })
            }
            try land(snapshots.filter { !culprits.contains($0.service) })
        } else {
            // The kernel did not tell which element: halve the batch until the culprit stands alone.
            let middle = snapshots.count / 2
            try land(Array(snapshots[..<middle]))
            try land(Array(snapshots[middle...]))
        }
    }

    private func quarantine(_ snapshot: ServiceSnapshot, _ failures: [OperationFailure]) {
        let service = snapshot.service
        let reason = failures.first?.reason.description ?? "refused without a reason"
        if refused[service]?.reason != reason { report.quarantined[service] = reason }
        refused[service] = (snapshot, reason)
        pending[service] = nil
    }

    private func settle(_ service: ObjectName) {
        pending[service] = nil
        guard refused.removeValue(forKey: service) != nil else { return }
        // Who was not told of the refusal need not be told of its end.
        if report.quarantined.removeValue(forKey: service) == nil { report.released.append(service) }
    }

    // MARK: - Everything again

    /// Leaves the tables with exactly what is wanted, whatever they hold, in one transaction.
    ///
    /// Connections that are established stay: the kernel's connection tracking keeps their translations.
    ///
    /// - Parameters:
    ///   - snapshots: Services that changed since the last commit.
    ///   - configuration: What the operator chose; nil keeps what it is.
    /// - Returns: What was done.
    /// - Throws: Why the kernel could not be asked, or refuses whatever it is given; the snapshots and the
    ///   configuration wait then, and the next commit is a rebuild.
    package func rebuild(
        _ snapshots: [ServiceSnapshot] = [],
        configuration: DataPlaneConfiguration? = nil
    ) throws(RulesetError) -> CommitReport {
        for snapshot in snapshots { pending[snapshot.service] = snapshot }
        if let configuration { self.configuration = configuration }
        tables = .none
        // A rebuild is a new chance for what the kernel refused.
        retryRefused()
        prepareAgain()
        var rebuild = Rebuild()
        while try !attempt(&rebuild) {}
        tables = .justWritten
        defer { tables = .programmed }
        // Services that may be the reason of a refusal are tried apart from all others.
        do throws(RulesetError) {
            try land(waiting)
        } catch {
            noteLost(rebuild.lost)
            throw error
        }
        noteLost(rebuild.lost)
        // At the start every Service waited; the dictionary would keep its room for them.
        if pending.isEmpty { pending = [:] }
        return takeReport()
    }

    /// Notes the endpoints of Services that a rebuild left out, but for those that are back by now.
    private func noteLost(_ snapshots: [ServiceSnapshot]) {
        for snapshot in snapshots {
            let back = plane.snapshot(of: snapshot.service).frontEnds
            report.departed += DepartedEndpoint.all(of: snapshot).filter { lost in
                !back.contains { $0.key == lost.frontEnd && $0.destinations.contains(lost.endpoint) }
            }
        }
    }

    /// Writes some Services, and what is dropped because no Service has it, ahead of the first rebuild.
    ///
    /// Does nothing where the kernel holds what an agent before this one has written: that goes on to serve until it is
    /// replaced as a whole. What is written here is replaced with it.
    ///
    /// - Parameters:
    ///   - snapshots: The Services; the next rebuild is to have them, too.
    ///   - configuration: What the operator chose.
    /// - Returns: Whether anything was written.
    /// - Throws: Why the kernel could not be asked, or refuses it.
    package func prepare(
        _ snapshots: [ServiceSnapshot],
        configuration: DataPlaneConfiguration
    ) throws(RulesetError) -> Bool {
        guard !snapshots.isEmpty || !configuration.serviceCIDRs.isEmpty else { return false }
        let plane = DataPlane(configuration: configuration)
        let found = try contents(of: plane.tables)
        guard found.isEmpty || areOnlyPrepared else { return false }
        try store.apply(plane.rebuild(replacing: found, changing: snapshots).transaction)
        areOnlyPrepared = true
        return true
    }

    /// Writes the Services ahead that come before all others, if somebody else has deleted the tables.
    private func prepareAgain() {
        let snapshots = priorityServices.map(wanted).filter { !$0.frontEnds.isEmpty }
        // Alone, they are as soon written as everything.
        guard !snapshots.isEmpty, plane.serviceCount + pending.count > snapshots.count else { return }
        // An error here is met again, and answered, by the rebuild that follows.
        areOnlyPrepared = false
        _ = try? prepare(snapshots, configuration: configuration)
    }

    private func contents(of tables: [Table]) throws(RulesetError) -> [Table: TableContents] {
        var found: [Table: TableContents] = [:]
        for table in tables { found[table] = try store.contents(of: table) }
        return found
    }

    /// The state of a rebuild from one attempt to the next.
    private struct Rebuild {
        /// Services that get what was programmed for them before: the kernel may have refused what is wanted now.
        var heldBack: Set<ObjectName> = []
        /// Services that get nothing: the kernel refused them, or may have.
        var excluded: Set<ObjectName> = []
        /// What was programmed before for those that get nothing.
        var lost: [ServiceSnapshot] = []
        /// Whether chains were made ahead, that elements are to lead to; it is tried once.
        var hasMadeChains = false
        /// Whether the tables are deleted and made anew, because emptying them was refused.
        var replacesTables = false
        var conflicts = 0
        var rounds = 0
    }

    /// Makes one attempt; returns whether it succeeded, or throws when another cannot help.
    private func attempt(_ rebuild: inout Rebuild) throws(RulesetError) -> Bool {
        let generation = try store.generation()
        let found = try contents(of: plane.tables)
        // What Fairlead never makes goes with its table; nothing else knows how to remove all kinds of it.
        if found.values.contains(where: \.hasForeignObjects) { rebuild.replacesTables = true }
        let prefix = rebuild.replacesTables ? DataPlane.cleanup(of: found).operations : []
        let plan = plane.rebuild(
            replacing: rebuild.replacesTables ? [:] : found,
            changing: waiting.filter { !rebuild.heldBack.contains($0.service) },
            excluding: rebuild.excluded,
            configuration: configuration
        )
        if !rebuild.hasMadeChains, !rebuild.replacesTables {
            rebuild.hasMadeChains = true
            let chains = plane.chainsAhead(of: plan, in: found)
            if !chains.isEmpty {
                // Where this is refused, the rebuild itself tells why, or mends it.
                try? store.apply(chains, expecting: generation)
                return false
            }
        }
        let insists = rebuild.conflicts >= Self.generationConflictsMax
        do throws(RulesetError) {
            let transaction = Transaction(prefix + plan.transaction.operations)
            try store.apply(transaction, expecting: insists ? nil : generation)
        } catch {
            switch error {
            case .generationChanged where !insists:
                rebuild.conflicts += 1
            case .refused(let failures):
                let planned = failures.map { $0.shifted(by: -prefix.count) }
                guard leaveOut(planned, of: plan, from: &rebuild) else { throw error }
            default:
                throw error
            }
            return false
        }
        rebuild.lost = rebuild.excluded.sorted().map { plane.snapshot(of: $0) }
        plane.adopt(plan, configuration: configuration)
        areOnlyPrepared = false
        report.isRebuild = true
        report.departed += plan.departed
        report.answered += plan.answered
        for service in pending.keys
        where !rebuild.heldBack.contains(service) && !rebuild.excluded.contains(service) {
            settle(service)
        }
        return true
    }

    /// Leaves out what a rebuild was refused for; returns whether there is anything left to try.
    private func leaveOut(
        _ failures: [OperationFailure],
        of plan: Plan,
        from rebuild: inout Rebuild
    ) -> Bool {
        rebuild.rounds += 1
        guard rebuild.rounds <= Self.exclusionRoundsMax else { return false }
        let blamesTables = failures.contains { $0.operation != nil && plan.suspects(for: $0).isEmpty }
        if blamesTables, !rebuild.replacesTables {
            // Something foreign cannot be removed piece by piece; no Service is at fault for what follows from it.
            rebuild.replacesTables = true
            return true
        }
        let precise = failures.filter { $0.element != nil }
        let culprits = Set(precise.flatMap { plan.suspects(for: $0) })
        for service in culprits {
            let wanted = wanted(for: service)
            // What was programmed before takes its place, unless that was what is refused.
            if !canFallBack(service, in: rebuild) { rebuild.excluded.insert(service) }
            quarantine(wanted, precise.filter { plan.suspects(for: $0) == [service] })
        }
        if !culprits.isEmpty { return true }
        let suspects = Set(failures.flatMap { plan.suspects(for: $0) })
        for service in suspects {
            if canFallBack(service, in: rebuild) {
                rebuild.heldBack.insert(service)
            } else {
                pending[service] = wanted(for: service)
                rebuild.excluded.insert(service)
            }
        }
        if !suspects.isEmpty { return true }
        guard !rebuild.replacesTables else { return false }
        rebuild.replacesTables = true
        return true
    }

    /// Whether the last attempt had something newer for the Service than what was programmed before.
    private func canFallBack(_ service: ObjectName, in rebuild: Rebuild) -> Bool {
        pending[service] != nil && !rebuild.heldBack.contains(service)
            && !plane.snapshot(of: service).frontEnds.isEmpty
    }

    private func wanted(for service: ObjectName) -> ServiceSnapshot {
        pending[service] ?? refused[service]?.snapshot ?? plane.snapshot(of: service)
    }

    // MARK: - What flows remember

    /// How often the purge starts over because an element ended by itself meanwhile.
    private static let purgeAttemptsMax = 5

    /// Forgets the clients that are remembered as those of departed endpoints, so that their next flow is balanced anew.
    ///
    /// Where this does not succeed, rules forget each of them at its next packet, and drop that one.
    ///
    /// - Parameter departed: Endpoints, as commits report them.
    /// - Returns: How many clients were forgotten.
    /// - Throws: Why the kernel could not be asked.
    package func forgetClients(of departed: [DepartedEndpoint]) throws(RulesetError) -> Int {
        try forgetClients { DataPlane.staleClients($0, of: departed, in: $1) }
    }

    /// Forgets the clients that are remembered as those of endpoints which departed while nobody took note.
    ///
    /// - Returns: How many clients were forgotten.
    /// - Throws: Why the kernel could not be asked.
    package func forgetStrayClients() throws(RulesetError) -> Int {
        try forgetClients { plane.strayClients($0, in: $1) }
    }

    private func forgetClients(_ select: ([Element], Table) -> [Element]) throws(RulesetError) -> Int {
        var forgotten = 0
        for table in plane.tables {
            for _ in 0..<Self.purgeAttemptsMax {
                let map = DataPlane.affinityMap(of: table)
                let stale = select(try store.elements(of: map, in: table), table)
                if stale.isEmpty { break }
                do throws(RulesetError) {
                    try store.apply(Transaction([.deleteElements(table, set: map.name, stale)]))
                    forgotten += stale.count
                    break
                } catch {
                    // One of them may have ended by itself between the listing and the deletion.
                    guard case .refused = error else { throw error }
                }
            }
        }
        return forgotten
    }

    /// The endpoints of every front end of a transport protocol.
    ///
    /// A front end may be that of two Services, while the kernel refuses what would take it from one of them.
    package func endpoints(of transport: TransportProtocol) -> [FrontEndKey: Set<TransportAddress>] {
        var endpoints: [FrontEndKey: Set<TransportAddress>] = [:]
        for service in plane.services {
            for frontEnd in plane.snapshot(of: service).frontEnds where frontEnd.key.transport == transport {
                endpoints[frontEnd.key, default: []].formUnion(frontEnd.destinations)
            }
        }
        return endpoints
    }

    // MARK: - Nothing

    /// Removes the tables and all that is in them; returns how many there were.
    package func cleanup() throws(RulesetError) -> Int {
        let found = try contents(of: plane.tables)
        try store.apply(DataPlane.cleanup(of: found))
        tables = .none
        return found.count
    }
}

extension OperationFailure {
    /// Whether the refusal says that the kernel holds something else than was programmed.
    fileprivate var suggestsDrift: Bool { reason == .notFound || reason == .exists || reason == .busy }

    fileprivate func shifted(by offset: Int) -> OperationFailure {
        OperationFailure(operation: operation.map { $0 + offset }, element: element, reason: reason)
    }
}
