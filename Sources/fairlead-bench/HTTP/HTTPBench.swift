internal import LabKit
internal import LinuxSystem

/// How much processor time and memory a gateway needs beside its peers.
///
/// Q: what does a request cost? Baseline: Debian's proxies in the same run, and a relay that does nothing but relay.
/// Subjects run alone on processor 0, load and backend on processor 1, in turn; time is the scheduler's own account.
final class HTTPBench {
    /// What a run is about.
    struct Options {
        var gateway: String
        var subjects: [HTTPSubject]
        var cases: [HTTPCase]
        var rounds = 5
        var seconds = 1
        var idleConnections = 5000
    }

    private let options: Options
    private let lab: Lab
    private let backend: Backend
    private let check: () throws -> Void
    private var running: [RunningSubject] = []
    /// What is being measured, and what to say of it.
    private var current: (item: HTTPCase, text: String) = (HTTPCase.all[0], "")
    private var runningHosts = 0
    private let progress: (String) -> Void

    /// Creates a bench in a lab whose files the subjects write to.
    ///
    /// - Parameters:
    ///   - options: What the run is about.
    ///   - lab: Where the subjects find their files.
    ///   - backend: What is behind them.
    ///   - check: Throws when the bench is to end.
    ///   - progress: Is told what is being done.
    init(
        _ options: Options,
        lab: Lab,
        backend: Backend,
        check: @escaping () throws -> Void,
        progress: @escaping (String) -> Void
    ) {
        self.options = options
        self.lab = lab
        self.backend = backend
        self.check = check
        self.progress = progress
    }

    /// Measures every case, and calls a closure with the results of each: one for each subject that takes it.
    func run(_ finished: ([HTTPResult]) throws -> Void) throws {
        defer { stopAll() }
        for (index, item) in options.cases.enumerated() {
            try check()
            current = (item, "case \(index + 1) of \(options.cases.count), \(item.name)")
            if !options.subjects.contains(where: { $0.takes(item.work) }) { continue }
            progress("\(current.text): starting")
            switch item.work {
            case .requests(let body, let connections, let isTLS):
                try ensure(hosts: 1)
                let results = try rounds(item.name, .requestsPerCPUSecond) { subject in
                    { try self.wrk(subject, body, connections, isTLS: isTLS).requests }
                }
                try finished(results)
            case .routes(let hosts):
                try ensure(hosts: hosts)
                let script = try lab.write(WrkRun.script(hosts: hosts), to: "hosts.lua")
                let results = try rounds(item.name, .requestsPerCPUSecond) { subject in
                    { try self.wrk(subject, .small, 32, isTLS: false, script: script).requests }
                }
                try finished(results)
            case .handshakes(let resumed):
                try ensure(hosts: 1)
                let results = try rounds(item.name, .connectionsPerCPUSecond) { subject in
                    let driver = try self.driver(subject, isTLS: true, resumes: resumed)
                    if resumed { try driver.prime(concurrency: 16, host: HTTPSubject.host(0)) }
                    return {
                        try driver.churn(
                            concurrency: 16,
                            seconds: Double(self.options.seconds),
                            body: .small,
                            host: HTTPSubject.host(0)
                        )
                    }
                }
                try finished(results)
            case .latency: try latency(finished)
            case .memory(let isTLS): try memory(isTLS: isTLS, finished)
            }
            for subject in taking { try subject.takeLog() }
        }
    }

    // MARK: - Subjects

    private func setting(hosts: Int) -> HTTPSubject.Setting {
        HTTPSubject.Setting(gateway: options.gateway, directory: lab.directory, hosts: hosts)
    }

    /// Makes every subject that can serve with so many hosts in its table.
    private func ensure(hosts: Int) throws {
        if runningHosts == hosts { return }
        stopAll()
        for subject in options.subjects where hosts == 1 || subject.takes(.routes(hosts: hosts)) {
            running.append(try RunningSubject(subject, setting(hosts: hosts), in: lab, check: check))
        }
        runningHosts = hosts
    }

