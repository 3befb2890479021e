internal import ByteBuffers
internal import EventIO
internal import HTTPSemantics
internal import HTTPWire
internal import LoadBalancing
internal import NetworkAddress
internal import PatternMatching
internal import Routing

extension Worker {
    /// A request head is complete at the front of the inbox: decides what becomes of it.
    ///
    /// The order in which rules act is that of ingress-nginx: app-root, the route, redirects by annotation, the redirect
    /// to HTTPS, a missing backend, the client's address, the size of the body.
    mutating func begin(_ client: Int32) {
        let head = requestParser.head
        guard let exchange = exchanges.insert() else {
            telemetry.metrics.countRefusal(.overloaded)
            refuse(client, status: .serviceUnavailable, note: nil)
            return
        }
        let isHTTPS = io.links[client].session >= 0
        io.links[client].state = .busy
        io.links[client].exchange = exchange
        io.links[client].requestCount += 1
        io.wheel.set(client, to: .max)
        exchanges[exchange].client = client
        exchanges[exchange].method = head.method
        exchanges[exchange].began = nowMicroseconds
        exchanges[exchange].requestBytes = Int64(head.length)
        exchanges[exchange].shelf = shelf.hold()
        exchanges[exchange].saved = io.takeBuffer()
        if head.minorVersion >= 1 { exchanges[exchange].flags.insert(.isHTTP11) }
        if isHTTPS { exchanges[exchange].flags.insert(.isHTTPS) }
        if head.expectsContinue { exchanges[exchange].flags.insert(.expectsContinue) }
        noteBody(exchange, head)
        saveForLog(exchange, head)

        let tables = shelf.tables
        if rules.trustsForwardedFields { believeProxy(exchange, tables.routing.settings) }
        if !head.isPersistent || isLastRequest(client) {
            exchanges[exchange].flags.insert(.closesClient)
        }
        let verdict = decide(exchange, head, tables.routing)
        takeRequest(exchange, head, verdict)
        noteDeparture(exchange)
        switch verdict {
        case .forward: attempt(exchange)
        case .answer(let status): answer(exchange, status)
        case .redirect(let status): answerRedirect(exchange, status)
        case .options: answerAsterisk(exchange)
        case .healthy: answerHealth(exchange)
        }
    }

    /// What becomes of a request.
    private enum Verdict {
        /// It goes to the exchange's backend; its head is written.
        case forward
        /// It is answered with a status.
        case answer(HTTPStatus)
        /// It is sent to where `targetText` says.
        case redirect(HTTPStatus)
        /// It asked about the gateway itself.
        case options
        /// It asked whether the gateway lives.
        case healthy
    }

    private mutating func decide(_ exchange: Int32, _ head: RequestHead, _ routing: RoutingTable) -> Verdict {
        if head.form == .asterisk { return .options }
        pathText.removeAll()
        let path = NormalisedPath.normalise(inbox.lent[head.path], into: &pathText)
        if case .refused = path { return refused(.malformedHead, .badRequest) }
        hostText.removeAll()
        HostText.appendLowered(inbox.lent[head.host], to: &hostText)
        if isMisdirected(exchange, head) { return refused(.misdirected, .misdirectedRequest) }
        let host = routing.host(hostText.lent)
        let route: Route
        if case .same = path {
            route = host.route(for: inbox.lent[head.path], scratch: &patterns)
        } else {
            route = host.route(for: pathText.lent, scratch: &patterns)
        }
        // A search that takes too long must not lead past a path that guards what it finds.
        if let fault = patterns.fault {
            telemetry.searchGivenUp(fault, route, now: now)
            return refused(.brokenRoute, .internalServerError)
        }
        // The shelf keeps the tables, and these keep the route, until the exchange ends.
        unsafe exchanges[exchange].route = .passUnretained(route)

        targetText.removeAll()
        if let appRoot = host.appRoot, isRoot(head, path) {
            targetText.append(exchanges[exchange].flags.contains(.isHTTPS) ? "https://" : "http://")
            targetText.append(inbox.lent[head.authority])
            expand(appRoot, exchange, head, path, route)
            return .redirect(.found)
        }
        if let redirect = route.redirect {
            expand(redirect.location, exchange, head, path, route)
            return .redirect(redirect.status)
        }
        if mustBecomeHTTPS(exchange, route, host, head) {
            writeHTTPSLocation(exchange, head, routing.settings)
            return .redirect(HTTPStatus(rawValue: routing.settings.httpsRedirectStatus))
        }
        if let refusal = route.refusal {
            let isOwn = route.backend == nil && host === routing.catchAll
            if isOwn, isHealthCheck(head) { return .healthy }
            return refused(refusal == .notFound ? .unknownRoute : .brokenRoute, refusal)
        }
        guard let backend = chooseBackend(exchange, route, routing) else {
            return refused(.noEndpoint, .serviceUnavailable)
        }
        if let clients = route.clients, !clients.admits(clientAddress(exchange)) {
            return refused(.denied, .forbidden)
        }
        if backend.endpoints.isEmpty { return refused(.noEndpoint, .serviceUnavailable) }
        let limit = route.limits.bodyBytesMax
        if limit > 0, case .length(let count) = head.framing, count > limit {
            exchanges[exchange].flags.insert(.closesClient)
            return refused(.oversizedBody, .contentTooLarge)
        }
        unsafe exchanges[exchange].backend = .passUnretained(backend)
        noteAffinity(exchange, route, backend)
        guard writeRequestHead(exchange, head, path, route) else {
            return refused(.brokenRoute, .internalServerError)
        }
        return .forward
    }

