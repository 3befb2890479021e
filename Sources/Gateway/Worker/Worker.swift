internal import ByteBuffers
internal import EventIO
internal import HTTPSemantics
internal import HTTPWire
internal import LinuxSystem
internal import LoadBalancing
internal import PatternMatching
internal import Routing
internal import Synchronization
internal import TLS

/// One thread of the gateway: it takes connections, reads requests, leads them to endpoints, and sends responses back.
///
/// Everything that a request needs lies in it or in the immutable tables, so that nothing is locked and no reference is
/// counted on the way. The files beside this one follow a request:
///
/// ```
///  Worker+Accept       a connection comes
///  Worker+Client       its bytes become a request head
///  Worker+Request      what is to become of the request, phase by phase
///  Worker+RequestHead  what the endpoint gets to see
///  Worker+Attempt      an endpoint is chosen and reached, again if need be
///  Worker+RequestBody  the client's body goes to the endpoint
///  Worker+Response     the endpoint's response goes to the client
///  Worker+Splice       large bodies move without being copied
///  Worker+Finish       the log line, and what follows on both connections
///  Worker+Tidy         memory that a burst took is given back
/// ```
///
/// Rule: the worker's own buffers hold something only within one call; whoever reads on later stows it in the link.
struct Worker: ~Copyable {
    /// Ties the worker to its place in memory.
    ///
    /// Without such a member the compiler (6.3) hands this large struct to its own methods by value, and copies all of
    /// it for every call of one that does not change it.
    private let place = Atomic(false)

    let number: Int
    let settings: WorkerSettings
    let limits: HeadLimits
    let mailbox: WorkerMailbox

    var io: LinkTable
    var exchanges = Slab<Exchange>(blank: Exchange())
    var listeners: [WorkerListener]
    /// The ports that clients see, in digits; they outlive the listeners.
    let portTexts: [[UInt8]]
    var shelf: TableShelf
    var rules: ServingRules
    var transportSecurityLine = ByteBuffer(capacity: 128)
    /// What is known of backends, and where it is by their numbers; -1 for those that were never used.
    var backends = Pool<BackendState>()
    var backendPlaces: [Int32] = []
    var idleUpstreamCount = 0
    var pipes = Pool<SplicePipe>()
    var sparePipes: [Int32] = []

    // Scratch: what was received, what is to be sent, and texts that are made along the way.
    var inbox: ByteBuffer
    var outbox = ByteBuffer(capacity: 16 * 1024)
    var pathText = ByteBuffer(capacity: 1024)
    var hostText = ByteBuffer(capacity: 256)
    var targetText = ByteBuffer(capacity: 1024)
    var requestParser: RequestParser
    var responseParser: ResponseParser
    var trailerParser: TrailerParser
    var patterns = PatternScratch()

    // Made once: a set of fields as a literal is an array for a moment.
    let replacedRequestFields: KnownFieldSet = [
        .host, .contentLength, .transferEncoding, .expect, .upgrade, .xRequestID, .xRealIP, .xForwardedFor,
        .xForwardedHost, .xForwardedPort, .xForwardedProto, .xForwardedScheme, .xScheme, .xOriginalForwardedFor,
        .xOriginalForwardedHost, .proxy, .sslClient,
    ]
    let replacedResponseFields: KnownFieldSet = [.contentLength, .transferEncoding, .xAccel]
    let noFields: KnownFieldSet = []

    var random: SmallRandom
    let serverTLS: TLSServerContext
    let upstreamTLS: TLSClientContext

    /// Milliseconds and microseconds of a clock that never goes back, read once in a round.
    var now: Int64
    var nowMicroseconds: Int64
    /// Seconds since 1970, and what is beyond them.
    var wallSeconds: Int64 = 0
    var wallNanoseconds: Int32 = 0
    /// `Date: …` with its line end, good for `dateSeconds`.
    var dateLine = ByteBuffer(capacity: 64)
    var dateSeconds: Int64 = -1

