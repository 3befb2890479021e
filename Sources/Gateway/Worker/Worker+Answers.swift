internal import ByteBuffers
internal import HTTPSemantics
internal import HTTPWire
internal import LoadBalancing
internal import Routing

extension Worker {
    /// Answers a request in place of an endpoint.
    mutating func answer(_ exchange: Int32, _ status: HTTPStatus) {
        beginAnswer(exchange, status)
        let length = Self.pageLength(status)
        appendAnswerHead(exchange, bodyLength: length)
        if exchanges[exchange].method != .head { appendPage(status) }
        exchanges[exchange].bodySent = exchanges[exchange].method == .head ? 0 : Int64(length)
        sendAnswer(exchange)
    }

    /// Answers with a redirect to what `targetText` holds.
    mutating func answerRedirect(_ exchange: Int32, _ status: HTTPStatus) {
        beginAnswer(exchange, status)
        outbox.append("Location: ")
        outbox.append(targetText.lent)
        outbox.append("\r\n")
        let length = Self.pageLength(status)
        appendAnswerHead(exchange, bodyLength: length)
        if exchanges[exchange].method != .head { appendPage(status) }
        exchanges[exchange].bodySent = exchanges[exchange].method == .head ? 0 : Int64(length)
        sendAnswer(exchange)
    }

    /// Answers `OPTIONS *`, which is about the gateway itself.
    mutating func answerAsterisk(_ exchange: Int32) {
        beginAnswer(exchange, .ok)
        outbox.append("Allow: GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS\r\nContent-Length: 0\r\n")
        appendConnectionField(exchange)
        outbox.append("\r\n")
        sendAnswer(exchange)
    }

    /// Answers load balancers that ask the public port whether the gateway lives.
    mutating func answerHealth(_ exchange: Int32) {
        beginAnswer(exchange, .ok)
        outbox.append("Content-Type: text/plain\r\nContent-Length: 0\r\n")
        appendConnectionField(exchange)
        outbox.append("\r\n")
        sendAnswer(exchange)
    }

    private mutating func beginAnswer(_ exchange: Int32, _ status: HTTPStatus) {
        dropUpstream(exchange, .abandoned)
        exchanges[exchange].status = status.rawValue
        if !exchanges[exchange].flags.contains(.requestSent) {
            // The rest of the body is thrown away, and the connection ends with the answer.
            exchanges[exchange].flags.insert(.closesClient)
            io.links[exchanges[exchange].client].flags.insert(.unread)
        }
        outbox.removeAll()
        outbox.appendStatusLine(status)
        appendDate()
    }

    private mutating func appendAnswerHead(_ exchange: Int32, bodyLength: Int) {
        outbox.append("Content-Type: text/html\r\nContent-Length: ")
        outbox.append(decimal: Int64(bodyLength))
        outbox.append("\r\n")
        if exchanges[exchange].flags.contains(.isHTTPS) { outbox.append(transportSecurityLine.lent) }
        appendConnectionField(exchange)
        outbox.append("\r\n")
    }

    private mutating func sendAnswer(_ exchange: Int32) {
        inbox.removeAll()
        responseIsWhole(exchange)
    }
}
