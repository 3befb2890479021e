package import Nftables
package import ServiceModel
package import ServiceRules

/// What one commit did.
package struct CommitReport: Hashable, Sendable {
    /// The number of elements that were deleted or added, without those that a rebuild wrote again.
    package var elements = 0

    /// Whether everything was written again.
    package var isRebuild = false

    /// The Services that the kernel refused, with its reasons, beyond those that it refused before.
    package var quarantined: [ObjectName: String] = [:]

    /// The Services that were refused before and are programmed now.
    package var released: [ObjectName] = []
}

/// Brings the kernel to what is wanted: the smallest change if it can, everything again if it must.
///
/// A Service that the kernel refuses is quarantined: what was programmed for it stays, everything else proceeds,
/// and it is tried again when it changes, or when `retryQuarantined` is called.
package final class RulesetCommitter {
    private let store: any RulesetStore
    private var plane: DataPlane

    /// Snapshots that the kernel has not taken: the newest of each Service.
    private var pending: [ObjectName: ServiceSnapshot] = [:]

    /// The Services that the kernel refuses, with what is wanted for them, and its reasons.
    private var refused: [ObjectName: (snapshot: ServiceSnapshot, reason: String)] = [:]

    /// How often a rebuild starts again because others change the ruleset; then it goes ahead whatever they do.
    private static let generationConflictsMax = 5

    /// How many Services a rebuild leaves out, one refusal after the other, before it gives up.
    private static let exclusionRoundsMax = 1000

    /// Creates a committer for a kernel that may hold anything; call `rebuild` first.
    package init(store: any RulesetStore, configuration: DataPlaneConfiguration) {
        self.store = store
        plane = DataPlane(configuration: configuration)
    }

    /// The Services that the kernel refuses, with its reasons.
    package var quarantined: [ObjectName: String] { refused.mapValues(\.reason) }

    /// Whether snapshots wait that the kernel has not taken.
    package var hasPending: Bool { !pending.isEmpty }

    /// The number of Services that something is programmed for.
    package var serviceCount: Int { plane.serviceCount }

    // MARK: - The smallest change

    /// Programs snapshots.
    ///
    /// When this throws, nothing is lost: the snapshots wait for the next commit or rebuild.
    ///
    /// - Parameter snapshots: What is wanted, the newest last; Services that are not named stay as they are.
    /// - Returns: What was done.
    /// - Throws: Why the kernel could not be asked, or refuses whatever it is given.
    package func commit(_ snapshots: [ServiceSnapshot]) throws(RulesetError) -> CommitReport {
        for snapshot in snapshots { pending[snapshot.service] = snapshot }
        var report = CommitReport()
        do throws(CommitFailure) {
            try land(pending.values.sorted { $0.service < $1.service }, &report)
        } catch {
            switch error {
            case .store(let error): throw error
            // The kernel does not hold what was programmed: somebody else changed it.
            case .drift: return try rebuild()
            }
        }
        return report
    }

    /// Tries the Services again that the kernel refused.
    package func retryQuarantined() throws(RulesetError) -> CommitReport {
        try commit(refused.values.map(\.snapshot))
    }

    private enum CommitFailure: Error {
        case store(RulesetError)
        case drift
    }

    /// Programs snapshots in one transaction, or in several when the kernel refuses some.
    private func land(_ snapshots: [ServiceSnapshot], _ report: inout CommitReport) throws(CommitFailure) {
        guard !snapshots.isEmpty else { return }
        let plan = plane.plan(snapshots)
        do throws(RulesetError) {
            if !plan.transaction.isEmpty { try store.apply(plan.transaction) }
        } catch {
            guard case .refused(let failures) = error else { throw .store(error) }
            if failures.contains(where: \.suggestsDrift) { throw .drift }
            try isolate(snapshots, failures, plan, &report)
            return
        }
        plane.adopt(plan)
        report.elements += plan.transaction.elementCount
        for snapshot in snapshots { settle(snapshot.service, &report) }
    }

    /// Finds the Services that make the kernel refuse, and programs the others.
    private func isolate(
        _ snapshots: [ServiceSnapshot],
        _ failures: [OperationFailure],
        _ plan: Plan,
        _ report: inout CommitReport
    ) throws(CommitFailure) {
        if snapshots.count == 1 {
            quarantine(snapshots[0], failures, &report)
            return
        }
        let culprits = Set(failures.filter { $0.element != nil }.flatMap { plan.suspects(for: $0) })
        if !culprits.isEmpty {
            for snapshot in snapshots where culprits.contains(snapshot.service) {
                quarantine(snapshot, failures.filter { plan.suspects(for: $0) == [snapshot.service] }, &report)
            }
            try land(snapshots.filter { !culprits.contains($0.service) }, &report)
        } else {
            // The kernel did not tell which element: halve the batch until the culprit stands alone.
            let middle = snapshots.count / 2
            try land(Array(snapshots[..<middle]), &report)
            try land(Array(snapshots[middle...]), &report)
        }
    }

    private func quarantine(
        _ snapshot: ServiceSnapshot,
        _ failures: [OperationFailure],
        _ report: inout CommitReport
    ) {
        let reason = failures.first?.reason.description ?? "refused without a reason"
        if refused[snapshot.service]?.reason != reason { report.quarantined[snapshot.service] = reason }
        refused[snapshot.service] = (snapshot, reason)
        pending[snapshot.service] = nil
    }

    private func settle(_ service: ObjectName, _ report: inout CommitReport) {
        pending[service] = nil
        if refused.removeValue(forKey: service) != nil { report.released.append(service) }
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
    /// - Throws: Why the kernel could not be asked, or refuses whatever it is given; the snapshots wait then.
    package func rebuild(
        _ snapshots: [ServiceSnapshot] = [],
        configuration: DataPlaneConfiguration? = nil
    ) throws(RulesetError) -> CommitReport {
        for snapshot in snapshots { pending[snapshot.service] = snapshot }
        // A rebuild is a new chance for what the kernel refused.
        for (service, entry) in refused where pending[service] == nil { pending[service] = entry.snapshot }
        var report = CommitReport(isRebuild: true)
        var rebuild = Rebuild(configuration: configuration)
        while try !attempt(&rebuild, &report) {}
        // Services that may be the reason of a refusal are tried apart from all others.
        do throws(CommitFailure) {
            try land(rebuild.suspects, &report)
        } catch {
            guard case .store(let error) = error else {
                throw .channel(step: "commit after a rebuild", reason: .notFound)
            }
            throw error
        }
        return report
    }

    /// The state of a rebuild from one attempt to the next.
    private struct Rebuild {
        let configuration: DataPlaneConfiguration?
        /// Services that are left out: the kernel refused them, or may have.
        var excluded: Set<ObjectName> = []
        /// Those of them that are tried afterwards.
        var suspects: [ServiceSnapshot] = []
        /// Whether the tables are deleted and made anew, because emptying them was refused.
        var replacesTables = false
        var conflicts = 0
        var rounds = 0
    }

    /// Makes one attempt; returns whether it succeeded, or throws when another cannot help.
    private func attempt(_ rebuild: inout Rebuild, _ report: inout CommitReport) throws(RulesetError) -> Bool {
        let generation = try store.generation()
        var found: [Table: TableContents] = [:]
        for table in plane.tables { found[table] = try store.contents(of: table) }
        let prefix = rebuild.replacesTables ? DataPlane.cleanup(of: found).operations : []
        let plan = plane.rebuild(
            replacing: rebuild.replacesTables ? [:] : found,
            changing: pending.values.sorted { $0.service < $1.service },
            excluding: rebuild.excluded,
            configuration: rebuild.configuration
        )
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
                guard try exclude(planned, of: plan, from: &rebuild, &report) else { throw error }
            default:
                throw error
            }
            return false
        }
        plane.adopt(plan, configuration: rebuild.configuration)
        for service in pending.keys where !rebuild.excluded.contains(service) { settle(service, &report) }
        return true
    }

    /// Leaves out what a rebuild was refused for; returns whether there is anything left to try.
    private func exclude(
        _ failures: [OperationFailure],
        of plan: Plan,
        from rebuild: inout Rebuild,
        _ report: inout CommitReport
    ) throws(RulesetError) -> Bool {
        rebuild.rounds += 1
        guard rebuild.rounds <= Self.exclusionRoundsMax else { return false }
        let precise = failures.filter { $0.element != nil }
        let culprits = Set(precise.flatMap { plan.suspects(for: $0) })
        for service in culprits {
            let snapshot = pending[service] ?? plane.snapshot(of: service)
            quarantine(snapshot, precise.filter { plan.suspects(for: $0) == [service] }, &report)
        }
        rebuild.excluded.formUnion(culprits)
        if !culprits.isEmpty { return true }
        let suspects = Set(failures.flatMap { plan.suspects(for: $0) }).subtracting(rebuild.excluded)
        if !suspects.isEmpty {
            for service in suspects.sorted() {
                rebuild.suspects.append(pending[service] ?? plane.snapshot(of: service))
            }
            rebuild.excluded.formUnion(suspects)
            return true
        }
        // No Service is at fault: something foreign in the table cannot be removed piece by piece.
        guard !rebuild.replacesTables else { return false }
        rebuild.replacesTables = true
        return true
    }

    // MARK: - Nothing

    /// Removes the tables and all that is in them; returns how many there were.
    package func cleanup() throws(RulesetError) -> Int {
        var found: [Table: TableContents] = [:]
        for table in plane.tables { found[table] = try store.contents(of: table) }
        try store.apply(DataPlane.cleanup(of: found))
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