    /// Links that have more to do than fitted into their turn.
    var queue: [Int32] = []
    var expired: [Int32] = []
    /// When to take connections again; nil while they are taken.
    var acceptsAgain: Int64?
    /// The largest number of exchanges at once since memory was last given back, and when to see whether it can be.
    var burst = 0
    var tidiesAgain: Int64 = 0
    var drain = Drain.none
    var telemetry: WorkerTelemetry

    /// How far the end of the worker is.
    enum Drain {
        /// It serves.
        case none
        /// It serves, but no connection outlives its present request.
        case lastRequests
        /// It takes no connections any more, and ends when the last exchange has.
        ///
        /// Until the nearer time, it waits for requests that are on their way, and for clients to take note of the end.
        case closing(patience: Int64, deadline: Int64)
    }

    /// Room in front of what is received, so that a head can be put before a body.
    static var headroom: Int { 8 * 1024 }
    /// How often one link is read from before others have their turn.
    static var roundsMax: Int { 16 }

    init(number: Int, setup: WorkerSetup, mailbox: WorkerMailbox) throws {
        let nanoseconds = SystemClock.monotonicNanoseconds
        let io = try LinkTable(now: nanoseconds / 1_000_000)
        let listeners = try setup.settings.endpoints.map { endpoint in
            do throws(Errno) { return try WorkerListener(endpoint) } catch {
                throw GatewayFailure("cannot listen on \(endpoint): \(error)")
            }
        }
        let serverTLS = try TLSServerContext(
            table: setup.tables.certificates,
            ticketKeys: setup.ticketKeys,
            settings: setup.tlsSettings
        )
        let upstreamTLS = try TLSClientContext(trust: .anybody)
        try io.poller.watch(mailbox.descriptor, token: Self.mailboxToken, .level)
        for (index, listener) in listeners.enumerated() {
            try io.poller.watch(listener.socket.number, token: Self.listenerToken + UInt64(index), .level)
        }
        self.number = number
        self.mailbox = mailbox
        self.io = io
        self.listeners = listeners
        portTexts = listeners.map(\.portText)
        self.serverTLS = serverTLS
        self.upstreamTLS = upstreamTLS
        settings = setup.settings
        limits = setup.limits
        now = nanoseconds / 1_000_000
        nowMicroseconds = nanoseconds / 1000
        shelf = TableShelf(setup.tables)
        rules = ServingRules(setup.tables.routing.settings)
        inbox = ByteBuffer(capacity: Self.headroom + setup.settings.readBytesMax)
        requestParser = RequestParser(limits: setup.limits)
        responseParser = ResponseParser(limits: setup.limits)
        trailerParser = TrailerParser(limits: setup.limits)
        random = SmallRandom(seed: SystemRandom.seed())
        telemetry = WorkerTelemetry(number: number, setup: setup)
        adopt(setup.tables)
    }

    // Links have a generation above zero in the upper half of their tokens.
    static var mailboxToken: UInt64 { 0 }
    static var listenerToken: UInt64 { 1 }

    /// Serves until it is told to end.
    mutating func run() {
        var isRunning = true
        while isRunning {
            let count = io.poller.wait(milliseconds: waitMilliseconds())
            readClocks()
            endIdleConnections(count)
            for index in 0..<count {
                let token = io.poller.token(at: index)
                if token >> 32 != 0 {
                    if let link = io.link(of: token) { happened(link, io.poller.events(at: index)) }
                } else if token == Self.mailboxToken {
                    readMail()
                } else {
                    accept(Int(token - Self.listenerToken))
                }
            }
            goOn()
            passDeadlines()
            tidy()
            telemetry.roundEnds(now: now, microseconds: SystemClock.monotonicNanoseconds / 1000 - nowMicroseconds)
            isRunning = !isDone()
        }
        closeEverything()
    }

