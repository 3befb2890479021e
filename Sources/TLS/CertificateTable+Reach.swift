extension CertificateTable {
    /// Whether a request for a host belongs on a connection whose client asked for another name (RFC 9110 §15.5.20).
    ///
    /// A name that was presented a certificate of its own stands for what that certificate vouches for. One that
    /// selected nothing, and none at all, say nothing of the host: the default certificate was presented to them, which
    /// clients take that do not look at it. In any case, both hosts must demand the same of their clients.
    ///
    /// - Parameters:
    ///   - host: The host of the request, in lower case without port and final dot.
    ///   - name: The name of the handshake, in lower case without a final dot; empty for none.
    /// - Returns: Whether it belongs there.
    package func serves(_ host: borrowing Span<UInt8>, toClientsOf name: borrowing Span<UInt8>) -> Bool {
        let presented = self.host(for: name)
        let wanted = self.host(for: host) ?? fallback
        if (presented ?? fallback) === wanted { return true }
        let demand = (presented ?? fallback).clientAuthentication?.identity
        guard demand == wanted.clientAuthentication?.identity else { return false }
        guard let presented else { return true }
        let text = Self.text(host)
        return presented.certificates.contains { $0.covers(host: text) }
    }

    // An address of the sixth version has brackets in a request (RFC 3986 §3.2.2), and none in a certificate.
    private static func text(_ host: borrowing Span<UInt8>) -> String {
        var range = host.indices
        if range.count > 2, host[0] == UInt8(ascii: "["), host[range.count - 1] == UInt8(ascii: "]") {
            range = 1..<(range.count - 1)
        }
        return String(decoding: range.map { host[$0] }, as: UTF8.self)
    }
}
