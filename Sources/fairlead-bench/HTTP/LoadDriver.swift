internal import ByteBuffers
internal import EventIO
internal import LinuxSystem
internal import NetworkAddress
internal import TLS

/// A client for what wrk cannot do: handshakes that are known to be full or resumed, a steady rate, and connections on
/// which nothing happens.
///
/// Everything happens on the thread of the caller; every wait is bounded.
final class LoadDriver {
    private let peer: PeerAddress
    private let context: TLSClientContext?
    private let resumes: Bool
    private let isInterrupted: () throws -> Void
    private var poller: Poller
    private var links: [LoadLink?] = []
    private var ciphertext = ByteBuffer(capacity: 65_536)
    private var output = ByteBuffer(capacity: 16_384)
    /// The links whose handshake or answer is complete since the last turn.
    private var ready: [LoadLink] = []

    /// Creates a driver for one port of a subject.
    ///
    /// - Parameters:
    ///   - port: The port on 127.0.0.1.
    ///   - isTLS: Whether TLS is spoken there.
    ///   - resumes: Whether TLS sessions are resumed.
    ///   - check: Throws when the bench is to end.
    /// - Throws: What the system refuses.
    init(port: Int, isTLS: Bool, resumes: Bool = false, check: @escaping () throws -> Void) throws {
        guard let port = Port(port) else { throw Errno.invalidArgument }
        peer = PeerAddress(TransportAddress(IPAddress(127, 0, 0, 1), port))
        var settings = TLSSettings()
        settings.oldest = .tls13
        settings.ciphers13 = HTTPTools.cipher
        context = isTLS ? try TLSClientContext(trust: .anybody, settings: settings) : nil
        self.resumes = resumes
        isInterrupted = check
        poller = try Poller()
    }

    // MARK: - What is done

    /// Asks once, over a connection of its own, and returns the status and the body.
    func ask(_ body: BackendBody, host: String, lane: Int = 0) throws -> (status: Int, body: [UInt8]) {
        let link = try open(lane: lane)
        try wait(seconds: 10) { link.stage == .idle }
        try send(Self.request(body, host: host), over: link)
        try wait(seconds: 30) { link.stage == .idle }
        defer { close(link) }
        return (link.status, link.body())
    }

    /// Opens connections that stay, a few at a time.
    func open(_ count: Int) throws {
        let batch = 64
        var opened: [LoadLink] = []
        for start in stride(from: 0, to: count, by: batch) {
            for _ in start..<min(start + batch, count) { opened.append(try open()) }
            try wait(seconds: 30) { opened[start...].allSatisfy { $0.stage == .idle } }
        }
    }

    /// Asks over every open connection at once, and waits for all answers.
    func askEverywhere(_ body: BackendBody, host: String) throws {
        let request = Self.request(body, host: host)
        let all = links.compactMap { $0 }
        for link in all { try send(request, over: link) }
        try wait(seconds: 60) { all.allSatisfy { $0.stage == .idle } }
        for link in all { try check(link, body) }
    }

    /// Gets sessions for `churn` to resume: one for each connection at a time, as a ticket is good for once.
    func prime(concurrency: Int, host: String) throws {
        for lane in 0..<concurrency { _ = try ask(.small, host: host, lane: lane) }
    }

    /// Makes new connections with one request each for some time, and returns how many there were.
    func churn(concurrency: Int, seconds: Double, body: BackendBody, host: String) throws -> Int {
        let request = Self.request(body, host: host, closes: true)
        let end = SystemClock.monotonicNanoseconds + Int64(seconds * 1e9)
        var done = 0
        var running = 0
        for lane in 0..<concurrency {
            _ = try open(lane: lane)
            running += 1
        }
        while running > 0 {
            try turn(milliseconds: 100)
            let isOver = SystemClock.monotonicNanoseconds >= end
            if SystemClock.monotonicNanoseconds > end + 10_000_000_000 { throw HTTPBenchFault("connections hang") }
            for link in ready {
                if !link.isComplete {
                    if let resumed = link.session?.isResumed, resumed != resumes {
                        throw HTTPBenchFault("a handshake was \(resumed ? "resumed" : "full"), and was to be the other")
                    }
                    try send(request, over: link)
                    continue
                }
                try check(link, body)
                close(link)
                done += 1
                running -= 1
                if !isOver {
                    _ = try open(lane: link.lane)
                    running += 1
                }
            }
            ready.removeAll(keepingCapacity: true)
        }
        return done
    }

    /// Sends requests at a rate that no answer holds up, and returns how long each took in nanoseconds.
    ///
    /// What is due while every connection waits for an answer counts from when it was due.
    func pace(rate: Double, seconds: Double, connections: Int, host: String) throws -> [Int64] {
        let request = Self.request(.small, host: host)
        try open(connections)
        ready.removeAll()
        var free = links.compactMap { $0 }
        var queue: [Int64] = []
        var queueStart = 0
        var latencies: [Int64] = []
        latencies.reserveCapacity(Int(rate * seconds) + 1)
        let begin = SystemClock.monotonicNanoseconds
        let total = Int(rate * seconds)
        var sent = 0
        while latencies.count < total {
            let now = SystemClock.monotonicNanoseconds
            if now > begin + Int64((seconds + 20) * 1e9) { throw HTTPBenchFault("answers at a steady rate stay out") }
            let wanted = min(total, Int(Double(now - begin) / 1e9 * rate))
            while sent < wanted {
                queue.append(now)
                sent += 1
            }
            while queueStart < queue.count, let link = free.popLast() {
                link.due = queue[queueStart]
                queueStart += 1
                try send(request, over: link)
            }
            try turn(milliseconds: 1)
            let after = SystemClock.monotonicNanoseconds
            for link in ready {
                try check(link, .small)
                latencies.append(after - link.due)
                free.append(link)
            }
            ready.removeAll(keepingCapacity: true)
        }
        return latencies
    }

