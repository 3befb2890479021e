internal import ByteBuffers
internal import HTTPSemantics
internal import LinuxSystem
internal import NetworkAddress
internal import TLS

/// One connection to the server, which carries one request at a time and is kept for the next one.
///
/// ```
/// closed ──► connecting ──► (shaking hands) ──► idle ⇄ answering
///    ▲            └──────────────┴───────────────┴──────┘ anything that fails
/// ```
final class ServerConnection {
    /// What there is to know since the last call.
    enum News: Hashable {
        /// Nothing at the moment.
        case nothing
        /// The head of the answer.
        case head(AnswerHead)
        /// Bytes were added to `body`.
        case body
        /// The answer is complete.
        case end
        /// The request has failed, and why.
        case failed(String)
    }

    /// A request that can be sent over again when a kept connection turns out to be dead.
    struct Request {
        let method: HTTPMethod
        let bytes: [UInt8]
    }

    /// The body of the answer so far.
    private var body = ByteBuffer()

    /// What the connection is called in the queue.
    let token: UInt64

    private enum Stage {
        case closed
        case connecting
        case open
    }

    private let queue: ReadinessSet
    private var stage = Stage.closed
    private var socket: Socket?
    private var session: TLSSession?
    private var waitsForWriting = false
    private var readsLeft = 0
    private var deadline: ContinuousClock.Instant?
    private var target: ServerTarget?

    private var plain = ByteBuffer()
    private var encrypted = ByteBuffer()
    private var unsent: ArraySlice<UInt8> = []

    private var request: Request?
    private var reader: AnswerReader?
    private var isRepeatable = false
    private var hasAnswerBegun = false
    /// A reason to fail that was found while the request was being begun.
    private var failure: String?

    /// How long connecting may take, the handshake included.
    private static let connectWait = Duration.seconds(10)
    private static let readBytes = 64 * 1024
    /// How many reads of the socket one turn has, so that other descriptors get theirs.
    private static let readsMax = 16

    /// Creates a connection that is closed.
    init(token: UInt64, queue: ReadinessSet) {
        self.token = token
        self.queue = queue
    }

    /// When to ask for news even if nothing happens.
    var nextDeadline: ContinuousClock.Instant? { deadline }

    /// Whether a request is under way.
    var isBusy: Bool { request != nil }

