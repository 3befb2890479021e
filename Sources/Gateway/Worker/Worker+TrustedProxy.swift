internal import ByteBuffers
internal import EventIO
internal import HTTPSemantics
internal import HTTPWire
internal import NetworkAddress
internal import Routing

/// What a proxy in front of the gateway says of its client, where the operator trusts it.
extension Worker {
    /// Takes over what a trusted proxy says of the client's address and scheme.
    mutating func believeProxy(_ exchange: Int32, _ settings: ProxySettings) {
        let peer = io.links[exchanges[exchange].client].peer.address
        guard isTrusted(peer, settings.trustedProxies) else { return }
        exchanges[exchange].flags.insert(.isBelieved)
        // The nearest address that is no trusted proxy's: what stands before it, anybody may have written.
        var client = peer
        var index = requestParser.fieldCount
        while index > 0 {
            index -= 1
            let line = requestParser.field(at: index)
            guard line.known == .xForwardedFor, !line.isDropped else { continue }
            guard follow(inbox.lent[line.value], settings.trustedProxies, to: &client) else { break }
        }
        exchanges[exchange].originBits = client.bits
        if client.family == .ipv4 { exchanges[exchange].flags.insert(.isOriginIPv4) }
        if let scheme = requestParser.first(.xForwardedProto) {
            if equals(inbox.lent[scheme.value], "https") { exchanges[exchange].flags.insert(.saysHTTPS) }
            if equals(inbox.lent[scheme.value], "http") { exchanges[exchange].flags.insert(.saysHTTP) }
        }
    }

    /// Whether the client's own connection is one over TLS, as far as is known.
    func isSecure(_ exchange: Int32) -> Bool {
        let flags = exchanges[exchange].flags
        return flags.contains(.saysHTTPS) || flags.contains(.isHTTPS) && !flags.contains(.saysHTTP)
    }

    /// The host that a trusted proxy was asked for, with its port; nil where the request's own counts.
    func forwardedAuthority(_ exchange: Int32) -> Piece? {
        guard exchanges[exchange].flags.contains(.isBelieved), let line = requestParser.first(.xForwardedHost),
            !line.isDropped
        else { return nil }
        let first = firstElement(inbox.lent[line.value])
        let piece = Piece(start: Int(line.value.start), count: first)
        guard case .success = HostText.parse(inbox.lent, piece) else { return nil }
        return piece
    }

    /// The same host without its port.
    func forwardedHost(_ exchange: Int32) -> Piece? {
        guard let piece = forwardedAuthority(exchange), case .success(let text) = HostText.parse(inbox.lent, piece)
        else { return nil }
        return text.host
    }

    /// The port that a trusted proxy was asked at; nil where the listener's counts.
    func forwardedPort(_ exchange: Int32) -> Piece? {
        guard exchanges[exchange].flags.contains(.isBelieved), let line = requestParser.first(.xForwardedPort),
            (1...5).contains(line.value.count), areDigits(inbox.lent[line.value])
        else { return nil }
        return line.value
    }

    /// Appends X-Forwarded-For: the client's address, or the whole way of the request where the operator wants it.
    ///
    /// The client's address must be what `hostText` holds.
    mutating func appendForwardedFor(_ saved: Int32, _ exchange: Int32) {
        if exchanges[exchange].flags.contains(.isBelieved), rules.appendsForwardedFor {
            hostText.removeAll()
            for index in 0..<requestParser.fieldCount {
                let line = requestParser.field(at: index)
                guard line.known == .xForwardedFor, !line.isDropped, !line.value.isEmpty else { continue }
                hostText.append(inbox.lent[line.value])
                hostText.append(", ")
            }
            hostText.append(io.links[exchanges[exchange].client].peer.address)
        }
        io.buffers[saved].append("\r\nX-Forwarded-For: ")
        io.buffers[saved].append(hostText.lent)
    }
}

/// Whether an address is that of a trusted proxy.
private func isTrusted(_ address: IPAddress, _ proxies: [IPPrefix]) -> Bool {
    for proxy in proxies where proxy.contains(address) { return true }
    return false
}

/// Follows a list of addresses from its end; false says that it leads no further.
private func follow(_ list: Span<UInt8>, _ proxies: [IPPrefix], to client: inout IPAddress) -> Bool {
    var end = list.count
    while end > 0 {
        var start = end
        while start > 0, list[start - 1] != UInt8(ascii: ",") { start -= 1 }
        var (first, last) = (start, end)
        while first < last, isBlank(list[first]) { first += 1 }
        while last > first, isBlank(list[last - 1]) { last -= 1 }
        end = max(0, start - 1)
        if first == last { continue }
        guard let address = IPAddress(reading: list.extracting(first..<last)) else { return false }
        client = address
        guard isTrusted(address, proxies) else { return false }
    }
    return true
}

/// The length of the first element of a list.
private func firstElement(_ list: Span<UInt8>) -> Int {
    var end = 0
    while end < list.count, list[end] != UInt8(ascii: ",") { end += 1 }
    while end > 0, isBlank(list[end - 1]) { end -= 1 }
    return end
}

private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

private func areDigits(_ bytes: Span<UInt8>) -> Bool {
    for index in bytes.indices where !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) { return false }
    return true
}
