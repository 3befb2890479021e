internal import LabKit
internal import LinuxSystem
internal import NetworkAddress
internal import Synchronization

/// Connects to a Service without a break, and notes when a connection first reaches a given endpoint.
///
/// It sees a change as soon as the first connection after it stands: the resolution is the time of one connection.
final class FirstPacketWatch: Sendable {
    private struct State {
        var last: IPAddress?
        var wanted: IPAddress?
        var seen: ContinuousClock.Instant?
        var fault: String?
    }

    private let state = Mutex(State())
    private let isOver = Atomic<Bool>(false)

    /// How long a connection that leads to a known endpoint may be waited for.
    private static let patience = Duration.seconds(10)

    /// Watches while a closure runs.
    ///
    /// - Parameters:
    ///   - target: The Service's address and port.
    ///   - lab: From whose client the connections come.
    ///   - body: What to do meanwhile.
    /// - Throws: What the closure throws, or why connections fail.
    static func run(
        _ target: TransportAddress,
        in lab: NodeLab,
        _ body: (FirstPacketWatch) throws -> Void
    ) throws {
        let watch = FirstPacketWatch()
        let (probe, namespace) = (lab.probe, lab.client.name)
        let thread = try Thread("first-packet") {
            do {
                try withNetworkNamespace(named: namespace) { try watch.connect(to: target, with: probe) }
            } catch {
                watch.state.withLock { $0.fault = "\(error)" }
            }
        }
        let outcome = Result { try body(watch) }
        watch.isOver.store(true, ordering: .relaxed)
        thread.join()
        try outcome.get()
        guard let fault = watch.state.withLock({ $0.fault }) else { return }
        throw BenchFault("connections to \(target) fail: \(fault)")
    }

    private func connect(to target: TransportAddress, with probe: ConnectionProbe) throws {
        while !isOver.load(ordering: .relaxed) {
            let made = try probe.connect(to: target)
            state.withLock { state in
                state.last = made.endpoint
                if state.wanted == made.endpoint, state.seen == nil { state.seen = made.finished }
            }
        }
    }

    /// Waits until connections reach an endpoint, and then watches for the first one to another.
    func expect(_ next: IPAddress, after current: IPAddress, check: () throws -> Void) throws {
        try wait(check) { $0.last == current ? true : nil }
        state.withLock {
            $0.wanted = next
            $0.seen = nil
        }
    }

    /// Returns when the first connection reached the endpoint that is watched for.
    func first(check: () throws -> Void) throws -> ContinuousClock.Instant { try wait(check) { $0.seen } }

    @discardableResult
    private func wait<Value>(_ check: () throws -> Void, for value: (State) -> Value?) throws -> Value {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let (found, fault) = state.withLock { (value($0), $0.fault) }
            if let fault { throw BenchFault("connections fail: \(fault)") }
            if let found { return found }
            guard ContinuousClock.now < deadline else {
                throw BenchFault("no connection takes the new way within \(Self.patience): the measurement is void")
            }
            try check()
            try pause(.milliseconds(1))
        }
    }
}
