package import ByteBuffers
internal import COpenSSL

/// What verification said about a peer's certificate.
package enum PeerVerdict: Equatable, Sendable {
    /// The peer presented none.
    case absent
    /// An authority vouches for it.
    case trusted
    /// Nobody vouches for it, for a reason in OpenSSL's words.
    case refused(String)
}

extension TLSSession {
    /// The version that was agreed on, or nil before that.
    package var version: TLSVersion? { isEstablished ? TLSVersion(rawValue: unsafe SSL_version(ssl)) : nil }

    /// Whether the session continues an earlier one, without certificates.
    package var isResumed: Bool { unsafe SSL_session_reused(ssl) == 1 }

    /// Appends the name of the cipher as nginx logs it, such as `TLS_AES_128_GCM_SHA256`.
    package func appendCipher(to buffer: inout ByteBuffer) {
        guard let cipher = unsafe SSL_get_current_cipher(ssl), let name = unsafe SSL_CIPHER_get_name(cipher)
        else { return }
        // The name is a literal of the library, and ends with a NUL.
        let text = unsafe UnsafeRawBufferPointer(start: name, count: strlen(name))
        unsafe buffer.append(Span<UInt8>(_unsafeBytes: text))
    }

    /// Appends the host name that the client asked for, in lower case and without a final dot; nothing without one.
    package func appendServerName(to buffer: inout ByteBuffer) {
        guard let name = unsafe SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else { return }
        // The name belongs to the session, and ends with a NUL.
        let text = unsafe UnsafeRawBufferPointer(start: name, count: strlen(name))
        let serverName = unsafe ServerName(Span<UInt8>(_unsafeBytes: text))
        buffer.append(serverName.bytes)
    }

    /// Whether the client asked for exactly this host; one that asked for none did not.
    ///
    /// - Parameter host: A host in lower case without a final dot.
    /// - Returns: Whether it is the name of the handshake.
    package func isNamed(_ host: borrowing Span<UInt8>) -> Bool {
        guard let name = unsafe SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else { return false }
        for index in host.indices {
            // The name belongs to the session, and ends with a NUL, behind which nothing is read.
            let byte = UInt8(bitPattern: unsafe name[index])
            if byte == 0 { return false }
            let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            if (isCapital ? byte | 32 : byte) != host[index] { return false }
        }
        let rest = unsafe name[host.count]
        if rest == 0 { return true }
        return unsafe rest == CChar(bitPattern: UInt8(ascii: ".")) && name[host.count + 1] == 0
    }

    /// What verification said about the peer's certificate, in this session or in the one that it continues.
    package var peerVerdict: PeerVerdict {
        if unsafe SSL_get0_peer_certificate(ssl) == nil { return .absent }
        let result = unsafe SSL_get_verify_result(ssl)
        return result == X509_V_OK ? .trusted : .refused(OpenSSLError.verificationText(result))
    }

    /// What the peer's certificate says of itself, or nil without one.
    package var peerCertificate: CertificateDetails? {
        guard let certificate = unsafe SSL_get0_peer_certificate(ssl) else { return nil }
        return unsafe CertificateDetails(certificate)
    }

    /// The peer's certificate as encoded bytes, or nil without one.
    package var peerCertificateBytes: [UInt8]? {
        guard let certificate = unsafe SSL_get0_peer_certificate(ssl) else { return nil }
        return unsafe encodedBytes { output in unsafe i2d_X509(certificate, output) }
    }
}
