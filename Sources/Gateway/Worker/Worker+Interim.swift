internal import ByteBuffers
internal import HTTPSemantics
internal import HTTPWire
internal import Routing

extension Worker {
    /// Takes an interim response; false says that it was one too many, and the attempt has failed.
    ///
    /// Each of them gives the endpoint its time anew, so that without a bound it could hold a request for ever.
    mutating func takeInterim(_ exchange: Int32, _ head: ResponseHead) -> Bool {
        guard exchanges[exchange].interimCount < settings.interimResponsesMax else {
            if let address = endpointAddress(exchange) {
                telemetry.tooManyInterim(from: address, limit: settings.interimResponsesMax, now: now)
            }
            attemptFailed(exchange, .unanswered(.interimResponses))
            return false
        }
        exchanges[exchange].interimCount += 1
        forwardInterim(exchange, head)
        inbox.removeFirst(head.length)
        return true
    }

    /// Sends an interim response on to a client that understands it; the gateway gave leave to continue by itself.
    private mutating func forwardInterim(_ exchange: Int32, _ head: ResponseHead) {
        guard head.status != 100, exchanges[exchange].flags.contains(.isHTTP11) else { return }
        outbox.appendStatusLine(HTTPStatus(rawValue: head.status))
        responseParser.appendFields(from: inbox.lent, except: noFields, to: &outbox)
        outbox.append("\r\n")
    }
}
