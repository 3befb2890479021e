internal import ByteBuffers
internal import EventIO
internal import HTTPSemantics
internal import HTTPWire
internal import LoadBalancing
internal import Routing

extension Worker {
    /// Tells a client that waits for it to send its body (RFC 9110 §10.1.1).
    mutating func grantContinue(_ exchange: Int32) {
        guard exchanges[exchange].flags.contains(.expectsContinue), exchanges[exchange].flags.contains(.isHTTP11)
        else { return }
        exchanges[exchange].flags.remove(.expectsContinue)
        let client = exchanges[exchange].client
        // A client that sends its body already needs no leave.
        if io.hasInput(client) { return }
        outbox.removeAll()
        outbox.append("HTTP/1.1 100 Continue\r\n\r\n")
        if case .pending = io.send(client, outbox.lent) { awaitReading(client) }
    }

    /// Sends the client's body on to the endpoint, as fast as both allow.
    ///
    /// Nothing is read from the client while bytes wait for the endpoint, so that a slow endpoint slows its client down.
    mutating func relayRequest(_ exchange: Int32) {
        let client = exchanges[exchange].client
        for _ in 0..<Self.roundsMax {
            let upstream = exchanges[exchange].upstream
            guard upstream >= 0, exchanges[exchange].phase != .connecting,
                !exchanges[exchange].flags.contains(.requestSent)
            else { return }
            if io.hasOutput(upstream) {
                // The endpoint's time runs since its socket was full; the client is not to blame.
                if !isHeldUp(exchange) { io.wheel.set(client, to: .max) }
                return
            }
            inbox.removeAll(headroom: Self.headroom)
            io.unstow(client, into: &inbox)
            if inbox.isEmpty || exchanges[exchange].flags.contains(.inRequestTrailers) {
                switch io.receive(client, into: &inbox, upTo: readSize(upstream)) {
                case .bytes: bodyCame(exchange)
                case .nothing:
                    io.stow(client, inbox.lent)
                    awaitBody(exchange)
                    io.wheel.set(upstream, to: .max)
                    return
                case .end, .failed:
                    abandon(exchange)
                    return
                }
            }
            guard forwardRequestBytes(exchange) else { return }
        }
        enqueue(client)
    }

    /// Sends what the inbox holds of the body; false says that the exchange has taken another course.
    private mutating func forwardRequestBytes(_ exchange: Int32) -> Bool {
        let client = exchanges[exchange].client
        let upstream = exchanges[exchange].upstream
        let sent: LinkTable.Sent
        if exchanges[exchange].requestRest >= 0 {
            let count = Int(min(exchanges[exchange].requestRest, Int64(inbox.count)))
            exchanges[exchange].requestRest -= Int64(count)
            countBody(exchange, count)
            telemetry.metrics.count(.upstreamBytesSent, by: UInt64(count))
            sent = io.send(upstream, inbox.lent.extracting(0..<count))
            inbox.removeFirst(count)
            if exchanges[exchange].requestRest == 0 { exchanges[exchange].flags.insert(.requestSent) }
        } else {
            outbox.removeAll()
            switch encodeRequestChunks(exchange) {
            case .refused(let fault):
                bodyRefused(exchange, .badRequest, fault)
                return false
            case .tooLarge:
                bodyRefused(exchange, .contentTooLarge, nil)
                return false
            case .progress:
                telemetry.metrics.count(.upstreamBytesSent, by: UInt64(outbox.count))
                sent = io.send(upstream, outbox.lent)
            }
        }
        exchanges[exchange].flags.insert(.bodyLeft)
        io.stow(client, inbox.lent)
        inbox.removeAll()
        if case .failed = sent {
            endpointTakesNoMore(exchange)
            return false
        }
        if case .pending = sent { io.wheel.set(upstream, to: now + Int64(routeLimits(exchange).sendMilliseconds)) }
        guard exchanges[exchange].flags.contains(.requestSent) else { return true }
        if isHeldUp(exchange) {
            awaitReading(client)
        } else {
            letClientRest(exchange)
            noteDeparture(exchange)
            awaitResponse(exchange)
        }
        return false
    }

    private mutating func countBody(_ exchange: Int32, _ count: Int) {
        exchanges[exchange].requestBodyBytes += Int64(count)
        exchanges[exchange].requestBytes += Int64(count)
    }

    private enum ChunkProgress { case progress, tooLarge, refused(HeadFault) }

