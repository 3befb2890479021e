internal import ByteBuffers
internal import EventIO
internal import HTTPSemantics
internal import HTTPWire
internal import LoadBalancing
internal import Routing

extension Worker {
    /// An endpoint's connection has its turn.
    mutating func upstreamTurn(_ link: Int32) {
        switch io.links[link].state {
        case .opening: upstreamOpens(link)
        case .idle:
            // Nothing was asked, so whatever comes ends it: the close of an idle connection, or bytes that are nobody's.
            if io.links[link].flags.contains(.mayRead) { probeIdle(link) }
        case .busy:
            let exchange = io.links[link].exchange
            guard exchange >= 0 else { return }
            if io.hasOutput(link), io.links[link].flags.contains(.mayWrite) {
                switch io.flush(link) {
                case .done:
                    io.wheel.set(link, to: .max)
                    if !exchanges[exchange].flags.contains(.requestSent) {
                        enqueue(exchanges[exchange].client)
                    } else if !isHeldUp(exchange) {
                        awaitResponse(exchange)
                    }
                case .pending: io.wheel.set(link, to: now + Int64(routeLimits(exchange).sendMilliseconds))
                case .failed: io.links[link].flags.insert(.mayRead)
                }
            }
            if io.links[link].flags.contains(.mayRead) || io.hasInput(link) { relayResponse(exchange) }
        case .head, .lingering, .closing: break
        }
    }

    /// An endpoint's time is over.
    mutating func upstreamExpired(_ link: Int32) {
        let exchange = io.links[link].exchange
        switch io.links[link].state {
        case .idle: dropIdle(link)
        case .opening: attemptFailed(exchange, .unanswered(.connectTimeout))
        case .busy:
            if exchanges[exchange].phase == .requesting {
                attemptFailed(exchange, .unanswered(.timeout))
            } else if exchanges[exchange].phase == .responding {
                dropUpstream(exchange, .timedOut)
                cut(exchange)
            }
        case .head, .lingering, .closing: io.close(link)
        }
    }

    /// Whether the response waits for the client to take what it was sent.
    func isHeldUp(_ exchange: Int32) -> Bool {
        io.hasOutput(exchanges[exchange].client) || exchanges[exchange].spliced > 0
    }

    /// Sends what the endpoint says on to the client, as fast as both allow.
    ///
    /// Nothing is read from the endpoint while bytes wait for the client, so that a slow client slows its endpoint down.
    mutating func relayResponse(_ exchange: Int32) {
        let client = exchanges[exchange].client
        let upstream = exchanges[exchange].upstream
        for _ in 0..<Self.roundsMax {
            if io.hasOutput(client) {
                // The client's time runs since its socket was full.
                io.wheel.set(upstream, to: .max)
                return
            }
            if exchanges[exchange].splice >= 0 {
                spliceResponse(exchange)
                return
            }
            inbox.removeAll(headroom: Self.headroom)
            io.unstow(upstream, into: &inbox)
            switch io.receive(upstream, into: &inbox, upTo: responseReadSize(exchange)) {
            case .bytes: break
            case .nothing:
                io.stow(upstream, inbox.lent)
                if exchanges[exchange].flags.contains(.requestSent) { awaitResponse(exchange) }
                return
            case .end:
                responseEnds(exchange)
                return
            case .failed:
                responseBreaks(exchange)
                return
            }
            guard takeResponse(exchange) else { return }
            if mayStartSplice(exchange) { startSplice(exchange) }
        }
        enqueue(upstream)
    }

    /// How much to read of a response at once.
    ///
    /// What comes first from a connection whose last response was large is the head and little more, so that this one's
    /// body moves without being copied too.
    private func responseReadSize(_ exchange: Int32) -> Int {
        if exchanges[exchange].phase == .requesting, io.links[exchanges[exchange].upstream].flags.contains(.spliced) {
            return 8 * 1024
        }
        return readSize(exchanges[exchange].client)
    }

