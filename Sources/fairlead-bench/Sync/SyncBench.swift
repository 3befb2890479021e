internal import NetworkAddress

/// How long it takes a subject to bring a change to the kernel.
///
/// Q: what does one change cost at a given number of Services? Baseline: the floor and the peers of the same run.
/// Everything happens in network namespaces; after each case connections show that the kernel does what was asked.
final class SyncBench {
    /// How much is measured.
    struct Options {
        /// How many samples a case takes that changes endpoints; those that change more take a quarter.
        var rounds = 1000
        /// How often everything is programmed from nothing.
        var coldRounds = 3
        /// Told the name of each case when it begins.
        var progress: (String) -> Void = { _ in }
        /// How long a case may take, from a few samples on; nil sets no limit.
        var caseTime: Duration?
        var check: () throws -> Void = {}
    }

    private let lab: NodeLab
    private let subject: any SyncSubject
    private let options: Options
    private let finished: (Measurement, _ cpu: Measurement?) -> Void
    private var state: ClusterState

    private var cluster: SyntheticCluster { lab.cluster }

    /// The fewest samples of a case, however long they take.
    private static let samplesMin = 3
    /// How many first packets are waited for at most.
    private static let firstPacketsMax = 100

    /// Creates a bench for a subject, whose namespace is the node's.
    init(
        _ subject: any SyncSubject,
        in lab: NodeLab,
        _ options: Options,
        _ finished: @escaping (Measurement, _ cpu: Measurement?) -> Void
    ) {
        self.subject = subject
        self.lab = lab
        self.options = options
        self.finished = finished
        state = ClusterState(lab.cluster)
    }

    /// Measures every case, on a thread in the node's namespace.
    func run() throws {
        try everything()
        try endpointCases()
        try serviceCases()
        try hundredChanges()
        try rollingUpdate()
        try firstPacket()
        try listing()
        try subject.check()
    }

    // MARK: - Everything

    private func everything() throws {
        var cold = Case("cold", self)
        var kernel = Measurement("kernel-memory", of: subject.name, .bytes, at: cluster)
        var peak: Int?
        for round in 0..<max(1, options.coldRounds) {
            if cold.isOver(atLeast: 1) { break }
            if round > 0 { try subject.removeAll() }
            let before = try KernelMemory.settle()
            let sample = try subject.programCold()
            kernel.samples.append(Double(try KernelMemory.settle() - before))
            peak = [peak, sample.peakBytes].compactMap(\.self).max()
            cold.add(sample)
        }
        try lab.check(cluster.services - 1, leadsTo: all, by: subject.name)
        try subject.check()
        cold.finish()
        finished(kernel, nil)
        // A program that is over before anybody looks has no known peak.
        if let peak, peak > 0 {
            finished(Measurement("peak-memory", of: subject.name, .bytes, at: cluster, samples: [Double(peak)]), nil)
        }
        var warm = Case("warm-restart", self)
        for _ in 0..<max(1, options.coldRounds) where !warm.isOver(atLeast: 1) { warm.add(try subject.programAgain()) }
        try lab.check(0, leadsTo: all, by: subject.name)
        try subject.check()
        warm.finish()
    }

    private var all: [Int] { Array(0..<cluster.endpoints) }

    // MARK: - One Service

    private func endpointCases() throws {
        let (all, fewer) = (all, Array(all.dropLast()))
        let last = cluster.endpoints
        try changes("endpoint-replaced", rounds: options.rounds) { round in
            (all, fewer + [last + round % 2])
        }
        if cluster.endpoints >= 3 {
            try changes("endpoint-removed", rounds: options.rounds) { _ in (all, fewer) }
            try changes("endpoint-added", rounds: options.rounds) { _ in (fewer, all) }
        }
        try changes("class-crossed", rounds: options.rounds / 4) { _ in (all, Array(0..<(last * 2))) }
    }

    /// Changes the endpoints of one Service after the other; those before the change are programmed unmeasured.
    private func changes(
        _ name: String,
        rounds: Int,
        _ endpoints: (_ round: Int) -> (before: [Int], after: [Int])
    ) throws {
        var measured = Case(name, self)
        var last = 0
        for round in 0..<max(rounds, Self.samplesMin) where !measured.isOver(atLeast: Self.samplesMin) {
            // Spread over the cluster, and the same ones in every run and for every subject.
            last = (round * 7919) % cluster.services
            let (before, after) = endpoints(round)
            if state.endpoints[last] != before { _ = try program([.endpoints(of: last, before)]) }
            measured.add(try program([.endpoints(of: last, after)]))
        }
        try subject.tidy()
        if let numbers = state.endpoints[last] { try lab.check(last, leadsTo: numbers, by: subject.name) }
        measured.finish()
    }

    private func program(_ changes: [ClusterChange]) throws -> SyncSample {
        try options.check()
        let sample = try subject.program(changes)
        for change in changes { state.apply(change) }
        return sample
    }

