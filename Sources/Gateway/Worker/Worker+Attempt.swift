internal import ByteBuffers
internal import EventIO
internal import HTTPSemantics
internal import LoadBalancing
internal import NetworkAddress
internal import Routing
internal import TLS

/// Why an attempt came to nothing.
enum AttemptFault {
    /// No response came from the endpoint, or none that can be used.
    case unanswered(UpstreamFault)
    /// The response's status is one that leads to another attempt.
    case status(UInt16)

    /// The condition under which another endpoint is tried.
    var condition: RetryConditions {
        switch self {
        case .unanswered(.connect), .unanswered(.reset): .error
        case .unanswered(.connectTimeout), .unanswered(.timeout): .timeout
        case .unanswered(.invalidResponse), .unanswered(.interimResponses): .invalidHeader
        case .unanswered(.noResources): []
        case .status(let status): RetryConditions(status: status)
        }
    }

    /// What the client is told when no further attempt is made.
    var answer: HTTPStatus {
        switch self {
        case .unanswered(.connectTimeout), .unanswered(.timeout): .gatewayTimeout
        case .unanswered(.noResources): .serviceUnavailable
        case .unanswered, .status: .badGateway
        }
    }

    /// The status that the log gives to the attempt, as nginx does.
    var loggedStatus: UInt16 { if case .status(let status) = self { status } else { answer.rawValue } }

    /// What the log says of the attempt; nil where the status tells all.
    var loggedFault: UpstreamFault? { if case .unanswered(let fault) = self { fault } else { nil } }

    /// What the balancer is told.
    var outcome: AttemptOutcome {
        switch self {
        case .unanswered(.connect): .connectFailed
        case .unanswered(.connectTimeout), .unanswered(.timeout): .timedOut
        case .unanswered(.reset), .unanswered(.invalidResponse), .unanswered(.interimResponses): .reset
        case .unanswered(.noResources): .abandoned
        case .status: .serverError
        }
    }
}

extension RetryConditions {
    /// The condition that names a status; none for a status that no condition names.
    init(status: UInt16) {
        self =
            switch status {
            case 403: .http403
            case 404: .http404
            case 429: .http429
            case 500: .http500
            case 502: .http502
            case 503: .http503
            case 504: .http504
            default: RetryConditions(rawValue: 0)
            }
    }
}

extension Worker {
    /// Chooses an endpoint and sends the request there, over an idle connection if there is one.
    mutating func attempt(_ exchange: Int32) {
        guard let backend = unsafe exchanges[exchange].backend?._withUnsafeGuaranteedRef({ $0 }) else { return }
        let place = bringUpToDate(backend, for: exchange)
        exchanges[exchange].place = place
        guard let slot = pickSlot(exchange, place) else {
            telemetry.metrics.countRefusal(.noEndpoint)
            answer(exchange, .serviceUnavailable)
            return
        }
        begin(exchange, slot, place)
        exchanges[exchange].attempts += 1
        // What follows a stale connection goes over a new one: there may be many more that are stale.
        let isRepeatable = exchanges[exchange].method.isIdempotent
        if exchanges[exchange].attempts == 1, let link = takeIdle(place, slot, isRepeatable: isRepeatable) {
            use(link, for: exchange)
            exchanges[exchange].connected = nowMicroseconds
            telemetry.metrics.count(.upstreamReuses)
            sendRequest(exchange)
            return
        }
        connect(exchange, backend, slot)
    }

    private mutating func pickSlot(_ exchange: Int32, _ place: Int32) -> EndpointSlot? {
        if let affinity = unsafe exchanges[exchange].route?._withUnsafeGuaranteedRef({ $0.affinity }) {
            return affineSlot(exchange, affinity, place)
        }
        return backends[place].balancer.pick(
            avoiding: exchanges[exchange].tried,
            now: UInt64(now),
            random: &random
        )
    }

    private mutating func begin(_ exchange: Int32, _ slot: EndpointSlot, _ place: Int32) {
        exchanges[exchange].slot = slot
        exchanges[exchange].phase = .connecting
        exchanges[exchange].attemptBegan = nowMicroseconds
        exchanges[exchange].connected = 0
        exchanges[exchange].answered = 0
        exchanges[exchange].upstreamStatus = 0
        exchanges[exchange].upstreamBytes = 0
        exchanges[exchange].interimCount = 0
        backends[place].balancer.began(slot)
        exchanges[exchange].flags.insert(.isCounted)
        exchanges[exchange].flags.remove(.isNoted)
    }

