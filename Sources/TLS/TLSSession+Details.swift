package import ByteBuffers
internal import COpenSSL

extension TLSSession {
    /// The version that was agreed on, or nil before that.
    package var version: TLSVersion? { isEstablished ? TLSVersion(rawValue: unsafe SSL_version(ssl)) : nil }

    /// Whether the session continues an earlier one, without certificates.
    package var isResumed: Bool { unsafe SSL_session_reused(ssl) == 1 }

    /// Appends the name of the cipher as nginx logs it, such as `TLS_AES_128_GCM_SHA256`.
    package func appendCipher(to buffer: inout ByteBuffer) {
        guard let cipher = unsafe SSL_get_current_cipher(ssl), let name = unsafe SSL_CIPHER_get_name(cipher) else { return }
        // The name is a literal of the library.
        unsafe Self.append(name, to: &buffer)
    }

    /// Appends the host name that the client asked for, in lower case and without a final dot; nothing without one.
    package func appendServerName(to buffer: inout ByteBuffer) {
        guard let name = unsafe SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else { return }
        // The name belongs to the session, and ends with a NUL.
        let span = unsafe Span(_unsafeElements: UnsafeBufferPointer(start: name, count: strlen(name)))
        let bytes = unsafe span.withUnsafeBytes { unsafe ServerName(Span(_unsafeElements: $0.bindMemory(to: UInt8.self))) }
        buffer.append(bytes.bytes)
    }

    private static func append(_ text: UnsafePointer<CChar>, to buffer: inout ByteBuffer) {
        var position = unsafe text
        while unsafe position.pointee != 0 {
            buffer.append(UInt8(bitPattern: unsafe position.pointee))
            unsafe position += 1
        }
    }
}
