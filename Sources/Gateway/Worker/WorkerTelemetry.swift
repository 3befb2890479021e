internal import ByteBuffers
internal import EventIO
internal import HTTPSemantics
internal import HTTPWire
internal import NetworkAddress
internal import PatternMatching
internal import Routing
internal import TLS
internal import Telemetry

/// What a worker counts and writes down, without ever waiting for anybody.
struct WorkerTelemetry: ~Copyable {
    var metrics = WorkerMetrics()
    /// The attempts before the last of exchanges that have had more than one; a rare thing.
    var failedAttempts: [Int32: [UpstreamAttempt]] = [:]
    var attempts: [UpstreamAttempt] = []

    private let number: Int
    private let log: Logger?
    private let writer: AccessLogWriter?
    private var formatter: LogFormatter
    private var lines: ByteBuffer
    private var flushTime: Int64?
    private var lastComplaint: Int64 = .min
    private var complaintsHeldBack = 0

    /// From how many bytes on lines are handed over, and how long they wait at most.
    private static var linesBytes: Int { 32 * 1024 }
    private static var linesMilliseconds: Int64 { 250 }
    /// How often faults of clients are told at most: who attacks must not fill the log.
    private static var complaintMilliseconds: Int64 { 1000 }

    init(number: Int, setup: WorkerSetup) {
        self.number = number
        log = setup.log
        writer = setup.accessLog
        formatter = LogFormatter(setup.accessLogFormat)
        lines = ByteBuffer(capacity: setup.accessLog == nil ? 0 : Self.linesBytes + 8192)
        attempts.reserveCapacity(8)
    }

    /// Whether exchanges are written down.
    var writesLines: Bool { writer != nil }

    /// Writes an exchange down.
    mutating func write(_ record: borrowing LogRecord, now: Int64) {
        formatter.append(record, to: &lines)
        if flushTime == nil { flushTime = now + Self.linesMilliseconds }
    }

    /// Notes how long the round took, and hands lines over that are many, or have waited long.
    mutating func roundEnds(now: Int64, microseconds: Int64) {
        metrics.observe(lag: UInt64(max(0, microseconds)))
        guard let time = flushTime, lines.count >= Self.linesBytes || now >= time else { return }
        flush()
    }

    /// How long lines may still wait, in milliseconds; nil when there are none.
    func flushWait(now: Int64) -> Int32? { flushTime.map { Int32(max(1, $0 - now)) } }

    /// Hands over what is left.
    mutating func end() { flush() }

    private mutating func flush() {
        writer?.handOver(&lines)
        flushTime = nil
    }

    /// What was counted so far.
    mutating func numbers(connections: ConnectionStates, shelf: borrowing TableShelf) -> WorkerMetrics {
        metrics.worker = number
        metrics.connections = connections
        metrics.tablesGeneration = shelf.tables.generation
        metrics.tablesKept = shelf.count
        return metrics.snapshot()
    }

    // MARK: - What an operator should know

    /// A connection could not be taken.
    mutating func acceptFailed(_ reason: some CustomStringConvertible, now: Int64) {
        metrics.countRefusal(.overloaded)
        complain(now: now) {
            "no connection can be taken: \(reason); they wait in the kernel, raise the limit of open files (ulimit -n)"
        }
    }

    /// A TLS session of a client failed.
    mutating func tlsFailed(_ fault: TLSFault, _ peer: PeerAddress) {
        metrics.count(.tlsFailures)
        log?.debug("TLS with \(peer.address) failed: \(fault)")
    }

    /// The search for a pattern took too long.
    mutating func searchGivenUp(_ fault: PatternFault, _ route: Route, now: Int64) {
        complain(now: now) {
            "Ingress \(route.origin.namespace)/\(route.origin.ingress): the path \(route.origin.path) was not searched "
                + "to the end: \(fault); such requests are answered 500, simplify the pattern"
        }
    }

    /// An endpoint sent interim responses without end.
    mutating func tooManyInterim(from address: TransportAddress, limit: UInt16, now: Int64) {
        complain(now: now) {
            "endpoint \(address) sent more than \(limit) interim responses (1xx) to one request, "
                + "which is answered 502; look at what the endpoint does"
        }
    }

    private mutating func complain(now: Int64, _ words: () -> String) {
        guard now - Self.complaintMilliseconds >= lastComplaint || lastComplaint == .min else {
            complaintsHeldBack += 1
            return
        }
        lastComplaint = now
        let more = complaintsHeldBack > 0 ? " (and \(complaintsHeldBack) more since the last of these lines)" : ""
        complaintsHeldBack = 0
        log?.warning(words() + more, ["worker": .integer(number)])
    }
}
