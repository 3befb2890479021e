internal import LinuxSystem
internal import NetworkAddress
internal import Synchronization

/// Asks DNS for the addresses of external names, again and again, on a thread of its own.
///
/// A name that cannot be resolved keeps the addresses that it had: a resolver that is down takes nothing away.
final class NameResolver: Sendable {
    /// What was found out of a name.
    struct Answer: Sendable {
        let name: String
        let addresses: [IPAddress]
    }

    private struct State {
        var wanted: Set<String> = []
        var isEnding = false
        var answers: [Answer] = []
    }

    private let state = Mutex(State())
    private let request: Wakeup
    private let news: Wakeup

    /// How often every name is asked for: `getaddrinfo` tells no lifetime.
    private static let interval = Duration.seconds(5)

    init() throws(Errno) {
        request = try Wakeup()
        news = try Wakeup()
    }

    /// The descriptor that is readable when there are answers.
    var descriptor: Int32 { news.descriptor }

    /// Starts the thread, which ends after `stop`.
    func start() throws(Errno) { _ = try Thread("fairlead-dns") { self.run() } }

    /// Ends the thread, once it has its present answer.
    func stop() {
        state.withLock { $0.isEnding = true }
        request.ring()
    }

    /// Has these names resolved from now on, and no others.
    func want(_ names: Set<String>) {
        state.withLock { $0.wanted = names }
        request.ring()
    }

    /// Takes the answers since the last call.
    func take() -> [Answer] {
        news.answer()
        return state.withLock { state in
            defer { state.answers.removeAll() }
            return state.answers
        }
    }

    private func run() {
        var asked: [String: ContinuousClock.Instant] = [:]
        while true {
            let (names, isEnding) = state.withLock { ($0.wanted, $0.isEnding) }
            if isEnding { return }
            asked = asked.filter { names.contains($0.key) }
            // Who was asked longest ago is next, and who never was before all others: a name server that is silent holds
            // each name up for seconds.
            let next = names.subtracting(asked.keys).min() ?? asked.min { $0.value < $1.value }?.key
            let due = next.map { asked[$0].map { $0 + Self.interval } ?? .now }
            if let next, let due, due <= .now {
                asked[next] = .now
                resolve(next)
                continue
            }
            var waits = [Readiness(of: request.descriptor, reading: true)]
            _ = try? Readiness.wait(for: &waits, timeout: due.map { $0 - .now })
            request.answer()
        }
    }

    private func resolve(_ name: String) {
        // In one order, whatever turns the name server takes: another order is no change.
        guard let addresses = try? Set(addresses(ofHost: name)).sorted() else { return }
        state.withLock { $0.answers.append(Answer(name: name, addresses: addresses)) }
        news.ring()
    }
}