    private func check(_ link: LoadLink, _ body: BackendBody) throws {
        guard link.status == 200, link.bodyCount == body.byteCount else {
            throw HTTPBenchFault("an answer has status \(link.status) and \(link.bodyCount) bytes")
        }
    }

    static func request(_ body: BackendBody, host: String, closes: Bool = false) -> [UInt8] {
        Array("GET \(body.path) HTTP/1.1\r\nHost: \(host)\r\n\(closes ? "Connection: close\r\n" : "")\r\n".utf8)
    }

    // MARK: - Connections

    private func open(lane: Int = 0) throws -> LoadLink {
        let (stream, _) = try Stream.connect(to: peer)
        var session: TLSSession?
        if let context {
            let name = PeerName.host(HTTPSubject.host(0))
            session = TLSSession(connecting: context, to: name, resumingWith: resumes ? UInt64(lane) : nil)
        }
        let link = LoadLink(stream, lane: lane, session: session)
        let number = Int(stream.number)
        if number >= links.count { links += Array(repeating: nil, count: number + 1 - links.count) }
        links[number] = link
        try poller.watch(stream.number, token: UInt64(number), .edges)
        return link
    }

    private func close(_ link: LoadLink) {
        // The descriptor goes with the last who knows the link.
        link.stage = .ended
        links[Int(link.stream.number)] = nil
        poller.unwatch(link.stream.number)
    }

    private func send(_ request: [UInt8], over link: LoadLink) throws {
        guard link.stage == .idle else { throw HTTPBenchFault("a connection is not free") }
        link.forgetAnswer()
        link.stage = .waiting
        guard context != nil else { return try send(request.span, on: link) }
        _ = link.session?.send(request.span, output: &output)
        try flush(link)
    }

    private func flush(_ link: LoadLink) throws {
        if output.isEmpty { return }
        defer { output.removeAll() }
        try send(output.bytes, on: link)
    }

    private func send(_ bytes: borrowing Span<UInt8>, on link: LoadLink) throws {
        // Requests and handshakes are far smaller than what a socket takes at once.
        guard case .bytes(bytes.count) = link.stream.send(bytes) else {
            throw HTTPBenchFault("a connection of the load driver takes nothing")
        }
    }

    // MARK: - Events

    private func wait(seconds: Int64, until isDone: () -> Bool) throws {
        let end = SystemClock.monotonicNanoseconds + seconds * 1_000_000_000
        while !isDone() {
            ready.removeAll(keepingCapacity: true)
            try turn(milliseconds: 100)
            if SystemClock.monotonicNanoseconds > end {
                throw HTTPBenchFault("port \(peer.port) does not answer in \(seconds) seconds")
            }
        }
        ready.removeAll(keepingCapacity: true)
    }

    private func turn(milliseconds: Int32) throws {
        let count = poller.wait(milliseconds: milliseconds)
        if count == 0 { try isInterrupted() }
        for index in 0..<count {
            let number = Int(poller.token(at: index))
            guard number < links.count, let link = links[number] else { continue }
            if link.stage == .connecting {
                guard poller.events(at: index).allowWriting else { continue }
                if let error = link.stream.takeError() { throw error }
                try begin(link)
            }
            if poller.events(at: index).allowReading { try receive(link) }
        }
    }

    private func begin(_ link: LoadLink) throws {
        guard context != nil else { return finish(link) }
        link.stage = .shaking
        _ = link.session?.start(output: &output)
        try flush(link)
    }

    private func finish(_ link: LoadLink) {
        link.stage = .idle
        ready.append(link)
    }

    private func receive(_ link: LoadLink) throws {
        while true {
            let outcome: Stream.Outcome
            if context != nil {
                ciphertext.removeAll()
                outcome = link.stream.receive(into: &ciphertext, upTo: 65_536)
            } else {
                outcome = link.stream.receive(into: &link.received, upTo: 65_536)
            }
            switch outcome {
            case .wouldBlock: return
            case .end: return try end(link, nil)
            case .failed(let error): return try end(link, error)
            case .bytes(let count):
                if context != nil { try decrypt(link) }
                try take(link)
                if count < 65_536 { return }
            }
        }
    }

    private func decrypt(_ link: LoadLink) throws {
        let progress = link.session?.receive(ciphertext.bytes, plaintext: &link.received, output: &output)
        try flush(link)
        if case .failed(let fault) = progress { throw HTTPBenchFault("TLS fails: \(fault)") }
        if link.stage == .shaking, link.session?.isEstablished == true { finish(link) }
    }

    private func take(_ link: LoadLink) throws {
        guard link.stage == .waiting else { return }
        try link.read()
        if link.isComplete { finish(link) }
    }

    private func end(_ link: LoadLink, _ error: Errno?) throws {
        // After a complete answer the end is what was asked for.
        if link.stage == .idle, link.isComplete || link.stage == .ended { return }
        let reason = error.map { "\($0)" } ?? "closed"
        throw HTTPBenchFault("port \(peer.port) ended a connection (\(link.stage)): \(reason)")
    }
}
