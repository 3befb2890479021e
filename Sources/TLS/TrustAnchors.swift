internal import COpenSSL

/// The authorities whose word is believed, which every thread may use.
@safe
package final class TrustAnchors: @unchecked Sendable {
    // Sendable: nothing is added after init, and OpenSSL guards the store with its own lock.
    private let store: OpaquePointer

    /// The PEM text, or nothing for the system's authorities; it tells one set from another.
    let source: [UInt8]

    /// Reads authorities from PEM blocks; blocks of other kinds are ignored.
    package init(pem: [UInt8]) throws(CertificateError) {
        let blocks = PEMBlock.all(in: pem)
        guard let first = blocks.first else { throw pem.isEmpty ? .certificateEmpty : .certificateNotPEM }
        let certificates = blocks.filter(\.isCertificate)
        if certificates.isEmpty { throw .certificateMissing(found: first.name) }
        unsafe store = Self.makeStore()
        source = pem
        for (index, block) in certificates.enumerated() {
            OpenSSLError.clear()
            guard let certificate = unsafe LoadedCertificate.certificate(block.bytes) else {
                throw .certificateUnreadable(position: index + 1, reason: OpenSSLError.takeText())
            }
            // The store counts its own reference.
            unsafe X509_STORE_add_cert(store, certificate)
            unsafe X509_free(certificate)
        }
        // What a bundle names is trusted, be it a root or not; Go reads bundles so too.
        unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
    }

    private init() {
        unsafe store = Self.makeStore()
        source = []
        unsafe X509_STORE_set_default_paths(store)
    }

    deinit { unsafe X509_STORE_free(store) }

    /// The authorities that the system trusts, read from OpenSSL's default places.
    package static func system() -> TrustAnchors { TrustAnchors() }

    private static func makeStore() -> OpaquePointer {
        guard let store = unsafe X509_STORE_new() else { fatalError("out of memory for authorities") }
        return unsafe store
    }

    /// Lets a context judge its peers by these authorities.
    func install(inContext context: OpaquePointer) { unsafe shim_SSL_CTX_set1_verify_cert_store(context, store) }

    /// Lets a session judge its peer by these authorities.
    func install(in ssl: OpaquePointer) { unsafe shim_SSL_set1_verify_cert_store(ssl, store) }

    /// The authorities' names in a list that is the caller's.
    @unsafe
    func makeNames() -> OpaquePointer? {
        guard let list = unsafe shim_names_new() else { return nil }
        for block in PEMBlock.all(in: source) where block.isCertificate {
            guard let certificate = unsafe LoadedCertificate.certificate(block.bytes) else { continue }
            defer { unsafe X509_free(certificate) }
            if let name = unsafe X509_NAME_dup(X509_get_subject_name(certificate)),
                unsafe shim_names_push(list, name) == 0
            {
                unsafe X509_NAME_free(name)
            }
        }
        return unsafe list
    }
}