    private mutating func use(_ link: Int32, for exchange: Int32) {
        io.links[link].state = .busy
        io.links[link].exchange = exchange
        io.links[link].requestCount += 1
        exchanges[exchange].upstream = link
    }

    /// Takes over what changed of a backend since the last request to it.
    ///
    /// - Returns: Where what is known of it is kept.
    private mutating func bringUpToDate(_ backend: Backend, for exchange: Int32) -> Int32 {
        let id = Int(backend.id)
        while backendPlaces.count <= id { backendPlaces.append(-1) }
        let place = backendPlaces[id]
        if place < 0 {
            backendPlaces[id] = backends.insert(BackendState(backend, seed: random.next()))
            return backendPlaces[id]
        }
        if backends[place].backend === backend { return place }
        // An exchange of older tables that is tried again does not bring back what has changed since.
        let isOld = exchanges[exchange].shelf != shelf.current
        if isOld, backends[place].backend.name == backend.name { return place }
        if backends[place].backend.scheme != backend.scheme {
            // Idle connections speak the other one.
            for index in backends[place].idle.indices { closeIdle(place, index) }
        }
        let departed = backends[place].update(to: backend, now: now)
        for slot in departed { closeIdle(place, slot.index) }
        return place
    }

    // MARK: - Connecting

    private mutating func connect(_ exchange: Int32, _ backend: Backend, _ slot: EndpointSlot) {
        let place = exchanges[exchange].place
        guard let address = backends[place].balancer.address(of: slot) else {
            attemptFailed(exchange, .unanswered(.connect))
            return
        }
        let peer = PeerAddress(address)
        let opened: (stream: Stream, isDone: Bool)
        do { opened = try Stream.connect(to: peer) } catch {
            attemptFailed(exchange, .unanswered(error.isShortage ? .noResources : .connect))
            return
        }
        guard let link = io.open(opened.stream, .upstream, peer: peer) else {
            attemptFailed(exchange, .unanswered(.noResources))
            return
        }
        use(link, for: exchange)
        io.links[link].state = .opening
        io.links[link].place = place
        io.links[link].slot = slot
        let limit = unsafe exchanges[exchange].route?._withUnsafeGuaranteedRef { $0.limits.connectMilliseconds } ?? 5000
        io.wheel.set(link, to: now + Int64(limit))
        if backend.scheme == .https {
            io.links[link].session = io.sessions.insert(upstreamSession(backend, address))
        }
        if opened.isDone { connectionStands(link) }
    }

    /// The client's side of TLS to an endpoint; as ingress-nginx by default, it neither asks for a name nor verifies.
    private func upstreamSession(_ backend: Backend, _ address: TransportAddress) -> TLSSession {
        TLSSession(
            connecting: upstreamTLS,
            to: .address(address.address),
            resumingWith: StableHash.of(address),
            asksForName: false
        )
    }

    /// Something happens on a connection that is being opened.
    mutating func upstreamOpens(_ link: Int32) {
        guard io.links[link].flags.contains(.mayWrite) || io.links[link].flags.contains(.broken) else { return }
        if !io.links[link].flags.contains(.reused) {
            guard io.links[link].stream.takeError() == nil else {
                attemptFailed(io.links[link].exchange, .unanswered(.connect))
                return
            }
            connectionStands(link)
        } else {
            continueHandshake(link)
        }
    }

    /// The TCP connection stands: the request goes out, or the TLS handshake first.
    private mutating func connectionStands(_ link: Int32) {
        let exchange = io.links[link].exchange
        exchanges[exchange].connected = nowMicroseconds
        telemetry.metrics.count(.upstreamConnections)
        guard io.links[link].session >= 0 else {
            io.links[link].state = .busy
            sendRequest(exchange)
            return
        }
        // From here on `reused` says that only the handshake is missing.
        io.links[link].flags.insert(.reused)
        guard io.startHandshake(link) else {
            attemptFailed(exchange, .unanswered(.connect))
            return
        }
        continueHandshake(link)
    }

