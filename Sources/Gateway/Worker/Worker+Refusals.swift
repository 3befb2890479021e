internal import ByteBuffers
internal import HTTPSemantics
internal import HTTPWire

extension Worker {
    /// Refuses a request whose head breaks the rules, and ends the connection: what follows cannot be told apart.
    mutating func refuse(_ client: Int32, _ fault: HeadFault) {
        telemetry.metrics.countRefusal(RefusalFault(fault))
        refuse(client, status: limits.status(for: fault), note: nil)
    }

    /// Answers on a connection that carries no exchange, and ends it.
    mutating func refuse(_ client: Int32, status: HTTPStatus, note: StaticString?) {
        outbox.removeAll()
        outbox.appendStatusLine(status)
        appendDate()
        outbox.append("Content-Type: text/html\r\nContent-Length: ")
        outbox.append(decimal: Int64(Self.pageLength(status, note)))
        outbox.append("\r\nConnection: close\r\n\r\n")
        appendPage(status, note)
        logRefusal(client, status, bodyLength: Self.pageLength(status, note))
        io.links[client].flags.insert(.unread)
        if case .failed = io.send(client, outbox.lent) {
            io.close(client)
            return
        }
        closeAfterOutput(client)
    }

    // MARK: - The page

    /// The length of the page of a status.
    static func pageLength(_ status: HTTPStatus, _ note: StaticString? = nil) -> Int {
        var length = pageFront.utf8CodeUnitCount + pageMiddle.utf8CodeUnitCount + pageBack.utf8CodeUnitCount
        length += 2 * (4 + status.reason.utf8CodeUnitCount)
        if let note { length += noteFront.utf8CodeUnitCount + note.utf8CodeUnitCount + noteBack.utf8CodeUnitCount }
        return length
    }

    /// Appends the page of a status, as people know it from ingress-nginx (B.3).
    mutating func appendPage(_ status: HTTPStatus, _ note: StaticString? = nil) {
        outbox.append(Self.pageFront)
        appendStatusText(status)
        outbox.append(Self.pageMiddle)
        appendStatusText(status)
        if let note {
            outbox.append(Self.noteFront)
            outbox.append(note)
            outbox.append(Self.noteBack)
        }
        outbox.append(Self.pageBack)
    }

    private mutating func appendStatusText(_ status: HTTPStatus) {
        outbox.append(decimal: Int64(status.rawValue))
        outbox.append(UInt8(ascii: " "))
        outbox.append(status.reason)
    }

    private static var pageFront: StaticString { "<html>\r\n<head><title>" }
    private static var pageMiddle: StaticString { "</title></head>\r\n<body>\r\n<center><h1>" }
    private static var noteFront: StaticString { "</h1></center>\r\n<center>" }
    private static var noteBack: StaticString { "</center>\r\n<center><h1>" }
    private static var pageBack: StaticString {
        "</h1></center>\r\n<hr><center>fairlead</center>\r\n</body>\r\n</html>\r\n"
    }
}
