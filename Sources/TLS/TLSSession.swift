package import ByteBuffers
internal import COpenSSL
internal import CTLSPipe

/// One TLS session as a pipe: ciphertext in, plaintext out, and back.
///
/// It has no socket and no buffer. Whoever owns the socket brings what it received and sends what is in `output`:
///
/// ```
/// socket ─► receive ─► plaintext        plaintext ─► send ─► output ─► socket
///              └─────► output ─► socket
/// ```
///
/// A session belongs to the thread of its context.
@safe
package struct TLSSession: ~Copyable {
    private enum Stage: UInt8 {
        case untouched
        case handshaking
        case established
        case peerClosed
        case failed
    }

    let ssl: OpaquePointer
    private let isServer: Bool
    private var stage = Stage.untouched
    private var hasHeard = false
    private var fault = TLSFault(.internalError)

    /// The protocol that the two sides agreed on, or nil when they did not speak about it.
    package private(set) var applicationProtocol: ApplicationProtocol?

    /// Creates the server's side of a session.
    package init(accepting context: TLSServerContext) {
        unsafe ssl = context.makeSession()
        isServer = true
    }

    /// Creates the client's side of a session; `start` says the first word.
    ///
    /// - Parameters:
    ///   - context: What the sessions of the thread share.
    ///   - peer: Whom the server's certificate must cover, if the context verifies.
    ///   - key: What tells this server's sessions from those of others of the same name; nil never resumes.
    ///   - asksForName: Whether the server is told which host is meant.
    package init(
        connecting context: TLSClientContext,
        to peer: PeerName,
        resumingWith key: UInt64? = nil,
        asksForName: Bool = true
    ) {
        let made = unsafe context.makeSession(with: peer, key: key, asksForName: asksForName)
        unsafe ssl = made.ssl
        isServer = false
        if unsafe !made.isUsable {
            stage = .failed
            fault = TLSFault(.unverifiableName)
        }
    }

    deinit {
        // Otherwise OpenSSL takes a session that was cut off for one that must not be resumed.
        if stage != .failed { unsafe SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN) }
        unsafe SSL_free(ssl)
    }

    /// Whether data can be sent.
    package var isEstablished: Bool { stage == .established || stage == .peerClosed }

    /// Begins the handshake as a client; a server waits for the other side's first word.
    package mutating func start(output: inout ByteBuffer) -> TLSProgress {
        guard !isServer, stage == .untouched, let pipe = unsafe tls_pipe_of(ssl) else { return progress }
        unsafe withUnsafeMutablePointer(to: &output) { output in
            // The output is lent until `end`.
            unsafe Self.begin(pipe, input: UnsafeBufferPointer(start: nil, count: 0), output: output)
            _ = shakeHands()
            unsafe Self.end(pipe)
        }
        return progress
    }

    /// Takes all of what the peer sent: goes on with the handshake, and decrypts.
    ///
    /// - Parameters:
    ///   - ciphertext: What was received.
    ///   - plaintext: Gets what it says.
    ///   - output: Gets what the peer must be sent, an alert before the end included.
    /// - Returns: How far the session is.
    package mutating func receive(
        _ ciphertext: borrowing Span<UInt8>,
        plaintext: inout ByteBuffer,
        output: inout ByteBuffer
    ) -> TLSProgress {
        if stage == .failed || stage == .peerClosed || ciphertext.isEmpty { return progress }
        if !hasHeard {
            hasHeard = true
            if let kind = kindOfStranger(ciphertext[0]) { return fail(with: TLSFault(kind)) }
        }
        guard let pipe = unsafe tls_pipe_of(ssl) else { return fail(with: TLSFault(.internalError)) }
        return unsafe ciphertext.withUnsafeBufferPointer { bytes in
            unsafe withUnsafeMutablePointer(to: &output) { output in
                // Both are lent to OpenSSL until `end`, and it is called only in between.
                unsafe Self.begin(pipe, input: bytes, output: output)
                defer { unsafe Self.end(pipe) }
                if !isEstablished, !shakeHands() { return progress }
                return unsafe decrypt(from: pipe, into: &plaintext)
            }
        }
    }

    /// Encrypts all of some bytes; before the handshake is over, nothing is done.
    ///
    /// - Parameters:
    ///   - plaintext: What the peer is told.
    ///   - output: Gets the records that say it.
    /// - Returns: How far the session is.
    package mutating func send(_ plaintext: borrowing Span<UInt8>, output: inout ByteBuffer) -> TLSProgress {
        guard isEstablished, !plaintext.isEmpty, let pipe = unsafe tls_pipe_of(ssl) else { return progress }
        output.reserve(plaintext.count + (plaintext.count / Self.recordBytesMax + 1) * Self.recordOverhead)
        OpenSSLError.clear()
        var written = 0
        let outcome = unsafe plaintext.withUnsafeBytes { bytes in
            unsafe withUnsafeMutablePointer(to: &output) { output in
                // The output is lent until `end`; the plaintext is read within the call.
                unsafe Self.begin(pipe, input: UnsafeBufferPointer(start: nil, count: 0), output: output)
                defer { unsafe Self.end(pipe) }
                return unsafe SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &written)
            }
        }
        if outcome == 1 { return progress }
        return fail(with: unsafe OpenSSLError.fault(verification: SSL_get_verify_result(ssl)))
    }

    /// Says that nothing more will be sent; belongs into the same sending as the last data.
    ///
    /// Without it, OpenSSL's clients take the end for an attack and do not resume the session.
    package mutating func close(output: inout ByteBuffer) {
        guard isEstablished, !sentCloseNotify, let pipe = unsafe tls_pipe_of(ssl) else { return }
        OpenSSLError.clear()
        unsafe withUnsafeMutablePointer(to: &output) { output in
            // The output is lent until `end`.
            unsafe Self.begin(pipe, input: UnsafeBufferPointer(start: nil, count: 0), output: output)
            unsafe SSL_shutdown(ssl)
            unsafe Self.end(pipe)
        }
    }

    /// Whether the peer was told that nothing more comes.
    package var sentCloseNotify: Bool { unsafe SSL_get_shutdown(ssl) & SSL_SENT_SHUTDOWN != 0 }

    /// Whether the peer said that nothing more comes; an end without it may be an attacker's.
    package var receivedCloseNotify: Bool { unsafe SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN != 0 }

    // MARK: - Steps

    /// Goes on with the handshake, and says whether it is over.
    private mutating func shakeHands() -> Bool {
        stage = .handshaking
        OpenSSLError.clear()
        let outcome = unsafe SSL_do_handshake(ssl)
        guard outcome == 1 else {
            _ = settle(outcome)
            return false
        }
        stage = .established
        applicationProtocol = unsafe Self.applicationProtocol(of: ssl)
        return true
    }

    /// Decrypts what is in the pipe.
    private mutating func decrypt(
        from pipe: UnsafeMutablePointer<tls_pipe>,
        into plaintext: inout ByteBuffer
    ) -> TLSProgress {
        // A call that finds nothing costs as much as one that decrypts a small record.
        while true {
            let left = unsafe max(pipe.pointee.input_left, Int(SSL_pending(ssl)))
            if left == 0 { return progress }
            OpenSSLError.clear()
            let outcome = unsafe plaintext.fill(upTo: min(left, Self.recordBytesMax)) { room in
                // OpenSSL writes no more than it is told there is room for.
                Int(unsafe SSL_read(ssl, room.baseAddress, Int32(room.count)))
            }
            if outcome <= 0 { return settle(Int32(outcome)) }
        }
    }

    /// Finds out why a call of OpenSSL did not succeed.
    @inline(never)
    private mutating func settle(_ outcome: Int32) -> TLSProgress {
        switch unsafe SSL_get_error(ssl, outcome) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
            return progress
        case SSL_ERROR_ZERO_RETURN:
            if stage == .handshaking { return fail(with: TLSFault(.closedInHandshake)) }
            stage = .peerClosed
            return .peerClosed
        default:
            return fail(with: unsafe OpenSSLError.fault(verification: SSL_get_verify_result(ssl)))
        }
    }

    private mutating func fail(with fault: TLSFault) -> TLSProgress {
        stage = .failed
        self.fault = fault
        return .failed(fault)
    }

    private var progress: TLSProgress {
        switch stage {
        case .untouched, .handshaking: .handshaking
        case .established: .established
        case .peerClosed: .peerClosed
        case .failed: .failed(fault)
        }
    }

    /// What a peer speaks whose first byte begins no handshake, or nil to let OpenSSL see.
    private func kindOfStranger(_ byte: UInt8) -> TLSFault.Kind? {
        // A method of HTTP begins with a letter, and so does `HTTP/1.1`; records begin with 20 to 23.
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte & ~0x20) ? .plainHTTP : nil
    }

    private static func applicationProtocol(of ssl: OpaquePointer) -> ApplicationProtocol? {
        var start: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(ssl, &start, &count)
        // The name belongs to the session, and is as long as OpenSSL says.
        let name = unsafe UnsafeBufferPointer(start: start, count: Int(count))
        if unsafe name.elementsEqual("h2".utf8) { return .http2 }
        return unsafe name.elementsEqual("http/1.1".utf8) ? .http1 : nil
    }

    private static func begin(
        _ pipe: UnsafeMutablePointer<tls_pipe>,
        input: UnsafeBufferPointer<UInt8>,
        output: UnsafeMutablePointer<ByteBuffer>
    ) {
        unsafe pipe.pointee.input = input.baseAddress
        unsafe pipe.pointee.input_left = input.count
        unsafe pipe.pointee.output = UnsafeMutableRawPointer(output)
    }

    private static func end(_ pipe: UnsafeMutablePointer<tls_pipe>) {
        unsafe pipe.pointee.input = nil
        unsafe pipe.pointee.input_left = 0
        unsafe pipe.pointee.output = nil
    }

    private static let recordBytesMax = 16384  // RFC 8446 §5.1
    private static let recordOverhead = 32  // header, nonce, type and tag of the ciphers that have them
}