    /// Takes chunks from the inbox and writes chunks of our own to the outbox: sizes and trailers are written anew.
    private mutating func encodeRequestChunks(_ exchange: Int32) -> ChunkProgress {
        let limit = routeLimits(exchange).bodyBytesMax
        var position = 0
        while !exchanges[exchange].flags.contains(.inRequestTrailers) {
            let step = exchanges[exchange].requestChunks.next(inbox.lent, from: position)
            switch step {
            case .data(let piece):
                countBody(exchange, Int(piece.count))
                if limit > 0, exchanges[exchange].requestBodyBytes > limit { return .tooLarge }
                outbox.appendChunkHeader(size: Int(piece.count))
                outbox.append(inbox.lent[piece])
                outbox.append("\r\n")
                position = Int(piece.end)
            case .needMore:
                inbox.removeAll()
                return .progress
            case .trailers(let offset):
                inbox.removeFirst(offset)
                exchanges[exchange].flags.insert(.inRequestTrailers)
            case .refused(let fault): return .refused(fault)
            }
        }
        switch trailerParser.parse(inbox.lent) {
        case .incomplete: return .progress
        case .refused(let fault): return .refused(fault)
        case .complete:
            appendTrailers()
            inbox.removeFirst(trailerParser.end)
            exchanges[exchange].flags.insert(.requestSent)
            return .progress
        }
    }

    /// Writes the last chunk and the trailers that may go on.
    mutating func appendTrailers() {
        outbox.appendLastChunk()
        trailerParser.appendFields(from: inbox.lent, to: &outbox)
        outbox.appendLineEnd()
    }

    func routeLimits(_ exchange: Int32) -> RouteLimits {
        unsafe exchanges[exchange].route?._withUnsafeGuaranteedRef { $0.limits } ?? RouteLimits()
    }

    /// How much to read for a link that bytes go on to: little when it is slow, so that little waits for it.
    func readSize(_ target: Int32) -> Int {
        let isTight = io.pendingBytes > settings.pendingBytesMax
        return io.links[target].flags.contains(.congested) || isTight ? 16 * 1024 : settings.readBytesMax
    }

    // MARK: - Bodies that take their time

    /// The client's body is awaited: so long for any of it, and so long altogether as its length so far allows.
    ///
    /// Only the time counts in which nothing but the client was waited for, and only before the response begins: after
    /// that, both sides may be talking to each other.
    private mutating func awaitBody(_ exchange: Int32) {
        if exchanges[exchange].awaitedSince == 0 { exchanges[exchange].awaitedSince = now }
        var wait = rules.bodyMilliseconds
        if settings.bodyBytesPerSecondMin > 0, exchanges[exchange].phase != .responding {
            let bytes = exchanges[exchange].requestBodyBytes
            let allowed = max(settings.bodyGraceMilliseconds, bytes * 1000 / settings.bodyBytesPerSecondMin)
            wait = min(wait, max(0, allowed - exchanges[exchange].awaited))
        }
        io.wheel.set(exchanges[exchange].client, to: exchanges[exchange].awaitedSince + wait)
    }

    /// Some of the client's body came, or it is not waited for at the moment.
    mutating func bodyCame(_ exchange: Int32) {
        let since = exchanges[exchange].awaitedSince
        guard since > 0 else { return }
        exchanges[exchange].awaited += now - since
        exchanges[exchange].awaitedSince = 0
    }

    // MARK: - Bodies that come to no good end

    /// The body breaks the rules or is too large: the client is told if the response has not begun.
    private mutating func bodyRefused(_ exchange: Int32, _ status: HTTPStatus, _ fault: HeadFault?) {
        telemetry.metrics.countRefusal(fault == nil ? .oversizedBody : .malformedBody)
        dropUpstream(exchange, .abandoned)
        exchanges[exchange].flags.insert(.closesClient)
        if exchanges[exchange].phase == .responding { cut(exchange) } else { answer(exchange, status) }
    }

    /// The client's body did not come in time.
    mutating func clientTooSlow(_ exchange: Int32) {
        telemetry.metrics.countRefusal(.lateBody)
        dropUpstream(exchange, .abandoned)
        exchanges[exchange].flags.insert(.closesClient)
        if exchanges[exchange].phase == .responding { cut(exchange) } else { answer(exchange, .requestTimeout) }
    }

    /// The endpoint's connection broke while the body was sent: it may have answered before.
    private mutating func endpointTakesNoMore(_ exchange: Int32) {
        let upstream = exchanges[exchange].upstream
        exchanges[exchange].flags.insert([.closesUpstream, .closesClient])
        io.links[upstream].flags.insert(.mayRead)
        relayResponse(exchange)
    }
}
