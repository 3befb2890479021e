internal import COpenSSL
internal import CTLSPipe

/// What OpenSSL asks for during the handshakes of one server context.
///
/// The order of the questions, all within the call that brings the ClientHello:
///
/// ```
/// ClientHello ─► hello: which host?  ─► ticket: which key? ─► protocol? ─► certificates (unless resumed)
/// ```
@safe
final class ServerHandshakes {
    var table: CertificateTable
    private let ticketKeys: TicketKeys

    /// The protocols as in the extension; OpenSSL keeps pointers into them, so they do not move.
    private let protocols: UnsafeMutableBufferPointer<UInt8>

    /// What is presented to the client whose ClientHello is being worked on.
    private var host: CertificateTable.Host

    init(table: CertificateTable, ticketKeys: TicketKeys, protocols list: [UInt8]) {
        self.table = table
        self.ticketKeys = ticketKeys
        host = table.fallback
        unsafe protocols = .allocate(capacity: list.count)
        _ = unsafe protocols.initialize(from: list)
    }

    deinit { unsafe protocols.deallocate() }

    /// Makes a context ask here; its sessions keep this object alive through their pipe.
    func install(in context: OpaquePointer) {
        let me = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe SSL_CTX_set_client_hello_cb(context, answerHello, me)
        unsafe SSL_CTX_set_cert_cb(context, answerCertificates, me)
        unsafe SSL_CTX_set_tlsext_ticket_key_evp_cb(context, answerTicket)
        // The name is looked at in the hello; this tells the client, and the session, that it was understood.
        unsafe shim_SSL_CTX_set_servername_callback(context) { _, _, _ in SSL_TLSEXT_ERR_OK }
        if unsafe !protocols.isEmpty { unsafe SSL_CTX_set_alpn_select_cb(context, answerProtocol, me) }
    }

    // MARK: - Answers

    /// Finds the host that a ClientHello asks for, or returns the alert that turns the client away.
    fileprivate func hello(of ssl: OpaquePointer) -> Int32? {
        let name = unsafe Self.name(in: ssl)
        if name.count > 0, let found = table.host(for: name.bytes) {
            host = found
        } else if name.count > 0, table.rejectsUnknownNames {
            return SSL_AD_UNRECOGNIZED_NAME
        } else {
            host = table.fallback
        }
        guard unsafe bind(ssl, to: name) else { return SSL_AD_INTERNAL_ERROR }
        unsafe host.clientAuthentication?.install(in: ssl)
        return nil
    }

    private static func name(in ssl: OpaquePointer) -> ServerName {
        var start: UnsafePointer<UInt8>?
        var count = 0
        guard unsafe SSL_client_hello_get0_ext(ssl, UInt32(TLSEXT_TYPE_server_name), &start, &count) == 1,
            let start = unsafe start
        else { return ServerName() }
        // The extension lies in the ClientHello, which OpenSSL keeps for the time of the callback.
        return unsafe ServerName(extension: Span(_unsafeStart: start, count: count))
    }

    /// Makes sessions resumable only for the same name under the same demand for client certificates.
    ///
    /// RFC 6066 §3 wants the first; without the second, a ticket from one host would get around another's demand.
    private func bind(_ ssl: OpaquePointer, to name: ServerName) -> Bool {
        var input = [288 of UInt8](repeating: 0)
        var count = 0
        if let identity = host.clientAuthentication?.identity {
            for index in 0..<32 { input[index] = identity[index] }
        }
        count = 32
        let bytes = name.bytes
        for index in bytes.indices { input[count + index] = bytes[index] }
        count += bytes.count
        var output = [32 of UInt8](repeating: 0)
        let source = input.span
        var target = output.mutableSpan
        return unsafe source.withUnsafeBufferPointer { source in
            unsafe target.withUnsafeMutableBufferPointer { target in
                // A digest has 32 bytes, and a session's context may have as many.
                unsafe SHA256(source.baseAddress, count, target.baseAddress)
                return unsafe SSL_set_session_id_context(ssl, target.baseAddress, 32) == 1
            }
        }
    }

    /// Gives a session the certificates of the host that its client asked for.
    fileprivate func certificates(for ssl: OpaquePointer) -> Bool {
        var isInstalled = false
        for certificate in host.certificates where unsafe certificate.load()?.install(in: ssl) == true {
            isInstalled = true
        }
        return isInstalled
    }