    private mutating func continueHandshake(_ link: Int32) {
        let exchange = io.links[link].exchange
        if io.hasOutput(link), case .failed = io.flush(link) {
            attemptFailed(exchange, .unanswered(.connect))
            return
        }
        inbox.removeAll()
        let received = io.receive(link, into: &inbox, upTo: settings.readBytesMax)
        io.stow(link, inbox.lent)
        switch received {
        case .bytes, .nothing: break
        case .end, .failed:
            attemptFailed(exchange, .unanswered(.connect))
            return
        }
        guard io.sessions[io.links[link].session].isEstablished else { return }
        io.links[link].flags.remove(.reused)
        io.links[link].state = .busy
        sendRequest(exchange)
    }

    /// Sends what is kept of the request; the rest of its body follows as it comes.
    private mutating func sendRequest(_ exchange: Int32) {
        let link = exchanges[exchange].upstream
        let saved = exchanges[exchange].saved
        let start = Int(exchanges[exchange].pieces.upstream)
        exchanges[exchange].phase = .requesting
        outbox.removeAll()
        outbox.append(io.buffers[saved].lent, from: start, count: io.buffers[saved].count - start)
        telemetry.metrics.count(.upstreamBytesSent, by: UInt64(outbox.count))
        switch io.send(link, outbox.lent) {
        case .done: io.wheel.set(link, to: .max)
        case .pending: io.wheel.set(link, to: now + Int64(routeLimits(exchange).sendMilliseconds))
        case .failed:
            attemptFailed(exchange, .unanswered(.reset))
            return
        }
        if exchanges[exchange].flags.contains(.requestSent) {
            awaitResponse(exchange)
        } else {
            grantContinue(exchange)
            relayRequest(exchange)
        }
    }

    /// The endpoint has its time from now on.
    mutating func awaitResponse(_ exchange: Int32) {
        let link = exchanges[exchange].upstream
        let limits = unsafe exchanges[exchange].route?._withUnsafeGuaranteedRef { $0.limits } ?? RouteLimits()
        let wait = io.hasOutput(link) ? limits.sendMilliseconds : limits.readMilliseconds
        io.wheel.set(link, to: now + Int64(wait))
    }

    // MARK: - Failing

    /// An attempt came to nothing: another endpoint is tried, or the client is told.
    mutating func attemptFailed(_ exchange: Int32, _ fault: AttemptFault) {
        let link = exchanges[exchange].upstream
        let wasReused = link >= 0 && io.links[link].requestCount > 1
        // A connection that had ended while it was idle says nothing of its endpoint.
        let isStale = if case .unanswered(.reset) = fault { wasReused } else { false }
        settle(exchange, isStale ? .abandoned : fault.outcome)
        if case .status = fault {} else { telemetry.metrics.count(.upstreamResets) }
        noteAttempt(exchange, fault)
        exchanges[exchange].flags.insert(.isNoted)
        if link >= 0 {
            exchanges[exchange].upstream = -1
            io.close(link)
        }
        if let slot = exchanges[exchange].slot, !exchanges[exchange].tried.isFull {
            if !isStale { exchanges[exchange].tried.insert(slot) }
        }
        if mayTryAgain(exchange, fault, wasReused: wasReused) {
            telemetry.metrics.count(.retries)
            // The client's body is not waited for until there is somebody to take it.
            bodyCame(exchange)
            if !isHeldUp(exchange) { letClientRest(exchange) }
            attempt(exchange)
        } else {
            answer(exchange, fault.answer)
        }
    }

    /// Whether another attempt may be made.
    ///
    /// A request that was sent may have had its effect: it is sent again only if that does no harm (RFC 9110 §9.2.2), or
    /// if the Ingress says so. One whose body has gone by cannot be sent again.
    private func mayTryAgain(_ exchange: Int32, _ fault: AttemptFault, wasReused: Bool) -> Bool {
        guard exchanges[exchange].phase == .connecting || exchanges[exchange].phase == .requesting else { return false }
        let limits = unsafe exchanges[exchange].route?._withUnsafeGuaranteedRef { $0.limits } ?? RouteLimits()
        let wasSent = exchanges[exchange].phase != .connecting
        if exchanges[exchange].flags.contains(.bodyLeft) { return false }
        if wasSent, !exchanges[exchange].method.isIdempotent, !limits.retryOn.contains(.nonIdempotent) { return false }
        // What was idle too long costs no attempt, but not for ever.
        if wasReused, exchanges[exchange].attempts < Self.attemptsMax, case .unanswered(.reset) = fault { return true }
        guard limits.retryOn.contains(fault.condition), !fault.condition.isEmpty else { return false }
        let endpointCount = Int32(backends[exchanges[exchange].place].balancer.count)
        let attemptsMax = limits.attemptsMax == 0 ? Self.attemptsMax : min(limits.attemptsMax, Self.attemptsMax)
        if exchanges[exchange].attempts >= attemptsMax || exchanges[exchange].tried.isFull { return false }
        // Every endpoint once; a lone one once more if it may have been a moment's trouble.
        if Int32(exchanges[exchange].tried.count) >= max(1, endpointCount) { return false }
        if limits.retryMilliseconds > 0 {
            let elapsed = (nowMicroseconds - exchanges[exchange].began) / 1000
            if elapsed >= Int64(limits.retryMilliseconds) { return false }
        }
        return true
    }

