internal import LinuxSystem
internal import NetworkAddress
internal import ServiceModel
internal import StatusServer
internal import Telemetry

/// The ports that the agent answers on: opens those that are wanted, closes the others, and tries again what failed.
///
/// The agent's thread keeps it.
final class AgentStatusListeners {
    /// An address and port, and who answers there.
    struct Place: Hashable, CustomStringConvertible {
        enum Purpose: Hashable {
            /// `/healthz` and `/livez`.
            case health
            /// `/metrics` and its companions.
            case metrics
            /// The health check of a Service.
            case healthCheck(ObjectName)
        }

        let purpose: Purpose
        let address: IPAddress
        let port: Port

        var description: String {
            switch purpose {
            case .health: "the health server"
            case .metrics: "the metrics server"
            case .healthCheck(let service): "the health check of Service \(service)"
            }
        }
    }

    private let pages: AgentStatusPages
    private let log: Logger
    private let journal: EventJournal
    private let limits: StatusServerLimits
    private var server: StatusServer?
    private var wanted: Set<Place> = []
    private var open: [Place: StatusListener] = [:]
    private var failing: [Place: StatusServerError] = [:]

    /// When to try again what failed; nil when nothing did.
    private(set) var nextDeadline: ContinuousClock.Instant?

    /// As kube-proxy waits.
    private static let retryInterval = Duration.seconds(5)

    init(
        pages: AgentStatusPages,
        log: Logger,
        journal: EventJournal,
        limits: StatusServerLimits = StatusServerLimits()
    ) {
        self.journal = journal
        self.pages = pages
        self.log = log
        self.limits = limits
    }

    /// The reasons for which places are not open.
    var failures: [StatusServerError] {
        failing.sorted { ($0.key.port, $0.key.address) < ($1.key.port, $1.key.address) }.map(\.value)
    }

    /// Closes what is no longer wanted, then opens what is: a port can move from one place to another.
    func want(_ places: Set<Place>) {
        guard places != wanted else { return }
        wanted = places
        let gone = open.filter { !places.contains($0.key) }
        server?.close(Array(gone.values))
        for place in gone.keys { open[place] = nil }
        failing = failing.filter { places.contains($0.key) }
        openMissing()
    }

    /// Tries again what failed, when its time has come.
    func retry(now: ContinuousClock.Instant) {
        if let nextDeadline, nextDeadline <= now { openMissing() }
    }

    /// Closes everything.
    func stop() {
        server?.stop()
        server = nil
        open = [:]
        wanted = []
        failing = [:]
        nextDeadline = nil
    }

    private func openMissing() {
        let missing = wanted.filter { open[$0] == nil }
        for place in missing.sorted(by: { ($0.port, $0.address) < ($1.port, $1.address) }) {
            do throws(StatusServerError) {
                let listener = try startedServer().open(
                    on: place.address,
                    port: place.port,
                    respond: answers(at: place)
                )
                open[place] = listener
                if failing.removeValue(forKey: place) != nil {
                    tellSolved("\(place) listens on \(listener.address)", at: place)
                } else {
                    log.debug("\(place) listens on \(listener.address)")
                }
            } catch {
                note(error, at: place)
            }
        }
        nextDeadline = failing.isEmpty ? nil : .now + Self.retryInterval
    }

    private func note(_ error: StatusServerError, at place: Place) {
        // A machine without IPv6 is no fault where every address was asked for.
        if error.isMissingFamily, place.address.isUnspecified, place.address.family == .ipv6 { return }
        defer { failing[place] = error }
        guard failing[place] != error else { return }
        let message = "\(place): \(error); it is tried again every 5 seconds"
        if case .healthCheck(let service) = place.purpose {
            journal.tell(ClusterEvent(service, .warning, .healthCheckFailed, message))
        } else {
            log.error(message)
        }
    }

    private func tellSolved(_ message: String, at place: Place) {
        if case .healthCheck(let service) = place.purpose {
            journal.solved(.healthCheckFailed, of: service, message)
        } else {
            log.info("solved: \(message)")
        }
    }

    private func startedServer() throws(StatusServerError) -> StatusServer {
        if let server { return server }
        let started = try StatusServer(limits: limits)
        server = started
        return started
    }

    private func answers(at place: Place) -> StatusHandler {
        let pages = pages
        let family = place.address.family
        return switch place.purpose {
        case .health: { pages.health($0) }
        case .metrics: { pages.metrics($0) }
        case .healthCheck(let service): { _ in pages.healthCheck(of: service, in: family) }
        }
    }
}