    /// Looks at idle connections to endpoints before anything else of a round.
    ///
    /// What came on them is the end or nobody's response: no request of the same round may be sent there.
    private mutating func endIdleConnections(_ count: Int) {
        guard idleUpstreamCount > 0 else { return }
        for index in 0..<count {
            let token = io.poller.token(at: index)
            guard token >> 32 != 0, let link = io.link(of: token), io.links[link].role == .upstream,
                io.links[link].state == .idle
            else { continue }
            happened(link, io.poller.events(at: index))
        }
    }

    private func waitMilliseconds() -> Int32 {
        if !queue.isEmpty { return 0 }
        var wait: Int32 = 1000
        if let wheel = io.wheel.wait(now: now) { wait = min(wait, wheel) }
        if case .closing(let patience, let deadline) = drain {
            wait = min(wait, Int32(clamping: max(1, (now < patience ? patience : deadline) - now)))
        }
        if let again = acceptsAgain { wait = min(wait, Int32(max(1, again - now))) }
        if let flush = telemetry.flushWait(now: now) { wait = min(wait, flush) }
        if let tidy = tidyWait() { wait = min(wait, tidy) }
        return wait
    }

    private mutating func readClocks() {
        let nanoseconds = SystemClock.monotonicNanoseconds
        now = nanoseconds / 1_000_000
        nowMicroseconds = nanoseconds / 1000
        (wallSeconds, wallNanoseconds) = SystemClock.wall
    }

    /// Something happened on a link.
    private mutating func happened(_ link: Int32, _ events: Poller.Events) {
        if events.allowReading {
            io.links[link].flags.insert(.mayRead)
            if events.tellEnd { io.links[link].flags.insert(.ending) }
            if events.tellBreak { io.links[link].flags.insert(.broken) }
        }
        if events.allowWriting { io.links[link].flags.insert(.mayWrite) }
        turn(link)
    }

    /// Gives a link its turn.
    private mutating func turn(_ link: Int32) {
        switch io.links[link].role {
        case .client: clientTurn(link)
        case .upstream: upstreamTurn(link)
        case .none: break
        }
    }

    /// Lets a link go on in this round, after those that wait already.
    mutating func enqueue(_ link: Int32) {
        guard !io.links[link].flags.contains(.queued) else { return }
        io.links[link].flags.insert(.queued)
        queue.append(link)
    }

    /// Gives those a turn that had more to do; who still has more waits for the next round.
    private mutating func goOn() {
        guard !queue.isEmpty else { return }
        var turns: [Int32] = []
        swap(&turns, &queue)
        // A link that was closed meanwhile is blank, or another one that has nothing to do: neither minds a turn.
        for link in turns where io.links[link].flags.contains(.queued) {
            io.links[link].flags.remove(.queued)
            turn(link)
        }
        turns.removeAll(keepingCapacity: true)
        if queue.isEmpty { swap(&turns, &queue) }
    }

    private mutating func passDeadlines() {
        io.wheel.advance(to: now, expired: &expired)
        while let link = expired.popLast() {
            // What was done for one before may have given this one more time, or its number to another link.
            if io.wheel.isSet(link) { continue }
            switch io.links[link].role {
            case .client: clientExpired(link)
            case .upstream: upstreamExpired(link)
            case .none: break
            }
        }
        if let again = acceptsAgain, again <= now { resumeAccepting() }
    }

    // MARK: - The end

    private func isDone() -> Bool {
        guard case .closing(let patience, let deadline) = drain else { return false }
        if now >= deadline { return true }
        if exchanges.count > 0 || io.pendingBytes > 0 { return false }
        return now >= patience || io.links.count == idleUpstreamCount
    }

    private mutating func closeEverything() {
        for link in 0..<io.links.limit where io.links[link].role != .none { io.close(link) }
        closePipes()
        listeners.removeAll()
        telemetry.end()
        mailbox.ended()
    }
}