    /// Deals with what the inbox holds of the response; false says that there is nothing more to read now.
    private mutating func takeResponse(_ exchange: Int32) -> Bool {
        outbox.removeAll()
        if exchanges[exchange].phase == .requesting {
            switch takeHead(exchange) {
            case .complete: break
            case .incomplete:
                io.stow(exchanges[exchange].upstream, inbox.lent)
                inbox.removeAll()
                // Interim responses do not wait for the final one.
                return outbox.isEmpty || sendResponseBytes(exchange)
            case .settled: return false
            }
        }
        return forwardBody(exchange)
    }

    private enum HeadProgress { case complete, incomplete, settled }

    /// Parses the response's head and writes the client's into the outbox.
    private mutating func takeHead(_ exchange: Int32) -> HeadProgress {
        while true {
            switch responseParser.parse(inbox.lent, answering: exchanges[exchange].method) {
            case .incomplete: return .incomplete
            case .refused:
                attemptFailed(exchange, .unanswered(.invalidResponse))
                return .settled
            case .complete: break
            }
            let head = responseParser.head
            telemetry.metrics.count(.upstreamBytesReceived, by: UInt64(head.length))
            if head.isSwitchingProtocols {
                // Nobody asked for it: the gateway forwards no Upgrade.
                attemptFailed(exchange, .unanswered(.invalidResponse))
                return .settled
            }
            guard head.isInterim else { break }
            guard takeInterim(exchange, head) else { return .settled }
        }
        let head = responseParser.head
        exchanges[exchange].answered = nowMicroseconds
        exchanges[exchange].upstreamStatus = head.status
        // No condition names a status below 400.
        if head.status >= 400, mayAskAnother(exchange, about: head.status) {
            attemptFailed(exchange, .status(head.status))
            return .settled
        }
        writeResponseHead(exchange, head)
        inbox.removeFirst(head.length)
        exchanges[exchange].phase = .responding
        return .complete
    }

    /// Whether a status leads to another endpoint, and there is one.
    private func mayAskAnother(_ exchange: Int32, about status: UInt16) -> Bool {
        let condition = RetryConditions(status: status)
        return !condition.isEmpty && routeLimits(exchange).retryOn.contains(condition) && hasUntried(exchange)
    }

    private func hasUntried(_ exchange: Int32) -> Bool {
        guard !exchanges[exchange].flags.contains(.bodyLeft) else { return false }
        let limits = routeLimits(exchange)
        if !exchanges[exchange].method.isIdempotent, !limits.retryOn.contains(.nonIdempotent) { return false }
        if limits.attemptsMax > 0, exchanges[exchange].attempts >= limits.attemptsMax { return false }
        return Int(exchanges[exchange].tried.count) + 1 < backends[exchanges[exchange].place].balancer.count
    }

    // MARK: - The body

    /// Sends what outbox and inbox hold to the client; false says that there is nothing more to read now.
    private mutating func forwardBody(_ exchange: Int32) -> Bool {
        let client = exchanges[exchange].client
        var isWhole = false
        if exchanges[exchange].responseRest >= 0 {
            let rest = exchanges[exchange].responseRest
            if Int64(inbox.count) > rest {
                // Bytes behind the response belong to no request: the connection is of no further use.
                inbox.truncate(to: Int(rest))
                exchanges[exchange].flags.insert(.closesUpstream)
            }
            let count = Int64(inbox.count)
            exchanges[exchange].responseRest = rest - count
            noteResponseBytes(exchange, count)
            isWhole = exchanges[exchange].responseRest == 0
        } else if exchanges[exchange].responseRest == Self.untilClose {
            noteResponseBytes(exchange, Int64(inbox.count))
            if exchanges[exchange].flags.contains(.sendsChunks), !inbox.isEmpty {
                outbox.appendChunkHeader(size: inbox.count)
                outbox.append(inbox.lent)
                outbox.append("\r\n")
                inbox.removeAll()
            }
        } else {
            switch encodeResponseChunks(exchange) {
            case .more: break
            case .whole: isWhole = true
            case .broken:
                dropUpstream(exchange, .reset)
                _ = io.send(client, outbox.lent)
                cut(exchange)
                return false
            }
        }
        if isWhole {
            responseIsWhole(exchange)
            return false
        }
        guard sendResponseBytes(exchange) else { return false }
        return true
    }

