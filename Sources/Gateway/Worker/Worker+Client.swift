internal import ByteBuffers
internal import EventIO
internal import HTTPSemantics
internal import HTTPWire
internal import Routing
internal import TLS

extension Worker {
    /// A client's connection has its turn: something came, or more can be sent.
    mutating func clientTurn(_ client: Int32) {
        if io.hasOutput(client) {
            guard io.links[client].flags.contains(.mayWrite) else { return }
            switch io.flush(client) {
            case .failed:
                clientBroke(client)
                return
            case .pending:
                // Some of it went out, or the socket was not ready after all; the client has its time anew. A handshake
                // and a connection's end have one time for all.
                if io.links[client].state == .busy { awaitReading(client) }
                return
            case .done:
                guard clientDrained(client) else { return }
            }
        }
        switch io.links[client].state {
        case .opening, .idle, .head: readRequest(client)
        case .busy: clientActsDuringExchange(client)
        case .lingering: discardInput(client)
        case .closing: break
        }
    }

    /// All that waited for a client was sent; false says that the link was closed or given to another task.
    private mutating func clientDrained(_ client: Int32) -> Bool {
        if io.links[client].state == .closing {
            closeSoftly(client)
            return false
        }
        if io.links[client].state == .lingering { io.links[client].stream.shutWriting() }
        let exchange = io.links[client].exchange
        guard exchange >= 0 else { return true }
        if exchanges[exchange].phase == .flushing {
            finish(exchange)
            return false
        }
        letClientRest(exchange)
        let upstream = exchanges[exchange].upstream
        if upstream >= 0, exchanges[exchange].phase != .connecting {
            // It was not read from meanwhile, and had no deadline.
            if exchanges[exchange].flags.contains(.requestSent) { awaitResponse(exchange) }
            enqueue(upstream)
        }
        return true
    }

    /// A client has its time to take what was sent, from now on.
    mutating func awaitReading(_ client: Int32) {
        io.wheel.set(client, to: now + rules.bodyMilliseconds)
    }

    /// Something happens on a client's connection while its request is under way.
    private mutating func clientActsDuringExchange(_ client: Int32) {
        let exchange = io.links[client].exchange
        guard exchange >= 0 else { return }
        if io.links[client].flags.contains(.broken) {
            // Both directions are gone: nobody waits for the response.
            abandon(exchange)
        } else if !exchanges[exchange].flags.contains(.requestSent) {
            relayRequest(exchange)
        } else {
            noteDeparture(exchange)
            if exchanges[exchange].splice >= 0 { spliceResponse(exchange) }
        }
    }

    /// Reads until a request head is complete, and begins with it.
    private mutating func readRequest(_ client: Int32) {
        inbox.removeAll(headroom: Self.headroom)
        io.unstow(client, into: &inbox)
        var isNew = !inbox.isEmpty
        while true {
            if isNew {
                switch requestParser.parse(inbox.lent) {
                case .complete:
                    countHandshake(client)
                    begin(client)
                    return
                case .refused(let fault):
                    countHandshake(client)
                    refuse(client, fault)
                    return
                case .incomplete: break
                }
            }
            switch io.receive(client, into: &inbox, upTo: settings.readBytesMax) {
            case .bytes: isNew = true
            case .nothing:
                awaitHead(client)
                return
            case .end:
                io.close(client)
                return
            case .failed(let fault):
                brokeBeforeRequest(client, fault)
                return
            }
        }
    }

    /// Part of a head is there, or nothing: waits for the rest.
    private mutating func awaitHead(_ client: Int32) {
        let hasBytes = !inbox.isEmpty
        io.stow(client, inbox.lent)
        switch io.links[client].state {
        case .opening:
            let session = io.links[client].session
            guard session < 0 || io.sessions[session].isEstablished else { return }
            countHandshake(client)
            io.links[client].state = hasBytes ? .head : .idle
            io.wheel.set(client, to: now + rules.headMilliseconds)
        case .idle where hasBytes:
            // The time for the whole head begins with its first byte, and no later byte moves it.
            io.links[client].state = .head
            io.wheel.set(client, to: now + rules.headMilliseconds)
        default: break
        }
    }

