internal import COpenSSL
internal import CTLSPipe

/// What the sessions of one worker thread share on the server's side.
///
/// The context and its sessions belong to one thread. Workers share certificates and ticket keys, and each has a
/// context of its own.
@safe
package final class TLSServerContext {
    private let context: OpaquePointer
    private let pipe: SessionPipe
    private let handshakes: ServerHandshakes

    /// Which certificates are presented; sessions that are established go on as they are when it changes.
    package var table: CertificateTable {
        get { handshakes.table }
        set { handshakes.table = newValue }
    }

    /// Creates a context.
    ///
    /// - Parameters:
    ///   - table: The certificates to present.
    ///   - ticketKeys: The keys that all workers share.
    ///   - settings: Versions, ciphers and protocols.
    /// - Throws: The setting that OpenSSL refuses.
    package init(
        table: CertificateTable,
        ticketKeys: TicketKeys,
        settings: TLSSettings = TLSSettings()
    ) throws(TLSSettingError) {
        unsafe context = try settings.makeContext(isServer: true)
        handshakes = ServerHandshakes(table: table, ticketKeys: ticketKeys, protocols: settings.protocolList)
        pipe = SessionPipe(owner: handshakes)
        // Sessions live in tickets: nothing is cached here. One ticket for a session is enough, OpenSSL would send two.
        unsafe shim_SSL_CTX_set_session_cache_mode(context, Int(SSL_SESS_CACHE_OFF))
        unsafe SSL_CTX_set_num_tickets(context, 1)
        unsafe SSL_CTX_set_timeout(context, Int(ticketKeys.sessionSeconds))
        unsafe SSL_CTX_set_max_early_data(context, 0)
        unsafe handshakes.install(in: context)
    }

    deinit { unsafe SSL_CTX_free(context) }

    /// Makes OpenSSL's object for a session.
    @unsafe
    func makeSession() -> OpaquePointer {
        let ssl = unsafe pipe.makeSession(of: context)
        unsafe SSL_set_accept_state(ssl)
        return unsafe ssl
    }
}