    private func serviceCases() throws {
        var added = Case("service-added", self)
        var removed = Case("service-removed", self)
        for round in 0..<max(options.rounds / 4, Self.samplesMin)
        where !added.isOver(atLeast: Self.samplesMin) && !removed.isOver(atLeast: Self.samplesMin) {
            let service = cluster.services + round
            added.add(try program([.added(service, all)]))
            if round == 0 { try lab.check(service, leadsTo: all, by: subject.name) }
            removed.add(try program([.removed(service)]))
            if round == 0 { try lab.checkIsGone(service, by: subject.name) }
        }
        try subject.tidy()
        added.finish()
        removed.finish()
    }

    // MARK: - Many changes

    private func hundredChanges() throws {
        var measured = Case("hundred-changes", self)
        let services = (0..<min(100, cluster.services)).map { ($0 * 97) % cluster.services }
        let changed = Set(services).sorted()
        for round in 0..<max(options.rounds / 4, Self.samplesMin) where !measured.isOver(atLeast: Self.samplesMin) {
            let endpoints = all.dropLast() + [cluster.endpoints + round % 2]
            measured.add(try program(changed.map { .endpoints(of: $0, Array(endpoints)) }))
        }
        try subject.tidy()
        for service in [changed.first, changed.last].compactMap(\.self) {
            if let numbers = state.endpoints[service] { try lab.check(service, leadsTo: numbers, by: subject.name) }
        }
        measured.finish()
    }

    /// Replaces every endpoint of a Service: each new one comes before an old one goes; all steps are one sample.
    private func rollingUpdate() throws {
        var measured = Case("rolling-update", self)
        let count = cluster.endpoints
        var last = 0
        for round in 0..<max(options.rounds / 20, Self.samplesMin) where !measured.isOver(atLeast: 1) {
            last = (round * 7919 + 1) % cluster.services
            var numbers = all
            if state.endpoints[last] != numbers { _ = try program([.endpoints(of: last, numbers)]) }
            var whole: SyncSample?
            for new in count..<(count * 2) {
                numbers.append(new)
                whole = whole + (try program([.endpoints(of: last, numbers)]))
                numbers.removeFirst()
                whole = whole + (try program([.endpoints(of: last, numbers)]))
            }
            if let whole { measured.add(whole) }
        }
        try subject.tidy()
        if let numbers = state.endpoints[last] { try lab.check(last, leadsTo: numbers, by: subject.name) }
        measured.finish()
    }

    // MARK: - The first packet

    /// Replaces the only endpoint of a Service while a client connects to it without a break.
    private func firstPacket() throws {
        options.progress("first-packet")
        var measurement = Measurement("first-packet", of: subject.name, at: cluster)
        // One that no other case has touched.
        let service = cluster.services + 50_000
        _ = try program([.added(service, [0])])
        let deadline = options.caseTime.map { ContinuousClock.now + $0 }
        let target = TransportAddress(cluster.clusterIP(service), SyntheticCluster.servicePort)
        try FirstPacketWatch.run(target, in: lab) { watch in
            for round in 0..<min(Self.firstPacketsMax, max(options.rounds, Self.samplesMin)) {
                if let deadline, .now > deadline, round >= Self.samplesMin { break }
                let (current, next) = (round % 2, 1 - round % 2)
                try watch.expect(
                    cluster.endpoint(service, next),
                    after: cluster.endpoint(service, current),
                    check: options.check
                )
                let sample = try program([.endpoints(of: service, [next])])
                measurement.append(try watch.first(check: options.check) - sample.began)
            }
        }
        _ = try program([.removed(service)])
        try subject.tidy()
        finished(measurement, nil)
    }

    /// Measures what a subject reads from the kernel at every sync, if it does.
    private func listing() throws {
        var measured = Case("table-listed", self)
        for _ in 0..<Self.samplesMin where !measured.isOver(atLeast: 1) {
            guard let sample = try subject.listing() else { return }
            measured.add(sample)
        }
        measured.finish()
    }

    // MARK: - A case

    /// The samples of a case, and how long it may go on.
    private struct Case {
        private var time: Measurement
        private var processorTime: Measurement
        private let finished: (Measurement, _ cpu: Measurement?) -> Void
        private let deadline: ContinuousClock.Instant?

        init(_ name: String, _ bench: SyncBench) {
            bench.options.progress(name)
            time = Measurement(name, of: bench.subject.name, at: bench.cluster)
            processorTime = Measurement("\(name)-cpu", of: bench.subject.name, at: bench.cluster)
            finished = bench.finished
            deadline = bench.options.caseTime.map { ContinuousClock.now + $0 }
        }

        func isOver(atLeast count: Int) -> Bool {
            guard let deadline, time.samples.count >= count else { return false }
            return ContinuousClock.now > deadline
        }

        mutating func add(_ sample: SyncSample) {
            time.append(sample.duration)
            processorTime.append(sample.processorTime)
        }

        func finish() { finished(time, processorTime) }
    }
}

extension SyncSample? {
    /// Both one after the other.
    fileprivate static func + (left: SyncSample?, right: SyncSample) -> SyncSample {
        guard let left else { return right }
        return SyncSample(
            began: left.began,
            duration: left.duration + right.duration,
            processorTime: left.processorTime + right.processorTime
        )
    }
}
