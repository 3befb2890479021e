internal import HTTPSemantics

// What the fields of a request say about it.
extension RequestParser {
    /// Reads the fields that the gateway lives by.
    @inline(__always)
    mutating func interpret(_ bytes: Span<UInt8>) -> HeadFault? {
        if let fault = readHost(bytes) { return fault }
        switch fields.framing(bytes, minorVersion: head.minorVersion) {
        case .success(let framing): head.framing = framing ?? .none
        case .failure(let fault): return fault
        }
        head.isPersistent = head.minorVersion > 0
        if fields.firstIndex(.connection) != nil {
            switch fields.connectionOptions(bytes) {
            case .success(let options):
                head.isPersistent = (head.isPersistent || options.keepsAlive) && !options.closes
                // RFC 9110 §7.8: without the option, or in HTTP/1.0, the field says nothing.
                if options.upgrades, head.minorVersion > 0, let line = fields.first(.upgrade), !line.value.isEmpty {
                    head.asksUpgrade = true
                    head.upgrade = line.value
                }
            case .failure(let fault): return fault
            }
        }
        if fields.firstIndex(.expect) != nil {
            // RFC 9110 §10.1.1: not in HTTP/1.0, and without content there is nothing to wait with.
            head.expectsContinue =
                head.minorVersion > 0 && head.framing != .none && head.framing != .length(0)
                && fields.contains(bytes, "100-continue", in: .expect)
        }
        if fields.firstIndex(.te) != nil { head.acceptsTrailers = fields.contains(bytes, "trailers", in: .te) }
        return nil
    }

    @inline(__always)
    private mutating func readHost(_ bytes: Span<UInt8>) -> HeadFault? {
        guard let index = fields.firstIndex(.host) else {
            // RFC 9112 §3.2: required since HTTP/1.1.
            return head.minorVersion > 0 ? .missingHost : nil
        }
        guard !fields.isRepeated(.host) else { return .severalHosts }
        let value = fields.lines[index].value
        switch HostText.parse(bytes, value) {
        case .success(let text):
            guard head.form == .absolute else {
                head.authority = value
                take(text)
                return nil
            }
            // RFC 9112 §3.2.2: the authority of the target wins.
            return isHostStrict && !isSameHost(bytes, text) ? .hostMismatch : nil
        case .failure(let fault): return fault
        }
    }

    private func isSameHost(_ bytes: Span<UInt8>, _ text: HostText) -> Bool {
        // The s of https, if there is one, is the fifth letter.
        let defaultPort: UInt16 = bytes[Int(head.target.start) + 4].lowered == UInt8(ascii: "s") ? 443 : 80
        let port = text.port == 0 ? defaultPort : text.port
        return bytes.equalsFolded(text.host, head.host) && port == (head.port == 0 ? defaultPort : head.port)
    }
}
