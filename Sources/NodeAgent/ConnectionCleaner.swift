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
/// after the kernel has the new rules: a flow that is forgotten before comes straight back.
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

    /// Up to how many jobs the kernel is asked for each one's flows; for more it lists all UDP flows once.
    private static let separateListingsMax = 8

    private struct State: ~Copyable {
        var jobs: [CleaningJob] = []
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
        state.withLock { $0.jobs += jobs.prefix(max(0, Self.jobsMax - $0.jobs.count)) }
        wakeup.ring()
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
            var waits = [Readiness(of: wakeup.descriptor, reading: true)]
            // It fails for a bad descriptor alone, and this one is ours.
            guard (try? Readiness.wait(for: &waits, timeout: nil)) != nil else { return }
            wakeup.answer()
            let (jobs, isEnding) = state.withLock { state in
                defer { state.jobs = [] }
                return (state.jobs, state.isEnding)
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
                    deleted += try opened.deleteConnections(job.filter(family)) { matcher.matches($0) }
                }
            } else {
                let matcher = FlowMatcher(jobs, local: local)
                let all = ConnectionFilter(family: family, transport: .udp)
                deleted += try opened.deleteConnections(all) { matcher.matches($0) }
            }
        } catch {
            failure = error
            table = nil
        }
        finished(Outcome(family: family, deleted: deleted, took: .now - began, failure: failure))
    }
}
