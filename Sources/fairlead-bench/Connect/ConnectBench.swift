internal import LabKit
internal import LinuxSystem
internal import NetworkAddress

/// What a new connection through the node costs.
///
/// Q: what do the rules of a cluster add to a new TCP connection? Baseline: a node without rules, one that keeps account
/// of connections, and the peers, in turn. One client connects and resets, one connection after the other; the packets of
/// a connection pass client, node and pod in the client's own calls.
struct ConnectBench {
    /// How much is measured.
    struct Options {
        /// How many rounds count.
        var rounds = 8
        /// How many connections a round has at most.
        var connections = 4000
        /// How long a round takes at most.
        var roundTime = Duration.seconds(5)
        var check: () throws -> Void = {}
    }

    /// What one round of a subject gave.
    private struct Round {
        var durations: [Duration] = []
        var elapsed = Duration.zero
        var processorTime = Duration.zero

        func percentile(_ share: Double) -> Duration {
            let index = Int((Double(durations.count) * share).rounded(.up)) - 1
            return durations.sorted()[max(0, index)]
        }
    }

    let cluster: SyntheticCluster
    let options: Options

    /// How many connections pass between two looks at the clock of the round.
    private static let stride = 64

    /// Measures subjects in turn, and calls a closure with the results of each.
    func run(_ subjects: [ConnectSubject], _ finished: (Measurement, Measurement?) -> Void) throws {
        var rates = subjects.map { Measurement("connect-rate", of: $0.name, .connectionsPerSecond, at: cluster) }
        var halves = subjects.map { Measurement("connect-p50", of: $0.name, at: cluster) }
        var tails = subjects.map { Measurement("connect-p99", of: $0.name, at: cluster) }
        var costs = subjects.map { Measurement("connect-cpu", of: $0.name, at: cluster) }
        // The first round warms up and counts for nothing.
        for number in 0...max(1, options.rounds) {
            for (index, subject) in subjects.enumerated() {
                let round = try round(of: subject, number)
                if number == 0 { continue }
                let count = Double(round.durations.count)
                rates[index].samples.append(count / (round.elapsed / .seconds(1)))
                halves[index].append(round.percentile(0.5))
                tails[index].append(round.percentile(0.99))
                costs[index].samples.append(round.processorTime / .microseconds(1) / count)
            }
        }
        for index in subjects.indices {
            finished(rates[index], costs[index])
            finished(halves[index], nil)
            finished(tails[index], nil)
        }
    }

    private func round(of subject: ConnectSubject, _ number: Int) throws -> Round {
        let round = try subject.lab.inClient { try connect(subject, number, $0) }
        try checkTracking(of: subject)
        return round
    }

    private func connect(_ subject: ConnectSubject, _ number: Int, _ probe: ConnectionProbe) throws -> Round {
        var round = Round()
        round.durations.reserveCapacity(options.connections)
        var reached: Set<Int> = []
        let processorBefore = threadProcessorTime()
        let began = ContinuousClock.now
        while round.durations.count < options.connections {
            // Every round asks for other Services first.
            let index = (number &* 31 &+ round.durations.count) % subject.targets.count
            let target = subject.targets[index]
            let made = try probe.connect(to: target.address)
            let (service, endpoint) = cluster.owner(of: made.endpoint)
            guard service == target.service, endpoint < cluster.endpoints,
                target.number == nil || target.number == endpoint
            else {
                throw BenchFault(
                    "\(subject.name): \(target.address) leads to \(made.endpoint), which is no endpoint of it: "
                        + "the measurement is void"
                )
            }
            reached.insert(endpoint)
            round.durations.append(made.duration)
            guard round.durations.count.isMultiple(of: Self.stride) else { continue }
            try options.check()
            if ContinuousClock.now > began + options.roundTime { break }
        }
        round.elapsed = .now - began
        round.processorTime = threadProcessorTime() - processorBefore
        // A fair choice misses one of them once in 10¹⁰ rounds.
        guard round.durations.count < 24 * cluster.endpoints || reached.count == cluster.endpoints else {
            throw BenchFault(
                "\(subject.name) leads to \(reached.count) of \(cluster.endpoints) endpoints: the measurement is void"
            )
        }
        return round
    }

    /// Checks that the node knows of the connections if it should, and knows of none otherwise.
    private func checkTracking(of subject: ConnectSubject) throws {
        let count = try subject.lab.inNode { try KernelParameter.netfilter("nf_conntrack_count").read() }
        guard (count > 0) == subject.tracks else {
            throw BenchFault("\(subject.name): the node keeps account of \(count) connections: the measurement is void")
        }
    }
}