    private static var attemptsMax: Int32 { 8 }

    /// Tells the balancer how the attempt ended, once.
    mutating func settle(_ exchange: Int32, _ outcome: AttemptOutcome) {
        guard exchanges[exchange].flags.contains(.isCounted), let slot = exchanges[exchange].slot else { return }
        exchanges[exchange].flags.remove(.isCounted)
        let end = exchanges[exchange].answered > 0 ? exchanges[exchange].answered : nowMicroseconds
        let latency = UInt64(max(0, end - exchanges[exchange].attemptBegan))
        let place = exchanges[exchange].place
        let isEjected = backends[place].balancer.ended(slot, outcome, latency: latency, now: UInt64(now))
        if isEjected { telemetry.metrics.count(.ejections) }
    }

    // MARK: - Idle connections

    /// Takes the newest idle connection to an endpoint that is still quiet.
    private mutating func takeIdle(_ place: Int32, _ slot: EndpointSlot, isRepeatable: Bool) -> Int32? {
        while backends[place].idle[slot.index] >= 0 {
            let link = backends[place].idle[slot.index]
            // To look costs a system call, which is saved where nothing is known to wait and the request can be repeated.
            let isTrusted = isRepeatable && !io.links[link].flags.contains(.mayRead)
            guard isTrusted || io.links[link].stream.isQuiet else {
                dropIdle(link)
                continue
            }
            unlinkIdle(link)
            return link
        }
        return nil
    }

    /// Something seems to have come on an idle connection.
    ///
    /// Nothing was asked: what comes is the end of the connection or nobody's, except for TLS's own messages.
    mutating func probeIdle(_ link: Int32) {
        inbox.removeAll()
        guard case .nothing = io.receive(link, into: &inbox, upTo: settings.readBytesMax) else {
            dropIdle(link)
            return
        }
    }

    /// Keeps a connection for the next request to its endpoint, unless there are enough.
    mutating func keepIdle(_ link: Int32) {
        let place = io.links[link].place
        guard let slot = io.links[link].slot, backends[place].balancer.isPresent(slot),
            idleUpstreamCount < rules.idleUpstreamsMax,
            io.links[link].requestCount < rules.requestsPerUpstreamMax,
            (io.links[link].session >= 0) == (backends[place].backend.scheme == .https),
            io.links[link].flags.isDisjoint(with: [.ending, .ended, .broken]), !io.hasInput(link)
        else {
            io.close(link)
            return
        }
        io.links[link].exchange = -1
        io.links[link].state = .idle
        io.links[link].flags.remove(.congested)
        let first = backends[place].idle[slot.index]
        io.links[link].next = first
        io.links[link].previous = -1
        if first >= 0 { io.links[first].previous = link }
        backends[place].idle[slot.index] = link
        idleUpstreamCount += 1
        io.wheel.set(link, to: now + rules.upstreamIdleMilliseconds)
    }

    private mutating func unlinkIdle(_ link: Int32) {
        let (next, previous) = (io.links[link].next, io.links[link].previous)
        if previous >= 0 {
            io.links[previous].next = next
        } else if let slot = io.links[link].slot {
            backends[io.links[link].place].idle[slot.index] = next
        }
        if next >= 0 { io.links[next].previous = previous }
        io.links[link].next = -1
        io.links[link].previous = -1
        idleUpstreamCount -= 1
    }

    /// Closes an idle connection.
    mutating func dropIdle(_ link: Int32) {
        unlinkIdle(link)
        io.close(link)
    }

    /// Closes the idle connections to an endpoint that has gone.
    private mutating func closeIdle(_ place: Int32, _ index: Int) {
        while backends[place].idle[index] >= 0 { dropIdle(backends[place].idle[index]) }
    }
}
