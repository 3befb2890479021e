internal import LinuxSystem
internal import NetworkAddress

/// Whom to ask, and how.
struct Probe {
    let transport: TransportProtocol
    let target: TransportAddress
    let source: IPAddress?
    let timeout: Duration
    let resets: Bool
}

/// How a try ended.
enum ProbeResult {
    case answered(pod: String, client: String)
    case refused
    case timedOut
    case failed(Errno)

    var isAnswer: Bool { if case .answered = self { true } else { false } }
}

/// A connection to an echo server, or a UDP socket whose peer is one.
final class ProbeConnection {
    /// What a server says first on a TCP connection; it holds for as long as the connection does.
    private struct Greeting {
        let pod: String
        let client: String
    }

    private static let answerBytesMax = 65_536

    private let probe: Probe
    private var socket: Socket?
    private var greeting: Greeting?
    private var exchanges = 0

    init(_ probe: Probe) { self.probe = probe }

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
                let answer = Self.parse(try line(until: deadline))
                greeting = answer
                return .answered(pod: answer.pod, client: answer.client)
            }
            // Later tries over a kept connection prove by an echo that it still leads to a living pod.
            let question = "still there? \(exchanges)\n"
            try send(question)
            guard try line(until: deadline) == question.dropLast() else { throw .connectionReset }
            return .answered(pod: greeting.pod, client: greeting.client)
        }
        let question = "who? \(exchanges)"
        try send(question)
        while true {
            let text = try received(until: deadline)
            // An answer to an earlier question, given up since, is not the answer to this one.
            guard text.hasSuffix(" \(question)") else { continue }
            let answer = Self.parse(text)
            return .answered(pod: answer.pod, client: answer.client)
        }
    }

    private func connected(until deadline: ContinuousClock.Instant) throws(Errno) -> Socket {
        let socket = try Socket(probe.transport, family: probe.target.address.family)
        if let source = probe.source { try socket.bind(to: source, port: nil) }
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

    /// Reads `POD CLIENT` with anything behind it.
    private static func parse(_ text: String) -> Greeting {
        let words = text.split(separator: " ", maxSplits: 2)
        return Greeting(
            pod: words.first.map(String.init) ?? "",
            client: words.dropFirst().first.map(String.init) ?? ""
        )
    }
}
