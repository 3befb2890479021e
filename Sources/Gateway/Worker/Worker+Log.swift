internal import ByteBuffers
internal import EventIO
internal import HTTPSemantics
internal import HTTPWire
internal import LoadBalancing
internal import NetworkAddress
internal import Routing
internal import Telemetry

extension Worker {
    /// Counts an exchange that is over, and writes its line.
    mutating func logLine(_ exchange: Int32) {
        count(exchange)
        guard telemetry.writesLines, isLogged(exchange) else { return forgetAttempts(exchange) }
        gatherAttempts(exchange)
        // Out of the worker for a moment, so that the record can lend them.
        var attempts: [UpstreamAttempt] = []
        swap(&attempts, &telemetry.attempts)
        let saved = exchanges[exchange].saved
        let pieces = exchanges[exchange].pieces
        let bytes = io.buffers[saved].lent
        let line = bytes[pieces.requestLine]
        let (target, version) = Self.parts(of: line)
        let names = backendNames(exchange)
        var record = LogRecord(
            method: line.extracting(0..<max(0, target.lowerBound - 1)),
            target: line.extracting(target),
            version: line.extracting(version),
            host: pieces.host.isEmpty ? nil : bytes[pieces.host],
            remoteUser: pieces.remoteUser.isEmpty ? nil : bytes[pieces.remoteUser],
            referer: pieces.referer.isEmpty ? nil : bytes[pieces.referer],
            userAgent: pieces.userAgent.isEmpty ? nil : bytes[pieces.userAgent],
            upstreamName: names.main.span,
            alternativeUpstreamName: names.canary.span,
            requestID: pieces.requestID.isEmpty ? nil : bytes[pieces.requestID],
            attempts: attempts.span
        )
        record.time = WallTime(seconds: wallSeconds, nanoseconds: wallNanoseconds)
        record.remoteAddress = clientAddress(exchange)
        record.status = exchanges[exchange].status
        record.bodyBytesSent = exchanges[exchange].bodySent
        record.requestLength = exchanges[exchange].requestBytes
        record.requestTime = (nowMicroseconds - exchanges[exchange].began) / 1000
        telemetry.write(record, now: now)
        swap(&attempts, &telemetry.attempts)
    }

    /// The request line's target and version, as parts of it.
    private static func parts(of line: Span<UInt8>) -> (target: Range<Int>, version: Range<Int>) {
        var methodEnd = 0
        while methodEnd < line.count, line[methodEnd] != UInt8(ascii: " ") { methodEnd += 1 }
        // The version has eight bytes, and one space before it.
        let end = max(methodEnd + 1, line.count - 9)
        return (min(methodEnd + 1, line.count)..<min(end, line.count), min(end + 1, line.count)..<line.count)
    }

    /// The names of the route's backend, whether it was asked or not, and of its canary's if that served the request.
    private func backendNames(_ exchange: Int32) -> (main: [UInt8], canary: [UInt8]) {
        let served = unsafe exchanges[exchange].backend?._withUnsafeGuaranteedRef { $0.nameBytes } ?? []
        guard served.isEmpty || exchanges[exchange].flags.contains(.isCanary) else { return (served, []) }
        let main = unsafe exchanges[exchange].route?._withUnsafeGuaranteedRef { $0.backend } ?? -1
        let routing = shelf.tables(at: exchanges[exchange].shelf)?.routing
        return (routing?.backend(main)?.nameBytes ?? [], served)
    }

    /// Whether the exchange is one of those that are written down (`disable-access-log`, `skip-access-log-urls`).
    private func isLogged(_ exchange: Int32) -> Bool {
        guard shelf.tables.routing.settings.writesAccessLog else { return false }
        if !rules.hasUnloggedTargets { return true }
        let piece = exchanges[exchange].pieces.requestLine
        let line = io.buffers[exchanges[exchange].saved].lent[piece]
        let target = line.extracting(Self.parts(of: line).target)
        for unlogged in shelf.tables.routing.settings.unloggedTargets where target.elementsEqual(unlogged.span) {
            return false
        }
        return true
    }

    /// Writes the line of a request that was refused before it was understood: its first line as far as it came.
    mutating func logRefusal(_ client: Int32, _ status: HTTPStatus, bodyLength: Int) {
        guard telemetry.writesLines, shelf.tables.routing.settings.writesAccessLog else { return }
        let nothing: [UInt8] = []
        let attempts: [UpstreamAttempt] = []
        let bytes = inbox.lent
        let line = Self.firstLine(of: bytes)
        var record = LogRecord(
            method: nothing.span,
            target: bytes.extracting(line),
            version: nothing.span,
            host: nil,
            remoteUser: nil,
            referer: nil,
            userAgent: nil,
            upstreamName: nothing.span,
            alternativeUpstreamName: nothing.span,
            requestID: nil,
            attempts: attempts.span
        )
        record.time = WallTime(seconds: wallSeconds, nanoseconds: wallNanoseconds)
        record.remoteAddress = io.links[client].peer.address
        record.status = status.rawValue
        record.requestLength = Int64(bytes.count)
        record.bodyBytesSent = Int64(bodyLength)
        telemetry.write(record, now: now)
    }

