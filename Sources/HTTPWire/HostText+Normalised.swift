package import ByteBuffers

extension HostText {
    /// Appends a host in the form that routes are matched with: small letters, neither port nor final dot.
    ///
    /// - Parameters:
    ///   - raw: A host as Host fields and their relatives have it.
    ///   - buffer: Where the host goes.
    /// - Returns: Whether it is a host; nothing is appended for what is none.
    package static func normalise(_ raw: Span<UInt8>, into buffer: inout ByteBuffer) -> Bool {
        guard case .success(let text) = parse(raw, Piece(0..<raw.count)) else { return false }
        appendLowered(raw[text.host], to: &buffer)
        return true
    }

    /// Appends the host of a request's head with small letters.
    ///
    /// - Parameters:
    ///   - host: The host as the head has it.
    ///   - buffer: Where the host goes.
    package static func appendLowered(_ host: Span<UInt8>, to buffer: inout ByteBuffer) {
        var run = 0
        for index in host.indices where host[index].lowered != host[index] {
            buffer.append(host, from: run, count: index - run)
            buffer.append(host[index].lowered)
            run = index + 1
        }
        buffer.append(host, from: run, count: host.count - run)
    }
}