    /// Counts a handshake that has just succeeded; its last flight may bring a whole request along.
    private mutating func countHandshake(_ client: Int32) {
        let session = io.links[client].session
        guard io.links[client].state == .opening, session >= 0 else { return }
        telemetry.metrics.count(.tlsHandshakes)
        if io.sessions[session].isResumed { telemetry.metrics.count(.tlsResumptions) }
    }

    private mutating func brokeBeforeRequest(_ client: Int32, _ fault: LinkTable.ReceiveFault) {
        guard case .tls(let fault) = fault else {
            io.close(client)
            return
        }
        telemetry.tlsFailed(fault, io.links[client].peer)
        if fault.kind == .plainHTTP {
            // The answer goes out in clear, to a client that spoke in clear.
            _ = io.sessions.remove(io.links[client].session)
            io.links[client].session = -1
            refuse(client, status: .badRequest, note: "The plain HTTP request was sent to HTTPS port")
        } else {
            closeAfterOutput(client)
        }
    }

    /// A client's time is over.
    mutating func clientExpired(_ client: Int32) {
        switch io.links[client].state {
        case .opening:
            telemetry.metrics.count(.tlsFailures)
            io.close(client)
        case .idle, .lingering, .closing: io.close(client)
        case .head:
            telemetry.metrics.countRefusal(.lateHead)
            inbox.removeAll()
            io.unstow(client, into: &inbox)
            refuse(client, status: .requestTimeout, note: nil)
        case .busy:
            let exchange = io.links[client].exchange
            guard exchange >= 0 else {
                io.close(client)
                return
            }
            if io.hasOutput(client) || exchanges[exchange].spliced > 0 {
                abandon(exchange)
            } else if !exchanges[exchange].flags.contains(.requestSent) {
                clientTooSlow(exchange)
            } else {
                clientMayBeGone(exchange)
            }
        }
    }

    /// The connection to a client broke.
    mutating func clientBroke(_ client: Int32) {
        let exchange = io.links[client].exchange
        if exchange >= 0 { abandon(exchange) } else { io.close(client) }
    }

    // MARK: - Closing

    /// Closes a connection when all that waits was sent.
    mutating func closeAfterOutput(_ client: Int32) {
        if io.hasOutput(client) {
            io.links[client].state = .closing
            io.wheel.set(client, to: now + settings.lingerMilliseconds)
        } else {
            closeSoftly(client)
        }
    }

    /// Closes a connection so that the peer can read all that was sent.
    ///
    /// Closing while bytes of the peer wait unread would reset the connection, and the peer might lose what it was sent:
    /// so only the writing side ends, and what comes is thrown away until the peer closes (RFC 9112 §9.6).
    mutating func closeSoftly(_ client: Int32) {
        let flags = io.links[client].flags
        guard !flags.contains(.broken) else {
            io.close(client)
            return
        }
        io.finishWriting(client)
        let mayHaveUnread = !flags.isDisjoint(with: [.mayRead, .unread]) || io.hasInput(client)
        guard io.hasOutput(client) || mayHaveUnread && !flags.contains(.ended) else {
            io.close(client)
            return
        }
        io.links[client].state = .lingering
        io.wheel.set(client, to: now + settings.lingerMilliseconds)
        enqueue(client)
    }

    /// Throws away what a client still sends after its last response.
    private mutating func discardInput(_ client: Int32) {
        for _ in 0..<Self.roundsMax {
            inbox.removeAll()
            switch io.receive(client, into: &inbox, upTo: settings.readBytesMax) {
            case .bytes: continue
            case .nothing: return
            case .end, .failed:
                io.close(client)
                return
            }
        }
        enqueue(client)
    }
}