    /// Counts a request that gets no endpoint.
    private mutating func refused(_ fault: RefusalFault, _ status: HTTPStatus) -> Verdict {
        telemetry.metrics.countRefusal(fault)
        return .answer(status)
    }

    /// Notes how the request's body is delimited.
    private mutating func noteBody(_ exchange: Int32, _ head: RequestHead) {
        switch head.framing {
        case .none, .untilClose, .length(0):
            exchanges[exchange].flags.insert(.requestSent)
        case .length(let count): exchanges[exchange].requestRest = count
        case .chunked: exchanges[exchange].requestRest = -1
        }
    }

    /// Takes the request from the inbox, and stows what is behind it.
    ///
    /// A small body that is there as a whole is sent with the head, or passed over when nobody wants it.
    private mutating func takeRequest(_ exchange: Int32, _ head: RequestHead, _ verdict: Verdict) {
        inbox.removeFirst(head.length)
        let rest = exchanges[exchange].requestRest
        if !exchanges[exchange].flags.contains(.requestSent), rest >= 0, rest <= Int64(inbox.count) {
            var isTaken = true
            if case .forward = verdict {
                isTaken = rest <= Self.replayBytesMax
                if isTaken { io.buffers[exchanges[exchange].saved].append(inbox.lent, from: 0, count: Int(rest)) }
            }
            if isTaken {
                inbox.removeFirst(Int(rest))
                exchanges[exchange].requestRest = 0
                exchanges[exchange].requestBodyBytes = rest
                exchanges[exchange].requestBytes += rest
                exchanges[exchange].flags.insert(.requestSent)
            }
        }
        io.stow(exchanges[exchange].client, inbox.lent)
        inbox.removeAll()
    }

    /// Up to this size a request's body is kept until the response begins, for another attempt.
    private static var replayBytesMax: Int64 { 64 * 1024 }

    private func isLastRequest(_ client: Int32) -> Bool {
        if case .none = drain { return io.links[client].requestCount >= rules.requestsPerConnectionMax }
        return true
    }

    private func isRoot(_ head: RequestHead, _ path: PathOutcome) -> Bool {
        if case .same = path { return head.path.count <= 1 }
        return pathText.count == 1
    }

    private func isHealthCheck(_ head: RequestHead) -> Bool { equals(inbox.lent[head.path], "/healthz") }

    /// Whether a request in clear has to come again over HTTPS.
    private func mustBecomeHTTPS(_ exchange: Int32, _ route: Route, _ host: VirtualHost, _ head: RequestHead) -> Bool {
        if isSecure(exchange) { return false }
        switch route.httpsRedirect {
        case .never: return false
        case .withCertificate where !host.hasCertificate: return false
        case .withCertificate, .always:
            // Certificates are issued over what is still in clear (A.5, ACME).
            return !hasPrefix(inbox.lent[head.path], "/.well-known/acme-challenge")
        }
    }

    /// The same place over HTTPS (B.3: without the client's port, and one slash at the end cut off).
    private mutating func writeHTTPSLocation(_ exchange: Int32, _ head: RequestHead, _ settings: ProxySettings) {
        targetText.append("https://")
        targetText.append(inbox.lent[forwardedHost(exchange) ?? head.host])
        if let port = settings.redirectPort {
            targetText.append(UInt8(ascii: ":"))
            targetText.append(decimal: Int64(port))
        }
        targetText.append(inbox.lent[head.path])
        if head.hasQuery {
            targetText.append(UInt8(ascii: "?"))
            targetText.append(inbox.lent[head.query])
        }
        let last = targetText.count - 1
        if targetText.lent[last] == UInt8(ascii: "/") { targetText.truncate(to: last) }
    }

    /// The client's address: the peer's, or what a trusted proxy says of it.
    func clientAddress(_ exchange: Int32) -> IPAddress {
        guard exchanges[exchange].flags.contains(.isBelieved) else {
            return io.links[exchanges[exchange].client].peer.address
        }
        let isIPv4 = exchanges[exchange].flags.contains(.isOriginIPv4)
        return IPAddress(family: isIPv4 ? .ipv4 : .ipv6, bits: exchanges[exchange].originBits)
    }
}

/// Whether bytes are those of a literal.
func equals(_ bytes: Span<UInt8>, _ text: StaticString) -> Bool {
    bytes.count == text.utf8CodeUnitCount && hasPrefix(bytes, text)
}

/// Whether bytes begin with those of a literal.
func hasPrefix(_ bytes: Span<UInt8>, _ text: StaticString) -> Bool {
    guard bytes.count >= text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { literal in
        for index in 0..<literal.count where unsafe bytes[index] != literal[index] { return false }
        return true
    }
}