    /// Stands for the end of the stream in `responseRest`.
    static var untilClose: Int64 { -2 }

    private mutating func noteResponseBytes(_ exchange: Int32, _ count: Int64) {
        exchanges[exchange].bodySent += count
        exchanges[exchange].upstreamBytes += count
    }

    /// Sends the outbox with the inbox behind it, in one piece where the headroom allows; false says that nobody is there.
    private mutating func sendResponseBytes(_ exchange: Int32) -> Bool {
        let client = exchanges[exchange].client
        exchanges[exchange].bytesSent += Int64(outbox.count + inbox.count)
        let sent: LinkTable.Sent
        if inbox.isEmpty {
            sent = io.send(client, outbox.lent)
        } else if outbox.isEmpty || inbox.prepend(outbox.lent) {
            sent = io.send(client, inbox.lent)
        } else {
            sent = io.send(client, outbox.lent, inbox.lent)
        }
        inbox.removeAll()
        outbox.removeAll()
        switch sent {
        case .done: return true
        case .pending:
            awaitReading(client)
            return true
        case .failed:
            abandon(exchange)
            return false
        }
    }

    private enum ChunkedProgress { case more, whole, broken }

    /// Takes chunks from the inbox, and puts their content into the outbox as the client understands it.
    private mutating func encodeResponseChunks(_ exchange: Int32) -> ChunkedProgress {
        let sendsChunks = exchanges[exchange].flags.contains(.sendsChunks)
        var position = 0
        while !exchanges[exchange].flags.contains(.inResponseTrailers) {
            let step = exchanges[exchange].responseChunks.next(inbox.lent, from: position)
            switch step {
            case .data(let piece):
                noteResponseBytes(exchange, Int64(piece.count))
                if sendsChunks { outbox.appendChunkHeader(size: Int(piece.count)) }
                outbox.append(inbox.lent[piece])
                if sendsChunks { outbox.append("\r\n") }
                position = Int(piece.end)
            case .needMore:
                inbox.removeAll()
                return .more
            case .trailers(let offset):
                inbox.removeFirst(offset)
                exchanges[exchange].flags.insert(.inResponseTrailers)
            case .refused: return .broken
            }
        }
        switch trailerParser.parse(inbox.lent) {
        case .incomplete:
            io.stow(exchanges[exchange].upstream, inbox.lent)
            inbox.removeAll()
            return .more
        case .refused: return .broken
        case .complete:
            if sendsChunks { appendTrailers() }
            inbox.removeFirst(trailerParser.end)
            if !inbox.isEmpty { exchanges[exchange].flags.insert(.closesUpstream) }
            inbox.removeAll()
            return .whole
        }
    }

    // MARK: - The end of it

    /// The endpoint has closed: the end of some responses, and the failure of all others.
    private mutating func responseEnds(_ exchange: Int32) {
        exchanges[exchange].flags.insert(.closesUpstream)
        guard exchanges[exchange].phase == .responding, exchanges[exchange].responseRest == Self.untilClose else {
            responseBreaks(exchange)
            return
        }
        outbox.removeAll()
        inbox.removeAll()
        if exchanges[exchange].flags.contains(.sendsChunks) { outbox.append("0\r\n\r\n") }
        responseIsWhole(exchange)
    }

    /// The endpoint's connection broke: another attempt if nothing was said yet, else the client's ends too.
    private mutating func responseBreaks(_ exchange: Int32) {
        if exchanges[exchange].phase == .responding {
            dropUpstream(exchange, .reset)
            cut(exchange)
        } else {
            attemptFailed(exchange, .unanswered(.reset))
        }
    }
}
