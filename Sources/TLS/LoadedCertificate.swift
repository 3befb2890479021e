internal import COpenSSL

/// A certificate, its chain and its key as OpenSSL's objects.
///
/// Together they take about 7 KB, so a certificate loads them when a handshake first asks for it.
@safe
final class LoadedCertificate: @unchecked Sendable {
    // Sendable: nothing changes after init, and OpenSSL counts references and caches under its own locks.
    private let leaf: OpaquePointer
    private let key: OpaquePointer
    private let chain: OpaquePointer

    /// Decodes what was decoded before, or returns nil when memory is short.
    init?(chain encoded: [[UInt8]], key encodedKey: [UInt8], type: Int32) {
        guard let key = unsafe Self.key(encodedKey, type: type) else { return nil }
        guard let chain = unsafe shim_certificates_new() else {
            unsafe EVP_PKEY_free(key)
            return nil
        }
        var leaf: OpaquePointer?
        for (index, bytes) in encoded.enumerated() {
            guard let certificate = unsafe Self.certificate(bytes) else { continue }
            if index == 0 {
                unsafe leaf = certificate
            } else if unsafe shim_certificates_push(chain, certificate) == 0 {
                unsafe X509_free(certificate)
            }
        }
        guard let leaf = unsafe leaf else {
            unsafe EVP_PKEY_free(key)
            unsafe shim_certificates_free(chain)
            return nil
        }
        unsafe (self.leaf, self.key, self.chain) = (leaf, key, chain)
    }

    deinit {
        unsafe X509_free(leaf)
        unsafe EVP_PKEY_free(key)
        unsafe shim_certificates_free(chain)
    }

    /// Whether the key belongs to the certificate.
    var keyMatches: Bool { unsafe X509_check_private_key(leaf, key) == 1 }

    /// Gives a session this certificate besides those of other key types, and says whether OpenSSL took it.
    ///
    /// That takes 1.6 µs for ECDSA and 0.3 µs for RSA, of which the comparison of key and certificate is a third.
    /// A context for each certificate takes 0.2 µs, but also 13.5 KB and 83 µs to make it, for each worker.
    func install(in ssl: OpaquePointer) -> Bool {
        unsafe SSL_use_cert_and_key(ssl, leaf, key, chain, 1) == 1
    }

    /// Gives all sessions of a context this certificate.
    func install(inContext context: OpaquePointer) -> Bool {
        unsafe SSL_CTX_use_cert_and_key(context, leaf, key, chain, 1) == 1
    }

    /// Decodes one certificate, which the caller frees.
    @unsafe
    static func certificate(_ bytes: [UInt8]) -> OpaquePointer? {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            // d2i reads no further than count, and keeps nothing of what it reads.
            return unsafe d2i_X509(nil, &position, buffer.count)
        }
    }

    /// Decodes a key of a known type, which the caller frees; without a type it takes three times as long.
    @unsafe
    static func key(_ bytes: [UInt8], type: Int32? = nil) -> OpaquePointer? {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            // d2i reads no further than count, and keeps nothing of what it reads.
            if let type { return unsafe d2i_PrivateKey(type, nil, &position, buffer.count) }
            return unsafe d2i_AutoPrivateKey(nil, &position, buffer.count)
        }
    }
}
