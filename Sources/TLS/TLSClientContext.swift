internal import COpenSSL
internal import CTLSPipe
internal import NetworkAddress

/// What the sessions of one thread share on the client's side.
///
/// The context and its sessions belong to one thread.
@safe
package final class TLSClientContext {
    /// Whose word is needed to believe a server.
    package enum Trust: Sendable {
        /// Nobody's: servers are not verified, which is ingress-nginx's default for HTTPS backends.
        case anybody
        /// That of these authorities.
        case only(TrustAnchors)
    }

    private let context: OpaquePointer
    private let pipe: SessionPipe
    private let sessions: ClientSessions
    private let verifies: Bool

    /// Creates a context.
    ///
    /// - Parameters:
    ///   - trust: Whose word is needed.
    ///   - certificate: What is presented to servers that ask.
    ///   - settings: Versions, ciphers and protocols.
    ///   - sessionsMax: How many servers' sessions are kept so that they can be resumed.
    /// - Throws: The setting that OpenSSL refuses.
    package init(
        trust: Trust,
        certificate: TLSCertificate? = nil,
        settings: TLSSettings = TLSSettings(),
        sessionsMax: Int = 256
    ) throws(TLSSettingError) {
        unsafe context = try settings.makeContext(isServer: false)
        sessions = ClientSessions(capacity: sessionsMax)
        pipe = SessionPipe(owner: sessions)
        switch trust {
        case .anybody: verifies = false
        case .only(let anchors):
            verifies = true
            unsafe anchors.install(inContext: context)
            unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        }
        unsafe shim_SSL_CTX_set_session_cache_mode(
            context,
            Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL)
        )
        unsafe SSL_CTX_sess_set_new_cb(context, keepSession)
        let protocols = settings.protocolList
        // OpenSSL copies the list. This function, unlike others, returns 0 when it succeeds.
        unsafe SSL_CTX_set_alpn_protos(context, protocols, UInt32(protocols.count))
        if let certificate {
            OpenSSLError.clear()
            guard unsafe certificate.load()?.install(inContext: context) == true else {
                throw TLSSettingError(setting: "the client's certificate", reason: OpenSSLError.takeText())
            }
        }
    }

    deinit { unsafe SSL_CTX_free(context) }

    /// Makes OpenSSL's object for a session, and says whether its server can be verified as the context demands.
    @unsafe
    func makeSession(with peer: PeerName, key: UInt64?, asksForName: Bool) -> (ssl: OpaquePointer, isUsable: Bool) {
        let ssl = unsafe pipe.makeSession(of: context)
        unsafe SSL_set_connect_state(ssl)
        var isUsable = true
        switch peer {
        case .host(let name):
            // A final dot is for resolvers only (RFC 6066 §3). OpenSSL copies the name.
            let name = name.hasSuffix(".") ? String(name.dropLast()) : name
            if asksForName { unsafe shim_SSL_set_tlsext_host_name(ssl, name) }
            if verifies { isUsable = unsafe demand(name, of: ssl) }
        case .address(let address):
            let octets = address.octets
            if verifies {
                isUsable = unsafe X509_VERIFY_PARAM_set1_ip(SSL_get0_param(ssl), octets, octets.count) == 1
            }
        case .anyone: break
        }
        if let key { unsafe sessions.resume(in: ssl, slot: ClientSessions.slot(of: peer, key: key)) }
        return unsafe (ssl, isUsable)
    }

    /// Demands that the server's certificate covers a name, and says whether that is possible.
    private func demand(_ name: String, of ssl: OpaquePointer) -> Bool {
        // OpenSSL takes an empty name for none, and would believe every server.
        if name.isEmpty { return false }
        unsafe SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        // With its length given, a name that has a NUL inside is refused; as a C string it would be cut there.
        return unsafe X509_VERIFY_PARAM_set1_host(SSL_get0_param(ssl), name, name.utf8.count) == 1
    }
}
