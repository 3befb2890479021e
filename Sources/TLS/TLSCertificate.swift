internal import COpenSSL
package import NetworkAddress
internal import Synchronization

/// A certificate with its chain and private key, which every worker may use.
///
/// It keeps the encoded bytes, and decodes them again for the first handshake that needs them: a certificate that
/// nobody asks for costs little more than its own size.
@safe
package final class TLSCertificate: Sendable {
    /// The kind of the private key.
    package enum KeyType: Hashable, Sendable {
        case rsa
        case ecdsa
        case ed25519
        case ed448
        case other
    }

    /// The host names that the certificate covers, in lower case, `*.` for any one label.
    ///
    /// They are the DNS names of the subject's alternative names, or the common name when there are none.
    package let names: [String]

    /// The addresses that the certificate covers.
    package let addresses: [IPAddress]

    /// The kind of the private key.
    package let keyType: KeyType

    /// When the certificate becomes valid, in seconds since 1970.
    package let notBefore: Int64

    /// When the certificate ceases to be valid, in seconds since 1970.
    package let notAfter: Int64

    /// The SHA-256 digest of the certificate.
    package let fingerprint: [UInt8]

    /// The encoded certificates, the host's own first.
    let chain: [[UInt8]]
    private let key: [UInt8]
    private let keyTypeNumber: Int32
    private let loaded = Mutex<LoadedCertificate?>(nil)

    /// Reads a certificate, those that vouch for it, and its key.
    ///
    /// An expired certificate is accepted, since clients see for themselves; `notAfter` tells.
    ///
    /// - Parameters:
    ///   - chain: PEM blocks, the host's own certificate first; blocks of other kinds are ignored.
    ///   - key: PEM blocks, of which the first private key counts.
    /// - Throws: What is wrong with them.
    package convenience init(chain: [UInt8], key: [UInt8]) throws(CertificateError) {
        let certificates = try Self.certificates(in: chain)
        let keyBytes = try Self.privateKey(in: key)
        OpenSSLError.clear()
        guard let decoded = unsafe LoadedCertificate.key(keyBytes) else {
            throw .keyUnreadable(reason: OpenSSLError.takeText())
        }
        defer { unsafe EVP_PKEY_free(decoded) }
        try unsafe self.init(certificates: certificates, key: decoded)
    }

    /// Creates a certificate from encoded certificates and a decoded key, which stays the caller's.
    init(certificates: [[UInt8]], key: OpaquePointer) throws(CertificateError) {
        let contents = try CertificateContents(chain: certificates)
        chain = certificates
        names = contents.names
        addresses = contents.addresses
        notBefore = contents.notBefore
        notAfter = contents.notAfter
        fingerprint = digest(certificates[0])
        keyTypeNumber = unsafe EVP_PKEY_get_base_id(key)
        keyType = Self.keyType(keyTypeNumber)
        self.key = try unsafe Self.encoded(key)
        try checkUsability()
    }

    /// The objects that a handshake needs, decoded once, or nil when memory is short.
    func load() -> LoadedCertificate? {
        loaded.withLock { loaded in
            if loaded == nil { loaded = LoadedCertificate(chain: chain, key: key, type: keyTypeNumber) }
            return loaded
        }
    }

    /// Whether a client that asks for a host will accept the certificate's names.
    ///
    /// - Parameter host: A host name in any case, with or without a final dot, or an address.
    /// - Returns: Whether one of the names or addresses is the host's.
    package func covers(host: String) -> Bool {
        if let address = IPAddress(parsing: host) { return addresses.contains(address) }
        var name = host.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        if name.isEmpty { return false }
        return names.contains(name) || covers(wildcardFor: name)
    }

    private func covers(wildcardFor name: String) -> Bool {
        // RFC 6125 §6.4.3: a wildcard stands for one whole label, the left-most.
        guard let dot = name.firstIndex(of: "."), dot != name.startIndex else { return false }
        return names.contains("*" + name[dot...])
    }

    // MARK: - Reading

    private static func certificates(in text: [UInt8]) throws(CertificateError) -> [[UInt8]] {
        if isBlank(text) { throw .certificateEmpty }
        let blocks = PEMBlock.all(in: text)
        guard let first = blocks.first else { throw .certificateNotPEM }
        let certificates = blocks.filter(\.isCertificate).map(\.bytes)
        if certificates.isEmpty { throw .certificateMissing(found: first.name) }
        return certificates
    }

    private static func privateKey(in text: [UInt8]) throws(CertificateError) -> [UInt8] {
        if isBlank(text) { throw .keyEmpty }
        let blocks = PEMBlock.all(in: text)
        guard let first = blocks.first else { throw .keyNotPEM }
        guard let key = blocks.first(where: \.isPrivateKey) else { throw .keyMissing(found: first.name) }
        if key.isEncrypted { throw .keyEncrypted }
        return key.bytes
    }

    private static func isBlank(_ text: [UInt8]) -> Bool { text.allSatisfy { [9, 10, 13, 32].contains($0) } }

    private static func keyType(_ number: Int32) -> KeyType {
        switch number {
        case EVP_PKEY_RSA, NID_rsassaPss: .rsa
        case EVP_PKEY_EC: .ecdsa
        case NID_ED25519: .ed25519
        case NID_ED448: .ed448
        default: .other
        }
    }

    private static func encoded(_ key: OpaquePointer) throws(CertificateError) -> [UInt8] {
        OpenSSLError.clear()
        let bytes = unsafe encodedBytes { output in unsafe i2d_PrivateKey(key, output) }
        guard let bytes else { throw .keyUnreadable(reason: OpenSSLError.takeText()) }
        return bytes
    }

    /// Lets OpenSSL judge the pair as a handshake would, so that a bad one is refused when it is loaded.
    private func checkUsability() throws(CertificateError) {
        OpenSSLError.clear()
        guard let context = unsafe SSL_CTX_new(TLS_server_method()) else {
            throw .refused(reason: OpenSSLError.takeText())
        }
        defer { unsafe SSL_CTX_free(context) }
        guard let decoded = LoadedCertificate(chain: chain, key: key, type: keyTypeNumber) else {
            throw .keyUnreadable(reason: OpenSSLError.takeText())
        }
        OpenSSLError.clear()
        if !decoded.keyMatches { throw .keyDoesNotMatch }
        OpenSSLError.clear()
        if unsafe !decoded.install(inContext: context) { throw .refused(reason: OpenSSLError.takeText()) }
    }
}

/// The SHA-256 digest of some bytes.
func digest(_ bytes: [UInt8]) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { output, count in
        // The room is as large as a digest.
        unsafe SHA256(bytes, bytes.count, output.baseAddress)
        count = Int(SHA256_DIGEST_LENGTH)
    }
}

/// Calls one of OpenSSL's i2d functions, and copies what it allocated.
@unsafe
func encodedBytes(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int32) -> [UInt8]? {
    var bytes: UnsafeMutablePointer<UInt8>?
    let count = unsafe encode(&bytes)
    guard count > 0, let start = unsafe bytes else { return nil }
    // i2d allocated `count` bytes, which are ours; they may be a key.
    defer { unsafe CRYPTO_clear_free(start, Int(count), #fileID, #line) }
    return unsafe Array(UnsafeBufferPointer(start: start, count: Int(count)))
}