    // MARK: - Counting

    private mutating func count(_ exchange: Int32) {
        telemetry.metrics.count(.requests)
        telemetry.metrics.count(.clientBytesReceived, by: UInt64(max(0, exchanges[exchange].requestBytes)))
        telemetry.metrics.count(.clientBytesSent, by: UInt64(max(0, exchanges[exchange].bytesSent)))
        telemetry.metrics.count(.upstreamBytesReceived, by: UInt64(max(0, exchanges[exchange].upstreamBytes)))
        if exchanges[exchange].status == Self.clientClosed { telemetry.metrics.count(.clientResets) }
        let route = unsafe exchanges[exchange].route?._withUnsafeGuaranteedRef { route in
            route.origin.ingress.isEmpty
                ? nil : RouteID(route, isCanary: exchanges[exchange].flags.contains(.isCanary))
        }
        guard let route = route.flatMap(\.self) else { return }
        let began = exchanges[exchange].attemptBegan
        var numbers = RequestNumbers(
            route: route,
            method: exchanges[exchange].method,
            status: exchanges[exchange].status,
            duration: UInt64(max(0, nowMicroseconds - exchanges[exchange].began)),
            requestBytes: UInt64(exchanges[exchange].requestBytes),
            responseBytes: UInt64(exchanges[exchange].bytesSent)
        )
        if exchanges[exchange].connected > 0 {
            numbers.connectDuration = UInt64(max(0, exchanges[exchange].connected - began))
        }
        if exchanges[exchange].answered > 0 {
            numbers.headerDuration = UInt64(max(0, exchanges[exchange].answered - began))
            numbers.responseDuration = UInt64(max(0, nowMicroseconds - began))
        }
        telemetry.metrics.count(numbers)
    }

    // MARK: - Attempts

    /// Remembers an attempt that came to nothing.
    mutating func noteAttempt(_ exchange: Int32, _ fault: AttemptFault) {
        guard telemetry.writesLines, var attempt = describeAttempt(exchange, fault.loggedStatus) else { return }
        attempt.fault = fault.loggedFault
        telemetry.failedAttempts[exchange, default: []].append(attempt)
    }

    private mutating func gatherAttempts(_ exchange: Int32) {
        telemetry.attempts.removeAll(keepingCapacity: true)
        if !telemetry.failedAttempts.isEmpty, let failed = telemetry.failedAttempts.removeValue(forKey: exchange) {
            telemetry.attempts += failed
        }
        // One that the client did not wait for has no status.
        if !exchanges[exchange].flags.contains(.isNoted),
            let last = describeAttempt(exchange, exchanges[exchange].upstreamStatus)
        {
            telemetry.attempts.append(last)
        }
    }

    private mutating func forgetAttempts(_ exchange: Int32) {
        if !telemetry.failedAttempts.isEmpty { telemetry.failedAttempts[exchange] = nil }
    }

    /// Where the first line is in what came of a request, without empty lines before it; at most the first 8 KiB of it.
    private static func firstLine(of bytes: Span<UInt8>) -> Range<Int> {
        var start = 0
        while start < bytes.count, bytes[start] == 13 || bytes[start] == 10 { start += 1 }
        var end = start
        while end < min(bytes.count, start + 8192), bytes[end] != 13, bytes[end] != 10 { end += 1 }
        return start..<end
    }

    private func describeAttempt(_ exchange: Int32, _ status: UInt16) -> UpstreamAttempt? {
        guard let address = endpointAddress(exchange) else { return nil }
        return UpstreamAttempt(
            address,
            responseLength: max(0, exchanges[exchange].upstreamBytes),
            responseTime: (nowMicroseconds - exchanges[exchange].attemptBegan) / 1000,
            status: status
        )
    }

    /// The address of the endpoint of the present attempt.
    func endpointAddress(_ exchange: Int32) -> TransportAddress? {
        guard exchanges[exchange].place >= 0, let slot = exchanges[exchange].slot else { return nil }
        return backends[exchanges[exchange].place].balancer.address(of: slot)
    }
}

extension Span<UInt8> {
    fileprivate func elementsEqual(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }
}