    /// The subjects that serve and take the current case.
    private var taking: [RunningSubject] { running.filter { $0.subject.takes(current.item.work) } }

    private func stopAll() {
        for subject in running { subject.stop() }
        running = []
        runningHosts = 0
    }

    private func driver(_ subject: RunningSubject, isTLS: Bool, resumes: Bool = false) throws -> LoadDriver {
        let port = isTLS ? subject.subject.tlsPort : subject.subject.plainPort
        return try LoadDriver(port: port, isTLS: isTLS, resumes: resumes, check: check)
    }

    // MARK: - Rounds

    /// Measures the subjects in turn; the first round is for warming up and counts for nothing.
    ///
    /// - Parameters:
    ///   - name: The name of the case.
    ///   - unit: What is counted for each second of processor time.
    ///   - prepare: Prepares a subject, and returns what makes it work, which returns how much it did.
    /// - Returns: A result for each subject.
    /// - Throws: What makes the measurement void.
    private func rounds(
        _ name: String,
        _ unit: HTTPResult.Unit,
        _ prepare: (RunningSubject) throws -> () throws -> Int
    ) throws -> [HTTPResult] {
        var results = taking.map { HTTPResult(name: name, subject: $0.subject, unit: unit) }
        for round in 0...options.rounds {
            for (index, subject) in taking.enumerated() {
                tell(round, subject)
                let work = try naming(subject) { try prepare(subject) }
                let servedBefore = backend.counts
                let before = try subject.accounts.times()
                let count = try naming(subject, work)
                let used = try subject.accounts.times() - before
                try checkSpread(of: subject, count, zip(backend.counts, servedBefore).map { $0 - $1 })
                if round == 0 { continue }
                results[index].samples.append(Double(count) / (Double(used.running) / 1e9))
                results[index].note(used)
            }
        }
        return results
    }

    private func tell(_ round: Int, _ subject: RunningSubject) {
        let turn = round == 0 ? "warming up" : "round \(round) of \(options.rounds)"
        progress("\(current.text): \(turn), \(subject.subject.rawValue)")
    }

    /// Checks that the backend was asked for what was counted, at both of its addresses.
    private func checkSpread(of subject: RunningSubject, _ count: Int, _ served: [Int]) throws {
        if let fault = backend.fault { throw HTTPBenchFault("the backend ended: \(fault)") }
        let total = served.reduce(0, +)
        guard total >= count else {
            let name = subject.subject.rawValue
            throw HTTPBenchFault("\(name) gave \(count) answers, of which the backend gave \(total)")
        }
        guard count < 100 || served.allSatisfy({ $0 * 10 >= total * 3 }) else {
            throw HTTPBenchFault("\(subject.subject.rawValue) favours one address: \(served)")
        }
    }

    private func wrk(
        _ subject: RunningSubject,
        _ body: BackendBody,
        _ connections: Int,
        isTLS: Bool,
        script: String? = nil
    ) throws -> WrkRun {
        let port = isTLS ? subject.subject.tlsPort : subject.subject.plainPort
        let command = WrkRun.command(
            url: "\(isTLS ? "https" : "http")://127.0.0.1:\(port)\(body.path)",
            connections: connections,
            seconds: options.seconds,
            script: script
        )
        let process = try lab.start(command)
        let end = ContinuousClock.now + .seconds(options.seconds + 30)
        while process.waitForEnd(timeout: .milliseconds(100)) == nil {
            try check()
            guard ContinuousClock.now < end else { throw HTTPBenchFault("wrk does not end") }
        }
        return try WrkRun(parsing: process.output, body: body)
    }

    /// Says of a fault whose it is.
    private func naming<Result>(_ subject: RunningSubject, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let wanted as Interruption.Wanted {
            throw wanted
        } catch {
            throw HTTPBenchFault("\(subject.subject.rawValue): \(error)")
        }
    }

    // MARK: - Latency

