internal import CommandLineOptions
internal import LinuxSystem
internal import NetworkAddress
internal import Telemetry

/// `fairlead-echo probe`: plays a client.
struct ProbeCommand {
    private static let count = CommandOption("count", "N", "Try this many times; once by default.", in: 1...100_000_000)
    private static let interval = CommandOption("interval", "MS", "Wait this long between tries.", in: 0...3_600_000)
    private static let timeout = CommandOption(
        "timeout",
        "MS",
        "Give a try up after this time; 2000 by default.",
        in: 1...3_600_000
    )
    private static let duration = CommandOption("duration", "S", "Try again and again for this long.", in: 1...86_400)
    private static let source = CommandOption(
        "source",
        "ADDRESS",
        "Connect from this address of the machine.",
        expecting: "an IPv4 or IPv6 address"
    ) { IPAddress(parsing: $0) }
    private static let sourcePort = CommandOption(
        "source-port",
        "PORT",
        "Make the first try from this port, and each further one from the next; the last port ends the run.",
        expecting: "a port from 1 to 65535"
    ) { Port(parsing: $0) }
    private static let rate = CommandOption(
        "rate",
        "N",
        "Begin this many tries a second; a try that is late begins when the one before has ended.",
        in: 1...1_000_000
    )
    private static let keep = CommandFlag(
        "keep-connection",
        "Make all tries over one connection, or from one UDP port, as an established client would."
    )
    private static let reset = CommandFlag(
        "reset",
        "Close TCP connections with a reset, which frees their ports at once: for long and fast runs."
    )
    private static let json = CommandFlag("json", "Print one JSON summary at the end in place of a line a try.")

    static let declaration = Command(
        "fairlead-echo probe",
        """
        Connects again and again, each time from a new port, and prints which pod answered, or 'refused', 'timeout' or \
        'unreachable'. Exits with 0 whatever the answers were.
        """,
        operands: .exactly("tcp|udp", "ADDRESS:PORT"),
        options: [count, interval, rate, timeout, duration, source, sourcePort, keep, reset, json]
    )

    private var probe: Probe
    private let keepsConnection: Bool
    private let countMax: Int
    private let duration: Duration?
    private let interval: Duration
    private let rate: Int?
    private let printsJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        guard let transport = TransportProtocol(kubernetesName: arguments.operands[0].uppercased()), transport != .sctp
        else { throw Self.error("'\(arguments.operands[0])' is not a protocol; expected tcp or udp") }
        guard let target = TransportAddress(parsing: arguments.operands[1]) else {
            throw Self.error("'\(arguments.operands[1])' is not an address; expected 10.0.0.1:80 or [fd00::1]:80")
        }
        if let source = arguments[Self.source], source.family != target.address.family {
            throw Self.error("option --source: \(source) cannot reach \(target): one is IPv4, the other IPv6")
        }
        probe = Probe(
            transport: transport,
            target: target,
            source: arguments[Self.source],
            sourcePort: arguments[Self.sourcePort],
            timeout: .milliseconds(arguments[Self.timeout] ?? 2000),
            resets: arguments[Self.reset]
        )
        keepsConnection = arguments[Self.keep]
        duration = arguments[Self.duration].map { .seconds($0) }
        countMax = arguments[Self.count] ?? (duration == nil ? 1 : .max)
        interval = .milliseconds(arguments[Self.interval] ?? 0)
        rate = arguments[Self.rate]
        printsJSON = arguments[Self.json]
    }

    private static func error(_ message: String) -> UsageError {
        UsageError(message: message, command: declaration.name)
    }

    mutating func run() throws {
        var summary = ProbeSummary()
        var kept: ProbeConnection?
        let start = ContinuousClock.now
        while summary.tries < countMax {
            if let duration, ContinuousClock.now - start >= duration { break }
            if summary.tries > 0 { try pause(before: summary.tries, since: start) }
            let (began, begin) = (wallClockNanoseconds(), ContinuousClock.now)
            let connection = kept ?? ProbeConnection(probe)
            let result = try connection.exchange()
            let took = ContinuousClock.now - begin
            // A UDP client keeps its port whatever the network tells it; a TCP connection that failed is none.
            kept = keepsConnection && (result.isAnswer || probe.transport == .udp) ? connection : nil
            summary.add(result, took: took, from: connection.source, at: Self.moment(began))
            if !printsJSON { try StandardStream.output.write(result.line(took: took) + "\n") }
            if let port = probe.sourcePort, kept == nil {
                guard let next = Port(Int(port.rawValue) + 1) else { break }
                probe.sourcePort = next
            }
        }
        try StandardStream.output.write((printsJSON ? summary.json : summary.text) + "\n")
    }

    private static func moment(_ nanoseconds: Int64) -> WallTime {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return WallTime(seconds: seconds, nanoseconds: Int32(rest))
    }

    /// Waits until the next try is to begin.
    private func pause(before tries: Int, since start: ContinuousClock.Instant) throws {
        let due = rate.map { start + .seconds(1) / $0 * tries - .now } ?? interval
        var nothing: [Readiness] = []
        if due > .zero { _ = try Readiness.wait(for: &nothing, timeout: due) }
    }
}
