internal import LinuxSystem
package import NetworkAddress
package import ServiceDiscovery
package import ServiceModel
package import Telemetry

/// What probes are told about the agent: how far the kernel is behind, and what becomes of the node.
///
/// Pure: every change and every question brings its own time.
package struct AgentStatus: Hashable, Sendable {
    /// A moment on both clocks: one to measure by, one to show.
    package struct Moment: Hashable, Sendable {
        /// The clock that never jumps.
        package let monotonic: ContinuousClock.Instant
        /// The calendar's clock.
        package let wall: WallTime

        /// Describes a moment.
        package init(monotonic: ContinuousClock.Instant, wall: WallTime) {
            self.monotonic = monotonic
            self.wall = wall
        }

        /// The present.
        package static var now: Moment {
            let (seconds, nanoseconds) = wallClockNanoseconds().quotientAndRemainder(dividingBy: 1_000_000_000)
            return Moment(monotonic: .now, wall: WallTime(seconds: seconds, nanoseconds: Int32(nanoseconds)))
        }
    }

    /// How one family of addresses fares.
    private struct FamilyStatus: Hashable, Sendable {
        /// When the kernel last took everything; nil before the first time.
        var lastUpdated: WallTime?
        /// When the oldest change came that the kernel has not taken.
        var queuedSince: ContinuousClock.Instant?
        /// Whether another program changed our table, and it is not yet mended.
        var isDamaged = false
    }

    /// How long a change may wait for the kernel before the agent counts as unhealthy.
    package let patience: Duration

    /// Whether load balancers should send new flows to this node.
    package var node = NodeEligibility.eligible

    /// How many endpoints of this node are ready, for each Service with a health check port, by family.
    package var localEndpoints: [ObjectName: [AddressFamily: Int]] = [:]

    /// The families that are programmed.
    private let programmed: [AddressFamily]
    private var families: [AddressFamily: FamilyStatus] = [:]

    /// Describes an agent that has nothing to do yet, and so is healthy.
    ///
    /// - Parameters:
    ///   - syncPeriod: What kube-proxy calls so; patience is twice as long.
    ///   - families: Those that are programmed; nothing is said of others.
    package init(syncPeriod: Duration, families: Set<AddressFamily> = Set(AddressFamily.allCases)) {
        patience = syncPeriod * 2
        programmed = families.sorted()
    }

    // MARK: - Changes

    /// Notes that changes wait for the kernel; the oldest that still waits counts.
    package mutating func queued(at moment: Moment) {
        for family in programmed where families[family]?.queuedSince == nil {
            families[family, default: FamilyStatus()].queuedSince = moment.monotonic
        }
    }

    /// Notes that the kernel has taken everything; damage is mended only when it was written anew.
    package mutating func synced(at moment: Moment, isRebuild: Bool) {
        for family in programmed {
            families[family, default: FamilyStatus()].lastUpdated = moment.wall
            families[family]?.queuedSince = nil
            if isRebuild { families[family]?.isDamaged = false }
        }
    }

    /// Notes that another program changed our tables.
    package mutating func damaged() {
        for family in programmed { families[family, default: FamilyStatus()].isDamaged = true }
    }

    // MARK: - Questions

    /// Whether another program changed our tables, and they are not yet mended.
    package var isDamaged: Bool { families.values.contains(where: \.isDamaged) }

    /// When the kernel last took everything, in any family; nil before the first time.
    var lastUpdated: WallTime? { families.values.compactMap(\.lastUpdated).max() }

    /// Whether the kernel holds what is wanted, or is about to.
    package func isHealthy(at moment: Moment) -> Bool {
        AddressFamily.allCases.allSatisfy { isHealthy($0, at: moment) }
    }

    /// The families that there is something to say about: when they were last updated, and whether all is well.
    func familyReports(
        at moment: Moment
    ) -> [(family: AddressFamily, lastUpdated: WallTime?, isHealthy: Bool)] {
        AddressFamily.allCases.compactMap { family in
            let isHealthy = isHealthy(family, at: moment)
            guard let status = families[family], status.lastUpdated != nil || !isHealthy else { return nil }
            return (family, status.lastUpdated, isHealthy)
        }
    }

    private func isHealthy(_ family: AddressFamily, at moment: Moment) -> Bool {
        guard let status = families[family] else { return true }
        if status.isDamaged { return false }
        return status.queuedSince.map { moment.monotonic - $0 < patience } ?? true
    }
}
