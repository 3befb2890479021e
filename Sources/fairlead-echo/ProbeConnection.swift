internal import LinuxSystem
internal import NetworkAddress

/// Whom to ask, and how.
struct Probe {
    let transport: TransportProtocol
    let target: TransportAddress
    let source: IPAddress?
    /// The port to ask from; nil leaves it to the kernel.
    var sourcePort: Port?
    let timeout: Duration
    let resets: Bool
}

/// How a try ended.
enum ProbeResult {
    case answered(Answer)
    case refused
    case timedOut
    case failed(Errno)

    var isAnswer: Bool { if case .answered = self { true } else { false } }
}

/// What a server says of a connection.
struct Answer {
    /// Who it is.
    let pod: String
    /// Whom it sees as its client, as `ADDRESS:PORT`.
    let client: String
    /// The address and port that the client reached, as `ADDRESS:PORT`; only TCP servers tell.
    let server: String?
}

/// A connection to an echo server, or a UDP socket whose peer is one.
final class ProbeConnection {
    private static let answerBytesMax = 65_536

    private let probe: Probe
    private var socket: Socket?
    /// What the server said first on a TCP connection; it holds for as long as the connection does.
    private var greeting: Answer?
    private var exchanges = 0

    init(_ probe: Probe) { self.probe = probe }

    /// The address and port at this end; nil before there is a connection, and where the system cannot tell.
    var source: TransportAddress? { (try? socket?.localAddress()) ?? nil }

    /// Asks once: opens the connection if need be, and waits for the pod's answer.
    ///
    /// Throws only when waiting itself fails; whatever the network does is a result.
    func exchange() throws(EchoError) -> ProbeResult {
        do throws(Errno) {
            return try attempt(until: ContinuousClock.now + probe.timeout)
        } catch .connectionRefused {
            return .refused
        } catch .timedOut {
            return .timedOut
        } catch .tooManyOpenFiles, .tooManyOpenFilesInSystem {
            throw .cannotProbe(probe.target, .tooManyOpenFiles)
        } catch {
            return .failed(error)
        }
    }

    private func attempt(until deadline: ContinuousClock.Instant) throws(Errno) -> ProbeResult {
        if socket == nil { socket = try connected(until: deadline) }
        defer { exchanges += 1 }
        if probe.transport == .tcp {
            guard let greeting else {
                let answer = Self.parse(try line(until: deadline)[...])
                greeting = answer
                return .answered(answer)
            }
            // Later tries over a kept connection prove by an echo that it still leads to a living pod.
            let question = "still there? \(exchanges)\n"
            try send(question)
            guard try line(until: deadline) == question.dropLast() else { throw .connectionReset }
            return .answered(greeting)
        }
        let question = "who? \(exchanges)"
        try send(question)
        while true {
            let text = try received(until: deadline)
            // An answer to an earlier question, given up since, is not the answer to this one.
            guard text.hasSuffix(" \(question)") else { continue }
            return .answered(Self.parse(text.dropLast(question.count + 1)))
        }
    }

    private func connected(until deadline: ContinuousClock.Instant) throws(Errno) -> Socket {
        let socket = try Socket(probe.transport, family: probe.target.address.family)
        if probe.source != nil || probe.sourcePort != nil {
            let any = IPAddress(family: probe.target.address.family, bits: 0)
            try socket.bind(to: probe.source ?? any, port: probe.sourcePort)
        }
        if probe.resets, probe.transport == .tcp { try socket.resetWhenClosed() }
        if try socket.connect(to: probe.target) == .underway {
            try Self.wait(for: Readiness(of: socket.number, writing: true), until: deadline)
            if let error = try socket.takeError() { throw error }
        }
        return socket
    }

    private func send(_ text: String) throws(Errno) {
        let bytes = Array(text.utf8)[...]
        // A question is a few bytes, and the one before was answered: the kernel has room for it.
        guard try socket?.send(bytes) == bytes.count else { throw .noBufferSpace }
    }

    /// The next line of a connection, without its line break; the server never sends unasked past it.
    private func line(until deadline: ContinuousClock.Instant) throws(Errno) -> String {
        var line = ""
        while !line.hasSuffix("\n") { line += try received(until: deadline) }
        return String(line.dropLast())
    }

    private func received(until deadline: ContinuousClock.Instant) throws(Errno) -> String {
        guard let number = socket?.number else { throw .connectionReset }
        while true {
            try Self.wait(for: Readiness(of: number, reading: true), until: deadline)
            switch try socket?.receive(upTo: Self.answerBytesMax) {
            case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
            case .end, nil: throw .connectionReset
            case .wouldBlock: continue
            }
        }
    }

    private static func wait(
        for readiness: Readiness,
        until deadline: ContinuousClock.Instant
    ) throws(Errno) {
        var entries = [readiness]
        let rest = deadline - ContinuousClock.now
        guard rest > .zero, try Readiness.wait(for: &entries, timeout: rest) else { throw .timedOut }
    }

    /// Reads `POD CLIENT` or `POD CLIENT SERVER`.
    private static func parse(_ text: Substring) -> Answer {
        let words = text.split(separator: " ").map(String.init)
        return Answer(pod: words.first ?? "", client: words.dropFirst().first ?? "", server: words.dropFirst(2).first)
    }
}