    /// Lends the body of the answer so far to somebody who removes what was read; requests must not be sent meanwhile.
    func withBody<Result, Failure: Error>(
        _ read: (inout ByteBuffer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try read(&body)
    }

    // MARK: - Requests

    /// Sends a request, over the connection that stands if it leads to the target.
    func send(_ request: Request, to target: ServerTarget, now: ContinuousClock.Instant) {
        precondition(self.request == nil, "a connection carries one request at a time")
        self.request = request
        reader = AnswerReader(to: request.method)
        hasAnswerBegun = false
        body.removeAll()
        // A compressed list has blown it up; the watch that follows needs little.
        body.shrink(to: Self.readBytes)
        plain.shrink(to: Self.readBytes)
        if stage == .open, self.target?.leadsToSame(as: target) == true {
            isRepeatable = request.method.isIdempotent
            write(request.bytes)
        } else {
            open(target, now: now)
        }
    }

    /// Gives up the request that is under way, if any, and with it the connection.
    func abandon() {
        guard isBusy else { return }
        request = nil
        close()
    }

    /// Closes the connection.
    func close() {
        // Closing takes the descriptor out of the queue.
        socket = nil
        session = nil
        stage = .closed
        deadline = nil
        reader = nil
        unsent = []
        plain.removeAll()
        encrypted.removeAll()
    }

    private func open(_ target: ServerTarget, now: ContinuousClock.Instant) {
        close()
        guard let request else { return }
        reader = AnswerReader(to: request.method)
        hasAnswerBegun = false
        isRepeatable = false
        self.target = target
        do throws(Errno) {
            let socket = try Socket(.tcp, family: target.address.address.family)
            // A socket that cannot be told these works all the same.
            try? socket.disableDelay()
            try? socket.keepAlive()
            _ = try socket.connect(to: target.address)
            try queue.add(socket.number, token: token)
            self.socket = consume socket
        } catch {
            failure = "\(target.address): \(error)"
            return
        }
        stage = .connecting
        waitsForWriting = true
        deadline = now + Self.connectWait
    }

    // MARK: - Progress

    /// Begins a turn of the loop, in which only so much is read.
    func beginTurn() { readsLeft = Self.readsMax }

    /// Does what can be done without waiting, up to the next news.
    func next(now: ContinuousClock.Instant) -> News {
        if let failure {
            self.failure = nil
            return fail(failure)
        }
        while stage != .closed {
            if let deadline, deadline <= now { return fail("connecting took longer than \(Self.connectWait)") }
            if stage == .connecting {
                if let news = finishConnecting() { return news }
                if stage == .connecting { return .nothing }
            }
            if let news = flush() { return news }
            if let news = readAnswer(now: now) { return news }
            // What is left in the socket keeps its descriptor ready.
            guard readsLeft > 0 else { return .nothing }
            readsLeft -= 1
            if let news = receive(now: now) { return news }
        }
        return .nothing
    }

    private func finishConnecting() -> News? {
        var waits: [Readiness] = []
        let number = socket?.number ?? -1
        waits = [Readiness(of: number, writing: true)]
        // The time is zero: this only asks.
        guard (try? Readiness.wait(for: &waits, timeout: .zero)) == true, waits[0].isWritable else { return nil }
        do throws(Errno) {
            if let error = try socket?.takeError() { throw error }
        } catch {
            return fail("\(target.map { "\($0.address)" } ?? ""): \(error)")
        }
        stage = .open
        if let security = target?.security {
            var session = security.makeSession()
            _ = session.start(output: &encrypted)
            self.session = consume session
        } else {
            deadline = nil
        }
        if let request { write(request.bytes) }
        return nil
    }

    /// Encrypts bytes if need be, and leaves them to be sent.
    private func write(_ bytes: [UInt8]) {
        guard session != nil else {
            encrypted.append(bytes)
            return
        }
        if session?.isEstablished == true {
            _ = session?.send(bytes.span, output: &encrypted)
        } else {
            unsent = bytes[...]
        }
    }

    /// Sends what waits; returns news only when that fails.
    private func flush() -> News? {
        do throws(Errno) {
            while !encrypted.isEmpty {
                let piece = Self.array(of: encrypted.bytes)
                let count = try socket?.send(piece[...]) ?? 0
                if count == 0 { break }
                encrypted.removeFirst(count)
            }
            try awaitWriting(!encrypted.isEmpty)
            return nil
        } catch {
            return lose("\(error)")
        }
    }

    private func awaitWriting(_ isWanted: Bool) throws(Errno) {
        guard isWanted != waitsForWriting, let number = socket?.number else { return }
        waitsForWriting = isWanted
        try queue.change(number, token: token, writing: isWanted)
    }

    /// Reads what has arrived; returns news only when there is nothing more to read.
    private func receive(now: ContinuousClock.Instant) -> News? {
        let got: Socket.Received
        do throws(Errno) {
            got = try socket?.receive(upTo: Self.readBytes) ?? .end
        } catch {
            return lose("\(error)", now: now)
        }
        switch got {
        case .wouldBlock: return .nothing
        case .end: return connectionEnded(now: now)
        case .bytes(let bytes):
            guard session != nil else {
                plain.append(bytes)
                return nil
            }
            return decrypt(bytes)
        }
    }

    private func decrypt(_ bytes: [UInt8]) -> News? {
        switch session?.receive(bytes.span, plaintext: &plain, output: &encrypted) {
        case .handshaking?: return nil
        case .established?:
            deadline = nil
            if !unsent.isEmpty {
                let waiting = Array(unsent)
                unsent = []
                _ = session?.send(waiting.span, output: &encrypted)
            }
            return nil
        case .peerClosed?: return nil
        case .failed(let fault)?:
            // The alert that explains it to the server goes out first, as far as it does at once.
            _ = flush()
            return fail("TLS: \(fault)")
        case nil: return nil
        }
    }

    private func readAnswer(now: ContinuousClock.Instant) -> News? {
        guard reader != nil else {
            // Nothing was asked. Whatever comes now, the connection is of no use.
            if !plain.isEmpty { close() }
            return nil
        }
        do throws(AnswerFault) {
            switch try reader?.next(&plain, into: &body) {
            case .more?, nil: return nil
            case .head(let head)?:
                hasAnswerBegun = true
                return .head(head)
            case .body?: return .body
            case .end?: return end()
            }
        } catch {
            return fail(error.message)
        }
    }

    private func end() -> News {
        let isKept = reader?.isPersistent == true && plain.isEmpty
        reader = nil
        request = nil
        if !isKept { close() }
        return .end
    }

    // MARK: - Ends

    private func connectionEnded(now: ContinuousClock.Instant) -> News {
        guard isBusy else {
            close()
            return .nothing
        }
        do throws(AnswerFault) {
            if try reader?.endsWithConnection() == true {
                // Under TLS, an end that the server has not announced may be somebody else's doing.
                if session?.receivedCloseNotify == false { return fail("the connection was cut off") }
                return end()
            }
        } catch {
            return fail(error.message)
        }
        return lose("the server closed the connection", now: now)
    }

    /// Begins anew where the connection was a kept one that the server had given up, else fails.
    private func lose(_ reason: String, now: ContinuousClock.Instant = .now) -> News {
        if isBusy, isRepeatable, !hasAnswerBegun, plain.isEmpty, let target {
            open(target, now: now)
            return failure == nil ? .nothing : next(now: now)
        }
        return fail(reason)
    }

    private func fail(_ reason: String) -> News {
        let wasBusy = isBusy
        request = nil
        close()
        return wasBusy ? .failed(reason) : .nothing
    }

    private static func array(of bytes: Span<UInt8>) -> [UInt8] {
        var array: [UInt8] = []
        array.reserveCapacity(bytes.count)
        for index in 0..<bytes.count { array.append(bytes[index]) }
        return array
    }
}
