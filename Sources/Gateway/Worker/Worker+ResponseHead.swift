internal import ByteBuffers
internal import HTTPSemantics
internal import HTTPWire
internal import Routing

extension Worker {
    /// Writes the head that the client gets into the outbox, and notes how the body goes on.
    mutating func writeResponseHead(_ exchange: Int32, _ head: ResponseHead) {
        let isHTTPS = exchanges[exchange].flags.contains(.isHTTPS)
        exchanges[exchange].status = head.status
        if !head.isPersistent { exchanges[exchange].flags.insert(.closesUpstream) }
        if !exchanges[exchange].flags.contains(.requestSent) {
            // The answer came before the request was whole; what is still to come is thrown away after it.
            exchanges[exchange].flags.insert([.closesClient, .closesUpstream])
        }
        outbox.appendStatusLine(HTTPStatus(rawValue: head.status))
        if !head.hasDate { appendDate() }
        var replaced = replacedResponseFields
        if isHTTPS, !transportSecurityLine.isEmpty { replaced.insert(.strictTransportSecurity) }
        if !rules.keepsServerField { replaced.insert(.server) }
        responseParser.appendFields(from: inbox.lent, except: replaced, to: &outbox)
        if isHTTPS { outbox.append(transportSecurityLine.lent) }
        if exchanges[exchange].flags.contains(.setsCookie) { appendAffinityCookie(exchange) }
        frameResponse(exchange, head)
        appendConnectionField(exchange)
        outbox.append("\r\n")
    }

    private mutating func frameResponse(_ exchange: Int32, _ head: ResponseHead) {
        switch head.framing {
        case .none:
            exchanges[exchange].responseRest = 0
            // A response to HEAD tells the length of the one to GET; a 304 that of the representation.
            if let length = responseParser.first(.contentLength) {
                outbox.appendFieldLine(length, from: inbox.lent)
            }
        case .length(let count):
            exchanges[exchange].responseRest = count
            outbox.append("Content-Length: ")
            outbox.append(decimal: count)
            outbox.append("\r\n")
        case .chunked, .untilClose:
            exchanges[exchange].responseRest = head.framing == .chunked ? -1 : Self.untilClose
            if exchanges[exchange].flags.contains(.isHTTP11) {
                exchanges[exchange].flags.insert(.sendsChunks)
                outbox.append("Transfer-Encoding: chunked\r\n")
            } else {
                // A client of HTTP/1.0 takes the end of the connection for the end of the body.
                exchanges[exchange].flags.insert(.closesClient)
            }
        }
    }

    /// Tells the client whether its connection lives on, where its version leaves that open.
    mutating func appendConnectionField(_ exchange: Int32) {
        // A request that came before the end began is the last of its connection too.
        if case .none = drain {} else { exchanges[exchange].flags.insert(.closesClient) }
        if exchanges[exchange].flags.contains(.closesClient) {
            outbox.append("Connection: close\r\n")
        } else if !exchanges[exchange].flags.contains(.isHTTP11) {
            outbox.append("Connection: keep-alive\r\n")
        }
    }

    /// Appends the Date field, made anew once a second.
    mutating func appendDate() {
        if dateSeconds != wallSeconds {
            dateSeconds = wallSeconds
            dateLine.removeAll()
            dateLine.append("Date: ")
            dateLine.append(HTTPDate(unixSeconds: wallSeconds))
            dateLine.append("\r\n")
        }
        outbox.append(dateLine.lent)
    }
}