    /// Measures how long answers take at half of what the slowest subject can do.
    private func latency(_ finished: ([HTTPResult]) throws -> Void) throws {
        try ensure(hosts: 1)
        var rate = Double.infinity
        for subject in taking {
            let saturated = try naming(subject) { try wrk(subject, .small, 32, isTLS: false) }
            rate = min(rate, saturated.requestsPerSecond / 2)
        }
        let half = taking.map { HTTPResult(name: "latency-p50", subject: $0.subject, unit: .microseconds) }
        let tail = taking.map { HTTPResult(name: "latency-p99", subject: $0.subject, unit: .microseconds) }
        var results = (half, tail)
        for round in 0...options.rounds {
            for (index, subject) in taking.enumerated() {
                tell(round, subject)
                let before = try subject.accounts.times()
                let latencies = try naming(subject) {
                    try driver(subject, isTLS: false).pace(
                        rate: rate,
                        seconds: Double(options.seconds),
                        connections: 64,
                        host: HTTPSubject.host(0)
                    ).sorted()
                }
                let used = try subject.accounts.times() - before
                if round == 0 || latencies.isEmpty { continue }
                results.0[index].samples.append(Double(latencies[latencies.count / 2]) / 1000)
                results.1[index].samples.append(Double(latencies[latencies.count * 99 / 100]) / 1000)
                results.1[index].note(used)
            }
        }
        try finished(results.0)
        try finished(results.1)
    }

    // MARK: - Memory

    /// Opens connections no faster than the subject takes them: those that wait in the kernel cost it nothing.
    private func open(_ count: Int, of subject: RunningSubject, _ driver: LoadDriver) throws {
        let before = try subject.accounts.descriptorCount()
        for start in stride(from: 0, to: count, by: 250) {
            let end = min(start + 250, count)
            try driver.open(end - start)
            let limit = ContinuousClock.now + .seconds(30)
            // Connections from before may have gone meanwhile.
            while try subject.accounts.descriptorCount() < before + end - 32 {
                try check()
                guard ContinuousClock.now < limit else {
                    throw HTTPBenchFault("\(subject.subject.rawValue) does not take \(end) connections")
                }
                try pause(.milliseconds(5))
            }
        }
    }

    /// Measures what a subject grows by for connections on which nothing happens, and after one request on each.
    private func memory(isTLS: Bool, _ finished: ([HTTPResult]) throws -> Void) throws {
        stopAll()
        let suffix = isTLS ? "tls" : "plain"
        var idle: [HTTPResult] = []
        var burst: [HTTPResult] = []
        var start: [HTTPResult] = []
        for name in options.subjects where name.takes(current.item.work) {
            progress("\(current.text): \(name.rawValue)")
            let subject = try RunningSubject(name, setting(hosts: 1), in: lab, check: check)
            defer { subject.stop() }
            let resident = try subject.accounts.residentBytes()
            let before = try subject.accounts.anonymousBytes()
            let driver = try driver(subject, isTLS: isTLS)
            try open(options.idleConnections, of: subject, driver)
            let opened = try subject.accounts.anonymousBytes()
            try naming(subject) { try driver.askEverywhere(.small, host: HTTPSubject.host(0)) }
            // What a subject gives back at leisure is not what it needs.
            try pause(.seconds(2))
            let used = try subject.accounts.anonymousBytes()
            func result(_ name: String, _ unit: HTTPResult.Unit, _ bytes: Int, per count: Int) -> HTTPResult {
                let sample = Double(bytes) / Double(count)
                return HTTPResult(name: name, subject: subject.subject, unit: unit, samples: [sample])
            }
            idle.append(result("idle-\(suffix)", .bytesPerConnection, opened - before, per: options.idleConnections))
            burst.append(result("burst-\(suffix)", .bytesPerConnection, used - before, per: options.idleConnections))
            start.append(result("start-rss", .bytes, resident, per: 1))
        }
        if !isTLS { try finished(start) }
        try finished(idle)
        try finished(burst)
    }
}
