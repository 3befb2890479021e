internal import ByteBuffers
internal import EventIO
internal import LoadBalancing
internal import Routing

extension Worker {
    /// The response is whole: its rest is in outbox and inbox, and both sides go their way when it is sent.
    mutating func responseIsWhole(_ exchange: Int32) {
        let client = exchanges[exchange].client
        releaseUpstream(exchange)
        exchanges[exchange].bytesSent += Int64(outbox.count + inbox.count)
        let isLast = exchanges[exchange].flags.contains(.closesClient)
        let sent: LinkTable.Sent
        if inbox.isEmpty {
            sent = io.send(client, outbox.lent, isLast: isLast)
        } else if outbox.isEmpty || inbox.prepend(outbox.lent) {
            sent = io.send(client, inbox.lent, isLast: isLast)
        } else {
            sent = io.send(client, outbox.lent, inbox.lent, isLast: isLast)
        }
        inbox.removeAll()
        outbox.removeAll()
        switch sent {
        case .done: finish(exchange)
        case .pending:
            exchanges[exchange].phase = .flushing
            awaitReading(client)
        case .failed: abandon(exchange)
        }
    }

    /// The exchange is over: writes its log line, and lets the client go on or go.
    mutating func finish(_ exchange: Int32) {
        let client = exchanges[exchange].client
        let closes = exchanges[exchange].flags.contains(.closesClient)
        if !exchanges[exchange].flags.contains(.requestSent) { io.links[client].flags.insert(.unread) }
        end(exchange)
        if closes {
            closeAfterOutput(client)
            return
        }
        io.links[client].state = .idle
        io.links[client].flags.remove(.congested)
        io.wheel.set(client, to: now + rules.idleMilliseconds)
        if case .none = drain {
            if io.hasInput(client) || io.links[client].flags.contains(.mayRead) { enqueue(client) }
        } else {
            closeAfterOutput(client)
        }
    }

    /// Ends an exchange whose client is gone, or must be.
    mutating func abandon(_ exchange: Int32) {
        let client = exchanges[exchange].client
        dropUpstream(exchange, .abandoned)
        if exchanges[exchange].status == 0 || exchanges[exchange].phase != .responding {
            exchanges[exchange].status = Self.clientClosed
        }
        end(exchange)
        io.close(client)
    }

    /// What the log says of requests whose clients went away, as nginx does.
    static var clientClosed: UInt16 { 499 }

    /// Ends an exchange whose response cannot be completed: the connection is reset, so that nobody takes it for whole.
    mutating func cut(_ exchange: Int32) {
        let client = exchanges[exchange].client
        dropUpstream(exchange, .reset)
        end(exchange)
        io.links[client].stream.resetWhenClosed()
        io.close(client)
    }

    /// Writes the log line, and frees all that the exchange held.
    private mutating func end(_ exchange: Int32) {
        let client = exchanges[exchange].client
        closeSplice(exchange)
        logLine(exchange)
        io.links[client].exchange = -1
        io.release(exchanges[exchange].saved)
        shelf.release(exchanges[exchange].shelf)
        exchanges.remove(exchange)
    }

    // MARK: - The endpoint's side

    /// Lets go of the endpoint's connection: it serves other requests if it can.
    private mutating func releaseUpstream(_ exchange: Int32) {
        let upstream = exchanges[exchange].upstream
        guard upstream >= 0 else { return }
        settle(exchange, exchanges[exchange].upstreamStatus >= 500 ? .serverError : .answered)
        exchanges[exchange].upstream = -1
        let flags = exchanges[exchange].flags
        if exchanges[exchange].upstreamBytes < Int64(settings.spliceBytesMin) {
            io.links[upstream].flags.remove(.spliced)
        }
        if flags.contains(.closesUpstream) || !flags.contains(.requestSent) || io.hasOutput(upstream) {
            io.close(upstream)
        } else {
            keepIdle(upstream)
        }
    }

    /// Closes the endpoint's connection in the middle of things.
    mutating func dropUpstream(_ exchange: Int32, _ outcome: AttemptOutcome) {
        settle(exchange, outcome)
        let upstream = exchanges[exchange].upstream
        guard upstream >= 0 else { return }
        exchanges[exchange].upstream = -1
        closeSplice(exchange)
        io.close(upstream)
    }
}
