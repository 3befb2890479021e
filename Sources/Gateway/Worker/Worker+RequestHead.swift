internal import ByteBuffers
internal import EventIO
internal import HTTPSemantics
internal import HTTPWire
internal import Routing

extension Worker {
    /// Keeps what the log line says of the request, at the front of the exchange's buffer.
    mutating func saveForLog(_ exchange: Int32, _ head: RequestHead) {
        let saved = exchanges[exchange].saved
        io.buffers[saved].reserve(head.length + 512)
        let lineStart = Int(head.methodPiece.start)
        // The request line ends before the version's line end; the version follows the target after one space.
        let lineEnd = Int(head.target.end) + 9
        exchanges[exchange].pieces.requestLine = save(saved, Piece(lineStart..<lineEnd))
        exchanges[exchange].pieces.host = save(saved, head.authority)
        if let referer = requestParser.first(.referer) {
            exchanges[exchange].pieces.referer = save(saved, referer.value)
        }
        if let agent = requestParser.first(.userAgent) {
            exchanges[exchange].pieces.userAgent = save(saved, agent.value)
        }
        if telemetry.writesLines, let credentials = requestParser.first(.authorization) {
            let start = io.buffers[saved].count
            io.buffers[saved].append(userOfBasic: inbox.lent[credentials.value])
            exchanges[exchange].pieces.remoteUser = Piece(start..<io.buffers[saved].count)
        }
        if let id = requestParser.first(.xRequestID), !id.value.isEmpty {
            exchanges[exchange].pieces.requestID = save(saved, id.value)
        } else if rules.makesRequestID {
            let start = io.buffers[saved].count
            for _ in 0..<2 { io.buffers[saved].append(hexadecimal16: random.next()) }
            exchanges[exchange].pieces.requestID = Piece(start: start, count: 32)
        }
        exchanges[exchange].pieces.upstream = Int32(io.buffers[saved].count)
    }

    private mutating func save(_ buffer: Int32, _ piece: Piece) -> Piece {
        let start = io.buffers[buffer].count
        io.buffers[buffer].append(inbox.lent[piece])
        return Piece(start: start, count: Int(piece.count))
    }

    /// Writes the head that the endpoint gets behind what the log needs; nothing is copied that was not understood.
    ///
    /// - Returns: Whether the target could be written; a pattern that takes too long ends in an error for the client.
    mutating func writeRequestHead(
        _ exchange: Int32,
        _ head: RequestHead,
        _ path: PathOutcome,
        _ route: Route
    ) -> Bool {
        let saved = exchanges[exchange].saved
        io.buffers[saved].append(inbox.lent[head.methodPiece])
        io.buffers[saved].append(UInt8(ascii: " "))
        guard appendTarget(saved, head, path, route) else { return false }
        io.buffers[saved].append(" HTTP/1.1\r\nHost: ")
        if let host = route.upstreamHost {
            io.buffers[saved].append(host)
        } else if let authority = forwardedAuthority(exchange) {
            io.buffers[saved].append(inbox.lent[authority])
        } else if head.hasHost {
            io.buffers[saved].append(inbox.lent[head.authority])
        } else {
            appendListener(saved, exchange)
        }
        appendClient(saved, exchange, head)
        requestParser.appendFields(from: inbox.lent, except: replacedRequestFields, to: &io.buffers[saved])
        switch head.framing {
        case .length(let count):
            io.buffers[saved].append("Content-Length: ")
            io.buffers[saved].append(decimal: count)
            io.buffers[saved].append("\r\n")
        case .chunked: io.buffers[saved].append("Transfer-Encoding: chunked\r\n")
        case .none, .untilClose: break
        }
        io.buffers[saved].append("\r\n")
        return true
    }

    private mutating func appendTarget(
        _ saved: Int32,
        _ head: RequestHead,
        _ path: PathOutcome,
        _ route: Route
    ) -> Bool {
        if let rewrite = route.rewrite {
            targetText.removeAll()
            let query = inbox.lent[head.query]
            let outcome: RewriteOutcome
            if case .same = path {
                outcome = rewrite.apply(
                    to: inbox.lent[head.path],
                    query: query,
                    wasEscaped: false,
                    scratch: &patterns,
                    into: &targetText
                )
            } else {
                outcome = rewrite.apply(to: pathText.lent, query: query, scratch: &patterns, into: &targetText)
            }
            switch outcome {
            case .rewritten:
                io.buffers[saved].append(targetText.lent)
                return true
            case .unchanged: break
            case .fault(let fault):
                telemetry.searchGivenUp(fault, route, now: now)
                return false
            }
        }
        if case .changed(mustForwardNormalised: true) = path, !rules.forwardsRawPath {
            NormalisedPath.appendEscaped(pathText.lent, into: &io.buffers[saved])
        } else if head.path.isEmpty {
            io.buffers[saved].append(UInt8(ascii: "/"))
        } else {
            io.buffers[saved].append(inbox.lent[head.path])
        }
        if head.hasQuery {
            io.buffers[saved].append(UInt8(ascii: "?"))
            io.buffers[saved].append(inbox.lent[head.query])
        }
        return true
    }

    /// A host for clients of HTTP/1.0 that name none: a request in HTTP/1.1 must have one.
    private mutating func appendListener(_ saved: Int32, _ exchange: Int32) {
        guard let backend = unsafe exchanges[exchange].backend?._withUnsafeGuaranteedRef({ $0.name }) else { return }
        io.buffers[saved].append(text: backend)
    }

    /// What the gateway tells the endpoint of the client.
    private mutating func appendClient(
        _ saved: Int32,
        _ exchange: Int32,
        _ head: RequestHead
    ) {
        let client = io.links[exchanges[exchange].client]
        let requestID = exchanges[exchange].pieces.requestID
        if !requestID.isEmpty {
            io.buffers[saved].append("\r\nX-Request-ID: ")
            io.buffers[saved].append(repeating: Int(requestID.start), count: Int(requestID.count))
        }
        hostText.removeAll()
        hostText.append(clientAddress(exchange))
        io.buffers[saved].append("\r\nX-Real-IP: ")
        io.buffers[saved].append(hostText.lent)
        appendForwardedFor(saved, exchange)
        if let authority = forwardedAuthority(exchange) ?? (head.hasHost ? head.authority : nil) {
            io.buffers[saved].append("\r\nX-Forwarded-Host: ")
            io.buffers[saved].append(inbox.lent[authority])
        }
        io.buffers[saved].append("\r\nX-Forwarded-Port: ")
        if let port = forwardedPort(exchange) {
            io.buffers[saved].append(inbox.lent[port])
        } else {
            io.buffers[saved].append(portTexts[Int(client.listener)])
        }
        if isSecure(exchange) {
            io.buffers[saved].append(
                "\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Scheme: https\r\nX-Scheme: https\r\n"
            )
        } else {
            io.buffers[saved].append(
                "\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Scheme: http\r\nX-Scheme: http\r\n"
            )
        }
        if let original = requestParser.first(.xForwardedFor), !original.value.isEmpty {
            io.buffers[saved].appendField(name: "X-Original-Forwarded-For", value: inbox.lent[original.value])
        }
        if let original = requestParser.first(.xForwardedHost), !original.value.isEmpty {
            io.buffers[saved].appendField(name: "X-Original-Forwarded-Host", value: inbox.lent[original.value])
        }
    }
}
