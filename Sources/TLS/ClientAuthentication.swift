internal import COpenSSL

/// What a host demands of its clients' certificates.
///
/// The handshake completes whatever the client presents, as it does with nginx: the gateway asks the session for the
/// verdict and answers 400 where one is needed.
package final class ClientAuthentication: Sendable {
    /// The authorities that vouch for clients.
    package let authorities: TrustAnchors

    /// The most certificates between the client's own and an authority's.
    package let depth: Int

    /// What tells this demand from others: a session that was made under another demand is not resumed.
    let identity: [UInt8]

    /// Creates a demand.
    ///
    /// - Parameters:
    ///   - authorities: The authorities that vouch for clients.
    ///   - depth: The longest chain, counted as nginx's `ssl_verify_depth` does.
    package init(authorities: TrustAnchors, depth: Int = 1) {
        self.authorities = authorities
        self.depth = depth
        identity = digest(authorities.source + [UInt8(clamping: depth)])
    }

    /// Asks the client of a session for a certificate.
    func install(in ssl: OpaquePointer) {
        // The verdict is kept in the session, where 1 here lets it pass.
        unsafe SSL_set_verify(ssl, SSL_VERIFY_PEER) { _, _ in 1 }
        unsafe SSL_set_verify_depth(ssl, Int32(clamping: depth))
        unsafe authorities.install(in: ssl)
        unsafe authorities.announce(in: ssl)
    }
}
