internal import LinuxSystem
internal import NetfilterKernel
internal import NetworkAddress
internal import Nftables
internal import ServiceModel
internal import Synchronization

/// Forgets tracked UDP flows that would stay with endpoints which have gone.
///
/// A UDP flow is tracked for as long as its client keeps sending, so that it would never be balanced anew. TCP flows are
/// left alone: they end by themselves, and an endpoint may be finishing them. The work is done on a thread of its own,
/// after the kernel has the new rules: a flow that is forgotten before comes straight back. It is done a moment later,
/// because an answer on its way back finds its client by the tracked flow alone.
final class ConnectionCleaner: Sendable {
    /// What a pass did.
    struct Outcome: Sendable {
        let family: AddressFamily
        let deleted: Int
        let took: Duration
        /// Why the kernel could not be asked, if so.
        let failure: RulesetError?
    }

    /// The most jobs that wait.
    ///
    /// More come only while the kernel does not answer. What is left out is found by clients: their flows time out.
    private static let jobsMax = 100_000

    /// How long answers have that are on their way when an endpoint goes; jobs are gathered meanwhile.
    private static let grace = Duration.milliseconds(250)

    /// Up to how many jobs the kernel is asked for each one's flows; for more it lists all UDP flows once.
    private static let separateListingsMax = 8

    private struct State: ~Copyable {
        /// The jobs that wait, each with the time from which on it may be done; the earliest first.
        var jobs: [(job: CleaningJob, due: ContinuousClock.Instant)] = []
        /// Endpoints that came while jobs are being done: flows to them are right.
        var spared: [FrontEndKey: Set<TransportAddress>] = [:]
        var isEnding = false
        var thread: LinuxSystem.Thread?
    }

    private let state = Mutex(State())
    private let wakeup: Wakeup
    private let finished: @Sendable (Outcome) -> Void

    /// Creates a cleaner that does nothing before `start`.
    ///
    /// - Parameter finished: Called on the cleaner's thread with what each pass did.
    /// - Throws: Why the kernel gives no descriptor.
    init(finished: @escaping @Sendable (Outcome) -> Void) throws(Errno) {
        self.finished = finished
        wakeup = try Wakeup()
    }

    /// Starts the thread, in the network namespace of the calling thread.
    ///
    /// - Throws: Why the system gives no thread.
    func start() throws(Errno) {
        try state.withLock { state throws(Errno) in
            state.thread = try LinuxSystem.Thread("fairlead-flows") { self.run() }
        }
    }

    /// Adds jobs; returns at once.
    func add(_ jobs: [CleaningJob]) {
        guard !jobs.isEmpty else { return }
        state.withLock { state in
            let due = ContinuousClock.now + Self.grace
            state.jobs += jobs.prefix(max(0, Self.jobsMax - state.jobs.count)).map { ($0, due) }
        }
        wakeup.ring()
    }

    /// Spares flows that a job would no longer be right about: the endpoints are those of the front ends now.
    func keep(_ endpoints: [FrontEndKey: Set<TransportAddress>]) {
        guard !endpoints.isEmpty else { return }
        state.withLock { state in
            state.jobs = state.jobs.compactMap { entry in
                entry.job.sparing(endpoints).map { (job: $0, due: entry.due) }
            }
            state.spared.merge(endpoints) { $0.union($1) }
        }
    }

    /// Ends the thread, if there is one, and waits for it.
    func stop() {
        let running = state.withLock { state in
            state.isEnding = true
            return state.thread.take()
        }
        wakeup.ring()
        if let running { running.join() }
    }

    // MARK: - The thread

    private func run() {
        var table: ConnectionTable?
        while true {
            let timeout = state.withLock { $0.jobs.first.map { max(.zero, $0.due - .now) } }
            var waits = [Readiness(of: wakeup.descriptor, reading: true)]
            // It fails for a bad descriptor alone, and this one is ours.
            guard (try? Readiness.wait(for: &waits, timeout: timeout)) != nil else { return }
            wakeup.answer()
            let (jobs, isEnding) = state.withLock { state -> ([CleaningJob], Bool) in
                let now = ContinuousClock.now
                let due = state.jobs.prefix { $0.due <= now }
                state.jobs.removeFirst(due.count)
                state.spared.removeAll()
                return (due.map(\.job), state.isEnding)
            }
            if isEnding { return }
            for family in AddressFamily.allCases { clean(jobs.filter { $0.concerns(family) }, family, &table) }
        }
    }

    private func clean(_ jobs: [CleaningJob], _ family: AddressFamily, _ table: inout ConnectionTable?) {
        guard !jobs.isEmpty else { return }
        let began = ContinuousClock.now
        var deleted = 0
        var failure: RulesetError?
        do throws(RulesetError) {
            let opened: ConnectionTable
            if let table { opened = table } else { opened = try ConnectionTable() }
            table = opened
            // Without the addresses nothing is done for node ports, as flows of other hosts may share the port.
            let local = Set((try? LocalAddresses.current()) ?? [])
            if jobs.count <= Self.separateListingsMax {
                for job in jobs {
                    let matcher = FlowMatcher([job], local: local)
                    deleted += try opened.deleteConnections(job.filter(family)) { isStale($0, matcher) }
                }
            } else {
                let matcher = FlowMatcher(jobs, local: local)
                let all = ConnectionFilter(family: family, transport: .udp)
                deleted += try opened.deleteConnections(all) { isStale($0, matcher) }
            }
        } catch {
            failure = error
            table = nil
        }
        finished(Outcome(family: family, deleted: deleted, took: .now - began, failure: failure))
    }

    /// Whether a flow that was listed is meant, and its endpoint has not come back since the jobs were taken.
    ///
    /// Flows to an endpoint that comes back start after `keep` was told of it, so that it is known here by then.
    private func isStale(_ flow: TrackedConnection, _ matcher: FlowMatcher) -> Bool {
        guard matcher.matches(flow) else { return false }
        let spared = state.withLock { $0.spared.filter { $0.value.contains(flow.replySource) } }
        return !spared.keys.contains { $0.transport == .udp && $0.port == flow.originalDestination.port }
    }
}