    /// Chooses the first of the server's protocols that the client speaks.
    fileprivate func choose(
        from offered: UnsafeBufferPointer<UInt8>,
        into chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>,
        _ length: UnsafeMutablePointer<UInt8>
    ) -> Int32 {
        // What is chosen points into one of the lists, and both outlive the callback.
        var start: UnsafeMutablePointer<UInt8>?
        let outcome = unsafe SSL_select_next_proto(
            &start,
            length,
            protocols.baseAddress,
            UInt32(protocols.count),
            offered.baseAddress,
            UInt32(offered.count)
        )
        // RFC 7301 §3.2: without a common protocol the handshake ends; going on would let protocols be confused.
        guard outcome == OPENSSL_NPN_NEGOTIATED else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        unsafe chosen.pointee = UnsafePointer(start)
        return SSL_TLSEXT_ERR_OK
    }

    /// Prepares the encryption or decryption of a ticket; the numbers are those of OpenSSL's callback.
    fileprivate func ticket(
        name: UnsafeMutablePointer<UInt8>,
        vector: UnsafeMutablePointer<UInt8>,
        _ contexts: TicketKeys.Contexts,
        isNew: Bool,
        usesTicketsOnce: Bool
    ) -> Int32 {
        if isNew { return unsafe ticketKeys.seal(name: name, vector: vector, contexts) ? 1 : -1 }
        // 0 means a full handshake, 2 that the client gets a new ticket.
        return switch unsafe ticketKeys.open(name: name, vector: vector, contexts) {
        case .unknownKey: 0
        // RFC 8446 §C.4: clients use a ticket once, so that nobody can follow them; without another they cannot go on.
        case .opened: usesTicketsOnce ? 2 : 1
        case .openedWithOldKey: 2
        }
    }
}

// MARK: - OpenSSL's callbacks

/// The object behind a callback's argument; the pipe of the session that is worked on retains it.
private func handshakes(_ argument: UnsafeMutableRawPointer?) -> ServerHandshakes? {
    guard let argument = unsafe argument else { return nil }
    return unsafe Unmanaged<ServerHandshakes>.fromOpaque(argument).takeUnretainedValue()
}

private func answerHello(
    _ ssl: OpaquePointer?,
    _ alert: UnsafeMutablePointer<Int32>?,
    _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    guard let ssl = unsafe ssl, let handshakes = unsafe handshakes(argument) else { return SSL_CLIENT_HELLO_ERROR }
    guard let refusal = unsafe handshakes.hello(of: ssl) else { return SSL_CLIENT_HELLO_SUCCESS }
    unsafe alert?.pointee = refusal
    return SSL_CLIENT_HELLO_ERROR
}

private func answerCertificates(_ ssl: OpaquePointer?, _ argument: UnsafeMutableRawPointer?) -> Int32 {
    guard let ssl = unsafe ssl, let handshakes = unsafe handshakes(argument) else { return 0 }
    return unsafe handshakes.certificates(for: ssl) ? 1 : 0
}

private func answerProtocol(
    _ ssl: OpaquePointer?,
    _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ length: UnsafeMutablePointer<UInt8>?,
    _ offered: UnsafePointer<UInt8>?,
    _ count: UInt32,
    _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    guard let handshakes = unsafe handshakes(argument), let chosen = unsafe chosen, let length = unsafe length
    else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    return unsafe handshakes.choose(from: UnsafeBufferPointer(start: offered, count: Int(count)), into: chosen, length)
}

private func answerTicket(
    _ ssl: OpaquePointer?,
    _ name: UnsafeMutablePointer<UInt8>?,
    _ vector: UnsafeMutablePointer<UInt8>?,
    _ cipher: OpaquePointer?,
    _ authenticator: OpaquePointer?,
    _ isNew: Int32
) -> Int32 {
    // This callback has no argument; the session's pipe knows its owner.
    guard let ssl = unsafe ssl, let pipe = unsafe tls_pipe_of(ssl),
        let handshakes = unsafe handshakes(pipe.pointee.owner),
        let name = unsafe name, let vector = unsafe vector, let cipher = unsafe cipher,
        let authenticator = unsafe authenticator
    else { return -1 }
    let contexts = unsafe TicketKeys.Contexts(cipher: cipher, authenticator: authenticator)
    return unsafe handshakes.ticket(
        name: name,
        vector: vector,
        contexts,
        isNew: isNew != 0,
        usesTicketsOnce: SSL_version(ssl) == TLS1_3_VERSION
    )
}
